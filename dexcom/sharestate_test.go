package dexcom

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Another account begins anew and finds nothing of the other one.
func TestAnotherAccountBeginsAnew(t *testing.T) {
	for name, change := range map[string]func(*ShareConfig){
		"user":   func(c *ShareConfig) { c.Username += "x" },
		"region": func(c *ShareConfig) { c.Region = ShareOUS },
		"border": func(c *ShareConfig) { c.Username, c.Password = c.Username+c.Password[:1], c.Password[1:] },
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, func(t *testing.T, d *desk, share *Share, state *State) {
				if err := poll(t, share); err != nil {
					t.Fatal(err)
				}
				d.answer = func(string, int) deskAnswer { return deskFault("SSO_AuthenticateMaxAttemptsExceeded") }
				config := shareConfig(d, fileOf(t, state))
				if err := poll(t, openShare(t, config)); !errors.Is(err, ErrShareLocked) {
					t.Fatal(err)
				}
				if status := openShare(t, config).Status(); !status.Proven || status.NextLogin.IsZero() {
					t.Fatalf("the same credentials: %+v", status)
				}
				d.answer = deskIsFine
				change(&config)
				other := openShare(t, config)
				if status := other.Status(); status != (ShareStatus{}) {
					t.Errorf("other credentials: %+v", status)
				}
				authentications := len(d.of(opAuthenticate))
				if err := poll(t, other); err != nil || len(d.of(opAuthenticate)) != authentications+1 {
					t.Errorf("other credentials: %v", err)
				}
				if err := poll(t, share); err != nil {
					t.Errorf("who has a session of before: %v", err)
				}
			})
		})
	}
}

// A login of credentials that were replaced meanwhile changes nothing of the new
// ones' state: the account id of one person must not come to another.
func TestALoginThatWasOvertaken(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
		d.answer = func(op string, n int) deskAnswer {
			answer := deskIsFine(op, n)
			answer.late = time.Second
			return answer
		}
		go func() { _ = poll(t, share) }()
		synctest.Wait()
		config := share.config
		config.Username = "bob"
		other := openShare(t, config)
		time.Sleep(time.Minute)
		if status := other.Status(); status != (ShareStatus{}) || other.known().AccountID != "" {
			t.Errorf("%+v", status)
		}
		if !share.forget(share.current().id) {
			t.Fatal("the session stays")
		}
		if err := poll(t, share); !errors.Is(err, errShareReplaced) || logins(d) != 1 {
			t.Errorf("who was replaced: %v", err)
		}
		if err := poll(t, other); err != nil {
			t.Error(err)
		}
	})
}

// Reloading a configuration makes a second Share of the same account.
func TestTwoSharesOfOneAccountShareTheBackOff(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
		second := openShare(t, share.config)
		d.answer = func(string, int) deskAnswer { return deskFault("AccountPasswordInvalid") }
		if err := poll(t, share); !errors.Is(err, ErrShareCredentials) {
			t.Fatal(err)
		}
		kept := share.config.State.Get()
		kept.Share.Failures[0] = time.Time{}
		if share.known().Failures[0].IsZero() {
			t.Error("who reads the state can change it")
		}
		if err := poll(t, second); !errors.Is(err, ErrShareCredentials) || len(d.calls) != 1 {
			t.Errorf("%d calls, %v", len(d.calls), err)
		}
	})
}

// In memory it works the same, and for one Share only.
func TestShareWithoutAStateFile(t *testing.T) {
	t.Parallel()
	d := newDesk(func(string, int) deskAnswer { return deskFault("AccountPasswordInvalid") })
	share := openShare(t, shareConfig(d, nil))
	for range 3 {
		if err := poll(t, share); !errors.Is(err, ErrShareCredentials) || len(d.calls) != 1 {
			t.Errorf("%d calls, %v", len(d.calls), err)
		}
	}
	if status := openShare(t, shareConfig(d, nil)).Status(); status != (ShareStatus{}) {
		t.Errorf("another one: %+v", status)
	}
}

