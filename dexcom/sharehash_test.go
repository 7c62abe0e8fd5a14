package dexcom

import (
	"strings"
	"testing"
	"time"
)

func TestTheAccountHashTellsPeopleApart(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, state *State) {
		if hash := share.AccountHash(); hash != "" {
			t.Errorf("before the first login: %q", hash)
		}
		if err := poll(t, share); err != nil {
			t.Fatal(err)
		}
		alice := share.AccountHash()
		if len(alice) != 64 || strings.Contains(alice, "9999") {
			t.Errorf("%q", alice)
		}
		config := shareConfig(d, fileOf(t, state))
		config.Username, config.Password = "+14155550123", "another" // the same person by another name
		again := openShare(t, config)
		if again.AccountHash() != alice || poll(t, again) != nil || again.AccountHash() != alice {
			t.Error("one person is taken for two")
		}
		d.answer = func(op string, n int) deskAnswer {
			if op == opAuthenticate {
				return deskAnswer{status: 200, body: `"` + strings.Replace(shareAccount, "9", "8", 1) + `"`}
			}
			return deskIsFine(op, n)
		}
		config.Username = "bob"
		other := openShare(t, config)
		if other.AccountHash() != alice {
			t.Error("the account changes before the login")
		}
		if err := poll(t, other); err != nil || other.AccountHash() == alice || other.AccountHash() == "" {
			t.Errorf("two people are taken for one: %v", err)
		}
		if again.AccountHash() != alice {
			t.Error("a session that goes on belongs to somebody else now")
		}
		restarted := openShare(t, shareConfig(d, fileOf(t, state)))
		if restarted.AccountHash() != other.AccountHash() {
			t.Error("it is another one after a restart")
		}
	})
}

// A refused login forgets the id of the account, and not whose the readings were.
func TestTheAccountHashOutlastsARefusal(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, state *State) {
		if err := poll(t, share); err != nil {
			t.Fatal(err)
		}
		alice := share.AccountHash()
		d.answer = refusing("AccountPasswordInvalid")
		share = openShare(t, shareConfig(d, fileOf(t, state)))
		if err := poll(t, share); err == nil || share.AccountHash() != alice {
			t.Errorf("after a refusal: %v", err)
		}
		d.answer = deskIsFine
		time.Sleep(24 * time.Hour)
		if err := poll(t, share); err != nil || share.AccountHash() != alice {
			t.Errorf("after another login: %v", err)
		}
	})
}
