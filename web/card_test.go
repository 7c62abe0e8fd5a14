package web

import (
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// An urgent low of the night is told in words when the badge is green again.
func TestALowOfTheNightIsTold(t *testing.T) {
	t.Parallel()
	now := standing(110, time.Minute).Now
	at := func(mgdl float64, ago time.Duration) collector.Reading {
		return collector.Reading{Time: now.Add(-ago), MgDL: mgdl}
	}
	for name, test := range map[string]struct {
		newest   float64
		readings []collector.Reading
		want     string
	}{
		"LOW":              {110, []collector.Reading{at(60, 10*time.Hour), at(39, 9*time.Hour), at(50, 8*time.Hour), at(110, 0)}, "Was urgently low in the last 24 hours: LOW at 03:00."},
		"at the limit":     {110, []collector.Reading{at(55, 13*time.Hour), at(110, 0)}, "Was urgently low in the last 24 hours: 55 mg/dL at 23:00 on 28 Feb."},
		"only low":         {110, []collector.Reading{at(56, 9*time.Hour), at(110, 0)}, ""},
		"still low":        {60, []collector.Reading{at(39, time.Hour), at(60, 0)}, ""},
		"nothing is there": {110, nil, ""},
	} {
		if got := cardOf(collector.Snapshot{Standing: standing(test.newest, time.Minute)}, test.readings, glucose.MgDL, false).WasLow; got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// An old value is called normal only where Dexcom's holding back explains its age.
func TestWhatIsHeldBackIsNormal(t *testing.T) {
	t.Parallel()
	both := func(s *collector.Standing) {
		s.Sources = append(s.Sources, collector.SourceStatus{Name: "share", Result: "ok", LastPoll: s.Now, NextPoll: s.Now})
	}
	unasked := func(s *collector.Standing) {
		s.Sources[0].LastPoll, s.Sources[0].NextPoll = s.Now.Add(-2*time.Hour), s.Now.Add(-2*time.Hour)
	}
	for name, test := range map[string]struct {
		standing collector.Standing
		want     bool
	}{
		"an hour":                 {standing(110, time.Hour, official), true},
		"of now":                  {standing(110, time.Minute, official), false},
		"three hours and another": {standing(110, 4*time.Hour, official), true},
		"more":                    {standing(110, 4*time.Hour+time.Minute, official), false},
		"the API fails":           {standing(110, 2*time.Hour, official, failing(dexcom.ReasonNetwork, time.Minute)), false},
		"nobody asks":             {standing(110, 2*time.Hour, official, unasked), false},
		"Dexcom Share too":        {standing(110, 2*time.Hour, official, both), false},
		"Dexcom Share alone":      {standing(110, 2*time.Hour), false},
	} {
		if got := cardOf(collector.Snapshot{Standing: test.standing}, nil, glucose.MgDL, false).Late; (got != "") != test.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
