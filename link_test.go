package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// home is a simulated Dexcom and a configuration of ours for it.
type home struct {
	cloud    *simulator.Cloud
	file     string
	redirect string
}

func newHome(t *testing.T) home {
	t.Helper()
	since := time.Now().Add(-100 * 24 * time.Hour)
	h := home{cloud: simulator.New(
		&simulator.Person{Name: "alice", Seed: 1, HoldBack: time.Hour, Since: since},
		&simulator.Person{Name: "bob", Seed: 2, HoldBack: time.Hour, Since: since},
		&simulator.Person{Name: "newcomer", Seed: 3, HoldBack: time.Hour, Since: time.Now()},
	)}
	server := httptest.NewServer(h.cloud)
	t.Cleanup(server.Close)
	h.redirect = "http://" + freeAddress(t) + "/oauth/callback"
	h.cloud.Register(simulator.App{ClientID: "id", ClientSecret: "secret", RedirectURLs: []string{h.redirect}})
	h.file = configured(t, fmt.Sprintf(`
apps: {us: {client_id: id, client_secret: secret, base_url: %q, redirect_url: %q}}
accounts:
  - {name: alice, api: {region: us}}
`, server.URL, h.redirect))
	return h
}

// freeAddress is one on which nobody listens right now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// visit logs in at the address that a command printed, as somebody, and follows
// the way back if anybody listens there.
func (h home) visit(t *testing.T, printed, person string, allow, follow bool) (redirect string) {
	t.Helper()
	i := strings.Index(printed, "http://")
	if i < 0 {
		t.Fatalf("no address in %q", printed)
	}
	address, _, _ := strings.Cut(printed[i:], "\n")
	redirect, err := h.cloud.Consent(address, person, allow)
	if err != nil {
		t.Fatal(err)
	}
	if follow {
		get(t, redirect)
	}
	return redirect
}

// link runs the command; as says what the person does, and gives what is typed.
func (h home) link(t *testing.T, as func(printed string) (typed string), args ...string) (status int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var out, log lockedBuffer
	stdin, typed := net.Pipe()
	done := make(chan int)
	go func() {
		done <- run(ctx, append([]string{"link", "alice", "--config.file=" + h.file}, args...), stdin, &out, &log)
	}()
	waitFor(t, func() bool {
		select {
		case status = <-done:
			done = nil
			return true
		default:
			return strings.Contains(out.String(), "Waiting") || strings.Contains(out.String(), "paste")
		}
	})
	if done == nil {
		return status, out.String(), log.String()
	}
	go func() { _, _ = typed.Write([]byte(as(out.String()) + "\n")); _ = typed.Close() }()
	return <-done, out.String(), log.String()
}

func (h home) linked(t *testing.T) bool {
	t.Helper()
	_, err := os.Stat(filepath.Join(filepath.Dir(h.file), "data", "alice.grant.json"))
	return err == nil
}

func TestLinkFromATerminal(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	status, stdout, stderr := h.link(t, func(printed string) string { h.visit(t, printed, "alice", true, true); return "" })
	if status != exitFine || !strings.Contains(stdout, `"alice" is linked.`) || !h.linked(t) {
		t.Errorf("%d %s %s", status, stdout, stderr)
	}
	if status, stdout, stderr := command(t, "check", "--config.file="+h.file); status != exitFine || !strings.Contains(stdout, "alice api: ok: readings until") {
		t.Errorf("check: %d %s %s", status, stdout, stderr)
	}
}

func TestLinkByPaste(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	status, stdout, stderr := h.link(t, func(printed string) string { return h.visit(t, printed, "alice", true, false) }, "--paste")
	if status != exitFine || !h.linked(t) {
		t.Errorf("%d %s %s", status, stdout, stderr)
	}
	// Another person: only a yes replaces the one before.
	status, _, stderr = h.link(t, func(printed string) string { return h.visit(t, printed, "bob", true, false) + "\nno" }, "--paste")
	if status != exitFailed || !strings.Contains(stderr, "nothing has changed") {
		t.Errorf("no: %d %s", status, stderr)
	}
	status, _, stderr = h.link(t, func(printed string) string { return h.visit(t, printed, "bob", true, false) + "\nyes" }, "--paste")
	if status != exitFine {
		t.Errorf("yes: %d %s", status, stderr)
	}
}

