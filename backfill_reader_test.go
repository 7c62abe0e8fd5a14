package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// answers is a Dexcom that gives what a function says.
type answers func(r *http.Request) (status int, body string)

// RoundTrip implements http.RoundTripper.
func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := a(r)
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r, Header: http.Header{}}, nil
}

// fixedTokens gives one token that never ends.
type fixedTokens string

func (f fixedTokens) Token(context.Context) (*oauth2.Token, error) {
	return &oauth2.Token{AccessToken: string(f)}, nil
}

func (fixedTokens) Reject(*oauth2.Token) {}

func newReader(t *testing.T, transport http.RoundTripper, token string, s stretch) *pastReader {
	t.Helper()
	client, err := dexcom.NewClient(dexcom.Config{BaseURL: "https://api.dexcom.example", Tokens: fixedTokens(token), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return &pastReader{stretch: s, client: client, version: dexcom.V3, kinds: []string{"carbs"}, now: time.Now(), take: func(chapter) error { return nil }}
}

// nowadays leaves the year in which a bubble begins: Dexcom has nothing from then.
func nowadays() { time.Sleep(26 * 365 * 24 * time.Hour) }

func lastDays(n int) stretch {
	return stretch{Account: "alice", From: time.Now().Add(-time.Duration(n) * 24 * time.Hour), To: time.Now().Add(-24 * time.Hour)}
}

// A request that fails is made five times in all, later and later, and never before
// Dexcom wants it.
func TestBackfillTriesAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault simulator.Fault
		calls int
		took  time.Duration
		waits int // that are worth saying
	}{
		"500":        {simulator.AnswerJSON(500), 5, 85 * time.Second, 2},
		"429":        {simulator.TooManyRequests(), 5, 85 * time.Second, 2},
		"429, later": {simulator.RetryAfter(10 * time.Minute), 5, 40 * time.Minute, 4},
		"a day":      {simulator.RetryAfter(24 * time.Hour), 5, 4 * time.Hour, 4},
		"a page":     {simulator.AnswerHTML(200), 5, 85 * time.Second, 2},
		"lost":       {simulator.LoseAnswer(), 5, 85 * time.Second, 2},
		"403":        {simulator.AnswerJSON(403), 1, 0, 0},
		"401":        {simulator.RefuseToken(), 1, 0, 0}, // and no other token
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				nowadays()
				cloud := simulator.New(&simulator.Person{Name: "alice"})
				cloud.FailData(simulator.Target{Endpoint: "egvs"}, test.fault, 100)
				s, calls, waits := lastDays(10), 0, 0
				reader := newReader(t, answersOf(cloud, func(endpoint string) {
					if endpoint == "egvs" {
						calls++
					}
				}), cloud.AccessToken("alice"), s)
				reader.take = func(c chapter) error {
					if c.Waits != "" {
						waits++
					}
					return nil
				}
				start := time.Now()
				err := reader.read(t.Context())
				if err == nil || !strings.Contains(err.Error(), "alice from "+s.From.UTC().Format(time.DateOnly)+" on is missing") {
					t.Error(err)
				}
				if took := time.Since(start); calls != test.calls || took != test.took || waits != test.waits {
					t.Errorf("%d calls in %v, %d waits said; want %+v", calls, took, waits, test)
				}
			})
		})
	}
}

// answersOf lets a cloud answer, and tells of each request.
func answersOf(cloud *simulator.Cloud, asked func(endpoint string)) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		asked(r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:])
		return cloud.RoundTrip(r)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Whoever does not want more is not given more, and hears its own error.
func TestBackfillStopsWithItsReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		nowadays()
		cloud := simulator.New(&simulator.Person{Name: "alice"})
		enough := errors.New("enough")
		for nth := range 4 {
			calls, given := 0, 0
			reader := newReader(t, answersOf(cloud, func(string) { calls++ }), cloud.AccessToken("alice"), lastDays(100))
			reader.take = func(chapter) error {
				given++
				if given > nth {
					return enough
				}
				return nil
			}
			if err := reader.read(t.Context()); !errors.Is(err, enough) || calls != 1+2*nth {
				t.Errorf("%v after %d calls", err, calls)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		reader := newReader(t, answersOf(cloud, func(string) {}), cloud.AccessToken("alice"), lastDays(100))
		if err := reader.read(ctx); err == nil {
			t.Error("it reads for nobody")
		}
	})
}

// Nothing of two people comes into one series.
func TestBackfillOfAnAccountThatChanges(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"egvs", "events"} {
		reader := newReader(t, answers(func(r *http.Request) (int, string) {
			user := "one"
			if strings.HasSuffix(r.URL.Path, endpoint) {
				user = "other"
			}
			if strings.HasSuffix(r.URL.Path, "dataRange") {
				return 200, `{"recordType":"dataRange","userId":"` + user + `","egvs":{"start":{"systemTime":"2020-01-01T00:00:00"},"end":{"systemTime":"2026-01-01T00:00:00"}}}`
			}
			return 200, `{"userId":"` + user + `","records":[]}`
		}), "token", stretch{"alice", time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)})
		if err := reader.read(t.Context()); err == nil || !strings.Contains(err.Error(), "another Dexcom user") || !strings.Contains(err.Error(), "alice from 2025-01-01") {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}

// Where Dexcom has nothing it is not asked, unless it does not say.
func TestBackfillWithinTheDataRange(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2025, 1, n, 0, 0, 0, 0, time.UTC) }
	for name, test := range map[string]struct {
		ranges       dexcom.DataRange
		begins, ends int
	}{
		"nothing":            {dexcom.DataRange{}, 100, 100},
		"all":                {dexcom.DataRange{EGVs: dexcom.Span{Start: day(1), End: day(400)}}, 50, 100},
		"the middle":         {dexcom.DataRange{EGVs: dexcom.Span{Start: day(60), End: day(70)}}, 59, 71},
		"before":             {dexcom.DataRange{EGVs: dexcom.Span{Start: day(1), End: day(10)}}, 50, 50},
		"after":              {dexcom.DataRange{EGVs: dexcom.Span{Start: day(200), End: day(210)}}, 100, 100},
		"events before":      {dexcom.DataRange{EGVs: dexcom.Span{Start: day(60), End: day(70)}, Events: dexcom.Span{Start: day(55), End: day(56)}}, 54, 71},
		"events alone":       {dexcom.DataRange{Events: dexcom.Span{Start: day(55), End: day(56)}}, 54, 57},
		"a clock ahead":      {dexcom.DataRange{EGVs: dexcom.Span{Start: day(60), Ahead: true}}, 59, 100},
		"all times unknown":  {dexcom.DataRange{EGVs: dexcom.Span{Ahead: true}}, 50, 100},
		"an end that is odd": {dexcom.DataRange{EGVs: dexcom.Span{Start: day(60)}}, 59, 100},
	} {
		reader := pastReader{stretch: stretch{"alice", day(50), day(100)}, kinds: []string{"carbs"}}
		begins, ends := reader.within(test.ranges)
		if nothing := test.begins == test.ends; nothing && begins.Before(ends) || !nothing && (!begins.Equal(day(test.begins)) || !ends.Equal(day(test.ends))) {
			t.Errorf("%s: from %v to %v", name, begins, ends)
		}
	}
}

