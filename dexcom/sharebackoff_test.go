package dexcom

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// backoff is an answer to every login, and what comes of it.
type backoff struct {
	answer  deskAnswer
	proven  bool // the credentials worked before
	refusal error
	reason  string
	times   string // of the logins, counted from the first
}

func backoffs() map[string]backoff {
	const (
		wrong    = "0s 1m30s 31m30s 1h31m30s 3h31m30s 7h31m30s 15h31m30s 31h31m30s 55h31m30s"
		locked   = "0s 30m0s 1h30m0s 3h30m0s 7h30m0s 15h30m0s 31h30m0s 55h30m0s"
		mistyped = "0s 30m0s 24h30m0s 48h30m0s"
		hopeless = "0s 24h0m0s 48h0m0s"
		budgeted = "0s 30s 1m0s 30m0s 30m30s 31m0s 1h0m0s"
		free     = "0s 30s 1m0s 1m30s 2m0s 2m30s 3m0s"
	)
	plain := func(status int, body string) deskAnswer { return deskAnswer{status: status, body: body} }
	otherFault := plain(500, `{"Code":"SSO_InternalError","Message":"out of order"}`)
	return map[string]backoff{
		"password, proven":            {deskFault("AccountPasswordInvalid"), true, ErrShareCredentials, ReasonCredentials, wrong},
		"password, new":               {deskFault("AccountPasswordInvalid"), false, ErrShareCredentials, ReasonCredentials, mistyped},
		"account not found, proven":   {deskFault("SSO_AuthenticateAccountNotFound"), true, ErrShareCredentials, ReasonCredentials, wrong},
		"account not found, new":      {deskFault("SSO_AuthenticateAccountNotFound"), false, ErrShareCredentials, ReasonCredentials, mistyped},
		"old password, proven":        {deskFault("SSO_AuthenticatePasswordInvalid"), true, ErrShareCredentials, ReasonCredentials, wrong},
		"internal error, proven":      {deskFault("SSO_InternalError"), true, ErrShareCredentials, ReasonCredentials, wrong},
		"internal error, new":         {deskFault("SSO_InternalError"), false, ErrShareCredentials, ReasonCredentials, mistyped},
		"zero id, proven":             {plain(200, `"`+zeroID+`"`), true, ErrShareCredentials, ReasonCredentials, wrong},
		"zero id, new":                {plain(200, `"`+zeroID+`"`), false, ErrShareCredentials, ReasonCredentials, mistyped},
		"401, proven":                 {plain(401, ""), true, ErrShareCredentials, ReasonCredentials, wrong},
		"locked, proven":              {deskFault("SSO_AuthenticateMaxAttemptsExceeded"), true, ErrShareLocked, ReasonCredentials, locked},
		"locked, new":                 {deskFault("SSO_AuthenticateMaxAttemptsExceeded"), false, ErrShareLocked, ReasonCredentials, locked},
		"locked, old spelling":        {deskFault("SSO_AuthenticateMaxAttemptsExceed"), true, ErrShareLocked, ReasonCredentials, locked},
		"argument, proven":            {deskFault("InvalidArgument"), true, ErrShareArgument, ReasonCredentials, hopeless},
		"argument, new":               {deskFault("InvalidArgument"), false, ErrShareArgument, ReasonCredentials, hopeless},
		"unknown code, proven":        {deskFault("SomethingNew"), true, nil, ReasonServer, budgeted},
		"unknown code, new":           {deskFault("SomethingNew"), false, nil, ReasonServer, budgeted},
		"session code, proven":        {deskFault("SessionNotValid"), true, nil, ReasonServer, budgeted},
		"internal error of another":   {otherFault, true, nil, ReasonServer, free},
		"500, no body":                {plain(500, ""), true, nil, ReasonServer, free},
		"503, HTML":                   {plain(503, "<html>"), false, nil, ReasonServer, free},
		"403, HTML":                   {plain(403, "<html>"), true, nil, ReasonOther, free},
		"200, HTML":                   {plain(200, "<html>"), false, nil, ReasonDecode, free},
		"200, empty":                  {plain(200, ""), true, nil, ReasonDecode, free},
		"200, no id":                  {plain(200, `"welcome"`), true, nil, ReasonDecode, free},
		"200, null":                   {plain(200, `null`), true, nil, ReasonDecode, free},
		"200, list":                   {plain(200, `[]`), true, nil, ReasonDecode, free},
		"302":                         {plain(302, ""), true, nil, ReasonOther, free},
		"429":                         {deskAnswer{status: 429, retryAfter: "300"}, false, nil, ReasonRateLimited, free},
		"no network":                  {deskAnswer{fail: syscall.ECONNREFUSED}, false, nil, ReasonNetwork, free},
		"no name":                     {deskAnswer{fail: &net.DNSError{}}, true, nil, ReasonNetwork, free},
		"connection lost":             {deskAnswer{fail: syscall.ECONNRESET}, true, nil, ReasonNetwork, budgeted},
		"connection ended":            {deskAnswer{fail: io.EOF}, false, nil, ReasonNetwork, budgeted},
		"a page as large as you like": {plain(200, `"`+strings.Repeat("5", maxShareBody)+`"`), false, nil, ReasonDecode, free},
	}
}

