package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
)

func TestFormsMayLeadToConfiguredOrigins(t *testing.T) {
	t.Parallel()
	handler := build(t, Config{
		Guard: local(), Collector: follow(t), Metrics: http.NotFoundHandler(), MetricsPath: "/metrics",
		FormOrigins: []string{"https://proxy.example", "http://127.0.0.1:8080", "http://[::1]:9"},
	})
	policy := ask(handler, "GET", "/", nil).Header().Get("Content-Security-Policy")
	want := strings.Replace(pagePolicy, "https://*.dexcom.jp", "https://*.dexcom.jp https://proxy.example http://127.0.0.1:8080 http://[::1]:9", 1)
	if policy != want {
		t.Errorf("%s\nwant %s", policy, want)
	}
}

// What is no origin could say more in the policy than where forms lead to.
func TestAFormOriginIsNothingElse(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{
		"", "*", "'self'", "https:", "https://", "https://:443", "//host", "host", "host:80", "ftp://host", "javascript:alert(1)", "data:,x",
		"https://host/", "https://host/path", "https://host?q", "https://host?", "https://host#f", "https://user@host", "https://user:pw@host",
		"HTTPS://host", "https://host other", "https://host;script-src *", "https://a;b", "https://a,b", "https://*", "https://*.example", "https://'a'",
		"https://host\r\nX: y", " https://host", "https://host:port", "https://[::1", "https://%zz",
	} {
		handler, err := New(Config{
			Guard: local(), Collector: follow(t), Metrics: http.NotFoundHandler(), MetricsPath: "/metrics",
			FormOrigins: []string{"https://fine.example", origin},
		})
		if err == nil || handler != nil || !strings.Contains(err.Error(), "form origin") {
			t.Errorf("%q: %v, want it refused", origin, err)
		}
	}
}

// The configuration refuses such names; the pages do not rely on it.
func TestPagesEscapeEverything(t *testing.T) {
	t.Parallel()
	const hostile = `<script>alert(1)</script>'"&`
	l, err := newLayout(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]any{
		"message": message{Title: hostile, Text: []string{hostile}, Cause: hostile, Again: hostile},
		"replace": question{Account: hostile, Replacement: hostile},
		"unlink":  question{Account: hostile},
		"status": status{
			Headline: hostile, Names: hostile, AsOf: hostile, Filter: true, Find: hostile, Unit: hostile, Range: hostile, MetricsPath: hostile,
			UnitValue: hostile, Refresh: hostile, Links: statusLinks{hostile, hostile, hostile, hostile, hostile},
			Cards: []card{{
				Account: hostile, Label: hostile, Tone: hostile, Words: hostile, None: hostile, Late: hostile, Sensor: hostile, Clock: hostile,
				Value:   &value{Number: hostile, Unit: hostile, About: hostile, When: hostile, Arrow: arrow{Words: hostile}, Change: hostile},
				Trace:   &trace{Label: hostile, Levels: []level{{Value: hostile}}, Hours: []hour{{Time: hostile}}, Curve: hostile, Edge: hostile},
				Shares:  shares{Parts: []share{{Class: hostile, Name: hostile, Percent: hostile}}, Until: "at " + hostile},
				Sources: []source{{Name: hostile, State: hostile, Since: hostile, Todo: hostile, Next: hostile}},
				Consent: &consent{Account: hostile, State: hostile, Invites: true, Again: true, Given: true},
			}},
		},
	} {
		answer := httptest.NewRecorder()
		l.show(answer, http.StatusTeapot, name, data)
		text := answer.Body.String()
		if answer.Code != http.StatusTeapot || strings.Contains(text, "<script") || strings.Contains(text, `'"&`) || !strings.Contains(text, "&lt;script&gt;") {
			t.Errorf("%s: status %d:\n%s", name, answer.Code, text)
		}
		expectProtected(t, answer)
	}
}

// Data that does not fit the page is no half a page.
func TestAPageThatCannotBeBuilt(t *testing.T) {
	t.Parallel()
	l, err := newLayout(nil)
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	l.show(answer, http.StatusOK, "message", collector.Standing{Account: "alice"})
	if answer.Code != http.StatusInternalServerError || answer.Body.String() != "The page could not be built.\n" {
		t.Errorf("status %d: %s", answer.Code, answer.Body)
	}
}

// expectPage looks for the status, for words, and for what every page has.
func expectPage(t *testing.T, answer *httptest.ResponseRecorder, status int, words ...string) {
	t.Helper()
	text := answer.Body.String()
	if answer.Code != status {
		t.Errorf("status %d, want %d:\n%s", answer.Code, status, text)
	}
	for _, want := range append(words, "<!DOCTYPE html>", `<a href="/">`, "Not a medical device") {
		if !strings.Contains(text, want) {
			t.Errorf("the page holds no %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "<script") {
		t.Errorf("the page holds a script:\n%s", text)
	}
	expectProtected(t, answer)
}

func expectProtected(t *testing.T, answer *httptest.ResponseRecorder) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": pagePolicy,
		"X-Content-Type-Options":  "nosniff",
		"Referrer-Policy":         "same-origin",
		"Cache-Control":           "no-store",
	} {
		if got := answer.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

const pagePolicy = "default-src 'none'; style-src 'self'; " +
	"form-action 'self' https://*.dexcom.com https://*.dexcom.eu https://*.dexcom.jp; frame-ancestors 'none'; base-uri 'none'"
