package web

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// newestBy is the newest reading that Dexcom gave out by the last answer.
func newestBy(t *testing.T, p *simulator.Person, answer time.Time) simulator.Reading {
	t.Helper()
	given := p.AvailableReadings(answer.Add(-24*time.Hour), answer, answer)
	if len(given) == 0 {
		t.Fatal("no reading to compare with")
	}
	return given[len(given)-1]
}

// was is how the page words a reading of some hours ago.
func was(t *testing.T, r simulator.Reading) string {
	t.Helper()
	age := time.Since(r.SystemTime)
	if age < time.Hour || age >= 48*time.Hour {
		t.Fatalf("%v: Dexcom holds readings back for an hour", age)
	}
	return fmt.Sprintf("was %d mg/dL %s, %d h %d min ago", r.Value, r.SystemTime.UTC().Format("at 15:04"), age/time.Hour, age%time.Hour/time.Minute)
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
		expectCard(t, handler, "alice", "Waiting", "No reading yet", "Official API: waiting for the first answer")
		expectHeadline(t, handler, "Nothing to do")

		go c.Run(t.Context())
		synctest.Wait()
		expectCard(t, handler, "alice", "Interrupted", "No reading yet", "Official API: no answer (the answer is not HTTP as it should be) (since 12:00, 0 min), next poll in")
		expectHeadline(t, handler, "1 of 1 needs somebody: alice has no fresh reading, and a source that failed just now.")

		broken.Store(false)
		time.Sleep(2 * time.Minute)
		newest := newestBy(t, p, lastPoll(c))
		expectCard(t, handler, "alice", was(t, newest), "Normal: Dexcom releases readings one to three hours after the upload.", "Official API: connected, next poll in", "Times by alice's clock, UTC")
		expectHeadline(t, handler, "Nothing to do")

		broken.Store(true)
		time.Sleep(20 * time.Minute)
		expectCard(t, handler, "alice", was(t, newest), "No answer", "(since 12:0", "Look at the network")
		expectHeadline(t, handler, "1 of 1 needs somebody: alice has a source that fails.")

		time.Sleep(5 * time.Hour)
		expectCard(t, handler, "alice", was(t, newest))
		if says := text(cardOn(page(t, handler), "alice")); strings.Contains(says, "Normal") {
			t.Errorf("what is too old is not normal: %s", says)
		}

		broken.Store(false)
		time.Sleep(30 * time.Minute)
		expectCard(t, handler, "alice", was(t, newestBy(t, p, lastPoll(c))), "connected")
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
			through(t, silent(), "waiting", "any"),
			impatient,
			through(t, cloud, "unborn", cloud.AccessToken("unborn")),
			through(t, cloud, "stranger", "unknown"),
			collector.Account{Name: "nothing"},
		)
		handler := siteOf(t, local(), c)
		go c.Run(t.Context())
		synctest.Wait()
		expectCard(t, handler, "alice", "No fresh reading", was(t, newestBy(t, p, lastPollOf(t, c, "alice"))), "nothing new was uploaded")
		expectCard(t, handler, "unborn", "No fresh reading", "No reading yet", "connected")
		expectCard(t, handler, "stranger", "Refused", "No reading yet", "Dexcom refuses the access", "another region")
		expectCard(t, handler, "waiting", "Waiting", "No reading yet", "waiting for the first answer")
		expectCard(t, handler, "nothing", "No source", "names neither api nor share")
		expectHeadline(t, handler, "4 of 5 need somebody: stranger is refused by Dexcom, nothing has no source, alice has no fresh reading, unborn has no fresh reading.")
		want := []string{"stranger", "nothing", "alice", "unborn", "waiting"}
		if got := accountsOn(page(t, handler)); !slices.Equal(got, want) {
			t.Errorf("the order is %q, want %q", got, want)
		}
		if got := accountsOn(pageAt(t, handler, "/?only=needed")); !slices.Equal(got, want[:4]) {
			t.Errorf("%q need somebody, want %q", got, want[:4])
		}
	})
}

func lastPollOf(t *testing.T, c *collector.Collector, account string) time.Time {
	t.Helper()
	s, known := c.Snapshot(account)
	if !known {
		t.Fatalf("nobody follows %s", account)
	}
	return s.Sources[0].LastPoll
}

