package simulator

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		for _, x := range []struct {
			fault Fault
			name  string
			after func(value string) bool
		}{
			{TooManyRequests(), "429", func(value string) bool { return value == "" }},
			{RetryAfter(90 * time.Second), "429 with seconds", func(value string) bool { return value == "90" }},
			{RetryAfter(0), "429 with seconds", func(value string) bool { return value == "0" }},
			{RetryAt(time.Hour), "429 with a date", func(value string) bool {
				at, err := http.ParseTime(value)
				left := time.Until(at)
				return err == nil && left > 59*time.Minute && left <= time.Hour
			}},
		} {
			before := to.cloud.FaultCounts()[x.name]
			to.cloud.FailData(Target{}, x.fault, 1)
			got := to.get(t, "plain", aDay())
			if got.status != http.StatusTooManyRequests || !x.after(got.header.Get("Retry-After")) || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("%v: %d, %v", x.fault, got.status, got.header)
			}
			if shapeOf(t, []byte(got.body)) != shapeOf(t, file(t, "error_data_429_ASSUMED.json")) {
				t.Errorf("%v: %s", x.fault, got.body)
			}
			if to.cloud.FaultCounts()[x.name] != before+1 {
				t.Errorf("%v: counts are %v", x.fault, to.cloud.FaultCounts())
			}
		}
	})
}

func TestRetryAtCountsFromTheAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := inBubble(t)
		f := RetryAt(time.Minute)
		time.Sleep(time.Hour)
		to.cloud.FailData(Target{}, f, 1)
		got := to.get(t, "plain", aDay())
		if want := "Mon, 03 Mar 2025 13:01:00 GMT"; got.header.Get("Retry-After") != want {
			t.Errorf("got %v", got.header)
		}
	})
}

func TestRefusedTokensStillOpen(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		g := link(t, to.cloud, "plain")
		r := to.request(t, "plain", aDay())
		r.Header.Set("Authorization", "Bearer "+g.Access)
		to.cloud.FailData(Target{Person: "plain"}, RefuseToken(), 1)
		got := to.do(r)
		if got.status != http.StatusUnauthorized || shapeOf(t, []byte(got.body)) != shapeOf(t, sample401(t)) {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := to.do(r); got.status != http.StatusOK {
			t.Errorf("then %d", got.status)
		}
		if !to.cloud.Alive("plain", g.Refresh) || to.cloud.FaultCounts()["401"] != 1 {
			t.Errorf("counts are %v", to.cloud.FaultCounts())
		}
	})
}

func TestAnswersOfAnotherKind(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		for _, body := range []string{"", "null", "[]", "{}", `"text"`, "7"} {
			to.cloud.FailData(Target{}, AnswerInstead(body), 1)
			got := to.get(t, "plain", aDay())
			if got.err != nil || got.status != http.StatusOK || got.body != body || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("%q: %d %q, %v", body, got.status, got.body, got.err)
			}
			if to.cloud.FaultCounts()["answer instead "+strconv.Quote(body)] != 1 {
				t.Errorf("counts are %v", to.cloud.FaultCounts())
			}
		}
		to.cloud.FailData(Target{}, AnswerHTML(200), 1)
		if got := to.get(t, "plain", aDay()); got.status != http.StatusOK || got.header.Get("Content-Type") != "text/html" || !strings.HasPrefix(got.body, "<!DOCTYPE html>") {
			t.Errorf("%d %v %s", got.status, got.header, got.body)
		}
	})
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		const elsewhere = "https://elsewhere.invalid/here?a=b"
		to.cloud.FailData(Target{}, RedirectTo(elsewhere), 2)
		to.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		got := to.get(t, "plain", aDay())
		if got.status != http.StatusFound || got.header.Get("Location") != elsewhere || to.cloud.FaultCounts()["redirect"] != 1 {
			t.Errorf("%d %v", got.status, got.header)
		}
		// A client that follows asks elsewhere.
		followed := ""
		to.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
			followed = r.URL.String()
			return http.ErrUseLastResponse
		}
		to.get(t, "plain", aDay())
		if followed != elsewhere {
			t.Errorf("followed to %q", followed)
		}
	})
}
