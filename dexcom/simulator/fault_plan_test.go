package simulator

import (
	"maps"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// statuses are what requests with an unknown refresh token are answered.
func statuses(t *testing.T, c *Cloud, requests int) []int {
	t.Helper()
	var got []int
	for range requests {
		status, _ := post(t, c, refreshForm("unknown"))
		got = append(got, status)
	}
	return got
}

func TestPlannedFaultsComeInOrder(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	c.FailTokens(AnswerJSON(500), 2)
	c.FailTokens(Fault{}, 1) // lets one pass
	c.FailTokens(AnswerJSON(429), 1)
	c.FailTokens(AnswerJSON(503), 0)
	c.FailTokens(AnswerJSON(503), -1)
	if got, want := statuses(t, c, 6), []int{500, 500, 400, 429, 400, 400}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	got := c.OAuthCounts()
	if want := map[string]int{"answer 500 application/json": 2, "answer 429 application/json": 1}; !maps.Equal(got.Faults, want) {
		t.Errorf("faults are %v", got.Faults)
	}
	if want := map[string]int{"invalid_grant": 3}; !maps.Equal(got.Tokens, want) {
		t.Errorf("results are %v", got.Tokens)
	}
	if !opens(t, c, c.AccessToken("plain")) {
		t.Error("data fails too")
	}
}

func TestCountsAreTheCallers(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	c.FailTokens(AnswerJSON(500), 1)
	statuses(t, c, 2)
	got := c.OAuthCounts()
	got.Tokens["invalid_grant"], got.Faults["answer 500 application/json"] = 9, 9
	if again := c.OAuthCounts(); again.Tokens["invalid_grant"] != 1 || again.Faults["answer 500 application/json"] != 1 {
		t.Errorf("counts are %+v", again)
	}
}

func TestRandomFaultsRepeat(t *testing.T) {
	t.Parallel()
	run := func(seed uint64, chance float64) []int {
		c := linkable(t)
		c.FailTokensAtRandom(seed, chance, AnswerJSON(500), AnswerJSON(503))
		return statuses(t, c, 300)
	}
	tally := func(got []int) map[int]int {
		n := make(map[int]int)
		for _, status := range got {
			n[status]++
		}
		return n
	}
	once := run(1, 0.3)
	if !slices.Equal(once, run(1, 0.3)) || slices.Equal(once, run(2, 0.3)) {
		t.Error("the seed does not decide")
	}
	if n := tally(once); n[500] < 25 || n[503] < 25 || n[400] < 180 || n[400] > 240 {
		t.Errorf("got %v", n)
	}
	if n := tally(run(1, 1)); n[400] != 0 || n[500] < 100 || n[503] < 100 {
		t.Errorf("for certain: %v", n)
	}
	if n := tally(run(1, 0)); n[400] != 300 {
		t.Errorf("never: %v", n)
	}
}

func TestRandomFaultsYieldToPlannedOnesAndEnd(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	c.FailTokensAtRandom(1, 1, AnswerJSON(500))
	c.FailTokens(AnswerJSON(503), 1)
	got := statuses(t, c, 2)
	c.FailTokensAtRandom(1, 1)
	if got = append(got, statuses(t, c, 1)...); !slices.Equal(got, []int{503, 500, 400}) {
		t.Errorf("got %v", got)
	}
}

func TestNightlyOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := linkable(t)
		losAngeles := zone(t, "America/Los_Angeles")
		c.NightlyOutage(losAngeles)
		time.Sleep(time.Until(time.Date(2000, time.July, 3, 0, 0, 0, 0, losAngeles)))
		g := link(t, c, "plain")
		for _, x := range []struct {
			hour, minute, second int
			down                 bool
		}{
			{2, 44, 59, false},
			{2, 45, 0, true},
			{3, 10, 0, true},
			{3, 44, 59, true},
			{3, 45, 0, false},
			{14, 45, 0, false},
			{24 + 2, 45, 0, true},
		} {
			time.Sleep(time.Until(time.Date(2000, time.July, 3, x.hour, x.minute, x.second, 0, losAngeles)))
			if !x.down {
				g = token(t, c, refreshForm(g.Refresh))
				continue
			}
			response, err := c.RoundTrip(tokenRequest(t, "/v3/oauth2/token", refreshForm(g.Refresh)))
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Content-Type") != "text/html; charset=utf-8" {
				t.Errorf("at %v: %s", x, response.Status)
			}
			if !c.Alive("plain", g.Refresh) || !opens(t, c, c.AccessToken("plain")) {
				t.Errorf("at %v more is broken than refreshes", x)
			}
			link(t, c, "one")
		}
		if got := c.OAuthCounts().Tokens["outage"]; got != 4 {
			t.Errorf("%d requests are counted", got)
		}
		c.NightlyOutage(nil)
		token(t, c, refreshForm(g.Refresh))
	})
}