// A clock that was wrong does not stop logins for years, and a file that somebody
// wrote into does no harm.
func TestAStateThatMakesNoSense(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, state *State) {
		if err := poll(t, share); err != nil {
			t.Fatal(err)
		}
		path := fileOf(t, state).path
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			field string
			most  time.Duration // until a login may be tried
		}{
			{`"next_login":"2099-01-01T00:00:00Z"`, 24 * time.Hour},
			{`"next_login":"1970-01-01T00:00:00Z"`, 0},
			{`"attempt":"2099-01-01T00:00:00Z"`, 24 * time.Hour},
			{`"attempt":"9999-12-31T23:59:59Z"`, 90 * time.Second},
			{`"attempt":"1970-01-01T00:00:00Z"`, 0},
			{`"failures":["2099-01-01T00:00:00Z","2099-01-01T00:00:00Z","2099-01-01T00:00:00Z","2099-01-01T00:00:00Z"]`, 30 * time.Minute},
			{`"step":1000000,"attempt":"2099-01-01T00:00:00Z"`, 24 * time.Hour},
			{`"step":-1000000,"attempt":"9999-12-31T23:59:59Z"`, 90 * time.Second},
			{`"logins":["2099-01-01T00:00:00Z","2099-01-01T00:00:00Z","2099-01-01T00:00:00Z","2099-01-01T00:00:00Z"]`, 15 * time.Minute},
			{`"logins":["1970-01-01T00:00:00Z","1970-01-01T00:00:00Z","1970-01-01T00:00:00Z"]`, 0},
			{`"refusal":"because"`, 0},
			{`"account_id":"../../SECRET"`, 0},
		} {
			text := strings.Replace(string(good), `"share":{`, `"share":{`+test.field+",", 1)
			if strings.HasPrefix(test.field, `"logins"`) {
				text = regexp.MustCompile(`"logins":\[.*?\]`).ReplaceAllString(string(good), test.field)
			}
			if strings.HasPrefix(test.field, `"account_id"`) {
				text = strings.Replace(string(good), shareAccount, "../../SECRET", 1)
			}
			if !json.Valid([]byte(text)) || text == string(good) {
				t.Fatalf("%s: %s", test.field, text)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			again := openShare(t, shareConfig(d, fileOf(t, state)))
			next := again.Status().NextLogin
			if wait := max(0, time.Until(next)); !again.Status().Proven || wait != test.most {
				t.Errorf("%s: a wait of %v, want %v", test.field, wait, test.most)
			}
			time.Sleep(test.most)
			if err := poll(t, again); err != nil {
				t.Errorf("%s: %v", test.field, err)
			}
		}
	})
}

// FuzzShareState takes any state of the disk: it never panics, and never stops logins
// for more than a day.
func FuzzShareState(f *testing.F) {
	f.Add([]byte(`{"proven":true,"attempt":"2026-11-22T12:00:00Z","refusal":"locked","step":3,"next_login":"2026-11-22T12:00:00Z","failures":["2026-11-22T12:00:00Z"]}`))
	f.Add([]byte(`{"step":-9223372036854775808,"attempt":"9999-11-22T12:00:00Z","failures":["0001-01-01T00:00:00Z","9999-01-01T00:00:00Z","2026-11-22T12:00:00Z","x"]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var state ShareState
		if json.Unmarshal(text, &state) != nil {
			return
		}
		now := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
		config := ShareConfig{Region: ShareUS, Username: "a", Password: "b"}
		state.Salt = "salt"
		state.Credentials, state.User = hashCredentials(state.Salt, config), hashLogin(state.Salt, config)
		state = state.restored(now).stateFor(config)
		if next := state.next(now); next.Sub(now) > 24*time.Hour {
			t.Fatalf("stopped until %v", next)
		}
		for range 20 {
			state.begin(now)
			if next := state.restored(now).next(now); next.Sub(now) < 90*time.Second || next.Sub(now) > 24*time.Hour {
				t.Fatalf("a login is under way, the next one at %v", next)
			}
			state.refuse(now, state.Refusal)
			if next := state.next(now); !next.After(now) || next.Sub(now) > 24*time.Hour {
				t.Fatalf("refused, the next login at %v", next)
			}
		}
	})
}
