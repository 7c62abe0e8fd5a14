package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

func TestSourcesInWords(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	now := standing(0, 0).Now
	failed := func(name, reason string, err error) collector.SourceStatus {
		return collector.SourceStatus{Name: name, Result: reason, Err: err, Since: now.Add(-47 * time.Minute), LastPoll: now.Add(-2 * time.Minute), NextPoll: now.Add(3 * time.Minute)}
	}
	// old was asked three hours ago for the last time, and is to be asked again so long after.
	old := func(name, result string, next time.Duration) collector.SourceStatus {
		last := now.Add(-3 * time.Hour)
		return collector.SourceStatus{Name: name, Result: result, Since: last, LastPoll: last, NextPoll: last.Add(next)}
	}
	server := &dexcom.Error{Op: "egvs", Reason: dexcom.ReasonServer, StatusCode: 503}
	for want, test := range map[string]struct {
		status   collector.SourceStatus
		onScrape bool
	}{
		"Official API: waiting for the first answer":                         {collector.SourceStatus{Name: "api"}, false},
		"Official API: waits for a scrape of the metrics":                    {collector.SourceStatus{Name: "api"}, true},
		"Dexcom Share: connected, next poll in 3 min":                        {collector.SourceStatus{Name: "share", Result: "ok", NextPoll: now.Add(3 * time.Minute)}, false},
		"Dexcom Share: connected, next poll in 4 min":                        {collector.SourceStatus{Name: "share", Result: "ok", NextPoll: now.Add(3*time.Minute + time.Second)}, false},
		"Dexcom Share: connected, next poll now":                             {collector.SourceStatus{Name: "share", Result: "ok", NextPoll: now.Add(-time.Second)}, false},
		"Dexcom Share: connected, asked when Prometheus scrapes":             {collector.SourceStatus{Name: "share", Result: "ok", NextPoll: now}, true},
		"Dexcom Share: not asked since 09:00: does Prometheus still scrape?": {old("share", "ok", time.Minute), true},
		"Official API: not asked since 09:00, next poll now":                 {old("api", "ok", 5*time.Minute), false},
		"Official API: not asked since 09:00: does":                          {old("api", dexcom.ReasonServer, time.Minute), true},
		"Official API: connected, asked when Prometheus scrapes":             {old("api", "ok", 3*time.Hour-15*time.Minute), true},
		"Official API: connected, next poll in 1 h 0 min":                    {old("api", "ok", 4*time.Hour), false},
		"Official API: consent needed, since 11:13, 47 min | ":               {failed("api", dexcom.ReasonConsent, nil), false},
		"Official API: Dexcom refuses the access, since 11:13, 47 min | Is":  {failed("api", dexcom.ReasonCredentials, nil), false},
		"Official API: Dexcom wants fewer calls, since":                      {failed("api", dexcom.ReasonRateLimited, nil), false},
		"Official API: Dexcom has a fault of its own (HTTP 503), since":      {failed("api", dexcom.ReasonServer, server), false},
		"Official API: no answer, since":                                     {failed("api", dexcom.ReasonNetwork, errors.New(secret)), false},
		"Official API: somebody else answers in Dexcom's place, since":       {failed("api", dexcom.ReasonDecode, errors.New(secret)), false},
		"Official API: an unexpected answer, since":                          {failed("api", dexcom.ReasonOther, errors.New(secret)), false},
		"Dexcom Share: the login cannot be noted in the state directory, and is not tried without, since 11:13, 47 min | Mend the state directory.": {
			failed("share", dexcom.ReasonOther, &dexcom.Error{Op: "share login", Reason: dexcom.ReasonOther, Err: dexcom.ErrShareState}), false,
		},
		"Dexcom Share: the account is locked for a while, since 11:13, 47 min | Nothing: wait. The next login is tried about 12:58, so that the account is not locked.": {
			failed("share", dexcom.ReasonCredentials, &dexcom.Error{Reason: dexcom.ReasonCredentials, Err: dexcom.ErrShareLocked, RetryAfter: time.Hour}), false,
		},
		"Dexcom Share: the login is refused, since 11:13, 47 min | The user name, password or region is refused, and a wrong one of them looks like the others": {
			failed("share", dexcom.ReasonCredentials, &dexcom.Error{Reason: dexcom.ReasonCredentials, Err: dexcom.ErrShareCredentials}), false,
		},
		"Dexcom Share: the login cannot be read, since 11:13, 47 min | The user name or password is none that Dexcom can read": {
			failed("share", dexcom.ReasonCredentials, &dexcom.Error{Reason: dexcom.ReasonCredentials, Err: dexcom.ErrShareArgument}), false,
		},
		"Dexcom Share: logins are stopped, since 11:13, 47 min | Nothing: it goes on by itself. The next login is tried about 11:58 on 2 Mar": {
			failed("share", dexcom.ReasonCredentials, &dexcom.Error{Reason: dexcom.ReasonCredentials, Err: dexcom.ErrShareStopped, RetryAfter: 24 * time.Hour}), false,
		},
	} {
		s := standing(0, 0)
		s.Sources = []collector.SourceStatus{test.status}
		got := sourcesOf(s, test.onScrape)[0]
		text := got.Name + ": " + got.State
		if got.Since == "" && got.Next != "" {
			text += ", " + got.Next
		}
		person := test.status.Result == dexcom.ReasonConsent || test.status.Result == dexcom.ReasonCredentials && got.Name == "Dexcom Share"
		if got.Since != "" && (got.Next == "") != person {
			t.Errorf("%s says %q of the next poll", text, got.Next)
		}
		if got.Since != "" {
			text += ", " + got.Since + " | " + got.Todo
		}
		if !strings.HasPrefix(text, want) || strings.Contains(text, secret) {
			t.Errorf("%q, want %q", text, want)
		}
	}
}

