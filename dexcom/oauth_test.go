package dexcom

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// A POST that is redirected with 307 would be sent again, secret and all.
func TestTheSecretDoesNotFollowARedirect(t *testing.T) {
	t.Parallel()
	var reached atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	t.Cleanup(other.Close)
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(first.Close)
	app, err := NewApp(AppConfig{ClientID: "id", ClientSecret: "SECRET", RedirectURL: testRedirect, BaseURL: first.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.exchange(t.Context(), "code"); err == nil || reached.Load() {
		t.Errorf("exchange: %v, reached the other host: %t", err, reached.Load())
	}
	if _, err := app.refresh(t.Context(), "token"); err == nil || reached.Load() {
		t.Errorf("refresh: %v, reached the other host: %t", err, reached.Load())
	}
	if err := app.Check(t.Context()); err == nil || reached.Load() {
		t.Errorf("check: %v, reached the other host: %t", err, reached.Load())
	}
}

func TestNewAppRefuses(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "api.dexcom.com", "ftp://api.dexcom.com", "http://[::1"} {
		if _, err := NewApp(AppConfig{BaseURL: base}); err == nil {
			t.Errorf("%q: no error", base)
		}
	}
}

// Saves that failed leave files behind; the next one that works clears them away:
// each holds a token that is spent.
func TestASaveSweeps(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		left := filepath.Join(h.state.Dir(), ".alice.grant.json42")
		if err := os.WriteFile(left, []byte(`{"refresh_token":"spent"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		h.grant("alice").file.whole = false // as a failed save says
		time.Sleep(3 * time.Hour)
		if err := h.works(t, "alice"); err != nil {
			t.Fatal(err)
		}
		if left := leftovers(h.path("alice")); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}