func TestLinkRefusals(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for name, test := range map[string]struct {
		as     func(string) string
		status int
		stderr string
	}{
		"refused":    {func(printed string) string { return h.visit(t, printed, "alice", false, false) }, exitFailed, "refused"},
		"not it":     {func(string) string { return "https://www.example.org/" }, exitUsage, "not the address"},
		"empty":      {func(string) string { return "" }, exitUsage, "not the address"},
		"no address": {func(string) string { return "::::" }, exitUsage, "not the address"},
		"forged":     {func(string) string { return h.redirect + "?code=1&state=2" }, exitFailed, "belongs to no linking"},
	} {
		status, _, stderr := h.link(t, test.as, "--paste")
		if status != test.status || !strings.Contains(stderr, test.stderr) || h.linked(t) {
			t.Errorf("%s: %d %s", name, status, stderr)
		}
	}
	if status, _, stderr := command(t, "link", "nobody", "--config.file="+h.file); status != exitUsage || !strings.Contains(stderr, "nobody") {
		t.Errorf("unknown account: %d %s", status, stderr)
	}
	elsewhere := configured(t, smallConfig)
	if status, _, stderr := command(t, "link", "alice", "--config.file="+elsewhere); status != exitUsage || !strings.Contains(stderr, "--paste") {
		t.Errorf("a redirect address elsewhere: %d %s", status, stderr)
	}
}

// While the program runs, it alone touches the grants: the commands ask it.
func TestLinkAndCheckWhileServing(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	own := strings.TrimSuffix(strings.TrimPrefix(h.redirect, "http://"), "/oauth/callback")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	var log lockedBuffer
	go func() {
		ended <- run(ctx, []string{"--config.file=" + h.file, "--web.listen-address=" + own}, strings.NewReader(""), &lockedBuffer{}, &log)
	}()
	waitFor(t, func() bool { status, _, _ := command(t, "healthy", "--config.file="+h.file); return status == exitFine })
	if status, stdout, _ := command(t, "check", "--config.file="+h.file); status != exitFailed || !strings.Contains(stdout, "consent needed") {
		t.Errorf("check before: %d %s", status, stdout)
	}
	status, stdout, stderr := h.link(t, func(printed string) string { h.visit(t, printed, "alice", true, true); return "" })
	if status != exitFine || !strings.Contains(stdout, `"alice" is linked.`) {
		t.Errorf("link: %d %s %s", status, stdout, stderr)
	}
	waitFor(t, func() bool {
		return scrapeOnce(t, "http://"+own)["dexcom_glucose_timestamp_seconds"]["alice"] > 0
	})
	if status, stdout, _ := command(t, "check", "--config.file="+h.file); status != exitFine || !strings.Contains(stdout, "normal") {
		t.Errorf("check after: %d %s", status, stdout)
	}
	for _, typed := range []string{"no", "yes"} {
		status, stdout, stderr := h.link(t, func(printed string) string { h.visit(t, printed, "bob", true, true); return typed })
		if (status == exitFine) != (typed == "yes") || !strings.Contains(stdout, "belonged to another Dexcom user") {
			t.Errorf("another person, %s: %d %s %s", typed, status, stdout, stderr)
		}
	}
	stop()
	if status := <-ended; status != exitFine {
		t.Errorf("%d: %s", status, log.String())
	}
}

