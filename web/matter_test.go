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
	unasked := func(s *collector.Standing) {
		s.Sources[0].LastPoll, s.Sources[0].NextPoll = s.Now.Add(-3*hour), s.Now.Add(-3*hour+time.Minute)
	}
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
		{standing(200, fresh, sliding(-9)), "Falling", "may be low soon", true},
		{standing(300, fresh, sliding(-12)), "Falling", "may be low soon", true},
		{standing(300, fresh, sliding(-11)), "Very high", "is very high", true},
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
		{standing(110, hour, failing(dexcom.ReasonServer, 0)), "Interrupted", "has no fresh reading, and a source that failed just now", true},
		{standing(110, fresh, nothing, failing(dexcom.ReasonServer, 0)), "Interrupted", "has no fresh reading, and a source that failed just now", true},
		{standing(110, 15*time.Minute), "No fresh reading", "has no fresh reading", true},
		{standing(110, 6*hour, official), "No fresh reading", "has no fresh reading", true},
		{standing(300, 15*time.Minute), "No fresh reading", "has no fresh reading", true},
		{standing(110, fresh, unasked), "Not asked", "has a source that is not asked", true},
		{standing(110, 6*hour, official, unasked), "Not asked", "has a source that is not asked", true},
		{standing(110, 6*hour, failing(dexcom.ReasonServer, 6*hour), unasked), "Not asked", "has a source that is not asked", true},
		{standing(110, fresh, consented(351)), "Consent ends", "has a consent that ends in 14 days 0 h", true},
		{standing(110, fresh, consented(350)), "In range", "is in range", false},
		{standing(110, fresh, consented(366)), "Consent ends", "has a consent that is more than a year old", true},
		{standing(60, fresh, consented(366)), "Low", "is low", true},
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

