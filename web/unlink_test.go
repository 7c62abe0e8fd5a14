package web

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestUnlink(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		h.mustLink(t, "alice", "alice")
		h.mustLink(t, "bob", "bob")
		expectPage(t, h.ask("GET", "/accounts/alice/unlink"), http.StatusOK,
			"Unlink alice?", `<form method="post" action="/accounts/alice/unlink">`, `<a href="/">Keep alice linked</a>`)
		if !h.linked("alice") || len(h.changes()) > 0 {
			t.Fatal("a look at the page unlinks")
		}
		expectPage(t, h.ask("POST", "/accounts/alice/unlink"), http.StatusOK, "alice is unlinked", "end the consent there too", "permissions")
		if h.linked("alice") || h.file(t, "alice") != "" || !slices.Equal(h.changes(), []string{"alice"}) {
			t.Errorf("linked is %v, changed are %v", h.linked("alice"), h.changes())
		}
		h.restart(t)
		if h.linked("alice") || !h.linked("bob") || !h.alive(t, "bob", "bob") {
			t.Error("a restart brings alice back, or bob is lost")
		}
		answer := h.ask("GET", "/accounts/alice/unlink")
		expectPage(t, answer, http.StatusOK, "alice is not linked", `action="/accounts/alice/link"`)
		if strings.Contains(answer.Body.String(), `action="/accounts/alice/unlink"`) {
			t.Error("it asks whether to unlink what is not linked")
		}
		expectPage(t, h.ask("POST", "/accounts/alice/unlink"), http.StatusOK, "alice is unlinked")
		h.mustLink(t, "alice", "carol") // nothing is known of the person before
	})
}

func TestAGrantThatCannotBeForgotten(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		h.mustLink(t, "alice", "alice")
		// A directory that is not empty is what even root cannot remove as a file.
		path := filepath.Join(h.state.Dir(), "alice.grant.json")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(path, "x"), 0o700); err != nil {
			t.Fatal(err)
		}
		answer := h.ask("POST", "/accounts/alice/unlink")
		expectPage(t, answer, http.StatusInternalServerError, "alice could not be unlinked", "Nothing has changed", "Mend the state directory", "Cause: remove the grant: ")
		if !h.linked("alice") || len(h.changes()) > 0 || strings.Contains(answer.Body.String(), "<form") {
			t.Errorf("linked is %v, changed are %v:\n%s", h.linked("alice"), h.changes(), answer.Body)
		}
	})
}
