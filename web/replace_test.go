package web

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestAPersonBelongsToOneAccount(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		h.mustLink(t, "alice", "alice")
		before := h.file(t, "alice")
		expectPage(t, h.link(t, "bob", "alice"), http.StatusConflict,
			"Linking bob did not work", "linked to another account already", "bob has not changed", "private window", "the person whose sensor bob is", `action="/accounts/bob/link"`)
		if h.linked("bob") || h.file(t, "bob") != "" || !h.linked("alice") || len(h.changes()) > 0 {
			t.Error("something has changed")
		}
		// Dexcom ended alice's consent of before with the new one, which must not be lost.
		if h.file(t, "alice") == before {
			t.Error("alice has not the new consent")
		}
		h.mustLink(t, "bob", "bob")
	})
}

func TestAnotherPerson(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(*testing.T, *home)
		person string // whom alice's account belongs to in the end
	}{
		"replaced": {func(t *testing.T, h *home) {
			expectPage(t, h.ask("POST", "/accounts/alice/link/confirm"), http.StatusOK, "alice is linked")
			if !slices.Equal(h.changes(), []string{"alice"}) {
				t.Errorf("changed: %v", h.changes())
			}
			expectPage(t, h.ask("POST", "/accounts/alice/link/confirm"), http.StatusConflict, "Nothing to confirm for alice", "it was confirmed already", "The status shows")
		}, "carol"},
		"kept": {func(t *testing.T, h *home) { page(t, h.handler) }, "alice"},
		"looked at": {func(t *testing.T, h *home) {
			if answer := h.ask("GET", "/accounts/alice/link/confirm"); answer.Code != http.StatusMethodNotAllowed {
				t.Errorf("status %d", answer.Code)
			}
		}, "alice"},
		"confirmed for another account": {func(t *testing.T, h *home) {
			expectPage(t, h.ask("POST", "/accounts/bob/link/confirm"), http.StatusConflict, "No other person is waiting for bob")
		}, "alice"},
		"confirmed too late": {func(t *testing.T, h *home) {
			time.Sleep(10*time.Minute + time.Second)
			expectPage(t, h.ask("POST", "/accounts/alice/link/confirm"), http.StatusConflict, "No other person is waiting for alice")
		}, "alice"},
		"confirmed after a restart": {func(t *testing.T, h *home) {
			h.restart(t)
			expectPage(t, h.ask("POST", "/accounts/alice/link/confirm"), http.StatusConflict, "No other person is waiting for alice")
		}, "alice"},
	} {
		t.Run(name, func(t *testing.T) {
			living(t, func(t *testing.T, h *home) {
				h.mustLink(t, "alice", "alice")
				before := h.file(t, "alice")
				expectPage(t, h.link(t, "alice", "carol"), http.StatusOK, "Another person for alice?", "are forgotten here",
					`<form method="post" action="/accounts/alice/link/confirm">`, `<a href="/">Keep the person of alice</a>`, "private window", "Nothing has changed yet")
				if h.file(t, "alice") != before || len(h.changes()) > 0 {
					t.Error("it did not wait for the answer")
				}
				test.answer(t, h)
				if !h.linked("alice") || !h.alive(t, "alice", test.person) {
					t.Errorf("alice's account does not belong to %s", test.person)
				}
				if test.person == "alice" && (h.file(t, "alice") != before || len(h.changes()) > 0) {
					t.Error("something has changed")
				}
			})
		})
	}
}

func TestTheSamePersonNeedsNoConfirmation(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		h.mustLink(t, "alice", "alice")
		time.Sleep(300 * 24 * time.Hour)
		h.mustLink(t, "alice", "alice")
		if len(h.changes()) > 0 || time.Since(h.grant("alice").Consented) > time.Minute {
			t.Errorf("changed: %v, consented %v", h.changes(), h.grant("alice").Consented)
		}
	})
}
