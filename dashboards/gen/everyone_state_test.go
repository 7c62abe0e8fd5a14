package main

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
)

// Series of the people of these tests.
const (
	ginaValue    = `dexcom_glucose_mg_dl{account="gina"}`
	ginaTrend    = `dexcom_glucose_trend{account="gina"}`
	ginaTime     = `dexcom_glucose_timestamp_seconds{account="gina"}`
	ginaSlope    = `dexcom_glucose_slope_mg_dl_per_minute{account="gina"}`
	ginaLinked   = `dexcom_exporter_linked{account="gina"}`
	ginaAPI      = `dexcom_up{account="gina",source="api"}`
	ginaShare    = `dexcom_up{account="gina",source="share"}`
	ginaMismatch = `dexcom_exporter_source_mismatch{account="gina"}`
	ginaExpiry   = `dexcom_sensor_expiry_timestamp_seconds{account="gina",generation="g7"}`
	ginaStale    = `dexcom_exporter_stale_after_seconds{account="gina"}`
)

// own are the series of an alert of the person's own app.
func own(metric, alert string, level, enabled float64) map[string]string {
	return map[string]string{
		fmt.Sprintf(`%s{account="gina",alert=%q}`, metric, alert):                   held(level),
		fmt.Sprintf(`dexcom_alert_setting_enabled{account="gina",alert=%q}`, alert): held(enabled),
	}
}

// hidden is a reading that the exporter showed until it was too old.
func hidden(mgdl float64) map[string]string {
	return with(reading(mgdl, 1200, true), map[string]string{ginaValue: fmt.Sprintf("%vx55 stale", mgdl), ginaTrend: "", ginaShare: held(1)})
}

// died is what is left of series when their exporter dies.
func died(series map[string]string) map[string]string {
	left := map[string]string{}
	for name, values := range series {
		left[name] = strings.Replace(values, "x60", "x20 stale", 1)
	}
	return left
}

// peopleInStates has somebody in each state, some in several ways.
func peopleInStates() map[string][]map[string]string {
	const level, rate = "dexcom_alert_setting_mg_dl", "dexcom_alert_setting_mg_dl_per_minute"
	share := func(mgdl float64, changes ...map[string]string) map[string]string {
		series := reading(mgdl, 185, true)
		for _, change := range changes {
			series = with(series, change)
		}
		return series
	}
	late := func(mgdl, age float64) map[string]string { return reading(mgdl, age, false) }
	slope := func(rate float64) map[string]string { return map[string]string{ginaSlope: held(rate)} }
	apiHidden := with(late(119, 20000), map[string]string{ginaValue: "", ginaTrend: ""})
	return map[string][]map[string]string{
		"urgent low":                   {share(55), share(39), share(54, slope(4)), share(50, map[string]string{ginaMismatch: held(1)})},
		"urgent low within 20 minutes": {share(81, slope(-1.3)), share(61, slope(-0.5))},
		"low":                          {share(56), share(69), share(79, own(level, "low", 80.4, 1)), share(65, slope(-0.4))},
		"was low, nothing newer":       {hidden(69), died(share(60)), hidden(55), died(share(41)), with(hidden(50), map[string]string{ginaLinked: held(0)}), with(hidden(79), own(level, "low", 80, 1))},
		"falling fast":                 {share(150, slope(-3)), share(150, slope(-2), own(rate, "fall", 2, 1)), share(320, slope(-3))},
		"urgent high":                  {share(300), share(401)},
		"no data: exporter silent":     {died(share(119)), died(share(350)), died(late(60, 7000))},
		"no data: must be linked":      {with(apiHidden, map[string]string{ginaLinked: held(0), ginaAPI: held(0)})},
		"no data: polls fail":          {with(apiHidden, map[string]string{ginaAPI: held(0)}), with(hidden(119), map[string]string{ginaShare: held(0)})},
		"no data: nothing new":         {hidden(119), hidden(70), apiHidden, reading(119, 901, true), with(hidden(119), map[string]string{ginaLinked: held(0), ginaAPI: held(0)})},
		"no data: no reading yet":      {with(apiHidden, map[string]string{ginaTime: ""})},
		"no value":                     {with(share(119), map[string]string{ginaValue: ""})},
		"must be linked":               {share(119, map[string]string{ginaLinked: held(0), ginaAPI: held(0)}), with(late(60, 7000), map[string]string{ginaLinked: held(0)})},
		"a source fails":               {share(119, map[string]string{ginaAPI: held(0)}), share(260, map[string]string{ginaAPI: held(0)})},
		"two people in one account":    {share(75, own(level, "low", 80, 1), map[string]string{ginaMismatch: held(1)})},
		"was low, known late":          {late(69, 4020), late(39, 17000)},
		"high":                         {share(251), share(201, own(level, "high", 200, 1)), share(251, own(level, "high", 200, 0))},
		"rising fast":                  {share(150, slope(3)), share(150, slope(1.5), own(rate, "rise", 1.5, 1))},
		"sensor ends within a day":     {share(119, map[string]string{ginaExpiry: held(end + 86399)}), share(119, map[string]string{ginaExpiry: held(end - 3600)})},
		"late on purpose":              {late(119, 4020), late(350, 17999), with(reading(119, 1200, true), map[string]string{ginaStale: held(7200)})},
		"no alert":                     {share(119), share(70), share(250), share(79, own(level, "low", 80, 0)), share(56, own(level, "low", 56, 1)), share(80, own(level, "low", 80.4, 1)), share(200, own(level, "high", 199.6, 1)), share(100, slope(-2)), share(119, map[string]string{ginaExpiry: held(end + 86400)})},
	}
}

