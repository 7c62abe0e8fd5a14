package dexcom

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// logins counts the calls that carry the password, beside the first authentication.
func logins(d *desk) int { return len(d.of(opLogin)) }

// forgetting makes the desk answer as it does, but know no session.
func forgetting(answer func(string, int) deskAnswer, code string) func(string, int) deskAnswer {
	return func(op string, n int) deskAnswer {
		if op == opRead {
			return deskFault(code)
		}
		return answer(op, n)
	}
}

func TestASessionLastsADay(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
		if until := share.Status().SessionUntil; !until.IsZero() {
			t.Errorf("a session until %v", until)
		}
		begin := time.Now()
		for time.Since(begin) < 7*24*time.Hour {
			if err := poll(t, share); err != nil {
				t.Fatal(err)
			}
			if until := share.Status().SessionUntil; time.Until(until) < 10*time.Minute {
				t.Fatalf("a session of %v more", time.Until(until))
			}
			time.Sleep(5 * time.Minute)
		}
		if logins(d) != 8 || len(d.of(opAuthenticate)) != 1 || len(d.of(opRead)) != 7*24*12 {
			t.Errorf("%d logins, %d authentications, %d reads", logins(d), len(d.of(opAuthenticate)), len(d.of(opRead)))
		}
		for i, call := range d.of(opLogin) {
			if want := begin.Add(time.Duration(i) * (24*time.Hour - 10*time.Minute)); !call.at.Equal(want) {
				t.Errorf("login %d after %v", i, call.at.Sub(begin))
			}
		}
	})
}

// A renewal that fails costs nothing as long as the old session is good.
func TestTheOldSessionGoesOn(t *testing.T) {
	for name, test := range map[string]struct {
		answer deskAnswer
		tries  int // within the last 10 minutes of the session
	}{
		"in passing":     {deskAnswer{status: 503}, 10},
		"for a while":    {deskAnswer{status: 429, retryAfter: "240"}, 3},
		"for good":       {deskFault("AccountPasswordInvalid"), 2},
		"by a lock":      {deskFault("SSO_AuthenticateMaxAttemptsExceeded"), 1},
		"without answer": {deskAnswer{status: 200, late: time.Hour}, 3}, // Dexcom may have refused each
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
				if err := poll(t, share); err != nil {
					t.Fatal(err)
				}
				until := share.Status().SessionUntil
				time.Sleep(time.Until(until.Add(-10 * time.Minute)))
				d.answer = func(op string, n int) deskAnswer {
					if op == opLogin {
						return test.answer
					}
					return deskIsFine(op, n)
				}
				for time.Until(until) > 45*time.Second {
					if err := poll(t, share); err != nil {
						t.Fatalf("%v before its end: %v", time.Until(until), err)
					}
					time.Sleep(15 * time.Second)
				}
				if tries := logins(d) - 1; tries != test.tries {
					t.Errorf("%d tries, want %d", tries, test.tries)
				}
				time.Sleep(time.Until(until))
				if err := poll(t, share); err == nil || len(d.of(opAuthenticate)) > 2 {
					t.Error("a session of over a day serves")
				}
			})
		})
	}
}

func TestAForgottenSessionIsRenewedOnce(t *testing.T) {
	for _, code := range []string{"SessionIdNotFound", "SessionNotValid", "session_not_valid"} {
		t.Run(code, func(t *testing.T) {
			atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
				d.answer = func(op string, n int) deskAnswer {
					if op == opRead && n == 1 {
						return deskFault(code)
					}
					return deskIsFine(op, n)
				}
				for range 3 {
					if err := poll(t, share); err != nil {
						t.Fatal(err)
					}
				}
				if logins(d) != 2 || len(d.of(opRead)) != 4 || len(d.of(opAuthenticate)) != 1 {
					t.Errorf("%d logins, %d reads, %d authentications", logins(d), len(d.of(opRead)), len(d.of(opAuthenticate)))
				}
			})
		})
	}
}