// A second source that fails is not hidden behind the first.
func TestTwoSourcesThatFail(t *testing.T) {
	t.Parallel()
	second := func(reason string, since time.Duration) func(*collector.Standing) {
		return func(s *collector.Standing) {
			s.Sources = append(s.Sources, collector.SourceStatus{Name: "api", Result: reason, Since: s.Now.Add(-since), LastPoll: s.Now, NextPoll: s.Now})
		}
	}
	const fresh, hour = 3 * time.Minute, time.Hour
	for _, test := range []struct {
		standing collector.Standing
		want     string
	}{
		{standing(110, fresh, failing(dexcom.ReasonServer, hour), second("ok", hour)), "has a source that fails"},
		{standing(110, fresh, failing(dexcom.ReasonServer, hour), second(dexcom.ReasonNetwork, hour)), "has a source that fails, with another source that fails"},
		{standing(110, fresh, failing(dexcom.ReasonServer, hour), second(dexcom.ReasonNetwork, fresh)), "has a source that fails"},
		{standing(110, fresh, failing(dexcom.ReasonCredentials, hour), second(dexcom.ReasonNetwork, hour)), "is refused by Dexcom, with another source that fails"},
		{standing(110, fresh, failing(dexcom.ReasonServer, hour), second(dexcom.ReasonConsent, hour)), "must be linked, with another source that fails"},
		{standing(60, fresh, failing(dexcom.ReasonServer, hour), second(dexcom.ReasonConsent, hour)), "is low"}, // which is what counts
	} {
		if _, names := headline([]judged{judge(test.standing, matters())}, 1); names != "alice "+test.want+"." {
			t.Errorf("%q, want %q", names, test.want)
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
	want := []string{"LOW", "urgent", "low", "falling", "very-high", "unlinked", "refused", "down", "stale", "high", "also-fine", "fine"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Only a newer reading ends a low: neither time nor whatever else fails makes it "Nothing
// to do", for a day.
func TestALowHoldsUntilANewerReading(t *testing.T) {
	t.Parallel()
	for _, change := range [][]func(*collector.Standing){
		nil,
		{failing(dexcom.ReasonNetwork, time.Minute)},
		{failing(dexcom.ReasonNetwork, time.Hour)},
		{failing(dexcom.ReasonCredentials, time.Hour)},
		{func(s *collector.Standing) { s.Sources[0] = collector.SourceStatus{Name: "share"} }},
		{func(s *collector.Standing) { s.Sources = nil }},
		{consented(366)},
	} {
		for _, test := range []struct {
			mgdl        float64
			age         time.Duration
			title, says string
		}{
			{39, 15*time.Minute - 1, "Urgent low", "is LOW"},
			{39, 15 * time.Minute, "Was urgent low", "was LOW and nothing has come since"},
			{55, 47 * time.Minute, "Was urgent low", "was urgently low and nothing has come since"},
			{69, 47 * time.Minute, "Was low", "was low and nothing has come since"},
			{39, 24*time.Hour - time.Minute, "Was urgent low", "was LOW and nothing has come since"},
		} {
			s := standing(test.mgdl, test.age, change...)
			j := judge(s, matters())
			headline, names := headline(needyOf([]judged{j}), 1)
			if j.title() != test.title || j.tone != alarm || headline != "1 of 1 needs somebody" || names != "alice "+test.says+"." {
				t.Errorf("%v after %.0f mg/dL, %+v: %s (%s), %s: %s", test.age, test.mgdl, s.Sources, j.title(), j.tone, headline, names)
			}
		}
	}
	if j := judge(standing(39, 24*time.Hour), matters()); j.title() != "No fresh reading" {
		t.Errorf("a day later: %s", j.title())
	}
}

// Whatever somebody has to do is told beside a high value too, and needy matters come
// before all others.
func TestAHighValueHidesNothing(t *testing.T) {
	t.Parallel()
	with := func(change ...func(*collector.Standing)) collector.Standing {
		return standing(185, time.Minute, change...)
	}
	causes := map[string]collector.Standing{
		"Urgent low":   standing(39, time.Minute),
		"Low":          standing(60, time.Minute),
		"Falling":      with(sliding(-6)),
		"Very high":    standing(260, time.Minute),
		"To be linked": with(func(s *collector.Standing) { s.Grant = &dexcom.GrantStatus{Persisted: true} }),
		"Refused":      with(failing(dexcom.ReasonCredentials, 0)),
		"Two people":   with(func(s *collector.Standing) { s.Both, s.Mismatch = true, true }),
		"Not saved":    with(func(s *collector.Standing) { s.Grant = &dexcom.GrantStatus{Linked: true} }),
		"No source":    with(func(s *collector.Standing) { s.Sources = nil }),
		"Not asked": with(func(s *collector.Standing) {
			s.Sources[0].LastPoll, s.Sources[0].NextPoll = s.Now.Add(-time.Hour), s.Now.Add(-time.Hour)
		}),
		"No answer":        with(failing(dexcom.ReasonNetwork, time.Hour)),
		"No fresh reading": standing(185, time.Hour),
		"Interrupted":      standing(185, time.Hour, failing(dexcom.ReasonNetwork, 0)),
		"Consent ends":     with(consented(360)),
	}
	calmed := false
	for _, m := range matters() {
		if !m.needy {
			calmed = true
			continue
		}
		s, known := causes[m.label]
		if j := judge(s, matters()); !known || calmed || j.label != m.label || !j.needy {
			t.Errorf("%s is %s (%t)", m.label, j.label, j.needy)
		}
		delete(causes, m.label)
	}
	if len(causes) != 0 || judge(with(), matters()).label != "High" {
		t.Errorf("no matters: %v", causes)
	}
}

// consented is a grant of so many days ago, in a year of 365.
func consented(days int) func(*collector.Standing) {
	return func(s *collector.Standing) {
		s.Grant = &dexcom.GrantStatus{Linked: true, Persisted: true, Consented: s.Now.AddDate(0, 0, -days)}
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
		"At or below 55 mg/dL. Nothing has come since: it may still be so.": standing(50, time.Hour, failing(dexcom.ReasonNetwork, time.Hour)),
		"Below 70 mg/dL. Nothing has come since: it may still be so.": standing(60, time.Hour, func(s *collector.Standing) {
			s.Sources[0].LastPoll, s.Sources[0].NextPoll = s.Newest.Time, s.Newest.Time.Add(time.Minute)
		}),
		"Below 70 mg/dL. Nothing has come since: it may still be so. Dexcom answers, but nothing new is published. Is the phone online and near the sensor? Does a new sensor warm up? Is Share switched on in the app, with at least one follower?": standing(60, time.Hour),
		"Dexcom answers, but nothing new is published. Is the phone online and near the sensor? Does a new sensor warm up? Is Share switched on in the app, with at least one follower?":                                                             standing(110, time.Hour),
		"Dexcom answers, but nothing new was uploaded. Is the phone online? A receiver uploads when somebody plugs it in.":                                                                                                                           standing(110, 6*time.Hour, official),
	} {
		if got := cardOf(collector.Snapshot{Standing: s}, nil, glucose.MgDL, false).Words; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := cardOf(collector.Snapshot{Standing: standing(60, 0)}, nil, glucose.MmolL, false).Words; got != "Below 3.9 mmol/L." {
		t.Error(got)
	}
}