func TestCheckNamesTheCause(t *testing.T) {
	t.Parallel()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<html>Welcome to our hotel") }))
	t.Cleanup(page.Close)
	for name, test := range map[string]struct {
		change func(t *testing.T, h home, text string) string
		want   string
	}{
		"an unknown app": {func(_ *testing.T, _ home, text string) string {
			return strings.Replace(text, "client_id: id", "client_id: other", 1)
		}, "client_id or client_secret is refused"},
		"a wrong secret": {func(_ *testing.T, _ home, text string) string {
			return strings.Replace(text, "client_secret: secret", "client_secret: x", 1)
		}, "client_id or client_secret is refused"},
		"another redirect": {func(_ *testing.T, _ home, text string) string {
			return strings.Replace(text, "/oauth/callback", "/x/oauth/callback", 1)
		}, "refuses the redirect_url"},
		"nobody linked": {func(_ *testing.T, _ home, text string) string { return text }, "consent needed"},
		"a revoked consent": {func(t *testing.T, h home, text string) string {
			h.link(t, func(printed string) string { return h.visit(t, printed, "alice", true, false) }, "--paste")
			h.cloud.Revoke("alice")
			return text
		}, "consent needed"},
		"no data": {func(t *testing.T, h home, text string) string {
			h.link(t, func(printed string) string { return h.visit(t, printed, "newcomer", true, false) }, "--paste")
			return text
		}, "no readings yet"},
		"a proxy's page": {func(t *testing.T, h home, text string) string {
			h.link(t, func(printed string) string { return h.visit(t, printed, "alice", true, false) }, "--paste")
			return strings.Replace(text, `base_url: "`, `base_url: "`+page.URL+`", x: "`, 1)
		}, "in Dexcom's place"},
		"nobody listens": {func(t *testing.T, h home, text string) string {
			h.link(t, func(printed string) string { return h.visit(t, printed, "alice", true, false) }, "--paste")
			return strings.Replace(text, `base_url: "`, `base_url: "http://`+freeAddress(t)+`", x: "`, 1)
		}, "no answer"},
		"a fault of Dexcom's": {func(_ *testing.T, h home, text string) string {
			h.cloud.FailTokens(simulator.AnswerHTML(503), 10)
			return text
		}, "a fault of its own"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			text := test.change(t, h, read(t, h.file))
			if i := strings.Index(text, `", x: "`); i > 0 { // the address of before
				end := strings.Index(text[i+7:], `"`)
				text = text[:i+1] + text[i+7+end+1:]
			}
			write(t, h.file, text)
			status, stdout, stderr := command(t, "check", "--config.file="+h.file)
			if status != exitFailed || !strings.Contains(stdout, test.want) || !strings.Contains(stderr, "1 of 1") {
				t.Errorf("%d\n%s\n%s\nwant %q", status, stdout, stderr, test.want)
			}
		})
	}
}

func TestDataUntil(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	us, europe := checkedAPI{region: dexcom.US, version: dexcom.V3}, checkedAPI{region: dexcom.EU, version: dexcom.V3}
	for _, test := range []struct {
		end    time.Time
		source checkedAPI
		ok     bool
		want   string
	}{
		{time.Time{}, us, false, "no readings yet"},
		{now.Add(-70 * time.Minute), us, true, "2026-03-01 10:50 UTC, 1 h 10 min ago: normal, Dexcom releases readings an hour after"},
		{now.Add(-200 * time.Minute), europe, true, "three hours after"},
		{now.Add(-200 * time.Minute), checkedAPI{region: dexcom.US, version: dexcom.V2}, true, "three hours after"},
		{now.Add(10 * time.Minute), us, false, "readings of the future"},
		{now.Add(-50 * time.Hour), us, true, "2 days 2 h ago: nothing was uploaded since"},
	} {
		if ok, text := dataUntil(test.end, test.source.holdBack(), now); ok != test.ok || !strings.Contains(text, test.want) {
			t.Errorf("%v: %t %s", test.end, ok, text)
		}
	}
}

// FuzzPasted takes any line in the place of the address that Dexcom sent the person to:
// it has a state, or nothing of it is shown, for it may hold a code.
func FuzzPasted(f *testing.F) {
	for _, line := range []string{
		"", "http://localhost:10180/oauth/callback?code=planted-code&state=planted-state", "?state=x", "code=planted-code", "http://a/?state=", "http://a/%zz?state=planted-state", "?state=%zz",
		"?state=x;code=planted-code", "state", "http://[::1?state=x", "\xff?state=\xff", "\x00?state=\x00", "?%73tate=x", "  ?state=x  ", "#?state=x",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\n") {
			return // who types ahead answers the next question too
		}
		l := linking{terminal: newTerminal(t.Context(), strings.NewReader(line), io.Discard)}
		answer, err := l.pasted(t.Context(), "")
		if err == nil {
			if answer.Get("state") == "" {
				t.Errorf("%q: %v", line, answer)
			}
			return
		}
		if answer != nil || strings.Contains(err.Error(), "planted") || len(line) > 20 && strings.Contains(err.Error(), line) {
			t.Errorf("%q: %v beside %v", line, err, answer)
		}
	})
}
