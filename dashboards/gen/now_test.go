package main

import (
	"fmt"
	"maps"
	"testing"
)

// reading is what is on /metrics a while after a reading, for a whole hour.
func reading(mgdl, ageSeconds float64, share bool) map[string]string {
	staleAfter := 18000.0
	if share {
		staleAfter = 900
	}
	return map[string]string{
		`dexcom_glucose_mg_dl{account="gina"}`:                                                   held(mgdl),
		`dexcom_glucose_trend{account="gina"}`:                                                   held(1),
		`dexcom_glucose_timestamp_seconds{account="gina"}`:                                       held(end - ageSeconds),
		`dexcom_exporter_stale_after_seconds{account="gina"}`:                                    held(staleAfter),
		fmt.Sprintf(`dexcom_exporter_account_info{account="gina",api="true",share="%t"}`, share): held(1),
		`dexcom_exporter_linked{account="gina"}`:                                                 held(1),
		`dexcom_up{account="gina",source="api"}`:                                                 held(1),
	}
}

// with changes some series; those without values are gone.
func with(series, changes map[string]string) map[string]string {
	changed := maps.Clone(series)
	maps.Copy(changed, changes)
	maps.DeleteFunc(changed, func(_, values string) bool { return values == "" })
	return changed
}

// asks are the questions of a panel in a unit: what each query must bring, in order.
func asks(panel about, u unit, wanted ...map[string]float64) []question {
	var questions []question
	for i, q := range panel.queries {
		questions = append(questions, question{u.in(q.expr), wanted[i]})
	}
	return questions
}

func TestValueIsShownInItsBandWithItsAge(t *testing.T) {
	t.Parallel()
	bands := map[float64]string{
		39: "very low, LOW on the display", 40: "very low", 53: "very low", 54: "low", 69: "low", 70: "in range",
		180: "in range", 181: "high", 250: "high", 251: "very high", 400: "very high", 401: "very high, HIGH on the display",
	}
	var moments []moment
	for _, u := range units() {
		for mgdl, band := range bands {
			sample := map[string]float64{fmt.Sprintf(`{account="gina", band=%q, minutes="3"}`, band): mgdl / u.mgdl}
			moments = append(moments, moment{reading(mgdl, 185, true), asks(valuePanel(), u, sample, nil, nil)})
		}
	}
	check(t, moments)
}

func TestLateValueIsCalledLate(t *testing.T) {
	t.Parallel()
	var moments []moment
	for _, u := range units() {
		sample := map[string]float64{`{account="gina", band="in range", minutes="67"}`: 119 / u.mgdl}
		series := with(reading(119, 0, false), map[string]string{`dexcom_glucose_timestamp_seconds{account="gina"}`: held(end - 67*60)})
		moments = append(moments, moment{series, asks(valuePanel(), u, nil, sample, nil)})
		moments = append(moments, moment{series, asks(trendPanel(), u, nil, map[string]float64{`{account="gina"}`: 1})})
	}
	check(t, moments)
}

// A phone's clock may run a few minutes ahead: the reading is new, not of the future.
func TestReadingOfAClockAheadIsNew(t *testing.T) {
	t.Parallel()
	sample := map[string]float64{`{account="gina", band="in range", minutes="0"}`: 119}
	check(t, []moment{{reading(119, -200, true), asks(valuePanel(), units()[0], sample, nil, nil)}})
}

// Nobody may take an old value for a new one: where it is not shown, the cause is.
func TestNoValueSaysWhy(t *testing.T) {
	t.Parallel()
	const (
		value     = `dexcom_glucose_mg_dl{account="gina"}`
		trend     = `dexcom_glucose_trend{account="gina"}`
		timestamp = `dexcom_glucose_timestamp_seconds{account="gina"}`
		linked    = `dexcom_exporter_linked{account="gina"}`
		apiUp     = `dexcom_up{account="gina",source="api"}`
		shareUp   = `dexcom_up{account="gina",source="share"}`
		silent    = "nothing new: phone, receiver, sensor or its warm-up"
		unlinked  = "the account must be linked, see Sources"
		fails     = "polls fail, see Sources"
		dead      = "the exporter does not answer Prometheus"
	)
	died := map[string]string{}
	for name, values := range reading(119, 185, true) {
		died[name] = values[:len(values)-2] + "58 stale"
	}
	gone := map[string]string{value: "", trend: ""}
	share := with(reading(119, 20*60, true), map[string]string{value: "", trend: "", shareUp: held(1)})
	api := with(reading(119, 20*60, false), gone)
	cases := map[string]struct {
		series map[string]string
		why    string
	}{
		"the exporter died":                           {died, dead},
		"the exporter was never there":                {nil, dead},
		"hidden by the exporter":                      {share, silent},
		"left by Prometheus's lookback":               {reading(119, 16*60, true), silent},
		"a value without its time":                    {with(reading(119, 185, true), map[string]string{timestamp: ""}), "no reading yet"},
		"never read":                                  {with(api, map[string]string{timestamp: ""}), "no reading yet"},
		"consent ended":                               {with(api, map[string]string{linked: held(0), apiUp: held(0)}), unlinked},
		"polls of the API fail":                       {with(api, map[string]string{apiUp: held(0)}), fails},
		"polls of Share fail, and the API is late":    {with(share, map[string]string{shareUp: held(0)}), fails},
		"Share is silent, and the API lost its link":  {with(share, map[string]string{linked: held(0), apiUp: held(0)}), silent},
		"Share fails, and the API has lost its link":  {with(share, map[string]string{linked: held(0), shareUp: held(0)}), fails},
		"a value of the API that is older than stale": {with(reading(119, 0, false), map[string]string{timestamp: held(end - 18001)}), silent},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sample := map[string]float64{fmt.Sprintf(`{account="gina", why=%q}`, c.why): 0}
			check(t, []moment{
				{c.series, asks(valuePanel(), units()[1], nil, nil, sample)},
				{c.series, asks(trendPanel(), units()[1], nil, nil)},
			})
		})
	}
}

