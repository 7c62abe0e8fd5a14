package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// watch knows secrets and keeps all that left a program, to look for them in it. It
// is safe for concurrent use.
type watch struct {
	mu      sync.Mutex        // guards what follows
	secrets map[string]string // what it is, by secret
	left    []departure
}

// departure is a text that left the program somewhere.
type departure struct {
	place, text string
	may         []string // the kinds of secrets that belong there
}

// learn tells of a secret. What is too short to be one, or what Dexcom says when
// there is none, is left out.
func (w *watch) learn(kind, secret string) {
	const shortest = 8
	if len(secret) < shortest || strings.Trim(secret, "0-") == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.secrets == nil {
		w.secrets = map[string]string{}
	}
	if w.secrets[secret] == "" {
		w.secrets[secret] = kind
	}
}

// keep takes a text that left at a place where secrets of those kinds may be.
func (w *watch) keep(place, text string, may ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left = append(w.left, departure{place, text, may})
}

// known are the kinds of secrets that were learnt.
func (w *watch) known() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var kinds []string
	for _, kind := range w.secrets {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// leaks are the secrets that left where they may not, each with a place.
func (w *watch) leaks() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []string
	for secret, kind := range w.secrets {
		for _, form := range forms(secret) {
			for _, d := range w.left {
				if !slices.Contains(d.may, kind) && strings.Contains(d.text, form) {
					found = append(found, fmt.Sprintf("%s: %s, written %q", d.place, kind, form))
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// placesOf are the places where a text was seen.
func (w *watch) placesOf(text string) map[string]bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	places := map[string]bool{}
	for _, d := range w.left {
		if strings.Contains(d.text, text) {
			places[d.place] = true
		}
	}
	return places
}

func TestTheWatchNoticesALeak(t *testing.T) {
	t.Parallel()
	var w watch
	w.learn("token", `t0ken-"5ecret"`)
	w.learn("password", "pa55word")
	w.learn("empty", "")
	w.learn("nobody", "00000000-0000-0000-0000-000000000000")
	w.keep("the vault", `t0ken-"5ecret"`, "token")
	w.keep("elsewhere", "pa55wor d, nothing, 00000000-0000-0000-0000-000000000000")
	if found := w.leaks(); len(found) > 0 {
		t.Errorf("leaks that are none: %q", found)
	}
	w.keep("the log", `level=WARN err="t0ken-\"5ecret\""`)
	w.keep("the vault", "cGE1NXdvcmQ", "token")
	if found := w.leaks(); len(found) != 2 ||
		!strings.HasPrefix(found[0], "the log: token") || !strings.HasPrefix(found[1], "the vault: password") {
		t.Errorf("found %q", found)
	}
	if kinds := w.known(); !slices.Equal(kinds, []string{"password", "token"}) {
		t.Errorf("it knows %q", kinds)
	}
}