func TestStatusNamesTheReason(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		body   string
		want   string
	}{
		{401, "{}", "Dexcom refuses the access"},
		{429, "", "Dexcom wants fewer calls"},
		{500, "<script>", "Dexcom has a fault of its own (HTTP 500)"},
		{503, "Patient: alice@example.org", "Dexcom has a fault of its own (HTTP 503)"},
		{404, "", "an unexpected answer (HTTP 404)"},
		{200, "<html>Sign in</html>", "somebody else answers in Dexcom's place (the answer is an HTML page"},
	} {
		bubble(t, func(t *testing.T) {
			c := follow(t, through(t, roundTrip(func(request *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: test.status, Request: request, Body: io.NopCloser(strings.NewReader(test.body))}, nil
			}), "alice", "token"))
			go c.Run(t.Context())
			synctest.Wait()
			handler := siteOf(t, local(), c)
			expectCard(t, handler, "alice", test.want, "No reading yet")
			if text := page(t, handler); strings.Contains(text, "alice@") || strings.Contains(text, "Sign in") {
				t.Errorf("the page shows what somebody answered:\n%s", text)
			}
		})
	}
}

// The configuration refuses such names and paths; the page does not rely on it.
func TestStatusEscapesEverything(t *testing.T) {
	t.Parallel()
	const hostile = `<script>alert(1)</script>'"&`
	handler := build(t, Config{
		Guard: local(), Collector: follow(t, collector.Account{Name: hostile}),
		Metrics: http.NotFoundHandler(), MetricsPath: `/"><script>alert(2)</script>`,
	})
	page := pageAt(t, handler, "/?find=%3Cscript%3E%22%3E")
	if strings.Contains(page, "<script") || strings.Contains(page, `/"><`) {
		t.Errorf("not escaped:\n%s", page)
	}
	if got := accountsOn(pageAt(t, handler, "/?find=%3Cscript%3E")); !slices.Equal(got, []string{hostile}) {
		t.Errorf("%q", got)
	}
}

func TestStatusPage(t *testing.T) {
	t.Parallel()
	answer := ask(site(t, local()), "GET", "/", nil)
	expectProtected(t, answer)
	if got := answer.Header().Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("Content-Type: %q", got)
	}
	page := answer.Body.String()
	expectSound(t, page)
	for _, want := range []string{
		"<!DOCTYPE html>", `<html lang="en">`, `<meta name="viewport"`, "<title>dexcom_exporter</title>", `<h2>alice</h2>`,
		`<link rel="stylesheet" href="/style.css">`, `<a href="/metrics">Metrics</a>`, `<meta http-equiv="refresh" content="60">`,
		`<a href="https://github.com/dexcom-exporter/dexcom_exporter/tree/main/docs">`, "Not a medical device, not for treatment decisions.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page holds no %q", want)
		}
	}
	// The policy forbids what the page must not need: scripts, inline styles, other servers.
	for _, never := range []string{"<script", "<style", "style=", " on", "javascript:", "http:", "src=", "<img", "/readings"} {
		if strings.Contains(withoutText(page), never) {
			t.Errorf("the page holds %q", never)
		}
	}
}

func TestStatusLinksToReadingsWhereTheyAre(t *testing.T) {
	t.Parallel()
	handler := build(t, Config{
		Guard: local(), Collector: follow(t), Metrics: http.NotFoundHandler(), MetricsPath: "/prometheus", Readings: http.NotFoundHandler(),
	})
	if page := page(t, handler); !strings.Contains(page, `<a href="/readings">`) || !strings.Contains(page, `<a href="/prometheus">`) {
		t.Error(page)
	}
}

func TestStatusWithoutAccounts(t *testing.T) {
	t.Parallel()
	handler := siteOf(t, local(), follow(t))
	expectHeadline(t, handler, "No accounts yet: Name them in the configuration file.")
	for _, address := range []string{"/?page=3", "/?find=x", "/?only=needed"} {
		if got := accountsOn(pageAt(t, handler, address)); got != nil {
			t.Errorf("%s: %q", address, got)
		}
	}
}

// An open tab must not show an old value as new: it loads itself, or says that it
// does not.
func TestStatusLoadsItselfUnlessItIsToldNotTo(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		handler := site(t, local())
		const refresh = `http-equiv="refresh"`
		usual, still := page(t, handler), pageAt(t, handler, "/?refresh=off")
		if !strings.Contains(usual, refresh) || !strings.Contains(text(usual), "As of 12:00:00 UTC. It loads itself every minute.") {
			t.Errorf("it does not load itself:\n%s", usual)
		}
		if strings.Contains(still, refresh) || !strings.Contains(text(still), "This page stands still") || !strings.Contains(still, `<a href="/">Load it every minute</a>`) {
			t.Errorf("it does not stand still:\n%s", still)
		}
	})
}

