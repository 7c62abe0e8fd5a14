package dexcom

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func refusing(code string) func(string, int) deskAnswer {
	return func(string, int) deskAnswer { return deskFault(code) }
}

// Dexcom counts by account: what stays with it under another password.
func TestALockOutlastsAnotherPassword(t *testing.T) {
	for name, change := range map[string]func(*ShareConfig){
		"password": func(c *ShareConfig) { c.Password += "x" },
		"address":  func(c *ShareConfig) { c.BaseURL += "x" },
		"spelling": func(c *ShareConfig) { c.Username = "secret-user@EXAMPLE.org " },
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, func(t *testing.T, d *desk, share *Share, state *State) {
				if err := poll(t, share); err != nil {
					t.Fatal(err)
				}
				d.answer = refusing("SSO_AuthenticateMaxAttemptsExceeded")
				config := shareConfig(d, fileOf(t, state))
				if err := poll(t, openShare(t, config)); !errors.Is(err, ErrShareLocked) {
					t.Fatal(err)
				}
				d.answer = deskIsFine
				calls := len(d.calls)
				change(&config)
				for range 2 { // and after a restart
					config.State = fileOf(t, state)
					other := openShare(t, config)
					if status := other.Status(); status.Proven || time.Until(status.NextLogin) != 30*time.Minute || !errors.Is(status.Refusal, ErrShareLocked) {
						t.Errorf("%+v", status)
					}
					if err := poll(t, other); !errors.Is(err, ErrShareLocked) || len(d.calls) != calls {
						t.Errorf("%d calls, %v", len(d.calls)-calls, err)
					}
				}
				time.Sleep(30 * time.Minute)
				authentications := len(d.of(opAuthenticate))
				if err := poll(t, openShare(t, config)); err != nil || len(d.of(opAuthenticate)) != authentications+1 {
					t.Error(err)
				}
			})
		})
	}
}

// Another password is tried at once after a refusal, as long as the account's budget
// lasts.
func TestPasswordsAreTriedWithinTheBudget(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, _ *Share, state *State) {
		d.answer = refusing("AccountPasswordInvalid")
		begin, config := time.Now(), shareConfig(d, fileOf(t, state))
		for i := range 61 {
			config.Password = fmt.Sprint("SECRET", i)
			_ = poll(t, openShare(t, config))
			time.Sleep(30 * time.Second)
		}
		var got []time.Duration
		for _, call := range d.of(opAuthenticate) {
			got = append(got, call.at.Sub(begin))
		}
		if want := "[0s 30s 1m0s 30m0s]"; fmt.Sprint(got) != want {
			t.Errorf("logins at %v, want %s", got, want)
		}
	})
}

// An address is the same with slashes at its end, or when it is the region's own.
func TestAnAddressIsTheSameWithASlash(t *testing.T) {
	t.Parallel()
	for _, urls := range [][]string{{"http://share.test/x", "http://share.test/x/", "http://share.test/x//"}, {"", "https://share2.dexcom.com", "https://share2.dexcom.com/"}} {
		first := ShareConfig{Region: ShareUS, BaseURL: urls[0], Username: "a", Password: "b"}
		for _, url := range urls {
			config := first
			config.BaseURL = url
			if openShare(t, config).services != openShare(t, first).services || hashCredentials("salt", config) != hashCredentials("salt", first) {
				t.Errorf("%q is another address than %q", url, urls[0])
			}
		}
	}
}

// A login that is overtaken by another password counts all the same.
func TestALoginThatAnotherPasswordOvertook(t *testing.T) {
	for name, test := range map[string]struct {
		answer   deskAnswer
		failures int
		refusal  error
	}{
		"locked":  {deskFault("SSO_AuthenticateMaxAttemptsExceeded"), 1, ErrShareLocked},
		"refused": {deskFault("AccountPasswordInvalid"), 1, nil},
		"fault":   {deskAnswer{status: 503}, 0, nil},
		"fine":    {deskIsFine(opAuthenticate, 0), 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
				d.answer = func(string, int) deskAnswer {
					answer := test.answer
					answer.late = time.Second
					return answer
				}
				go func() { _, _ = share.Readings(t.Context(), time.Hour) }()
				synctest.Wait()
				config := share.config
				config.Password = "another"
				other := openShare(t, config)
				time.Sleep(time.Minute)
				kept := other.known()
				if len(kept.Failures) != test.failures || !kept.Attempt.IsZero() || kept.Proven || kept.AccountID != "" || !errors.Is(other.Status().Refusal, test.refusal) {
					t.Errorf("%d failures, %+v", len(kept.Failures), other.Status())
				}
			})
		})
	}
}

// A program that is started again and again does not log in each time.
func TestARestartLoopStretchesLogins(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, _ *Share, state *State) {
		begin := time.Now()
		for range 6 * 60 {
			share := openShare(t, shareConfig(d, fileOf(t, state)))
			next, had := share.Status().NextLogin, logins(d)
			err := poll(t, share)
			switch {
			case next.IsZero() != (logins(d) > had), next.IsZero() != (err == nil):
				t.Fatalf("%v: the next login at %v, %v", time.Since(begin), next, err)
			case err != nil && (Reason(err) != ReasonRateLimited || !errors.Is(err, ErrShareStopped) || strings.Contains(err.Error(), "failed") || RetryAfter(err) != time.Until(next)):
				t.Fatalf("%v, retry after %v, want %v", err, RetryAfter(err), time.Until(next))
			}
			time.Sleep(10 * time.Second)
		}
		var got []time.Duration
		for _, call := range d.of(opLogin) {
			got = append(got, call.at.Sub(begin))
		}
		if want := "[0s 10s 20s 15m20s 30m20s 45m20s]"; fmt.Sprint(got) != want {
			t.Errorf("logins at %v, want %s", got, want)
		}
		time.Sleep(time.Hour)
		for range 3 {
			if err := poll(t, openShare(t, shareConfig(d, fileOf(t, state)))); err != nil {
				t.Error(err)
			}
		}
	})
}