// Two jobs may scrape one exporter, and it has other people too.
func TestEverythingIsShownOnce(t *testing.T) {
	t.Parallel()
	series := map[string]string{}
	for name, values := range reading(119, 185, true) {
		for _, labels := range []string{`job="a",account="gina"`, `job="b",account="gina"`, `job="a",account="henry"`} {
			series[replaceAccount(name, labels)] = values
		}
	}
	sample := map[string]float64{`{account="gina", band="in range", minutes="3"}`: 119}
	check(t, []moment{
		{series, asks(valuePanel(), units()[0], sample, nil, nil)},
		{series, asks(trendPanel(), units()[0], map[string]float64{`{account="gina"}`: 1}, nil)},
		{series, asks(agePanel(), units()[0], map[string]float64{`{account="gina"}`: 185}, nil, nil)},
		{series, asks(linkPanel(), units()[0], map[string]float64{`{account="gina"}`: 1})},
	})
}

// Two jobs scrape at two times: between them an old value, be it the higher or the
// lower, must not have the age of the new one.
func TestBetweenTwoScrapesTheNewestReadingCounts(t *testing.T) {
	t.Parallel()
	var moments []moment
	for mgdl, band := range map[float64]string{53: "very low", 90: "in range"} {
		series := map[string]string{}
		for name, values := range reading(71, 420, true) {
			for _, job := range []string{"first", "second"} {
				series[replaceAccount(name, fmt.Sprintf("account=%q,job=%q", person, job))] = values
			}
		}
		series[`dexcom_glucose_mg_dl{account="gina",job="first"}`] = fmt.Sprintf("71x57 %vx2", mgdl)
		series[`dexcom_glucose_trend{account="gina",job="first"}`] = "1x57 -2x2"
		series[`dexcom_glucose_timestamp_seconds{account="gina",job="first"}`] = "3180x57 3480x2"
		one := func(value float64) map[string]float64 { return map[string]float64{`{account="gina"}`: value} }
		up, down := one(mgdl-71), map[string]float64(nil)
		if mgdl < 71 {
			up, down = down, up
		}
		value := map[string]float64{fmt.Sprintf(`{account="gina", band=%q, minutes="2"}`, band): mgdl}
		moments = append(moments,
			moment{series, asks(valuePanel(), units()[0], value, nil, nil)},
			moment{series, asks(trendPanel(), units()[0], one(-2), nil)},
			moment{series, asks(changePanel(), units()[0], up, down, nil)},
			moment{series, []question{{units()[0].in(traceQueries()[2].expr), one(mgdl)}}},
		)
	}
	check(t, moments)
}

func TestAgeTurnsGrey(t *testing.T) {
	t.Parallel()
	at := func(age float64, share bool) map[string]string {
		return with(reading(119, 0, share), map[string]string{`dexcom_glucose_timestamp_seconds{account="gina"}`: held(end - age)})
	}
	patient := with(at(1200, true), map[string]string{`dexcom_exporter_stale_after_seconds{account="gina"}`: held(7200)})
	died := map[string]string{}
	for name := range at(0, true) {
		died[name] = at(185, true)[name][:len(at(185, true)[name])-2] + "20 stale"
	}
	is := func(age float64) map[string]float64 { return map[string]float64{`{account="gina"}`: age} }
	check(t, []moment{
		{at(900, true), asks(agePanel(), units()[0], is(900), nil, nil)},
		{at(901, true), asks(agePanel(), units()[0], nil, nil, is(901))},
		{patient, asks(agePanel(), units()[0], nil, nil, is(1200))},
		{at(4020, false), asks(agePanel(), units()[0], nil, is(4020), nil)},
		{at(18000, false), asks(agePanel(), units()[0], nil, is(18000), nil)},
		{at(18001, false), asks(agePanel(), units()[0], nil, nil, is(18001))},
		{died, asks(agePanel(), units()[0], is(185), nil, nil)},
		{nil, asks(agePanel(), units()[0], nil, nil, nil)},
	})
}
