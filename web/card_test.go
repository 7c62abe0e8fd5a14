package web

import (
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

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
