package dexcom

import (
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const (
	sharePassword = "SECRET-PASSWORD"
	shareUser     = "SECRET-USER@example.org"
	shareAccount  = "99999999-9999-9999-9999-999999999999"
	shareOpen     = "55555555-5555-5555-5555-555555555555"
	zeroID        = "00000000-0000-0000-0000-000000000000"
)

// deskAnswer is what the desk says to a call.
type deskAnswer struct {
	status     int
	body       string
	retryAfter string
	fail       error         // in place of an answer
	late       time.Duration // how long it takes
}

// deskCall is a call that was made.
type deskCall struct {
	at   time.Time
	op   string // the last part of the path
	head string // method, address and content types
	body string
}

// desk is the other side of a Share whose every word the test writes: answer gives
// what to say to the n-th call of an operation, counted from 0.
type desk struct {
	answer func(op string, n int) deskAnswer

	mu     sync.Mutex // guards what follows
	calls  []deskCall
	counts map[string]int // of calls by op
}

// RoundTrip implements http.RoundTripper.
func (d *desk) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	op := path.Base(r.URL.Path)
	d.mu.Lock()
	n := d.counts[op]
	d.counts[op]++
	d.calls = append(d.calls, deskCall{time.Now(), op, fmt.Sprint(r.Method, " ", r.URL, " ", r.Header["Content-Type"], " ", r.Header["Accept"]), string(body)})
	d.mu.Unlock()
	a := d.answer(op, n)
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-time.After(a.late):
	}
	if a.fail != nil {
		return nil, a.fail
	}
	header := http.Header{"Location": {"http://elsewhere.test/"}}
	if a.retryAfter != "" {
		header.Set("Retry-After", a.retryAfter)
	}
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// of are the calls of an operation so far.
func (d *desk) of(op string) (found []deskCall) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.calls {
		if c.op == op {
			found = append(found, c)
		}
	}
	return found
}

func newDesk(answer func(op string, n int) deskAnswer) *desk {
	return &desk{answer: answer, counts: map[string]int{}}
}

const (
	opAuthenticate = "AuthenticatePublisherAccount"
	opLogin        = "LoginPublisherAccountById"
	opRead         = "ReadPublisherLatestGlucoseValues"
)

// deskFault is an error in Share's own words, with what must never be printed.
func deskFault(code string) deskAnswer {
	return deskAnswer{status: http.StatusInternalServerError, body: fmt.Sprintf(`{"Code":%q,"Message":"Cannot Authenticate SECRET","SubCode":"<x Id=\"SECRET\"/>"}`, code)}
}

// sessionID is the id of the n-th session.
func sessionID(n int) string { return fmt.Sprintf("%s%04d", shareOpen[:len(shareOpen)-4], n) }

// deskIsFine is the answer when nothing is wrong.
func deskIsFine(op string, n int) deskAnswer {
	switch op {
	case opAuthenticate:
		return deskAnswer{status: http.StatusOK, body: `"` + shareAccount + `"`}
	case opLogin:
		return deskAnswer{status: http.StatusOK, body: `"` + sessionID(n) + `"`}
	case opRead:
		return deskAnswer{status: http.StatusOK, body: `[{"WT":"Date(1738861955438)","Value":131}]`}
	}
	return deskAnswer{status: http.StatusOK, body: `{"DateTime":"/Date(1738861990123)/"}`}
}

func shareConfig(d *desk, state *StateFile) ShareConfig {
	return ShareConfig{Region: ShareUS, BaseURL: "http://share.test/prefix/", Username: shareUser, Password: sharePassword, State: state, Transport: d}
}

func openShare(t *testing.T, config ShareConfig) *Share {
	t.Helper()
	share, err := NewShare(config)
	if err != nil {
		t.Fatal(err)
	}
	return share
}

// atDesk runs a test with a fake clock and a Share that keeps its state on the disk.
func atDesk(t *testing.T, test func(t *testing.T, d *desk, share *Share, state *State)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(deskIsFine)
		state := stateDir(t)
		test(t, d, openShare(t, shareConfig(d, fileOf(t, state))), state)
	})
}

// fileOf is alice's state file, as a program that starts now finds it.
func fileOf(t *testing.T, state *State) *StateFile {
	t.Helper()
	file, err := OpenStateFile(state, "alice")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// poll asks for readings and gives the error.
func poll(t *testing.T, share *Share) error {
	t.Helper()
	list, err := share.Readings(t.Context(), time.Hour)
	if err == nil && len(list.Records) != 1 {
		t.Errorf("%d readings and no error", len(list.Records))
	}
	checkNoSecret(t, err)
	return err
}

// checkNoSecret looks for what no error may hold.
func checkNoSecret(t *testing.T, err error) {
	t.Helper()
	text := fmt.Sprintf("%v %+v %q", err, err, err)
	for _, secret := range []string{"SECRET", "5555", "9999", "share.test", "sessionId"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in %v", secret, err)
		}
	}
}