func TestWhenLoginsAreTried(t *testing.T) {
	t.Parallel()
	for name, test := range backoffs() {
		for _, restarting := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restarting %t", name, restarting), func(t *testing.T) {
				atDesk(t, func(t *testing.T, d *desk, share *Share, state *State) {
					if test.proven {
						if err := poll(t, share); err != nil || !share.Status().Proven {
							t.Fatalf("%v, %+v", err, share.Status())
						}
					}
					loggedIn := len(d.of(opLogin)) + len(d.of(opAuthenticate))
					d.answer = func(op string, _ int) deskAnswer {
						if op == opRead {
							return deskFault("SessionNotValid")
						}
						return test.answer
					}
					test.check(t, d, share, state, loggedIn, restarting)
				})
			})
		}
	}
}

// check polls often, by a program that was just started or by the same one,
// until the wanted logins were tried, and looks at each answer and status.
func (b backoff) check(t *testing.T, d *desk, share *Share, state *State, before int, restarting bool) {
	t.Helper()
	want := strings.Fields(b.times)
	tries := func() int { return len(d.of(opLogin)) + len(d.of(opAuthenticate)) - before }
	begin := time.Now()
	var got []string
	for time.Since(begin) < 60*time.Hour {
		if restarting {
			share = openShare(t, shareConfig(d, fileOf(t, state)))
		}
		stoppedUntil, had, reads := share.Status().NextLogin, tries(), len(d.of(opRead))
		err := poll(t, share)
		switch tried := tries() - had; {
		case tried > 1:
			t.Fatalf("%d logins in one poll", tried)
		case tried == 1 && !stoppedUntil.IsZero():
			t.Fatalf("a login %v before its time", time.Until(stoppedUntil))
		case tried == 1:
			got = append(got, time.Since(begin).String())
			if Reason(err) != b.reason || b.refusal != nil && !errors.Is(err, b.refusal) {
				t.Fatalf("refused: %v", err)
			}
		case Reason(err) != ReasonCredentials || RetryAfter(err) != time.Until(stoppedUntil) || b.refusal != nil && !errors.Is(err, b.refusal) || len(d.of(opRead)) > reads:
			t.Fatalf("stopped until %v: %v, retry after %v, %d reads", stoppedUntil, err, RetryAfter(err), len(d.of(opRead))-reads)
		}
		if status := share.Status(); !errors.Is(status.Refusal, b.refusal) || !status.SessionUntil.IsZero() || b.refusal != nil && RetryAfter(err) != time.Until(status.NextLogin) {
			t.Fatalf("%+v, retry after %v", status, RetryAfter(err))
		}
		if len(got) == len(want) {
			break
		}
		if RetryAfter(err) > 10*time.Minute {
			time.Sleep(5 * time.Minute)
			continue
		}
		time.Sleep(30 * time.Second)
	}
	if !slices.Equal(got, want) {
		t.Errorf("logins at %s\nwant      %s", strings.Join(got, " "), strings.Join(want, " "))
	}
}

