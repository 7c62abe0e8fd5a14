package dexcom

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzGrantFile finds any text in the place of a grant: it is used, and the next
// refresh token takes its place, or it is kept aside as it was. Neither is printed.
func FuzzGrantFile(f *testing.F) {
	const times = `,"access_token_expiry":"2026-11-22T12:00:00Z","consented":"2026-01-22T12:00:00Z","saved":"2026-11-22T10:00:00Z"}`
	for _, text := range []string{
		``, `null`, `{}`, `<html>`, `{"refresh_token":"SECRET"`, `{"refresh_token":"SECRET"}`, `{"refresh_token":["SECRET"]}`, "{\"refresh_token\":\"\xff\"}",
		`{"access_token":"SECRET","refresh_token":"SECRET"` + times, `{"refresh_token":"SECRET","Refresh_Token":""` + times,
		strings.ReplaceAll(`{"refresh_token":"SECRET"`+times, "2026-", "1970-"), strings.ReplaceAll(`{"refresh_token":"SECRET"`+times, "2026-", "0000-"),
		`{"refresh_token":"SECRET","access_token_expiry":"2099-01-01T00:00:00+23:59","saved":"9999-12-31T23:59:59.999999999Z"}`,
		`{"refresh_token":"SECRET","consented":"9999-12-31T23:59:59-23:59","saved":"9999-12-31T23:59:59-23:59"}`,
	} {
		f.Add(text)
	}
	state := stateDir(f)
	next := fixedAnswer{status: http.StatusOK, body: []byte(`{"access_token":"next-access","refresh_token":"next-refresh","expires_in":7200}`)}
	app, err := NewApp(AppConfig{ClientID: "id", ClientSecret: "SECRET", RedirectURL: testRedirect, BaseURL: "http://dexcom.test", Transport: next})
	if err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(state.Dir(), "alice.grant.json")
	f.Fuzz(func(t *testing.T, text string) {
		defer sweepAll(t, path)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		grant := OpenGrant(state, "alice", app, slog.New(slog.NewTextHandler(&log, nil)))
		token, err := grant.Token(t.Context())
		if err != nil {
			checkAside(t, path, text)
		} else {
			grant.Reject(token)
			checkRenewed(t, grant)
		}
		if err != nil && Reason(err) != ReasonConsent || strings.Contains(log.String(), "SECRET") {
			t.Errorf("%q: %v, and the log is %s", text, err, &log)
		}
	})
}

// checkAside looks for a text that is no grant under the name that it was given.
func checkAside(t *testing.T, path, text string) {
	t.Helper()
	aside, err := filepath.Glob(path + ".unreadable-*")
	if err != nil || len(aside) != 1 {
		t.Fatalf("%q is aside as %v, %v", text, aside, err)
	}
	if kept, err := os.ReadFile(aside[0]); err != nil || string(kept) != text {
		t.Errorf("%q is aside as %q, %v", text, kept, err)
	}
}

// checkRenewed spends the refresh token, and looks for the next one on the disk.
func checkRenewed(t *testing.T, grant *Grant) {
	t.Helper()
	consented := grant.Status().Consented
	token, err := grant.Token(t.Context())
	if err != nil || token.AccessToken != "next-access" || !grant.Status().Persisted {
		t.Fatalf("renewed: %v", err)
	}
	kept, err := grant.file.peek()
	if err != nil || kept.RefreshToken != "next-refresh" || !kept.Consented.Equal(consented) {
		t.Errorf("on the disk: %v", err)
	}
}

// sweepAll removes all that became of a file.
func sweepAll(t *testing.T, path string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*alice*"))
	for _, name := range found {
		err = os.Remove(name)
	}
	if err != nil {
		t.Fatal(err)
	}
}
