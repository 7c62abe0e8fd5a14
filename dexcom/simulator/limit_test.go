package simulator

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheLimitIsDexcoms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := linkable(t)
		call := func() int {
			w := httptest.NewRecorder()
			c.ServeHTTP(w, httptest.NewRequest(http.MethodGet, devicesPath, nil)) // a stranger's counts too
			return w.Code
		}
		for n := range 60_000 {
			if status := call(); status != http.StatusUnauthorized {
				t.Fatalf("call %d: %d", n+1, status)
			}
		}
		if status := call(); status != http.StatusTooManyRequests || c.Calls() != 60_001 || c.RefusedCalls() != 1 {
			t.Errorf("%d after %d calls, %d refused", status, c.Calls(), c.RefusedCalls())
		}
	})
}

func TestTheLimitIsForDataAndTokensTogether(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		to.cloud.LimitCalls(5)
		to.cloud.FailTokens(AnswerJSON(500), 1) // one that goes wrong has come
		to.cloud.FailData(Target{}, ResetConnection(), 1)
		if got := to.get(t, "plain", dataRangePath); got.err == nil {
			t.Error("no fault")
		}
		for range 2 {
			response, err := to.client.PostForm(to.base+"/v2/oauth2/token", refreshForm("unknown"))
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
		}
		for _, path := range []string{"/v2/oauth2/login", "/nothing"} { // these are no calls
			if got := to.get(t, "plain", path); got.status == http.StatusTooManyRequests {
				t.Errorf("%s: %d", path, got.status)
			}
		}
		to.good(t, "plain", aDay())
		to.good(t, "hourly", dataRangePath)
		want := to.cloud.OAuthCounts()
		for _, path := range []string{aDay(), devicesPath, dataRangePath} {
			got := to.get(t, "one", path)
			if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") != "" || got.body != `{"message":"Rate limit exceeded"}`+"\n" {
				t.Errorf("%s: %d %v %s", path, got.status, got.header, got.body)
			}
		}
		response, err := to.client.PostForm(to.base+"/v3/oauth2/token", url.Values{})
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusTooManyRequests || to.cloud.OAuthCounts().Tokens["invalid_request"] != want.Tokens["invalid_request"] {
			t.Errorf("tokens: %s", response.Status)
		}
		if to.cloud.Calls() != 9 || to.cloud.RefusedCalls() != 4 {
			t.Errorf("%d calls, %d refused", to.cloud.Calls(), to.cloud.RefusedCalls())
		}
		to.cloud.LimitCalls(6)
		to.good(t, "plain", dataRangePath)
		to.cloud.LimitCalls(-1)
		to.good(t, "plain", dataRangePath)
		to.cloud.LimitCalls(0)
		if got := to.get(t, "plain", dataRangePath); got.status != http.StatusTooManyRequests {
			t.Errorf("with no calls allowed: %d", got.status)
		}
	})
}

func TestTheHourSlides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := inBubble(t)
		c := to.cloud
		start := time.Now()
		at := func(d time.Duration) {
			t.Helper()
			time.Sleep(time.Until(start.Add(d)))
		}
		call := func(want int) http.Header {
			t.Helper()
			got := to.get(t, "plain", dataRangePath)
			if got.status != want {
				t.Fatalf("%v: %d, want %d", time.Since(start), got.status, want)
			}
			return got.header
		}
		c.LimitCalls(3)
		c.TellRetryAfter(true)
		call(200)
		at(30 * time.Minute)
		call(200)
		call(200)
		if got := call(429).Get("Retry-After"); got != "1800" {
			t.Errorf("told %q", got)
		}
		at(time.Hour - time.Nanosecond)
		if got := call(429).Get("Retry-After"); got != "1" {
			t.Errorf("told %q", got)
		}
		at(time.Hour)
		call(200) // in place of the first
		if got := call(429).Get("Retry-After"); got != "1800" {
			t.Errorf("told %q", got)
		}
		if c.Calls() != 6 || c.RefusedCalls() != 3 {
			t.Errorf("%d calls, %d refused", c.Calls(), c.RefusedCalls())
		}
		at(90 * time.Minute)
		call(200)
		call(200)
		c.LimitCalls(1)
		if got := call(429).Get("Retry-After"); got != "3600" {
			t.Errorf("told %q", got)
		}
		c.TellRetryAfter(false)
		if got, told := call(429)["Retry-After"]; told {
			t.Errorf("told %q", got)
		}
		at(10 * time.Hour)
		if c.Calls() != 0 || c.RefusedCalls() != 0 {
			t.Errorf("%d calls, %d refused", c.Calls(), c.RefusedCalls())
		}
		call(200)
	})
}

// A client that waits as it is told is served, one second earlier it is not.
func TestRetryAfterIsExact(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := inBubble(t)
		c := to.cloud
		c.LimitCalls(40)
		c.TellRetryAfter(true)
		for n := range int64(400) {
			time.Sleep(time.Duration(draw(1, forFault, n) % uint64(2*time.Minute)))
			got := to.get(t, "plain", dataRangePath)
			if got.status == http.StatusOK {
				continue
			}
			seconds, err := strconv.Atoi(got.header.Get("Retry-After"))
			if err != nil || seconds < 1 {
				t.Fatalf("told %v", got.header)
			}
			time.Sleep(time.Duration(seconds-1) * time.Second)
			if seconds > 1 && to.get(t, "plain", dataRangePath).status != http.StatusTooManyRequests {
				t.Fatalf("%d seconds were too many", seconds)
			}
			time.Sleep(time.Second)
			to.good(t, "plain", dataRangePath)
		}
		if c.RefusedCalls() == 0 {
			t.Error("nothing was refused")
		}
	})
}

// The naive way to count is to remember each call.
func TestLastHourCountsLikeAList(t *testing.T) {
	t.Parallel()
	var h lastHour
	var calls []int64
	now := int64(946684800)
	for n := range int64(20_000) {
		switch x := draw(3, forFault, n); {
		case x%1000 == 0:
			now += 3000 + int64(x>>32%5000)
		case x%3 == 0:
			now += int64(x >> 32 % 7)
		}
		h.advance(now)
		h.add()
		calls = append(calls, now)
		for calls[0] <= now-3600 {
			calls = calls[1:]
		}
		if h.total != len(calls) {
			t.Fatalf("call %d: %d, want %d", n, h.total, len(calls))
		}
	}
	h.advance(now - 100) // a clock that was set back
	h.add()
	if h.newest != now || h.total != len(calls)+1 {
		t.Errorf("%d at %d, want %d at %d", h.total, h.newest, len(calls)+1, now)
	}
	var early lastHour
	early.advance(-5)
	early.add()
	if early.total != 1 {
		t.Errorf("before 1970: %d", early.total)
	}
}

func TestTheLimitIsExactForManyAtOnce(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	c.LimitCalls(100)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 25 {
				w := httptest.NewRecorder()
				c.ServeHTTP(w, httptest.NewRequest(http.MethodGet, devicesPath, nil))
				_ = c.Calls()
			}
		})
	}
	wait.Wait()
	if c.Calls() != 200 || c.RefusedCalls() != 100 {
		t.Errorf("%d calls, %d refused", c.Calls(), c.RefusedCalls())
	}
}