func TestRetryAfterIsPassedOn(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
		d.answer = func(string, int) deskAnswer { return deskAnswer{status: 429, retryAfter: "300", body: "<html>"} }
		if err := poll(t, share); Reason(err) != ReasonRateLimited || RetryAfter(err) != 5*time.Minute {
			t.Errorf("%v, retry after %v", err, RetryAfter(err))
		}
	})
}

// A refusal that passes costs 90 s, and the next one counts anew.
func TestRightCredentialsRefusedOnce(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
		if err := poll(t, share); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			time.Sleep(time.Hour)
			begun, refused := time.Now(), len(d.of(opLogin))
			d.answer = func(op string, n int) deskAnswer {
				if op == opLogin && n == refused {
					return deskFault("AccountPasswordInvalid")
				}
				if op == opRead && time.Since(begun) < time.Second {
					return deskFault("SessionNotValid")
				}
				return deskIsFine(op, n)
			}
			if err := poll(t, share); !errors.Is(err, ErrShareCredentials) || RetryAfter(err) != 90*time.Second {
				t.Fatalf("%v, retry after %v", err, RetryAfter(err))
			}
			time.Sleep(90 * time.Second)
			if err := poll(t, share); err != nil || share.Status().Refusal != nil || !share.Status().NextLogin.IsZero() {
				t.Fatalf("after 90 s: %v, %+v", err, share.Status())
			}
		}
	})
}

// Right credentials that are refused at their first login, too, are in within the
// hour, and are then known to be right.
func TestRightCredentialsRefusedAtFirst(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
		d.answer = func(op string, n int) deskAnswer {
			if op == opAuthenticate && n == 0 {
				return deskFault("AccountPasswordInvalid")
			}
			return deskIsFine(op, n)
		}
		if err := poll(t, share); !errors.Is(err, ErrShareCredentials) || RetryAfter(err) != 30*time.Minute {
			t.Fatalf("%v, retry after %v", err, RetryAfter(err))
		}
		time.Sleep(30 * time.Minute)
		if err := poll(t, share); err != nil || !share.Status().Proven {
			t.Fatalf("after 30 minutes: %v, %+v", err, share.Status())
		}
	})
}

// The id of the account may be what is refused: the next login asks for it anew.
func TestARefusalForgetsTheAccountID(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, state *State) {
		if err := poll(t, share); err != nil {
			t.Fatal(err)
		}
		share = openShare(t, shareConfig(d, fileOf(t, state)))
		d.answer = func(op string, n int) deskAnswer {
			if op == opLogin && n == 1 {
				return deskFault("AccountPasswordInvalid")
			}
			return deskIsFine(op, n)
		}
		if err := poll(t, share); !errors.Is(err, ErrShareCredentials) || len(d.of(opAuthenticate)) != 1 {
			t.Fatalf("%v after %d authentications", err, len(d.of(opAuthenticate)))
		}
		time.Sleep(90 * time.Second)
		if err := poll(t, share); err != nil || len(d.of(opAuthenticate)) != 2 {
			t.Fatalf("%v after %d authentications", err, len(d.of(opAuthenticate)))
		}
	})
}

// crash gives the state as a program finds it that was killed during the login: only
// what was on the disk by then.
func crash(t *testing.T, state *State, begin func()) *State {
	t.Helper()
	begin()
	text, err := os.ReadFile(fileOf(t, state).path)
	if err != nil {
		t.Fatal(err)
	}
	after := stateDir(t)
	if err := os.WriteFile(fileOf(t, after).path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return after
}

func TestAProgramKilledDuringALogin(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, state *State) {
		d.answer = func(op string, n int) deskAnswer {
			answer := deskIsFine(op, n)
			answer.late = 5 * time.Second
			return answer
		}
		for i, want := range []time.Duration{90 * time.Second, 30 * time.Minute, time.Hour, 2 * time.Hour} {
			state = crash(t, state, func() {
				go func() { _ = poll(t, share) }()
				time.Sleep(time.Second)
			})
			share = openShare(t, shareConfig(d, fileOf(t, state)))
			status := share.Status()
			if wait := time.Until(status.NextLogin) + time.Second; status.Refusal != nil || wait != want {
				t.Fatalf("crash %d: %+v, a wait of %v, want %v", i, status, wait, want)
			}
			calls := len(d.of(opAuthenticate))
			err := poll(t, share)
			if Reason(err) != ReasonCredentials || !errors.Is(err, ErrShareStopped) || len(d.of(opAuthenticate)) != calls {
				t.Fatalf("crash %d: %v", i, err)
			}
			time.Sleep(time.Until(status.NextLogin))
		}
		if err := poll(t, share); err != nil || !share.Status().Proven {
			t.Errorf("at last: %v", err)
		}
		time.Sleep(time.Minute) // for what the killed ones left running here
	})
}