// A session that is forgotten at once is replaced by the next poll, not by this one.
func TestANewSessionThatIsForgotten(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
		d.answer = forgetting(deskIsFine, "SessionNotValid")
		for n := range 3 {
			if err := poll(t, share); !errors.Is(err, errSessionForgotten) || logins(d) != n+1 {
				t.Errorf("poll %d: %d logins, %v", n, logins(d), err)
			}
		}
	})
}

// A server that forgets every session gets no login for each poll.
func TestAServerThatForgetsEverySession(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
		d.answer = forgetting(deskIsFine, "SessionNotValid")
		for range 24 * 60 {
			if err := poll(t, share); Reason(err) != ReasonServer || !errors.Is(err, errSessionForgotten) {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if n := logins(d); n > 1+3+24*4 {
			t.Errorf("%d logins a day", n)
		}
		d.answer = deskIsFine
		if err := poll(t, share); err != nil {
			t.Errorf("once it remembers: %v", err)
		}
	})
}

// However many ask, one logs in.
func TestOneLoginForAll(t *testing.T) {
	for name, answer := range map[string]deskAnswer{
		"right": {status: http.StatusOK, body: `"` + sessionID(0) + `"`, late: 3 * time.Second},
		"wrong": {status: http.StatusUnauthorized, late: 3 * time.Second},
		"lost":  {status: http.StatusBadGateway, late: 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
				d.answer = func(op string, n int) deskAnswer {
					if op == opLogin {
						return answer
					}
					return deskIsFine(op, n)
				}
				var all sync.WaitGroup
				for range 20 {
					all.Go(func() {
						if err := poll(t, share); (err == nil) != (name == "right") {
							t.Error(err)
						}
					})
				}
				all.Wait()
				if logins(d) != 1 || len(d.of(opAuthenticate)) != 1 {
					t.Errorf("%d logins, %d authentications", logins(d), len(d.of(opAuthenticate)))
				}
				if name != "right" {
					return
				}
				// The same when all find out that the session is over.
				d.answer = func(op string, n int) deskAnswer {
					answer := deskIsFine(op, n)
					if op == opRead && n < 40 {
						answer = deskFault("SessionNotValid")
						answer.late = time.Second // so that all hear it at once
					}
					return answer
				}
				for range 20 {
					all.Go(func() { _ = poll(t, share) })
				}
				all.Wait()
				if logins(d) != 2 {
					t.Errorf("%d logins", logins(d))
				}
			})
		})
	}
}

// Who goes away leaves the login to be counted.
func TestALoginOutlastsWhoAskedForIt(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, state *State) {
		d.answer = func(op string, n int) deskAnswer {
			answer := deskIsFine(op, n)
			if op == opLogin {
				answer = deskFault("AccountPasswordInvalid")
			}
			answer.late = 10 * time.Second
			return answer
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begin := time.Now()
		_, err := share.Readings(ctx, time.Hour)
		if Reason(err) != ReasonNetwork || time.Since(begin) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		if err := state.Close(); err != nil || time.Since(begin) != 20*time.Second {
			t.Errorf("the state directory was closed after %v, with a login under way: %v", time.Since(begin), err)
		}
		synctest.Wait()
		if status := share.Status(); !errors.Is(status.Refusal, ErrShareCredentials) || time.Until(status.NextLogin) != 30*time.Minute {
			t.Errorf("%+v", status)
		}
		kept := fileOf(t, state).Get().Share
		if !kept.Attempt.IsZero() || kept.Refusal != refusedCredentials {
			t.Errorf("the refusal is not on the disk: attempt %v", kept.Attempt)
		}
		// Nobody begins a login that would not be waited for.
		other := shareConfig(d, share.config.State)
		other.Password = "another"
		if err := poll(t, openShare(t, other)); Reason(err) != ReasonOther || logins(d) != 1 {
			t.Errorf("after the end: %v", err)
		}
	})
}