// called gives the series of gina to somebody else.
func called(name string, series map[string]string) map[string]string {
	renamed := map[string]string{}
	for key, values := range series {
		renamed[strings.Replace(key, `account="gina"`, `job="dexcom",instance="one",account="`+name+`"`, 1)] = values
	}
	return renamed
}

// A family with one person in each of the ways that somebody can be.
func crowd() (series map[string]string, inState map[string][]string) {
	series, inState = map[string]string{}, map[string][]string{}
	for words, ways := range peopleInStates() {
		for i, way := range ways {
			name := fmt.Sprintf("%s %d", words, i+1)
			maps.Copy(series, called(name, way))
			inState[words] = append(inState[words], name)
		}
	}
	return series, inState
}

func TestEveryoneIsInTheirWorstState(t *testing.T) {
	t.Parallel()
	people := peopleInStates()
	series, inState := crowd()
	want := map[string]float64{}
	for i, s := range states() {
		if len(people[s.words]) == 0 {
			t.Errorf("nobody is %q", s.words)
		}
		for _, name := range inState[s.words] {
			want[fmt.Sprintf(`{account=%q, state=%q}`, name, s.words)] = float64(len(states()) - i)
		}
	}
	if len(people) != len(states()) {
		t.Errorf("people are in %d states, there are %d", len(people), len(states()))
	}
	urgency := everyoneAbout().queries[0].expr
	check(t, []moment{{series, []question{{units()[0].in(urgency), want}}}})
}

// Who is worst must be in a short table, and first: topk sorts.
func TestShortTableHasTheWorst(t *testing.T) {
	t.Parallel()
	series, inState := crowd()
	want := map[string]float64{}
	for i, s := range states()[:2] {
		for _, name := range inState[s.words] {
			want[fmt.Sprintf(`{account=%q, state=%q}`, name, s.words)] = float64(len(states()) - i)
		}
	}
	shortest := strings.Replace(everyoneAbout().queries[0].expr, "$rows", strconv.Itoa(len(want)), 1)
	check(t, []moment{{series, []question{{units()[0].in(shortest), want}}}})
}

func TestOrderIsThatOfTheAlerts(t *testing.T) {
	t.Parallel()
	place := map[string]int{}
	for i, s := range states() {
		if place[s.words] != 0 {
			t.Errorf("%q is there twice", s.words)
		}
		place[s.words] = i + 1
	}
	order := []string{"urgent low", "urgent low within 20 minutes", "low", "falling fast", "urgent high", "no data: nothing new", "must be linked", "high", "rising fast", "no alert"}
	for i, words := range order[1:] {
		if place[order[i]] == 0 || place[order[i]] >= place[words] {
			t.Errorf("%q is not before %q", order[i], words)
		}
	}
	if described := everyoneAbout().description; !strings.Contains(described, fmt.Sprintf("\n%d. no alert\n", len(place))) {
		t.Errorf("the description does not tell the order: %s", described)
	}
}

// Two jobs scrape one exporter at two times; the newest reading counts, be it the
// higher or the lower, and nobody is there twice.
func TestEveryoneIsThereOnce(t *testing.T) {
	t.Parallel()
	var moments []moment
	for mgdl, words := range map[float64]string{53: "urgent low", 90: "no alert"} {
		series := map[string]string{}
		for name, values := range reading(71, 420, true) {
			for _, job := range []string{"first", "second"} {
				series[replaceAccount(name, fmt.Sprintf("account=%q,job=%q", person, job))] = values
			}
		}
		series[`dexcom_glucose_mg_dl{account="gina",job="first"}`] = fmt.Sprintf("71x57 %vx2", mgdl)
		series[`dexcom_glucose_timestamp_seconds{account="gina",job="first"}`] = "3180x57 3480x2"
		moments = append(moments, moment{series, []question{inState(words)}})
	}
	check(t, moments)
}

// inState asks whether gina is in a state; in none, she is not there.
func inState(words string) question {
	q := question{expr: units()[0].in(everyoneAbout().queries[0].expr)}
	for i, s := range states() {
		if s.words == words {
			q.want = map[string]float64{fmt.Sprintf(`{account="gina", state=%q}`, words): float64(len(states()) - i)}
		}
	}
	return q
}

// What was low of whom is a matter of the account: it ends when she is taken out of
// the configuration or loses Share, and when another job has a newer reading.
func TestLowIsHeldAsByTheAlerts(t *testing.T) {
	t.Parallel()
	low := died(reading(60, 185, true))
	removed := with(low, map[string]string{`dexcom_exporter_build_info{version="1"}`: held(1)})
	moved := maps.Clone(reading(119, 185, true))
	for name, values := range low {
		moved[replaceAccount(name, `account="gina",job="before"`)] = values
	}
	const info = `dexcom_exporter_account_info{account="gina",api="true",share="%t"}`
	alone := with(with(hidden(60), map[string]string{ginaStale: held(18000), fmt.Sprintf(info, true): "1x20 stale", fmt.Sprintf(info, false): "_x20 1x40"}), nil)
	newer := maps.Clone(hidden(60))
	newer[`dexcom_glucose_mg_dl{account="gina",job="second"}`] = "119x57 stale"
	newer[ginaTimeOf("second")] = held(end - 1000)
	check(t, []moment{
		{low, []question{inState("was low, nothing newer")}},
		{removed, []question{inState("")}},
		{moved, []question{inState("no alert")}},
		{alone, []question{inState("no value")}},
		{newer, []question{inState("no data: nothing new")}},
	})
}

func ginaTimeOf(job string) string {
	return fmt.Sprintf(`dexcom_glucose_timestamp_seconds{account="gina",job=%q}`, job)
}
