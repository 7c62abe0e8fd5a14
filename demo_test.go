package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// startDemo runs the demo as a user does and returns where it answers.
func startDemo(t *testing.T) (address string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, output := io.Pipe()
	var log lockedBuffer
	status := make(chan int)
	go func() {
		status <- run(ctx, []string{"demo", "--web.listen-address=127.0.0.1:0"}, strings.NewReader(""), output, &log)
		_ = output.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if got := <-status; got != exitFine {
			t.Errorf("the demo ended with status %d: %s", got, log.String())
		}
	})
	lines := bufio.NewScanner(stdout)
	for address == "" && lines.Scan() {
		address, _ = strings.CutPrefix(lines.Text(), "Status   ")
		if !strings.HasPrefix(address, "http") {
			address = ""
		}
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	if address == "" {
		t.Fatalf("the demo printed no address: %s", log.String())
	}
	return strings.TrimSuffix(address, "/")
}

type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func get(t *testing.T, address string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// scrape is one answer of /metrics: series by name and labels.
type scrape map[string]map[string]float64

func scrapeOnce(t *testing.T, address string) scrape {
	t.Helper()
	_, text := get(t, address+"/metrics")
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	found := scrape{}
	for name, family := range families {
		found[name] = map[string]float64{}
		for _, metric := range family.GetMetric() {
			found[name][labels(metric)] = metric.GetGauge().GetValue() + metric.GetCounter().GetValue() + float64(metric.GetHistogram().GetSampleCount())
		}
	}
	return found
}

// labels writes a series' labels in a fixed order, the account first.
func labels(metric *dto.Metric) string {
	var account string
	var others []string
	for _, label := range metric.GetLabel() {
		if label.GetName() == "account" {
			account = label.GetValue()
			continue
		}
		others = append(others, label.GetName()+"="+label.GetValue())
	}
	return strings.Join(append([]string{account}, others...), " ")
}

// truth is what the simulator's own functions say about one person at a time.
type truth struct {
	*simulator.Person

	revoked  bool
	now      time.Time
	readings []simulator.Reading // released in the last 13 days
	newest   simulator.Reading
}

func truthOf(p *demoPerson, now time.Time) truth {
	readings := p.AvailableReadings(now.Add(-13*24*time.Hour), now, now)
	return truth{Person: &p.Person, revoked: p.revoked, now: now, readings: readings, newest: readings[len(readings)-1]}
}

// live is whether the newest reading is young enough to show.
func (p truth) live() bool { return p.now.Sub(p.newest.SystemTime) < 5*time.Hour }

// want is the series of one metric: labels after the account, and the value. A
// want that is nil says that there must be none.
type want map[string]float64

// checks has a function for every metric about people.
func checks() map[string]func(truth) want {
	live := func(read func(truth) want) func(truth) want {
		return func(p truth) want {
			if !p.live() {
				return nil
			}
			return read(p)
		}
	}
	all := map[string]func(truth) want{
		"dexcom_exporter_linked":          func(truth) want { return want{"": 1} },
		"dexcom_exporter_grant_persisted": func(truth) want { return want{"": 1} },
		"dexcom_exporter_consent_timestamp_seconds": func(p truth) want {
			return want{"": unix(p.now)} // moments ago: see tolerance
		},
		"dexcom_exporter_access_token_expiry_timestamp_seconds": func(p truth) want {
			return want{"": unix(p.now.Add(2 * time.Hour))}
		},
		"dexcom_exporter_account_info":        func(truth) want { return want{" api=true share=false": 1} },
		"dexcom_exporter_stale_after_seconds": func(truth) want { return want{"": 5 * 3600} },
		"dexcom_up":                           func(truth) want { return want{" source=api": 1} },
		"dexcom_exporter_last_poll_timestamp_seconds": func(p truth) want {
			return want{" source=api": unix(p.now)}
		},
		"dexcom_exporter_next_poll_timestamp_seconds": func(p truth) want {
			return want{" source=api": unix(p.now.Add(5 * time.Minute))} // less or more a tenth: see tolerance
		},
		"dexcom_glucose_timestamp_seconds": func(p truth) want { return want{"": unix(p.newest.SystemTime)} },
		"dexcom_glucose_mg_dl":             live(func(p truth) want { return want{"": float64(p.newest.Value)} }),
		"dexcom_glucose_rate_mg_dl_per_minute": live(func(p truth) want {
			if !p.newest.HasRate {
				return nil
			}
			return want{"": p.newest.TrendRate}
		}),
		"dexcom_glucose_slope_mg_dl_per_minute": live(slopeOf),
		"dexcom_glucose_trend": live(func(p truth) want {
			arrow, ok := map[string]float64{
				"doubleUp": 3, "singleUp": 2, "fortyFiveUp": 1, "flat": 0, "fortyFiveDown": -1, "singleDown": -2, "doubleDown": -3,
			}[p.newest.Trend]
			if !ok {
				return nil
			}
			return want{"": arrow}
		}),
		"dexcom_glucose_out_of_range": live(func(p truth) want {
			return want{"": map[int]float64{simulator.Low: -1, simulator.High: 1}[p.newest.Value]}
		}),
		"dexcom_device_clock_skew_seconds": func(truth) want { return want{"": 0} },
		"dexcom_device_info":               func(p truth) want { return want{kindOf(p): 1} },
		"dexcom_device_last_upload_timestamp_seconds": func(p truth) want {
			upload, _ := p.LastUpload(p.now)
			return want{kindOf(p): unix(upload.Truncate(time.Second))}
		},
		"dexcom_transmitter_start_timestamp_seconds": func(p truth) want {
			session, _ := p.Session(p.newest.SystemTime)
			return want{" generation=" + generationOf(p): unix(session.TransmitterStart)}
		},
		"dexcom_sensor_expiry_timestamp_seconds": func(p truth) want {
			session, _ := p.Session(p.newest.SystemTime)
			expiry := session.TransmitterStart.Add(10 * 24 * time.Hour)
			if p.Sensor == simulator.G6 || p.now.After(expiry.Add(12*time.Hour)) {
				return nil
			}
			return want{" generation=" + generationOf(p): unix(expiry)}
		},
		"dexcom_alert_setting_mg_dl": func(p truth) want {
			high, low, _ := levels(p)
			return want{" alert=high": high, " alert=low": low, " alert=urgentLow": 55, " alert=urgentLowSoon": 55}
		},
		"dexcom_alert_setting_mg_dl_per_minute": func(p truth) want {
			return want{" alert=rise": p.Thresholds().Rise, " alert=fall": p.Thresholds().Fall}
		},
		"dexcom_alert_setting_seconds": func(p truth) want {
			return want{" alert=outOfRange": p.Thresholds().OutOfRange.Seconds(), " alert=noReadings": p.Thresholds().NoReadings.Seconds()}
		},
		"dexcom_alert_setting_enabled": enabledOf,
		"dexcom_alert_snooze_seconds": func(p truth) want {
			_, _, snooze := levels(p)
			return want{" alert=high": snooze.Seconds(), " alert=low": snooze.Seconds(), " alert=urgentLow": 1800, " alert=urgentLowSoon": 1800}
		},
		"dexcom_data_start_timestamp_seconds": rangesOf(func(start, _ time.Time) time.Time { return start }),
		"dexcom_data_end_timestamp_seconds":   rangesOf(func(_, end time.Time) time.Time { return end }),
	}
	for metric, check := range all {
		all[metric] = func(p truth) want {
			if p.revoked {
				return revokedChecks(metric, p)
			}
			return check(p)
		}
	}
	return all
}

// revokedChecks are for who consented once and then ended that: nothing about the
// person is left, and the program says why.
func revokedChecks(metric string, p truth) want {
	switch metric {
	case "dexcom_exporter_linked":
		return want{"": 0}
	case "dexcom_up":
		return want{" source=api": 0}
	case "dexcom_exporter_next_poll_timestamp_seconds":
		return want{" source=api": unix(p.now.Add(75 * time.Second))}
	case "dexcom_exporter_access_token_expiry_timestamp_seconds":
		return nil // refused, so it has none
	case "dexcom_exporter_account_info":
		return want{" api=true share=false": 1}
	case "dexcom_exporter_stale_after_seconds":
		return want{"": 5 * 3600}
	case "dexcom_exporter_last_poll_timestamp_seconds":
		return want{" source=api": unix(p.now)}
	case "dexcom_exporter_consent_timestamp_seconds":
		return want{"": unix(p.now)}
	case "dexcom_exporter_grant_persisted":
		return want{"": 1}
	}
	return nil
}

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// tolerance is how far a value may be off: what is spread by luck, and the start
// of a transmitter, which stays put while its clock drifts.
func tolerance(metric string, p truth) float64 {
	switch metric {
	case "dexcom_exporter_next_poll_timestamp_seconds":
		if p.revoked {
			return 15.1 // after the first failure
		}
		return 33
	case "dexcom_exporter_consent_timestamp_seconds", "dexcom_exporter_access_token_expiry_timestamp_seconds":
		return 60
	case "dexcom_transmitter_start_timestamp_seconds", "dexcom_sensor_expiry_timestamp_seconds":
		return 300
	}
	return 1e-6
}

// slopeOf is the least-squares slope by the textbook's sums.
func slopeOf(p truth) want {
	var n, sumX, sumY, sumXX, sumXY float64
	last := p.newest.SystemTime.Add(-time.Hour)
	for _, r := range p.readings {
		since := p.newest.SystemTime.Sub(r.SystemTime)
		if since > 20*time.Minute {
			continue
		}
		if r.Value == simulator.Low || r.Value == simulator.High || n > 0 && r.SystemTime.Sub(last) > 11*time.Minute {
			return nil
		}
		x, y := -since.Minutes(), float64(r.Value)
		n, sumX, sumY, sumXX, sumXY, last = n+1, sumX+x, sumY+y, sumXX+x*x, sumXY+x*y, r.SystemTime
	}
	if n < 3 {
		return nil
	}
	return want{"": (n*sumXY - sumX*sumY) / (n*sumXX - sumX*sumX)}
}

// generationOf is Dexcom's word for the sensor; an odd person's G6 is a "g6 pro".
func generationOf(p truth) string {
	if p.Quirks {
		return "g6Pro"
	}
	return map[simulator.Sensor]string{simulator.G6: "g6", simulator.G7: "g7"}[p.Sensor]
}

// kindOf is the device in use.
func kindOf(p truth) string {
	app := map[simulator.Display]string{simulator.IOS: "G7", simulator.Android: "G6", simulator.Receiver: "unknown"}[p.Display]
	return " display_app=" + app + " display_device=" + string(p.Display) + " generation=" + generationOf(p)
}

// levels are the thresholds of the schedule that holds now.
func levels(p truth) (high, low float64, snooze time.Duration) {
	set := p.Thresholds()
	if night, two := p.NightSchedule(); two && night.Active(p.now.UTC()) {
		return night.High, night.Low, night.Snooze
	}
	return set.High, set.Low, set.Snooze
}

func enabledOf(p truth) want {
	enabled := want{}
	for _, alert := range []string{"high", "low", "rise", "fall", "urgentLow", "urgentLowSoon", "outOfRange", "noReadings"} {
		on := !p.Silenced(p.now) && (p.Thresholds().RiseFall || alert != "rise" && alert != "fall")
		enabled[" alert="+alert] = map[bool]float64{true: 1}[on]
	}
	return enabled
}

func rangesOf(pick func(start, end time.Time) time.Time) func(truth) want {
	return func(p truth) want {
		ranges := want{}
		for _, record := range []string{"calibrations", "egvs", "events"} {
			if start, end, ok := p.DataRange(record, p.now, time.Time{}); ok {
				ranges[" record="+record] = unix(pick(start, end))
			}
		}
		return ranges
	}
}

// problems compares a scrape with the truth about one person.
func problems(s scrape, p truth) []string {
	var found []string
	for metric, check := range checks() {
		wanted := check(p)
		seen := 0
		for series, value := range s[metric] {
			rest, ours := strings.CutPrefix(series, p.Name)
			if !ours {
				continue
			}
			expected, known := wanted[rest]
			switch {
			case known && math.Abs(value-expected) > tolerance(metric, p):
				found = append(found, fmt.Sprintf("%s{%s} is %v, want %v", metric, series, value, expected))
			case !known && (wanted == nil || !p.Quirks): // the odd have devices and settings beside their own
				found = append(found, fmt.Sprintf("%s{%s} is %v, want no such series", metric, series, value))
			case known:
				seen++
			}
		}
		if seen != len(wanted) {
			found = append(found, fmt.Sprintf("%s of %s: %d series of %v", metric, p.Name, seen, wanted))
		}
	}
	return found
}

// The whole program against the simulator's own functions: HTTP, decoding,
// history, snapshot, exposition. Nothing here asks our history.
func TestDemoShowsTheTruth(t *testing.T) {
	t.Parallel()
	address := startDemo(t)
	people := demoPeople()
	s := settled(t, address, people)
	for i := range people {
		person := &people[i]
		polled := time.UnixMilli(int64(s["dexcom_exporter_last_poll_timestamp_seconds"][person.Name+" source=api"] * 1000))
		// A reading may be released between the request and the note of its time.
		found := problems(s, truthOf(person, polled))
		if len(found) > 0 && len(problems(s, truthOf(person, polled.Add(-time.Second)))) > 0 {
			t.Errorf("%s:\n%s", person.Name, strings.Join(found, "\n"))
		}
	}
}

// settled scrapes until what the first round brings is there for every account.
func settled(t *testing.T, address string, people []demoPerson) scrape {
	t.Helper()
	var s scrape
	waitFor(t, func() bool {
		s = scrapeOnce(t, address)
		for _, person := range people {
			if person.revoked {
				if linked, there := s["dexcom_exporter_linked"][person.Name]; !there || linked == 1 {
					return false
				}
				continue
			}
			if _, there := s["dexcom_data_end_timestamp_seconds"][person.Name+" record=egvs"]; !there {
				return false
			}
			if _, there := s["dexcom_glucose_timestamp_seconds"][person.Name]; !there {
				return false
			}
		}
		devices := scrapeOnce(t, address)["dexcom_device_info"]
		// The history comes last, and leaves its mark in the count of requests alone.
		const linked = 3
		return len(devices) >= linked && s["dexcom_exporter_api_requests_total"][" code=200 endpoint=egvs source=api"] >= 2*linked
	})
	return s
}

func TestEveryMetricOfTheDemoIsChecked(t *testing.T) {
	t.Parallel()
	address := startDemo(t)
	known := checks()
	own := want{
		"dexcom_exporter_build_info": 1, "dexcom_exporter_config_last_reload_successful": 1,
		"dexcom_exporter_config_last_reload_success_timestamp_seconds": float64(time.Now().Unix()),
		"dexcom_exporter_rate_limit_calls_per_hour":                    54000, "dexcom_exporter_rate_limit_wait_seconds_total": 0,
		"dexcom_exporter_polls_total": 8, "dexcom_exporter_api_requests_total": 25, "dexcom_exporter_api_request_duration_seconds": 25,
		"dexcom_exporter_reading_delay_seconds": 0,
	}
	s := settled(t, address, demoPeople())
	for metric, series := range s {
		if !strings.HasPrefix(metric, "dexcom_") || known[metric] != nil || metric == "dexcom_exporter_records_skipped_total" {
			continue
		}
		sum := 0.0
		for _, value := range series {
			sum += value
		}
		expected, listed := own[metric]
		if !listed || math.Abs(sum-expected) > 60 {
			t.Errorf("%s adds up to %v, want %v (listed: %t)", metric, sum, expected, listed)
		}
	}
	for metric := range known {
		if len(s[metric]) == 0 {
			t.Errorf("%s has no series in the demo", metric)
		}
	}
}

func TestDemoAnswers(t *testing.T) {
	t.Parallel()
	address := startDemo(t)
	for path, want := range map[string]string{"/": "alice", "/metrics": "dexcom_", "/-/healthy": "healthy"} {
		if status, body := get(t, address+path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
}
