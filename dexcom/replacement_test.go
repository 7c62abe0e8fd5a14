package dexcom

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAnotherPersonThanBefore(t *testing.T) {
	for _, replace := range []bool{true, false} {
		answered := func(t *testing.T, h *household) {
			h.mustLink(t, "alice", "alice")
			outcome, err := h.link(t, "alice", "bob")
			if err != nil || !outcome.AnotherPerson || len(h.gone) > 0 {
				t.Fatalf("%+v, %v, forgotten %v", outcome, err, h.gone)
			}
			if !replace {
				time.Sleep(patience + time.Second)
				if err := h.linker.Confirm("alice", outcome.Replacement); !errors.Is(err, ErrNothingToDo) || len(h.gone) > 0 {
					t.Errorf("too late: %v, forgotten %v", err, h.gone)
				}
				return
			}
			if err := h.linker.Confirm("alice", outcome.Replacement); err != nil || !slices.Equal(h.gone, []string{"alice"}) {
				t.Errorf("%v, forgotten %v", err, h.gone)
			}
			if ranges, err := h.client(t, h.grant("alice")).DataRange(t.Context()); err != nil || hashUser(ranges.UserID) != h.grant("alice").user() {
				t.Errorf("after it: %v", err)
			}
			if err := h.linker.Confirm("alice", outcome.Replacement); !errors.Is(err, ErrNothingToDo) {
				t.Errorf("twice: %v", err)
			}
		}
		t.Run(map[bool]string{true: "replace", false: "too late"}[replace], func(t *testing.T) { bubble(t, answered) })
	}
}

// While alice's account waits for an answer, that person is linked elsewhere.
func TestAConfirmationThatCameTooLate(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		outcome, err := h.link(t, "alice", "bob")
		if err != nil || !outcome.AnotherPerson {
			t.Fatalf("%+v, %v", outcome, err)
		}
		h.mustLink(t, "bob", "bob")
		if err := h.linker.Confirm("alice", outcome.Replacement); !errors.Is(err, ErrAnotherAccount) || len(h.gone) > 0 {
			t.Errorf("%v, forgotten %v", err, h.gone)
		}
		if err := h.works(t, "bob"); err != nil { // whose consent is the later one
			t.Errorf("bob: %v", err)
		}
	})
}

// mustFind links an account to another person than before, who waits then.
func (h *household) mustFind(t *testing.T, account, person string) Replacement {
	t.Helper()
	outcome, err := h.link(t, account, person)
	if err != nil || !outcome.AnotherPerson || outcome.Replacement == "" || outcome.Again || outcome.Over {
		t.Fatalf("%s finds %s: %+v, %v", account, person, outcome, err)
	}
	return outcome.Replacement
}

// Only the person whom somebody was asked about is linked, and only while the
// account is as it was then.
func TestAReplacementBelongsToOneLinking(t *testing.T) {
	for name, test := range map[string]struct {
		between func(t *testing.T, h *household, bob Replacement) (confirmed Replacement)
		person  string // whose the account is in the end; empty is nobody
		err     error
	}{
		"another window finds somebody else": {func(t *testing.T, h *household, bob Replacement) Replacement {
			h.mustFind(t, "alice", "carol")
			return bob
		}, "bob", nil},
		"another window finds the same, whose consent is the later one": {func(t *testing.T, h *household, bob Replacement) Replacement {
			h.mustFind(t, "alice", "bob")
			return bob
		}, "bob", nil},
		"another was confirmed": {func(t *testing.T, h *household, bob Replacement) Replacement {
			if err := h.linker.Confirm("alice", h.mustFind(t, "alice", "carol")); err != nil {
				t.Error(err)
			}
			return bob
		}, "carol", ErrNothingToDo},
		"the right person was linked": {func(t *testing.T, h *household, bob Replacement) Replacement {
			h.mustLink(t, "alice", "alice")
			return bob
		}, "alice", ErrNothingToDo},
		"the account was unlinked": {func(t *testing.T, h *household, bob Replacement) Replacement {
			if err := h.linker.Unlink("alice"); err != nil {
				t.Error(err)
			}
			return bob
		}, "", ErrNothingToDo},
		"unlinked and linked again": {func(t *testing.T, h *household, bob Replacement) Replacement {
			if err := h.linker.Unlink("alice"); err != nil {
				t.Error(err)
			}
			h.mustLink(t, "alice", "carol")
			return bob
		}, "carol", ErrNothingToDo},
		"that person was linked and unlinked elsewhere": {func(t *testing.T, h *household, bob Replacement) Replacement {
			h.mustLink(t, "bob", "bob")
			if err := h.linker.Unlink("bob"); err != nil {
				t.Error(err)
			}
			return bob
		}, "alice", ErrNothingToDo},
		"nobody asked": {func(*testing.T, *household, Replacement) Replacement { return "" }, "alice", ErrNothingToDo},
		"made up":      {func(_ *testing.T, _ *household, bob Replacement) Replacement { return bob + "x" }, "alice", ErrNothingToDo},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, h *household) {
				h.mustLink(t, "alice", "alice")
				confirmed := test.between(t, h, h.mustFind(t, "alice", "bob"))
				if err := h.linker.Confirm("alice", confirmed); !errors.Is(err, test.err) {
					t.Errorf("%v, want %v", err, test.err)
				}
				stored := h.onDisk(t, "alice")
				if (stored == nil) != (test.person == "") || stored != nil && !h.cloud.Alive(test.person, stored.RefreshToken) {
					t.Errorf("the account is not %q's: %v", test.person, stored)
				}
			})
		})
	}
}

func TestAReplacementOfAnotherAccount(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		h.mustLink(t, "bob", "bob")
		carol := h.mustFind(t, "alice", "carol")
		if err := h.linker.Confirm("bob", carol); !errors.Is(err, ErrNothingToDo) || len(h.gone) > 0 {
			t.Errorf("bob: %v, forgotten %v", err, h.gone)
		}
		if err := h.linker.Confirm("alice", carol); err != nil {
			t.Errorf("alice: %v", err)
		}
	})
}

func TestAReplacementIsPrintedNowhere(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		outcome, err := h.link(t, "alice", "bob")
		if err != nil || len(outcome.Replacement) < 20 {
			t.Fatalf("%q can be guessed: %v", string(outcome.Replacement), err)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if printed := fmt.Sprintf(verb, outcome); strings.Contains(printed, string(outcome.Replacement)) {
				t.Errorf("%s prints %s", verb, printed)
			}
		}
		text, err := json.Marshal(outcome) // the control socket carries it
		if err != nil || !strings.Contains(string(text), string(outcome.Replacement)) {
			t.Errorf("%s, %v", text, err)
		}
	})
}