func TestStatusOfThousandsIsPaged(t *testing.T) {
	t.Parallel()
	var accounts []collector.Account
	for i := range 120 {
		accounts = append(accounts, collector.Account{Name: fmt.Sprintf("p%03d", i)})
	}
	handler := siteOf(t, local(), follow(t, accounts...))
	for address, want := range map[string]struct {
		first, last string
		cards       int
		says        string
	}{
		"/":                          {"p000", "p049", 50, "Accounts 1 to 50 of 120"},
		"/?page=2":                   {"p050", "p099", 50, "Accounts 51 to 100 of 120"},
		"/?page=3":                   {"p100", "p119", 20, "Accounts 101 to 120 of 120"},
		"/?page=99999":               {"p100", "p119", 20, "Accounts 101 to 120 of 120"},
		"/?page=-1":                  {"p000", "p049", 50, "Accounts 1 to 50"},
		"/?page=0":                   {"p000", "p049", 50, "Accounts 1 to 50"},
		"/?page=x&page=2":            {"p000", "p049", 50, "Accounts 1 to 50"},
		"/?page=9223372036854775808": {"p000", "p049", 50, "Accounts 1 to 50"},
		"/?page=9223372036854775807": {"p100", "p119", 20, "Accounts 101 to 120"},
		"/?find=11":                  {"p011", "p119", 11, "11 accounts"},
		"/?find=P11+":                {"p110", "p119", 10, "10 accounts"},
		"/?find=p007&find=p008":      {"p007", "p007", 1, "1 account"},
		"/?find=p007&only=needed":    {"p007", "p007", 1, "1 account"},
		"/?%zz;&find=p007":           {"p007", "p007", 1, "1 account"},
	} {
		page := pageAt(t, handler, address)
		got := accountsOn(page)
		if len(got) != want.cards || got[0] != want.first || got[len(got)-1] != want.last || !strings.Contains(text(page), want.says) {
			t.Errorf("%s: %d cards %q, want %v", address, len(got), got, want)
		}
	}
	if page := pageAt(t, handler, "/?find="+strings.Repeat("é", 100_000)); accountsOn(page) != nil || !strings.Contains(page, "No account fits.") || len(page) > 10_000 {
		t.Errorf("%d bytes: %.3000s", len(page), page)
	}
	expectHeadline(t, handler, "120 of 120 need somebody: p000 has no source, p001 has no source, p002 has no source, p003 has no source, and 116 more.")
}

// What was chosen stays chosen in every link and in the form.
func TestStatusKeepsTheView(t *testing.T) {
	t.Parallel()
	var accounts []collector.Account
	for i := range 160 {
		accounts = append(accounts, collector.Account{Name: fmt.Sprintf("p%03d", i)})
	}
	page := pageAt(t, siteOf(t, local(), follow(t, accounts...)), "/?unit=mmol/L&find=p&only=needed&refresh=off&page=2")
	for _, want := range []string{
		`<a href="/?find=p&amp;only=needed&amp;page=2&amp;refresh=off">mg/dL</a>`,
		`<a href="/?find=p&amp;only=needed&amp;page=2&amp;unit=mmol%2FL">Load it every minute</a>`,
		`<a href="/?find=p&amp;only=needed&amp;refresh=off&amp;unit=mmol%2FL" rel="prev">`,
		`<a href="/?find=p&amp;only=needed&amp;page=3&amp;refresh=off&amp;unit=mmol%2FL" rel="next">`,
		`<a href="/?refresh=off&amp;unit=mmol%2FL">Show everybody</a>`,
		`<input type="hidden" name="unit" value="mmol/L">`, `<input type="hidden" name="refresh" value="off">`,
		`name="find" type="search" maxlength="64" value="p"`, `name="only" value="needed" checked`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page holds no %s", want)
		}
	}
	if t.Failed() {
		t.Log(page[:min(len(page), 3000)])
	}
}

func TestAUnitThatDoesNotExist(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"mmol", "MG/DL", "%00", "<script>", strings.Repeat("x", 10_000)} {
		answer := ask(site(t, local()), "GET", "/?unit="+strings.ReplaceAll(unit, "<", "%3C"), nil)
		expectPage(t, answer, http.StatusBadRequest, "No such unit", "mg/dL or in mmol/L")
		if strings.Contains(answer.Body.String(), unit) && unit != "mmol" {
			t.Errorf("%q is said again", unit)
		}
	}
}
