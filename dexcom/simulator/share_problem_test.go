package simulator

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// masked is a document in one line without what is new each time: ids and dates.
func masked(text []byte) string {
	var line bytes.Buffer
	if json.Compact(&line, text) != nil {
		return string(text)
	}
	one := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).ReplaceAllString(line.String(), "ID")
	return regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}`).ReplaceAllString(one, "DATE")
}

func TestShareFailuresAreLikeTheSamples(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		sample   string
		settings ShareSettings
		ask      func(c *Cloud, session string) (int, []byte)
	}{
		{
			"error_500_SessionIdNotFound.json",
			ShareSettings{},
			func(c *Cloud, _ string) (int, []byte) {
				return latest(t, c, "55555555-5555-5555-5555-555555555555", 10, 1)
			},
		},
		{
			"error_500_SessionNotValid_2025_json_subcode.json",
			ShareSettings{JSONSubCode: true},
			func(c *Cloud, session string) (int, []byte) {
				c.SetPassword("plain", "new")
				return latest(t, c, session, 10, 1)
			},
		},
		{
			"error_500_SSO_AuthenticateMaxAttemptsExceeded_ASSUMED_BODY.json",
			ShareSettings{MaxFailures: 1},
			func(c *Cloud, _ string) (int, []byte) {
				tryLogin(t, c, "plain", "wrong")
				return send(t, c, sharePost(t, authenticatePath, credentialsOf("plain")))
			},
		},
		{
			"error_500_InvalidArgument_ASSUMED_BODY.json",
			ShareSettings{},
			func(c *Cloud, _ string) (int, []byte) {
				return send(t, c, sharePost(t, authenticatePath, credentialsOf("")))
			},
		},
	} {
		c := sharing(t, people(t)...)
		c.SetShare(x.settings)
		status, text := x.ask(c, sessionOf(t, c, "plain"))
		if got, want := masked(text), masked(shareFile(t, x.sample)); status != 500 || got != want {
			t.Errorf("%s: %d\n%s, want\n%s", x.sample, status, got, want)
		}
	}
}

// The message quotes the id that was sent: it must not get into a log.
func TestShareFailuresQuoteTheSession(t *testing.T) {
	t.Parallel()
	for _, inJSON := range []bool{false, true} {
		c := sharing(t, people(t)...)
		c.SetShare(ShareSettings{JSONSubCode: inJSON})
		unknown, ended := strings.Repeat("5", 8)+zeroUUID[8:], sessionOf(t, c, "plain")
		c.SetPassword("plain", "new")
		for _, id := range []string{unknown, ended} {
			_, text := latest(t, c, id, 10, 1)
			var problem struct{ Message, SubCode string }
			if err := json.Unmarshal(text, &problem); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(problem.Message, id) || strings.Count(problem.SubCode, id) != 2 {
				t.Errorf("%s is not in %s", id, text)
			}
			isJSON, isXML := json.Valid([]byte(problem.SubCode)), xml.Unmarshal([]byte(problem.SubCode), new(onlineException)) == nil
			if isJSON != inJSON || isXML == inJSON {
				t.Errorf("SubCode is %s", problem.SubCode)
			}
		}
	}
}

func TestShareFailuresHaveIDsAndDates(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		c := sharing(t, people(t)...)
		seen := make(map[string]bool)
		for range 20 {
			_, text := send(t, c, sharePost(t, authenticatePath, credentialsOf("nobody")))
			id := regexp.MustCompile(`\{[0-9a-f-]{36}\}`).FindString(string(text))
			if id == "" || seen[id] || !bytes.Contains(text, []byte(time.Now().Format(`=\"2006-01-02T15:04:05.000000000Z\"`))) {
				t.Fatalf("%s", text)
			}
			seen[id] = true
		}
	})
}

func TestTheOldSpellingOfALock(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	c.SetShare(ShareSettings{MaxFailures: 1, OldSpelling: true})
	tryLogin(t, c, "plain", "wrong")
	if got := tryLogin(t, c, "plain", "plain"); got != "SSO_AuthenticateMaxAttemptsExceeed" {
		t.Error(got)
	}
}

func TestShareTellsTheTime(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		r := sharePost(t, clockPath, "")
		r.Method = http.MethodGet
		_, text := send(t, New(), r)
		if shapeOf(t, text) != shapeOf(t, shareFile(t, "system_utc_time.json")) {
			t.Errorf("%s", text)
		}
		var clock struct{ DateTime string }
		if err := json.Unmarshal(text, &clock); err != nil || !shareInstant(clock.DateTime).Equal(noon()) || clock.DateTime[0] != '/' {
			t.Errorf("%s: %v", text, err)
		}
	})
}
