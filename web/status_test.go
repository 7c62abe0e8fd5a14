package web

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// page gives the status page.
func page(t *testing.T, handler http.Handler) string {
	t.Helper()
	answer := ask(handler, "GET", "/", nil)
	if answer.Code != http.StatusOK {
		t.Fatalf("status %d: %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// cells gives the table of the status page: account, source, newest reading.
func cells(page string) [][]string {
	var all [][]string
	for _, row := range regexp.MustCompile(`<tr><th scope="row">(.*)</th><td>(.*)</td><td>(.*)</td></tr>`).FindAllStringSubmatch(page, -1) {
		all = append(all, row[1:])
	}
	return all
}

func expectCells(t *testing.T, handler http.Handler, want ...[]string) {
	t.Helper()
	if got := cells(page(t, handler)); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("the page shows %q, want %q", got, want)
	}
}

// age puts into words how old the newest reading is that Dexcom gave out by the
// last answer.
func age(t *testing.T, p *simulator.Person, answer time.Time) string {
	t.Helper()
	given := p.AvailableReadings(answer.Add(-24*time.Hour), answer, answer)
	if len(given) == 0 {
		t.Fatal("no reading to compare with")
	}
	old := time.Since(given[len(given)-1].SystemTime)
	if old < time.Hour || old >= 48*time.Hour {
		t.Fatalf("%v: Dexcom holds readings back for an hour", old)
	}
	return fmt.Sprintf("%d h %d min old", old/time.Hour, old%time.Hour/time.Minute)
}

func lastPoll(c *collector.Collector) time.Time { return c.Snapshots()[0].Sources[0].LastPoll }

func TestStatusFollowsAnAccount(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		var broken atomic.Bool
		broken.Store(true)
		p, cloud := alice()
		c := follow(t, through(t, roundTrip(func(request *http.Request) (*http.Response, error) {
			if broken.Load() {
				return down()(request)
			}
			return cloud.RoundTrip(request)
		}), "alice", cloud.AccessToken("alice")))
		handler := siteOf(t, local(), c)
		expectCells(t, handler, []string{"alice", "✗ waiting for the first answer", "no reading yet"})

		go c.Run(t.Context())
		synctest.Wait()
		expectCells(t, handler, []string{"alice", "✗ failing: network", "no reading yet"})

		broken.Store(false)
		time.Sleep(2 * time.Minute)
		answer := lastPoll(c)
		expectCells(t, handler, []string{"alice", "✓ connected", age(t, p, answer)})

		broken.Store(true)
		time.Sleep(20 * time.Minute)
		expectCells(t, handler, []string{"alice", "✗ failing: network", age(t, p, answer)})

		time.Sleep(5 * time.Hour)
		expectCells(t, handler, []string{"alice", "✗ failing: network", age(t, p, answer) + ", too old to show as the value of now"})

		broken.Store(false)
		time.Sleep(30 * time.Minute)
		expectCells(t, handler, []string{"alice", "✓ connected", age(t, p, lastPoll(c))})
	})
}

func TestStatusOfEachAccount(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		unborn := &simulator.Person{Name: "unborn", Seed: 3, Since: time.Now().AddDate(1, 0, 0)}
		p, _ := alice()
		cloud := simulator.New(p, unborn)
		impatient := through(t, cloud, "alice", cloud.AccessToken("alice"))
		impatient.StaleAfter = 15 * time.Minute
		c := follow(t,
			impatient,
			through(t, cloud, "unborn", cloud.AccessToken("unborn")),
			through(t, cloud, "stranger", "unknown"),
			through(t, silent(), "waiting", "any"),
			collector.Account{Name: "nothing"},
		)
		go c.Run(t.Context())
		synctest.Wait()
		expectCells(
			t, siteOf(t, local(), c),
			[]string{"alice", "✓ connected", age(t, p, lastPoll(c)) + ", too old to show as the value of now"},
			[]string{"unborn", "✓ connected", "no reading yet"},
			[]string{"stranger", "✗ failing: credentials", "no reading yet"},
			[]string{"waiting", "✗ waiting for the first answer", "no reading yet"},
			[]string{"nothing", "✗ no source", "no reading yet"},
		)
	})
}

func TestStatusNamesTheReason(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		body   string
		want   string
	}{
		{401, "{}", "credentials"},
		{429, "", "rate_limited"},
		{500, "<script>", "server"},
		{503, "Patient: alice@example.org", "server"},
		{404, "", "other"},
		{200, "<html>Sign in</html>", "decode"},
	} {
		bubble(t, func(t *testing.T) {
			c := follow(t, through(t, roundTrip(func(request *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: test.status, Request: request, Body: io.NopCloser(strings.NewReader(test.body))}, nil
			}), "alice", "token"))
			go c.Run(t.Context())
			synctest.Wait()
			expectCells(t, siteOf(t, local(), c), []string{"alice", "✗ failing: " + test.want, "no reading yet"})
		})
	}
}