// Nobody knows whether an account is locked whose state cannot be read.
func TestAStateThatCannotBeReadStopsLogins(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"zeros":     func(path string) error { return os.WriteFile(path, []byte{0, 0, 0}, 0o600) },
		"cut off":   func(path string) error { return os.WriteFile(path, []byte(`{"share":{"refusal":"lo`), 0o600) },
		"directory": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, func(t *testing.T, d *desk, share *Share, state *State) {
				d.answer = refusing("SSO_AuthenticateMaxAttemptsExceeded")
				if err := poll(t, share); !errors.Is(err, ErrShareLocked) {
					t.Fatal(err)
				}
				d.answer = deskIsFine
				path := filepath.Join(state.Dir(), "alice.state.json")
				if err := spoil(path); err != nil {
					t.Fatal(err)
				}
				file, err := OpenStateFile(state, "alice")
				if err == nil {
					t.Fatal("nobody hears of it")
				}
				config := shareConfig(d, file)
				for range 3 { // another password and a restart change nothing
					share = openShare(t, config)
					if status := share.Status(); status.Refusal != nil || time.Until(status.NextLogin) != 30*time.Minute {
						t.Errorf("%+v", status)
					}
					if err := poll(t, share); !errors.Is(err, ErrShareStopped) || !strings.Contains(err.Error(), "could not be read") || Reason(err) != ReasonCredentials || len(d.calls) != 1 {
						t.Errorf("%d calls, %v", len(d.calls), err)
					}
					config.Password += "x"
					if again, err := OpenStateFile(state, "alice"); err == nil {
						config.State = again
					}
				}
				_ = os.Remove(path) // a directory has to go before a login can be noted
				time.Sleep(30 * time.Minute)
				if err := poll(t, share); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A computer without a clock of its own boots in the past: what it keeps of a stop
// is still true once it learns the time.
func TestBootingInThePastShortensNoStop(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, state *State) {
		if err := poll(t, share); err != nil {
			t.Fatal(err)
		}
		year := 365 * 24 * time.Hour
		end := time.Now().Add(year + 20*time.Hour)
		err := fileOf(t, state).Update(func(account *AccountState) {
			account.Share.Refusal, account.Share.Step, account.Share.NextLogin = refusedLocked, 6, end
			account.Share.Failures = []time.Time{end.Add(-time.Hour), end.Add(-time.Hour), end.Add(-time.Hour)}
		})
		if err != nil {
			t.Fatal(err)
		}
		share = openShare(t, shareConfig(d, fileOf(t, state)))
		for range 3 {
			if next := share.Status().NextLogin; next.Before(time.Now()) || time.Until(next) > 24*time.Hour {
				t.Errorf("in the past: the next login in %v", time.Until(next))
			}
			time.Sleep(time.Hour)
		}
		_ = share.state.Update(func(account *AccountState) { account.Delivered = time.Now() }) // which writes all
		kept := fileOf(t, state).Get().Share
		if !kept.NextLogin.Equal(end) || !kept.Failures[0].Equal(end.Add(-time.Hour)) {
			t.Errorf("the stop was until %v and is until %v", end, kept.NextLogin)
		}
		// The same process learns the time.
		today := time.Now().Round(0).Add(year)
		kept.since = today.Add(-3 * time.Hour)
		if next := kept.next(today); !next.Equal(end) {
			t.Errorf("in the present: the next login at %v, want %v", next, end)
		}
	})
}

// A reload makes a second Share while the first one logs in: it waits, and then logs
// in itself.
func TestAReloadDuringALogin(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
		d.answer = func(op string, n int) deskAnswer {
			answer := deskIsFine(op, n)
			answer.late = 5 * time.Second
			return answer
		}
		go func() { _ = poll(t, share) }()
		time.Sleep(time.Second)
		begin, second := time.Now(), openShare(t, share.config)
		if status := second.Status(); !status.NextLogin.IsZero() {
			t.Errorf("the login under way is taken as one that broke off: %+v", status)
		}
		if err := poll(t, second); err != nil || time.Since(begin) != 9*time.Second+5*time.Second+5*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		if logins(d) != 2 || len(d.of(opAuthenticate)) != 1 || len(second.known().Failures) > 0 {
			t.Errorf("%d logins, %d authentications, %d failures", logins(d), len(d.of(opAuthenticate)), len(second.known().Failures))
		}
	})
}

// Times of a clock that was wrong stop logins once, and not again after each.
func TestTimesToComeAreOverOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		future := time.Date(2099, time.January, 1, 0, 0, 0, 0, time.UTC)
		state := ShareState{NextLogin: future, Failures: []time.Time{future, future, future}, Logins: []time.Time{future, future, future}}.restored(time.Now())
		for _, wait := range []time.Duration{24 * time.Hour, budgetWindow, 0, 0} {
			if next := max(0, time.Until(state.next(time.Now()))); next != wait {
				t.Errorf("a wait of %v, want %v", next, wait)
			}
			time.Sleep(wait)
			state.begin(time.Now())
			state.ended(time.Now(), &Error{Reason: ReasonServer})
		}
	})
}
