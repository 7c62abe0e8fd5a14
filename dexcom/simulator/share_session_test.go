package simulator

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestShareSessionsLiveADay(t *testing.T) {
	for _, life := range []time.Duration{0, time.Hour} {
		want := life
		if life == 0 {
			want = 24 * time.Hour
		}
		t.Run(want.String(), func(t *testing.T) {
			shareBubble(t, func(t *testing.T) {
				c := sharing(t, people(t)...)
				c.SetShare(ShareSettings{SessionLife: life})
				id := sessionOf(t, c, "plain")
				time.Sleep(want / 2)
				if status, text := latest(t, c, id, 10, 1); status != http.StatusOK { // does not prolong it
					t.Fatalf("%d %s", status, text)
				}
				time.Sleep(want/2 - time.Nanosecond)
				if status, text := latest(t, c, strings.ToUpper(id), 10, 1); status != http.StatusOK {
					t.Fatalf("%d %s", status, text)
				}
				time.Sleep(time.Nanosecond)
				for range 2 {
					if status, text := latest(t, c, id, 10, 1); codeOf(t, status, text) != "SessionNotValid" {
						t.Fatalf("%d %s", status, text)
					}
				}
				if got, want := c.ShareCounts("plain"), (ShareCounts{Authentications: 1, Logins: 1, Reads: 2, LateReads: 2}); got != want {
					t.Errorf("counts are %+v, want %+v", got, want)
				}
			})
		})
	}
}

func TestShareSessionsStandSideBySide(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		c := sharing(t, people(t)...)
		var ids []string
		for range 3 {
			ids = append(ids, sessionOf(t, c, "plain"))
			time.Sleep(time.Hour)
		}
		other := sessionOf(t, c, "one")
		if ids[0] == ids[1] || ids[1] == ids[2] || ids[2] == other {
			t.Fatalf("%v, %s", ids, other)
		}
		want := allOf(t, c, ids[0])
		for _, id := range ids {
			if got := allOf(t, c, id); !bytes.Equal(got, want) {
				t.Errorf("%s differs", id)
			}
		}
		if bytes.Equal(want, allOf(t, c, other)) {
			t.Error("two people have the same readings")
		}
		c.SetPassword("plain", "new")
		for _, id := range ids {
			if status, text := latest(t, c, id, 10, 1); codeOf(t, status, text) != "SessionNotValid" {
				t.Errorf("%d %s", status, text)
			}
		}
		allOf(t, c, other)
		if got := tryLogin(t, c, "plain", "plain"); got != "AccountPasswordInvalid" {
			t.Errorf("the old password: %s", got)
		}
		allOf(t, c, tryLogin(t, c, "plain", "new"))
	})
}

func TestShareSessionsThatAreNone(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	if status, text := latest(t, c, zeroUUID, 10, 1); status != http.StatusOK || len(text) != 0 {
		t.Errorf("no session: %d %q", status, text)
	}
	account := asked(t, c, authenticatePath, credentialsOf("plain"))
	if status, text := latest(t, c, account, 10, 1); codeOf(t, status, text) != "SessionIdNotFound" {
		t.Errorf("an account id: %d %s", status, text)
	}
	elsewhere := sharing(t, people(t)...)
	elsewhere.SetShare(ShareSettings{Seed: 1})
	if status, text := latest(t, c, sessionOf(t, elsewhere, "plain"), 10, 1); codeOf(t, status, text) != "SessionIdNotFound" {
		t.Errorf("a session of another cloud: %d %s", status, text)
	}
}

func TestShareSessionsRepeat(t *testing.T) {
	t.Parallel()
	a, b := sharing(t, people(t)...), sharing(t, people(t)...)
	for range 5 {
		if sessionOf(t, a, "plain") != sessionOf(t, b, "plain") {
			t.Fatal("the same requests gave other sessions")
		}
	}
}

func TestTheNameOfTheSessionIsInEitherCase(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	id := sessionOf(t, c, "plain")
	for _, query := range []string{
		"?sessionId=" + id + "&minutes=60&maxCount=3",
		"?sessionID=" + id + "&minutes=60&maxCount=3",
		"?MAXCOUNT=3&sessionid=" + id + "&Minutes=60",
	} {
		if status, text := send(t, c, sharePost(t, readPath+query, "")); status != http.StatusOK || len(interpret(t, text)) == 0 {
			t.Errorf("%s: %d %s", query, status, text)
		}
	}
}
