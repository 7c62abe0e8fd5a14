package simulator

import (
	"net/http"
	"testing"
	"time"
)

const locked = "SSO_AuthenticateMaxAttemptsExceeded"

func TestShareLocksAfterFailuresInARow(t *testing.T) {
	for _, x := range []struct {
		settings ShareSettings
		failures int
		life     time.Duration
	}{
		{ShareSettings{}, 5, 10 * time.Minute},
		{ShareSettings{MaxFailures: 3, LockLife: time.Hour}, 3, time.Hour},
	} {
		t.Run(x.life.String(), func(t *testing.T) {
			shareBubble(t, func(t *testing.T) {
				c := sharing(t, people(t)...)
				c.SetShare(x.settings)
				try := func(password, want string) {
					t.Helper()
					if got := tryLogin(t, c, "plain", password); got != want {
						t.Fatalf("%s: %s, want %s", password, got, want)
					}
				}
				session := sessionOf(t, c, "plain")
				for range x.failures - 1 {
					try("wrong", "AccountPasswordInvalid")
				}
				sessionOf(t, c, "plain") // ends the row
				for range x.failures {
					try("wrong", "AccountPasswordInvalid")
				}
				try("plain", locked)
				try("wrong", locked)
				sessionOf(t, c, "one") // is not locked
				allOf(t, c, session)   // what is open stays open
				time.Sleep(x.life - time.Nanosecond)
				try("plain", locked) // starts it again
				time.Sleep(x.life - time.Nanosecond)
				try("wrong", locked)
				time.Sleep(x.life)
				for range x.failures - 1 { // counted anew
					try("wrong", "AccountPasswordInvalid")
				}
				sessionOf(t, c, "plain")
				want := ShareCounts{
					Authentications: 3, Logins: 3, Reads: 1,
					FailedLogins: 3*x.failures - 2, LockedLogins: 4,
				}
				if got := c.ShareCounts("plain"); got != want {
					t.Errorf("counts are %+v, want %+v", got, want)
				}
			})
		})
	}
}

// Both calls take the password, and both count.
func TestShareLocksByEitherCall(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	id := asked(t, c, authenticatePath, credentialsOf("plain"))
	wrong := credentialsOf("", "accountId", id, "password", "wrong")
	for range 2 {
		asked(t, c, loginPath, wrong)
		asked(t, c, authenticatePath, credentialsOf("plain", "applicationId", jpID))
	}
	asked(t, c, loginPath, wrong)
	right := credentialsOf("", "accountId", id, "password", "plain")
	if got := asked(t, c, loginPath, right); got != locked {
		t.Errorf("got %s", got)
	}
	c.SetPassword("plain", "new")
	if got := tryLogin(t, c, "plain", "new"); got != locked {
		t.Errorf("a new password opens it: %s", got)
	}
	if got := c.ShareCounts("plain"); got.FailedLogins != 5 || got.LockedLogins != 2 {
		t.Errorf("counts are %+v", got)
	}
}

func TestStrangersLockNobody(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	for range 20 {
		if got := tryLogin(t, c, "nobody", "plain"); got != "AccountPasswordInvalid" {
			t.Fatal(got)
		}
	}
	sessionOf(t, c, "plain")
	if got := c.ShareCounts("nobody"); got != (ShareCounts{}) {
		t.Errorf("counts of nobody are %+v", got)
	}
}

func TestCredentialsRefusedByMistake(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	c.FailData(Target{Version: "share", Endpoint: "AuthenticatePublisherAccount", Person: "plain"}, RefuseCredentials(), 10)
	sessionOf(t, c, "one")
	for range 10 {
		status, text := send(t, c, sharePost(t, authenticatePath, credentialsOf("plain")))
		if status != http.StatusInternalServerError || masked(text) != masked(shareFile(t, "error_500_AccountPasswordInvalid.json")) {
			t.Fatalf("%d %s", status, text)
		}
	}
	sessionOf(t, c, "plain") // nothing is locked
	if got, want := c.ShareCounts("plain"), (ShareCounts{Authentications: 1, Logins: 1}); got != want {
		t.Errorf("counts are %+v", got)
	}
	if got := c.FaultCounts()["credentials refused"]; got != 10 {
		t.Errorf("%d faults", got)
	}
}