// sharing is an account of Dexcom Share alone, with a phone that is never away.
func sharing(t *testing.T, password string) (*simulator.Cloud, *collector.Collector) {
	t.Helper()
	p := &simulator.Person{Name: "henry", Seed: 16, ShareDelay: 20 * time.Second, ShareJitter: time.Second, Since: time.Now().AddDate(0, 0, -3)}
	cloud := simulator.New(p)
	cloud.Share(simulator.ShareAccount{Person: "henry", Username: "henry@example.org", Password: "right"})
	state, err := dexcom.OpenState(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	file, err := dexcom.OpenStateFile(state, "henry")
	if err != nil {
		t.Fatal(err)
	}
	share, err := dexcom.NewShare(dexcom.ShareConfig{
		Region: dexcom.ShareUS, BaseURL: "http://share.test", Username: "henry@example.org", Password: password, Transport: cloud, State: file,
	})
	if err != nil {
		t.Fatal(err)
	}
	return cloud, follow(t, collector.Account{Name: "henry", StaleAfter: 15 * time.Minute, Bounds: glucose.StandardBounds(), Share: share})
}

func TestStatusOfDexcomShare(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		cloud, c := sharing(t, "right")
		handler := siteOf(t, local(), c)
		go c.Run(t.Context())
		time.Sleep(12 * time.Minute)
		s, _ := c.Snapshot("henry")
		expectCard(t, handler, "henry", glucose.MgDL.FormatReading(s.Newest.MgDL)+" mg/dL", "measured "+ago(s.Newest.Age(s.Now)), "in 5 min", "Dexcom Share: connected", arrowOf(s.Newest.Trend).Words+", ")
		if card := cardOn(page(t, handler), "henry"); !strings.Contains(card, `class="arrow"`) || strings.Contains(card, "was <") || strings.Contains(card, "/accounts/") {
			t.Errorf("the card of now is\n%s", card)
		}
		if card := text(cardOn(pageAt(t, handler, "/?unit=mmol%2FL"), "henry")); !strings.Contains(card, glucose.MmolL.Format(s.Newest.MgDL)+" mmol/L") || strings.Contains(card, "mg/dL") {
			t.Errorf("the card in mmol/L is %s", card)
		}

		cloud.SetSharing("henry", false)
		time.Sleep(47 * time.Minute)
		s, _ = c.Snapshot("henry")
		expectCard(t, handler, "henry", "No fresh reading", "was "+glucose.MgDL.FormatReading(s.Newest.MgDL)+" mg/dL at "+s.Newest.Time.Format("15:04")+", "+ago(s.Newest.Age(s.Now)),
			"Is Share switched on in the app, with at least one follower?", "Dexcom Share: connected")
		if card := cardOn(page(t, handler), "henry"); strings.Contains(card, `class="arrow"`) || strings.Contains(card, "Normal") {
			t.Errorf("the card of then is\n%s", card)
		}
	})
}

func TestStatusOfARefusedLogin(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		_, c := sharing(t, "wrong-hunter2")
		handler := siteOf(t, local(), c)
		go c.Run(t.Context())
		synctest.Wait()
		expectCard(t, handler, "henry", "Refused", "Dexcom Share: the login is refused", "The user name, password or region is refused", "The next login is tried about 12:30, so that the account is not locked.")
		expectHeadline(t, handler, "1 of 1 needs somebody: henry is refused by Dexcom.")
		if page := page(t, handler); strings.Contains(page, "hunter2") || strings.Contains(page, "example.org") {
			t.Errorf("the page shows the login:\n%s", page)
		}
	})
}

// A scrape that does not come is no fault of the phone.
func TestStatusSaysThatNobodyScrapes(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		_, cloud := alice()
		c := follow(t)
		config := following([]collector.Account{through(t, cloud, "alice", cloud.AccessToken("alice"))})
		config.OnScrape = true
		c.Follow(config)
		go c.Run(t.Context())
		synctest.Wait()
		handler := build(t, Config{Guard: local(), Collector: c, OnScrape: true, Metrics: http.NotFoundHandler(), MetricsPath: "/metrics"})
		c.Refresh(t.Context())
		time.Sleep(15 * time.Minute)
		expectCard(t, handler, "alice", "Official API: connected, asked when Prometheus scrapes")
		for _, later := range []time.Duration{2 * time.Minute, 6 * time.Hour} {
			time.Sleep(later)
			expectCard(t, handler, "alice", "Not asked", "Official API: not asked since 12:00: does Prometheus still scrape?")
			expectHeadline(t, handler, "1 of 1 needs somebody: alice has a source that is not asked.")
			if says := text(cardOn(page(t, handler), "alice")); strings.Contains(says, "phone") || strings.Contains(says, "Normal") || strings.Contains(says, "connected") {
				t.Errorf("the card says\n%s", says)
			}
		}
		c.Refresh(t.Context())
		expectCard(t, handler, "alice", "Official API: connected")
	})
}

func TestStatusWaitsForAScrape(t *testing.T) {
	t.Parallel()
	_, c := sharing(t, "right")
	handler := build(t, Config{Guard: local(), Collector: c, OnScrape: true, Metrics: http.NotFoundHandler(), MetricsPath: "/metrics"})
	expectCard(t, handler, "henry", "Waiting", "Dexcom Share: waits for a scrape of the metrics")
}
