package web

import (
	"slices"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// standing is an account that Dexcom Share tells a value of, so long ago.
func standing(mgdl float64, age time.Duration, change ...func(*collector.Standing)) collector.Standing {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := collector.Standing{
		Account: "alice", Now: now, StaleAfter: 15 * time.Minute, Bounds: glucose.StandardBounds(), Clock: time.UTC,
		Sources:   []collector.SourceStatus{{Name: "share", Result: "ok", Since: now.Add(-time.Hour), LastPoll: now, NextPoll: now.Add(time.Minute)}},
		HasNewest: true, Newest: collector.Reading{Time: now.Add(-age), Arrived: now.Add(-age), MgDL: mgdl}, LastKnown: now.Add(-age),
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

func sliding(slope float64) func(*collector.Standing) {
	return func(s *collector.Standing) { s.Slope, s.HasSlope = slope, true }
}

// official is an account of the official API, whose values are hours old.
func official(s *collector.Standing) {
	s.StaleAfter, s.Sources[0].Name = 5*time.Hour, "api"
	s.Grant = &dexcom.GrantStatus{Linked: true, Persisted: true, Consented: s.Now.AddDate(0, -1, 0)}
}

func failing(reason string, since time.Duration) func(*collector.Standing) {
	return func(s *collector.Standing) {
		s.Sources[0].Result, s.Sources[0].Since = reason, s.Now.Add(-since)
		s.Sources[0].Err = &dexcom.Error{Op: "readings", Reason: reason}
	}
}

func nothing(s *collector.Standing) {
	s.HasNewest, s.Newest, s.LastKnown = false, collector.Reading{}, time.Time{}
}

func TestWhatIsTheMatter(t *testing.T) {
	t.Parallel()
	const fresh, hour = 3 * time.Minute, time.Hour
	never := func(s *collector.Standing) { s.Grant = &dexcom.GrantStatus{Persisted: true} }
	both := func(s *collector.Standing) { s.Both, s.Mismatch = true, true }
	first := func(s *collector.Standing) { s.Sources[0] = collector.SourceStatus{Name: "api"} }
	none := func(s *collector.Standing) { s.Sources = nil }
	unsaved := func(s *collector.Standing) { s.Grant.Persisted = false }
	pregnant := func(s *collector.Standing) { s.Bounds = glucose.PregnancyBounds() }
	for _, test := range []struct {
		standing    collector.Standing
		title, says string
		needy       bool
	}{
		{standing(dexcom.LowMgDL, fresh), "Urgent low", "is LOW", true},
		{standing(55, fresh), "Urgent low", "is urgently low", true},
		{standing(56, fresh), "Low", "is low", true},
		{standing(69.9, fresh), "Low", "is low", true},
		{standing(54, hour, official), "Was urgent low", "was urgently low", true},
		{standing(dexcom.LowMgDL, hour, official), "Was urgent low", "was LOW", true},
		{standing(70, fresh), "In range", "is in range", false},
		{standing(69.9, fresh, pregnant), "In range", "is in range", false},
		{standing(150, fresh, pregnant), "High", "is high", false},
		{standing(180, fresh), "In range", "is in range", false},
		{standing(180.1, fresh), "High", "is high", false},
		{standing(250, fresh), "High", "is high", false},
		{standing(251, fresh), "Very high", "is very high", true},
		{standing(dexcom.HighMgDL, fresh), "Very high", "is HIGH", true},
		{standing(dexcom.HighMgDL, hour, official), "Was very high", "was HIGH", true},
		{standing(110, fresh, sliding(-2)), "Falling", "may be low soon", true},
		{standing(110, fresh, sliding(-1.99)), "In range", "is in range", false},
		{standing(110, fresh, sliding(2)), "In range", "is in range", false},
		{standing(110, hour, official, sliding(-3)), "Was in range", "was in range", false},
		{standing(60, fresh, sliding(-3)), "Low", "is low", true},
		{standing(200, fresh, sliding(-9)), "High", "is high", false},
		{standing(110, fresh, never), "To be linked", "must be linked", true},
		{standing(40, hour, nothing, never), "To be linked", "must be linked", true},
		{standing(60, fresh, never), "Low", "is low", true},
		{standing(110, fresh, failing(dexcom.ReasonConsent, 0)), "To be linked", "must be linked", true},
		{standing(110, fresh, failing(dexcom.ReasonCredentials, 0)), "Refused", "is refused by Dexcom", true},
		{standing(110, fresh, both), "Two people", "has the sources of two people", true},
		{standing(110, hour, official, unsaved), "Not saved", "has a grant that is not saved", true},
		{standing(110, fresh, none), "No source", "has no source", true},
		{standing(110, fresh, failing(dexcom.ReasonServer, 15*time.Minute)), "No answer", "has a source that fails", true},
		{standing(110, fresh, failing(dexcom.ReasonServer, 15*time.Minute-1)), "Interrupted", "has a source that failed just now", false},
		{standing(50, 15*time.Minute), "No fresh reading", "has no fresh reading", true},
		{standing(50, 6*hour, official), "No fresh reading", "has no fresh reading", true},
		{standing(50, hour, nothing), "No fresh reading", "has no fresh reading", true},
		{standing(50, hour, nothing, first), "Waiting", "waits for the first answer", false},
		{standing(50, -4*time.Minute), "Urgent low", "is urgently low", true}, // a clock that is ahead
	} {
		j := judge(test.standing, matters())
		if j.title() != test.title || j.says(test.standing) != test.says || j.needy != test.needy {
			t.Errorf("%.1f: %s (%s, %t), want %s (%s, %t)", test.standing.Newest.MgDL, j.title(), j.says(test.standing), j.needy, test.title, test.says, test.needy)
		}
	}
}

func TestTheWorstComesFirst(t *testing.T) {
	t.Parallel()
	named := func(name string, s collector.Standing) collector.Standing {
		s.Account = name
		return s
	}
	const fresh = time.Minute
	all := []collector.Standing{
		named("fine", standing(110, fresh)), named("also-fine", standing(110, fresh)),
		named("high", standing(200, fresh)), named("very-high", standing(300, fresh)),
		named("stale", standing(110, time.Hour)), named("down", standing(110, fresh, failing(dexcom.ReasonNetwork, time.Hour))),
		named("refused", standing(110, fresh, failing(dexcom.ReasonCredentials, 0))), named("unlinked", standing(110, fresh, failing(dexcom.ReasonConsent, 0))),
		named("falling", standing(80, fresh, sliding(-1))), named("low", standing(60, fresh)), named("urgent", standing(50, fresh)), named("LOW", standing(39, fresh)),
	}
	var got []string
	for _, j := range judgeAll(all) {
		got = append(got, j.Account)
	}
	want := []string{"LOW", "urgent", "low", "very-high", "high", "falling", "unlinked", "refused", "down", "stale", "also-fine", "fine"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestHeadline(t *testing.T) {
	t.Parallel()
	judgedAs := func(mgdl ...float64) (needy []judged) {
		for i, value := range mgdl {
			s := standing(value, time.Minute)
			s.Account = string(rune('a' + i))
			needy = append(needy, judge(s, matters()))
		}
		return needy
	}
	for want, test := range map[string]struct {
		needy []judged
		total int
	}{
		"No accounts yet: Name them in the configuration file.": {nil, 0},
		"Nothing to do: ":                                                           {nil, 8},
		"1 of 1 needs somebody: a is LOW.":                                          {judgedAs(39), 1},
		"2 of 8 need somebody: a is LOW, b is very high.":                           {judgedAs(39, 300), 8},
		"5 of 9 need somebody: a is low, b is low, c is low, d is low, and 1 more.": {judgedAs(60, 60, 60, 60, 60), 9},
		"4 of 9 need somebody: a is low, b is low, c is low, d is urgently low.":    {judgedAs(60, 60, 60, 50), 9},
	} {
		if text, names := headline(test.needy, test.total); text+": "+names != want {
			t.Errorf("%s: %s, want %s", text, names, want)
		}
	}
}

func TestWhatTheCardSaysOfAMatter(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]collector.Standing{
		"At or below 55 mg/dL.":                 standing(50, 0),
		"Below 70 mg/dL.":                       standing(60, 0),
		"Above 250 mg/dL.":                      standing(260, 0),
		"Above 180 mg/dL.":                      standing(190, 0),
		"At this rate below 70 mg/dL in 5 min.": standing(80, 0, sliding(-2)),
		"At this rate below 70 mg/dL in 1 min.": standing(70, 0, sliding(-2)),
		"":                                      standing(110, 0),
		"Dexcom answers, but nothing new is published. Is the phone online and near the sensor? Does a new sensor warm up? Is Share switched on in the app, with at least one follower?": standing(110, time.Hour),
		"Dexcom answers, but nothing new was uploaded. Is the phone online? A receiver uploads when somebody plugs it in.":                                                               standing(110, 6*time.Hour, official),
	} {
		if got := cardOf(collector.Snapshot{Standing: s}, nil, glucose.MgDL, false).Words; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := cardOf(collector.Snapshot{Standing: standing(60, 0)}, nil, glucose.MmolL, false).Words; got != "Below 3.9 mmol/L." {
		t.Error(got)
	}
}
