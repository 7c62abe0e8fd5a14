package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// scraped gives series to an exporter that two jobs scrape. A counter of both jobs
// must not count double.
func scraped(series map[string]string) map[string]string {
	all := map[string]string{
		`dexcom_exporter_build_info{instance="one",job="a",version="1",goversion="go1"}`: held(1),
		`dexcom_exporter_build_info{instance="one",job="b",version="1",goversion="go1"}`: held(1),
	}
	for name, values := range series {
		for _, job := range []string{"a", "b"} {
			metric, labels, _ := strings.Cut(strings.TrimSuffix(name, "}"), "{")
			all[fmt.Sprintf("%s{instance=%q,job=%q,%s}", metric, "one", job, labels)] = values
		}
	}
	return all
}

// brings asks the panel's questions of the scraped series. They are rounded, for
// increases are guesses.
func brings(panel about, wanted ...map[string]float64) []question {
	questions := asks(panel, units()[0], wanted...)
	for i := range questions {
		questions[i].expr = "round(" + questions[i].expr + ", 0.001)"
	}
	return questions
}

func one(labels string, value float64) map[string]float64 { return map[string]float64{labels: value} }

func TestHealthOfTheExporter(t *testing.T) {
	t.Parallel()
	well := map[string]string{
		"dexcom_exporter_config_last_reload_successful{}":                           held(1),
		"dexcom_exporter_config_last_reload_success_timestamp_seconds{}":            held(600),
		`dexcom_exporter_next_poll_timestamp_seconds{account="ann",source="api"}`:   held(end + 60),
		`dexcom_exporter_next_poll_timestamp_seconds{account="ann",source="share"}`: held(end - 120),
		`dexcom_exporter_grant_persisted{account="ann"}`:                            held(1),
		`dexcom_exporter_linked{account="ann"}`:                                     held(1),
		`dexcom_exporter_linked{account="bob"}`:                                     held(0),
		`dexcom_exporter_access_token_expiry_timestamp_seconds{account="ann"}`:      held(end + 400),
		`dexcom_exporter_access_token_expiry_timestamp_seconds{account="bob"}`:      held(end - 400), // of no use any more
		"process_start_time_seconds{}":                                              held(7),
	}
	ill := with(well, map[string]string{
		"dexcom_exporter_config_last_reload_successful{}":                           held(0),
		`dexcom_exporter_next_poll_timestamp_seconds{account="ann",source="share"}`: held(end - 121),
		`dexcom_exporter_grant_persisted{account="ann"}`:                            held(0),
		`dexcom_exporter_access_token_expiry_timestamp_seconds{account="ann"}`:      held(end - 1),
	})
	ask := func(configured, overdue, unsaved, ended float64, next map[string]float64) []question {
		return slices.Concat(
			brings(versionAbout(), one(`{instance="one", version="1", goversion="go1"}`, 7000)),
			brings(configPanel(), one(`{instance="one"}`, configured)), brings(loadedPanel(), one(`{instance="one"}`, 3000)),
			brings(overduePanel(), one("{}", overdue)), brings(unsavedPanel(), one("{}", unsaved)),
			brings(endedTokensPanel(), one("{}", ended)), brings(nextTokenPanel(), next))
	}
	silence := slices.Concat(brings(versionAbout(), nil), brings(configPanel(), nil), brings(loadedPanel(), nil), brings(overduePanel(), nil),
		brings(unsavedPanel(), nil), brings(endedTokensPanel(), nil), brings(nextTokenPanel(), nil))
	check(t, []moment{
		{scraped(well), ask(1, 0, 0, 0, one("{}", 400))},
		{scraped(ill), ask(0, 1, 1, 1, nil)},
		{scraped(nil), slices.Concat(brings(overduePanel(), one("{}", 0)), brings(unsavedPanel(), one("{}", 0)))},
		{nil, silence},
	})
}

func TestPollsAreCountedOnceForAllPeople(t *testing.T) {
	t.Parallel()
	const polls = "dexcom_exporter_polls_total"
	series := map[string]string{
		polls + `{account="ann",source="api",result="ok"}`:       "0+1x60",
		polls + `{account="bob",source="api",result="ok"}`:       "0+1x60",
		polls + `{account="bob",source="share",result="server"}`: "0+2x60",
		polls + `{account="ann",source="share",result="server"}`: held(9),
	}
	check(t, []moment{
		{scraped(series), slices.Concat(
			brings(pollsAbout(), map[string]float64{`{result="ok"}`: 30, `{result="server"}`: 30}),
			brings(failedAbout(), one(`{account="bob", source="share", result="server"}`, 120)))},
		{nil, slices.Concat(brings(pollsAbout(), nil), brings(failedAbout(), nil))},
	})
}

// histogram is one that grew by some values a minute in each bucket, upwards.
func histogram(name, labels string, perMinute map[string]int) map[string]string {
	series := map[string]string{}
	for le, n := range perMinute {
		series[fmt.Sprintf("%s_bucket{%s,le=%q}", name, labels, le)] = fmt.Sprintf("0+%dx60", n)
	}
	return series
}

