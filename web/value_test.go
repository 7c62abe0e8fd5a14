package web

import (
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

func TestValue(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("", 9*60*60)
	pointing := func(trend dexcom.Trend) func(*collector.Standing) {
		return func(s *collector.Standing) { s.Newest.Trend = trend }
	}
	for name, test := range map[string]struct {
		standing collector.Standing
		unit     glucose.Unit
		want     value
	}{
		"of now": {
			standing(112, 3*time.Minute, pointing(dexcom.FortyFiveUp)), glucose.MgDL,
			value{Current: true, Number: "112", Unit: "mg/dL", When: "3 min ago", Arrow: arrow{Words: "rising slowly", Shown: true, Turn: 45}},
		},
		"in mmol/L": {
			standing(112, 0, pointing(dexcom.Flat)), glucose.MmolL,
			value{Current: true, Number: "6.2", Unit: "mmol/L", When: "just now", Arrow: arrow{Words: "steady", Shown: true, Turn: 90}},
		},
		"LOW": {
			standing(39, time.Minute, pointing(dexcom.DoubleDown)), glucose.MgDL,
			value{Current: true, Number: "LOW", About: "below 40 mg/dL", When: "1 min ago", Arrow: arrow{Words: "falling rapidly", Shown: true, Double: true, Turn: 180}},
		},
		"HIGH in mmol/L": {standing(401, 0), glucose.MmolL, value{Current: true, Number: "HIGH", About: "above 22.2 mmol/L", When: "just now"}},
		"the last moment of now": {
			standing(112, 15*time.Minute, official), glucose.MgDL, value{Current: true, Number: "112", Unit: "mg/dL", When: "15 min ago"},
		},
		"live, and of the past": {
			standing(112, 15*time.Minute+1, official, pointing(dexcom.Flat)), glucose.MgDL, value{Number: "112", Unit: "mg/dL", When: "at 11:44, 15 min ago"},
		},
		"fresh, and not live any more": {
			standing(112, 12*time.Minute, func(s *collector.Standing) { s.StaleAfter = 10 * time.Minute }), glucose.MgDL,
			value{Number: "112", Unit: "mg/dL", When: "at 11:48, 12 min ago"},
		},
		"yesterday": {standing(39, 13*time.Hour), glucose.MgDL, value{Number: "LOW", About: "below 40 mg/dL", When: "at 23:00 on 28 Feb, 13 h 0 min ago"}},
		"yesterday elsewhere, today there": {
			standing(112, 20*time.Hour, func(s *collector.Standing) { s.Clock = tokyo }), glucose.MgDL,
			value{Number: "112", Unit: "mg/dL", When: "at 01:00, 20 h 0 min ago"},
		},
		"a clock that is ahead": {standing(112, -4*time.Minute), glucose.MgDL, value{Current: true, Number: "112", Unit: "mg/dL", When: "just now"}},
	} {
		if got := valueOf(test.standing, nil, test.unit); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestChange(t *testing.T) {
	t.Parallel()
	now := standing(112, time.Minute)
	before := func(mgdl float64, apart time.Duration) []collector.Reading {
		return []collector.Reading{{Time: now.Newest.Time.Add(-time.Hour), MgDL: 50}, {Time: now.Newest.Time.Add(-apart), MgDL: mgdl}, now.Newest}
	}
	for name, test := range map[string]struct {
		last []collector.Reading
		unit glucose.Unit
		want string
	}{
		"up":              {before(109, 5*time.Minute), glucose.MgDL, "+3 mg/dL in 5 min"},
		"down":            {before(130, 5*time.Minute), glucose.MgDL, "−18 mg/dL in 5 min"},
		"none":            {before(112, 5*time.Minute), glucose.MgDL, "±0 mg/dL in 5 min"},
		"next to none":    {before(111.5, 5*time.Minute), glucose.MmolL, "±0.0 mmol/L in 5 min"},
		"in mmol/L":       {before(130, 5*time.Minute), glucose.MmolL, "−1.0 mmol/L in 5 min"},
		"just before":     {before(109, 4*time.Minute), glucose.MgDL, "+3 mg/dL in 5 min"},
		"too soon before": {before(109, 4*time.Minute-1), glucose.MgDL, ""},
		"one is missing":  {before(109, 10*time.Minute), glucose.MgDL, ""},
		"from LOW":        {before(39, 5*time.Minute), glucose.MgDL, ""},
		"from HIGH":       {before(401, 5*time.Minute), glucose.MgDL, ""},
		"the first":       {[]collector.Reading{now.Newest}, glucose.MgDL, ""},
		"nothing":         {nil, glucose.MgDL, ""},
	} {
		if got := valueOf(now, test.last, test.unit).Change; got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	low := standing(39, time.Minute)
	if got := valueOf(low, []collector.Reading{{Time: low.Newest.Time.Add(-5 * time.Minute), MgDL: 45}, low.Newest}, glucose.MgDL).Change; got != "" {
		t.Errorf("to LOW: %q", got)
	}
}

func TestEveryArrowHasWords(t *testing.T) {
	t.Parallel()
	for trend, want := range map[dexcom.Trend]arrow{
		dexcom.TrendNone:      {},
		dexcom.DoubleUp:       {"rising rapidly", true, true, 0},
		dexcom.SingleUp:       {"rising", true, false, 0},
		dexcom.FortyFiveUp:    {"rising slowly", true, false, 45},
		dexcom.Flat:           {"steady", true, false, 90},
		dexcom.FortyFiveDown:  {"falling slowly", true, false, 135},
		dexcom.SingleDown:     {"falling", true, false, 180},
		dexcom.DoubleDown:     {"falling rapidly", true, true, 180},
		dexcom.NotComputable:  {Words: "trend not known"},
		dexcom.RateOutOfRange: {Words: "changing faster than an arrow can show"},
		dexcom.Trend(100):     {},
		dexcom.Trend(-100):    {},
	} {
		if got := arrowOf(trend); got != want {
			t.Errorf("%d: %+v, want %+v", trend, got, want)
		}
	}
}