// The page with readings is the page without, but for the cells that other tests
// read: there is no place for a value.
func TestStatusShowsNoGlucose(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		p, cloud := alice()
		c := follow(t, through(t, cloud, "alice", cloud.AccessToken("alice")))
		handler := siteOf(t, local(), c)
		frame := func() string {
			text := page(t, handler)
			for _, row := range cells(text) {
				text = strings.Replace(text, "<td>"+row[1]+"</td><td>"+row[2]+"</td>", "", 1)
			}
			return text
		}
		before := frame()
		go c.Run(t.Context())
		synctest.Wait()
		if n := len(c.Readings("alice", time.Time{}, time.Now())); n < 200 {
			t.Fatalf("%d readings are too few to prove anything", n)
		}
		if after := frame(); after != before {
			t.Errorf("with readings:\n%s\nwithout:\n%s", after, before)
		}
		expectCells(t, handler, []string{"alice", "✓ connected", age(t, p, lastPoll(c))})
	})
}

// The configuration refuses such names and paths; the page does not rely on it.
func TestStatusEscapesEverything(t *testing.T) {
	t.Parallel()
	const hostile = `<script>alert(1)</script>'"&`
	handler := build(t, Config{
		Guard: local(), Collector: follow(t, collector.Account{Name: hostile}),
		Metrics: http.NotFoundHandler(), MetricsPath: `/"><script>alert(2)</script>`,
	})
	text := page(t, handler)
	if strings.Contains(text, "<script") || strings.Contains(text, `/">`) {
		t.Errorf("not escaped:\n%s", text)
	}
	expectCells(t, handler, []string{"&lt;script&gt;alert(1)&lt;/script&gt;&#39;&#34;&amp;", "✗ no source", "no reading yet"})
}

func TestStatusPage(t *testing.T) {
	t.Parallel()
	answer := ask(site(t, local()), "GET", "/", nil)
	for name, want := range map[string]string{
		"Content-Type":            "text/html; charset=utf-8",
		"Content-Security-Policy": pagePolicy,
		"X-Content-Type-Options":  "nosniff",
		"Referrer-Policy":         "same-origin",
		"Cache-Control":           "no-store",
	} {
		if got := answer.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	text := answer.Body.String()
	for _, want := range []string{
		"<!DOCTYPE html>", `<html lang="en">`, `<meta name="viewport"`, "<title>dexcom_exporter</title>", `<th scope="col">Account</th>`,
		`<link rel="stylesheet" href="/style.css">`, `<a href="/metrics">Metrics</a>`,
		"Not a medical device, not for treatment decisions.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page holds no %q", want)
		}
	}
	// The policy forbids what the page must not need: scripts, inline styles, other servers.
	for _, never := range []string{"<script", "<style", "style=", " on", "javascript:", "http:", "https:", "<img", "<form", "mg/dL", "mmol"} {
		if strings.Contains(withoutText(text), never) {
			t.Errorf("the page holds %q", never)
		}
	}
}

// withoutText leaves the tags of a page.
func withoutText(page string) string {
	return strings.Join(regexp.MustCompile(`<[^>]*>`).FindAllString(page, -1), "\n")
}

func TestStatusWithoutAccounts(t *testing.T) {
	t.Parallel()
	expectCells(t, siteOf(t, local(), follow(t)))
}

func TestStyle(t *testing.T) {
	t.Parallel()
	answer := ask(site(t, local()), "GET", "/style.css", nil)
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "text/css; charset=utf-8" ||
		answer.Header().Get("X-Content-Type-Options") != "nosniff" || !bytes.Equal(answer.Body.Bytes(), style) {
		t.Errorf("status %d, %v", answer.Code, answer.Header())
	}
	// The policy of the page would stop what the style asked of other servers.
	for _, never := range []string{"@import", "url(", "//"} {
		if strings.Contains(string(style), never) {
			t.Errorf("the style holds %q", never)
		}
	}
	if len(style) == 0 || strings.Count(string(style), "{") != strings.Count(string(style), "}") {
		t.Errorf("not a style: %q", style)
	}
}

func TestAgeInWords(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for old, want := range map[time.Duration]string{
		0:                                      "0 min",
		time.Minute - 1:                        "0 min",
		time.Minute:                            "1 min",
		time.Hour - 1:                          "59 min",
		time.Hour:                              "1 h 0 min",
		5*time.Hour + 7*time.Minute:            "5 h 7 min",
		2*day - 1:                              "47 h 59 min",
		2 * day:                                "2 days 0 h",
		10*day + 23*time.Hour + 59*time.Minute: "10 days 23 h",
		100 * 365 * day:                        "36500 days 0 h",
		1<<63 - 1:                              "106751 days 23 h",
	} {
		if got := AgeInWords(old); got != want {
			t.Errorf("%v: %q, want %q", old, got, want)
		}
	}
}