// A value that may still change waits, wherever else it is the newest.
func TestWhatMayBeSmoothedIsLeftOut(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	reader := pastReader{stretch: stretch{From: now.Add(-24 * time.Hour), To: now}, now: now}
	for _, test := range []struct {
		age                  time.Duration
		provisional          bool
		readings, unsmoothed int
	}{
		{5 * time.Hour, true, 0, 1},
		{5 * time.Hour, false, 1, 0},
		{6 * time.Hour, true, 1, 0},
		{25 * time.Hour, false, 0, 0},
		{0, false, 0, 0}, // the end is not part of it
	} {
		var c chapter
		reader.addReading(&c, reader.stretch, dexcom.Reading{Time: now.Add(-test.age), MgDL: 100, Provisional: test.provisional})
		if len(c.Readings) != test.readings || c.Unsmoothed != test.unsmoothed {
			t.Errorf("%+v: %+v", test, c)
		}
	}
}

// Of the events those leave that are wanted and say something, and notes never.
func TestWhichPastEventsLeave(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	reader := pastReader{stretch: stretch{From: now.Add(-24 * time.Hour), To: now}, kinds: []string{"carbs", "health"}}
	for _, test := range []struct {
		event           dexcom.Event
		events, leftOut int
	}{
		{dexcom.Event{Time: now.Add(-time.Hour), Kind: "carbs", Value: 45, HasValue: true}, 1, 0},
		{dexcom.Event{Time: now.Add(-time.Hour), Kind: "carbs"}, 0, 1},
		{dexcom.Event{Time: now.Add(-time.Hour), Kind: "health", Subtype: "stress"}, 1, 0},
		{dexcom.Event{Time: now.Add(-time.Hour), Kind: "insulin", Subtype: "fastActing", Value: 4, HasValue: true}, 0, 0},
		{dexcom.Event{Time: now.Add(-time.Hour), Kind: "notes"}, 0, 0},
		{dexcom.Event{Time: now, Kind: "carbs", Value: 45, HasValue: true}, 0, 0},
		{dexcom.Event{Time: now.Add(-25 * time.Hour), Kind: "carbs", Value: 45, HasValue: true}, 0, 0},
	} {
		var c chapter
		reader.addEvent(&c, reader.stretch, test.event)
		if len(c.Events) != test.events || c.LeftOut != test.leftOut {
			t.Errorf("%+v: %+v", test, c)
		}
	}
}

// An event that was moved from one window into another is there once, where it was
// moved to.
func TestBackfillOfAMovedEvent(t *testing.T) {
	t.Parallel()
	begins := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	seam := begins.Add(28 * 24 * time.Hour)
	for name, moved := range map[string][2]time.Time{
		"back":  {seam.Add(10 * time.Minute), seam.Add(-10 * time.Minute)},
		"ahead": {seam.Add(-10 * time.Minute), seam.Add(10 * time.Minute)},
	} {
		var told []int64
		reader := newReader(t, answers(func(r *http.Request) (int, string) {
			from, to := r.URL.Query().Get("startDate"), r.URL.Query().Get("endDate")
			if strings.HasSuffix(r.URL.Path, "dataRange") {
				return 200, `{"recordType":"dataRange","egvs":{"start":{"systemTime":"2020-01-01T00:00:00"},"end":{"systemTime":"2026-01-01T00:00:00"}}}`
			}
			var records []string
			for i, status := range []string{"created", "updated"} {
				at := moved[i].Format("2006-01-02T15:04:05")
				if strings.HasSuffix(r.URL.Path, "events") && from <= at && at < to {
					records = append(records, `{"recordId":"1","eventType":"carbs","value":"45","unit":"grams","eventStatus":"`+status+`","systemTime":"`+at+`"}`)
				}
			}
			return 200, `{"records":[` + strings.Join(records, ",") + `]}`
		}), "token", stretch{"alice", begins, begins.Add(60 * 24 * time.Hour)})
		reader.take = func(c chapter) error {
			for _, e := range c.Events {
				told = append(told, e.Time.UnixMilli())
			}
			return nil
		}
		if err := reader.read(t.Context()); err != nil || len(told) != 1 || told[0] != moved[1].UnixMilli() {
			t.Errorf("%s: %v %v", name, told, err)
		}
	}
}