// A login is not tried when a crash could leave it uncounted.
func TestNoLoginWithoutAPlaceToNoteIt(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, state *State) {
		if err := os.RemoveAll(state.Dir()); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			err := poll(t, share)
			if Reason(err) != ReasonOther || !errors.Is(err, ErrShareState) || strings.Contains(err.Error(), state.Dir()) || len(d.calls) > 0 {
				t.Fatalf("%d calls, %v", len(d.calls), err)
			}
		}
		if err := os.Mkdir(state.Dir(), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := poll(t, share); err != nil {
			t.Error(err)
		}
	})
}

// gambler answers at random and remembers when it refused a login. Now and then the
// program is killed before it hears of the refusal.
type gambler struct {
	*rand.Rand

	state   *StateFile
	refused []time.Time
	killed  *AccountState // what was on the disk then
}

func (g *gambler) answer(op string, n int) deskAnswer {
	if op == opRead {
		return [...]deskAnswer{deskIsFine(op, n), deskIsFine(op, n), deskFault("SessionNotValid"), deskFault("SessionIdNotFound"), {status: 503}}[g.IntN(5)]
	}
	passing := []deskAnswer{
		{status: 500}, {status: 429, retryAfter: "10"}, {status: 200, body: "<html>"}, {fail: syscall.ECONNREFUSED}, {status: http.StatusOK},
	}
	refusals := []deskAnswer{
		deskFault("AccountPasswordInvalid"), deskFault("SSO_InternalError"), deskFault("SSO_AuthenticateMaxAttemptsExceed"), deskFault("InvalidArgument"),
		deskFault("SomethingNew"),
		{fail: syscall.ECONNRESET}, // and nobody hears of it
		{status: 200, body: `"` + zeroID + `"`},
		{status: 401},
	}
	switch g.IntN(8) {
	case 0, 1, 2:
		return deskIsFine(op, n)
	case 3:
		return passing[g.IntN(len(passing))]
	}
	g.refused = append(g.refused, time.Now())
	if g.IntN(4) == 0 {
		kept := g.state.Get()
		g.killed = &kept
	}
	return refusals[g.IntN(len(refusals))]
}

func TestNoSequenceOfAnswersSpendsTheBudget(t *testing.T) {
	t.Parallel()
	total := 0
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			g := &gambler{Rand: rand.New(rand.NewPCG(seed, 5)), state: &StateFile{}}
			d := newDesk(g.answer)
			share := openShare(t, shareConfig(d, g.state))
			for range 200 {
				_ = poll(t, share)
				if kept := g.killed; kept != nil {
					kept.Share = kept.Share.restored(time.Now())
					_ = g.state.Update(func(state *AccountState) { *state = *kept })
				}
				if g.killed != nil || g.IntN(10) == 0 {
					share, g.killed = openShare(t, shareConfig(d, g.state)), nil
				}
				pauses := []time.Duration{time.Second, time.Minute, 5 * time.Minute, max(0, time.Until(share.Status().NextLogin))}
				time.Sleep(pauses[g.IntN(len(pauses))])
			}
			for i := 3; i < len(g.refused); i++ {
				if span := g.refused[i].Sub(g.refused[i-3]); span < 30*time.Minute {
					t.Errorf("seed %d: 4 failed logins within %v", seed, span)
				}
			}
			total += len(g.refused)
		})
	}
	if total < 2500 {
		t.Errorf("only %d failed logins in all", total)
	}
}
