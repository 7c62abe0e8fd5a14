package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// Each page of a failure names the account where it is known, says that nothing has
// changed where that is so, and offers to start again where that helps.
func TestFailures(t *testing.T) {
	t.Parallel()
	called := func(op, reason string, status int) error {
		return &dexcom.Error{Op: op, Reason: reason, StatusCode: status}
	}
	for name, test := range map[string]struct {
		err    error
		status int
		words  []string
		again  bool
	}{
		"unknown account": {dexcom.ErrUnknownAccount, 404, []string{"No such account", "the status shows them all"}, false},
		"unknown state":   {dexcom.ErrUnknownState, 400, []string{"Nothing was linked", "Nothing has changed", "press its button once more"}, false},
		"refused":         {dexcom.ErrRefused, 200, []string{"alice", "Nothing has changed"}, true},
		"login":           {dexcom.ErrLogin, 502, []string{"Linking alice did not work", "Nothing has changed", "dexcom_exporter check"}, true},
		"no code":         {dexcom.ErrNoCode, 400, []string{"Linking alice did not work", "Nothing has changed"}, true},
		"confirmed twice": {dexcom.ErrNothingToDo, 409, []string{"Nothing to confirm for alice", "confirmed already"}, true},
		"under way":       {dexcom.ErrUnderWay, 202, []string{"alice is being linked", "Look at the status in a minute"}, false},
		"another account": {dexcom.ErrAnotherAccount, 409, []string{"Linking alice did not work", "alice has not changed", "private window"}, true},
		"another account, not saved": {errors.Join(dexcom.ErrAnotherAccount, dexcom.ErrNotSaved), 409, []string{
			"alice has not changed", "The new consent of that other account could not be saved",
		}, true},
		"not saved":               {dexcom.ErrNotSaved, 500, []string{"alice is linked, but not saved", "Make room"}, false},
		"not saved nor removed":   {errors.Join(dexcom.ErrNotSaved, errors.New("remove the grant: read-only")), 500, []string{"alice is linked, but not saved"}, false},
		"the app is unknown":      {called("token", dexcom.ReasonCredentials, 400), 502, []string{"does not know this app", "client_secret"}, true},
		"the person is elsewhere": {called("userinfo", dexcom.ReasonCredentials, 401), 502, []string{"belongs to another region", "the region of alice"}, true},
		"this machine":            {errors.New("the grant file cannot be read"), 500, []string{"Linking alice did not work", "where this program runs", "Cause: the grant file"}, true},
	} {
		status, words := failure("alice", false, test.err)
		text := strings.Join(append([]string{words.Title}, words.Text...), " ") + " Cause: " + words.Cause
		if status != test.status || (words.Again == "alice") != test.again {
			t.Errorf("%s: status %d, again %q", name, status, words.Again)
		}
		for _, want := range test.words {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in %s", name, want, text)
			}
		}
	}
}

// A consent that failed may have ended the one before; one that was refused has not.
func TestFailuresOfALinkedAccount(t *testing.T) {
	t.Parallel()
	const warning = "do not leave it at this"
	for err, want := range map[error]bool{
		&dexcom.Error{Op: "token", Reason: dexcom.ReasonServer, StatusCode: http.StatusBadGateway}: true,
		dexcom.ErrRefused: false,
		dexcom.ErrLogin:   false,
	} {
		_, words := failure("alice", true, err)
		if got := strings.Contains(strings.Join(words.Text, " "), warning); got != want {
			t.Errorf("%v: %q", err, words.Text)
		}
	}
}