func TestRequestsLatencyAndBudget(t *testing.T) {
	t.Parallel()
	const requests = "dexcom_exporter_api_requests_total"
	series := with(map[string]string{
		requests + `{source="api",endpoint="egvs",code="200"}`:            "0+1x60",
		requests + `{source="api",endpoint="events",code="200"}`:          "0+1x60",
		requests + `{source="api",endpoint="egvs",code="429"}`:            "0+2x60",
		requests + `{source="share",endpoint="values",code="500"}`:        "0+3x60",
		requests + `{source="share",endpoint="login",code="200"}`:         held(4),
		`dexcom_exporter_rate_limit_calls_per_hour{region="us"}`:          held(60000),
		`dexcom_exporter_rate_limit_wait_seconds_total{region="us"}`:      "0+4x60",
		`dexcom_exporter_rate_limit_wait_seconds_total{region="outside"}`: held(3),
	}, histogram("dexcom_exporter_api_request_duration_seconds", `source="api",endpoint="egvs"`, map[string]int{"0.5": 10, "1": 18, "2.5": 20, "+Inf": 20}))
	check(t, []moment{
		{scraped(series), slices.Concat(
			brings(requestPanel(), map[string]float64{
				`{source="api", code="200"}`: 30, `{source="api", code="429"}`: 30, `{source="share", code="500"}`: 45,
			}),
			brings(latencyPanel(), one(`{source="api", endpoint="egvs"}`, 1.75), one(`{source="api", endpoint="egvs"}`, 0.5)),
			brings(budgetPanel(), one("{}", 240), one(`{instance="one", region="us"}`, 60000)),
			brings(waitPanel(), map[string]float64{`{region="us"}`: 60, `{region="outside"}`: 0}))},
		{
			scraped(histogram("dexcom_exporter_api_request_duration_seconds", `source="api",endpoint="egvs"`, map[string]int{"1": 0, "+Inf": 0})),
			brings(latencyPanel(), nil, nil),
		}, // no request for a while
		{nil, slices.Concat(brings(requestPanel(), nil), brings(latencyPanel(), nil, nil), brings(budgetPanel(), nil, nil), brings(waitPanel(), nil))},
	})
}

func TestReadingsOnTheirWay(t *testing.T) {
	t.Parallel()
	series := with(map[string]string{
		`dexcom_exporter_records_skipped_total{endpoint="egvs",reason="value"}`: "0+1x60",
		`dexcom_exporter_records_skipped_total{endpoint="egvs",reason="time"}`:  held(5),
		`dexcom_exporter_replay_missed_total{account="ann"}`:                    "0+1x60",
		`dexcom_exporter_replay_missed_total{account="bob"}`:                    "0+2x60",
		`dexcom_exporter_otlp_samples_total{result="accepted"}`:                 "0+100x60",
		`dexcom_exporter_otlp_samples_total{result="expired"}`:                  held(0),
		"dexcom_exporter_otlp_failures_total{}":                                 "0+0.1x60",
	}, histogram("dexcom_exporter_reading_delay_seconds", `source="share"`, map[string]int{"60": 10, "120": 18, "300": 20, "+Inf": 20}))
	check(t, []moment{
		{scraped(series), slices.Concat(
			brings(delayPanel(), one(`{source="share"}`, 210), one(`{source="share"}`, 60)),
			brings(skippedAbout(), one(`{endpoint="egvs", reason="value"}`, 60)),
			brings(missedPanel(), one("{}", 180)),
			brings(otlpPanel(), map[string]float64{`{result="accepted"}`: 1500, `{result="expired"}`: 0}),
			brings(otlpFailurePanel(), one("{}", 6)))},
		{nil, slices.Concat(brings(delayPanel(), nil, nil), brings(skippedAbout(), nil), brings(missedPanel(), nil), brings(otlpPanel(), nil), brings(otlpFailurePanel(), nil))},
	})
}

// Other programs have a process too, and are scraped.
func TestProcessIsThatOfTheExporter(t *testing.T) {
	t.Parallel()
	process := map[string]string{
		"process_resident_memory_bytes{}": held(64e6), "go_memstats_heap_inuse_bytes{}": held(32e6), "process_cpu_seconds_total{}": "0+6x60",
		"go_goroutines{}": held(40), `go_gc_duration_seconds{quantile="1.0"}`: held(0.002), `go_gc_duration_seconds{quantile="0"}`: held(0.001),
		"process_open_fds{}": held(12), "process_max_fds{}": held(1024), "scrape_duration_seconds{}": held(0.25),
	}
	series := scraped(process)
	for name, values := range process {
		metric, labels, _ := strings.Cut(name, "{")
		series[metric+`{instance="other",job="node",`+labels] = values
	}
	is := func(value float64) map[string]float64 { return one(`{instance="one"}`, value) }
	check(t, []moment{
		{series, slices.Concat(
			brings(memoryPanel(), is(64e6), is(32e6)), brings(cpuPanel(), is(0.1)), brings(goroutinePanel(), is(40)), brings(pausePanel(), is(0.002)),
			brings(filePanel(), is(12), is(1024)),
			brings(scrapePanel(), map[string]float64{`{instance="one", job="a"}`: 0.25, `{instance="one", job="b"}`: 0.25}))},
	})
}

// Two exporters add up, and the reader may choose one of them.
func TestExportersAddUpAndAreChosen(t *testing.T) {
	t.Parallel()
	const samples = "dexcom_exporter_otlp_samples_total"
	series := scraped(map[string]string{samples + `{result="accepted"}`: "0+1x60"})
	series[samples+`{instance="two",job="a",result="accepted"}`] = "0+3x60"
	expr := otlpPanel().queries[0].expr
	chosen := func(instance string, n float64) question {
		return question{strings.ReplaceAll(expr, "$instance", instance), one(`{result="accepted"}`, n)}
	}
	check(t, []moment{{series, []question{chosen(".*", 60), chosen("one", 15), chosen("(one|two)", 60), chosen("two", 45)}}})
}
