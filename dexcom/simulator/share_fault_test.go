package simulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestFaultsReachEveryEndpointOfShare(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	session, id := sessionOf(t, c, "plain"), asked(t, c, authenticatePath, credentialsOf("plain"))
	byID := credentialsOf("", "accountId", id, "password", "plain")
	clock := sharePost(t, clockPath, "")
	clock.Method = http.MethodGet
	for _, x := range []struct {
		endpoint, person string
		request          *http.Request
	}{
		{"AuthenticatePublisherAccount", "plain", sharePost(t, authenticatePath, credentialsOf("plain", "password", "wrong"))},
		{"AuthenticatePublisherAccount", "", sharePost(t, authenticatePath, "nonsense")},
		{"LoginPublisherAccountById", "plain", sharePost(t, loginPath, byID)},
		{"LoginPublisherAccountByName", "plain", sharePost(t, loginByNamePath, credentialsOf("plain"))},
		{"ReadPublisherLatestGlucoseValues", "plain", sharePost(t, readPath+"?minutes=10&maxCount=1&sessionId="+session, "")},
		{"SystemUtcTime", "", clock},
	} {
		before := c.ShareCounts("plain")
		c.FailData(Target{"share", x.endpoint, x.person}, AnswerHTML(http.StatusForbidden), 1)
		status, body := raw(t, c, x.request)
		if status != http.StatusForbidden || !strings.Contains(body, "<h1>") {
			t.Errorf("%s: %d %s", x.endpoint, status, body)
		}
		if got := c.ShareCounts("plain"); got != before {
			t.Errorf("%s was done: %+v", x.endpoint, got)
		}
		c.FailData(Target{"share", x.endpoint, "another"}, AnswerHTML(http.StatusForbidden), 1)
		c.FailData(Target{"v3", x.endpoint, ""}, AnswerHTML(http.StatusForbidden), 1)
		if got := c.FaultCounts()["answer 403 text/html"]; got == 0 {
			t.Errorf("%s is not counted", x.endpoint)
		}
	}
	allOf(t, c, sessionOf(t, c, "plain")) // nothing is left for plain
}

// Who has no session learns of no fault.
func TestFaultsOfReadsComeAfterTheSession(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	session := sessionOf(t, c, "plain")
	c.FailData(Target{Version: "share", Endpoint: "ReadPublisherLatestGlucoseValues"}, AnswerJSON(http.StatusBadGateway), 1)
	if status, text := latest(t, c, strings.Repeat("5", 8)+zeroUUID[8:], 10, 1); codeOf(t, status, text) != "SessionIdNotFound" {
		t.Errorf("%d %s", status, text)
	}
	if status, text := latest(t, c, zeroUUID, 10, 1); status != http.StatusOK {
		t.Errorf("%d %s", status, text)
	}
	if status, _ := latest(t, c, session, 10, 1); status != http.StatusBadGateway {
		t.Errorf("%d", status)
	}
}

// A session that the client never hears of is open all the same.
func TestLostLogins(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		to.cloud.Share(ShareAccount{Person: "plain", Username: "plain", Password: "plain"})
		for _, x := range []struct {
			fault Fault
			done  int
		}{{LoseAnswer(), 1}, {ResetConnection(), 0}, {ResetBody(), 1}, {HalveBody(), 1}} {
			before := to.cloud.ShareCounts("plain").Authentications
			to.cloud.FailData(Target{Version: "share"}, x.fault, 1)
			r := sharePost(t, authenticatePath, credentialsOf("plain"))
			r.URL.Scheme, r.URL.Host, _ = strings.Cut(to.base, "://")
			if got := to.do(r); got.err == nil && isUUID(strings.Trim(strings.TrimSpace(got.body), `"`)) {
				t.Errorf("%v: %s", x.fault, got.body)
			}
			if got := to.cloud.ShareCounts("plain").Authentications - before; got != x.done {
				t.Errorf("%v: done %d times", x.fault, got)
			}
		}
	})
}

func TestSlowShare(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		c := sharing(t, people(t)...)
		session := sessionOf(t, c, "plain")
		want := allOf(t, c, session)
		c.FailData(Target{Version: "share", Person: "plain"}, DelayAnswer(time.Minute), 1)
		start := time.Now()
		if got := allOf(t, c, session); string(got) != string(want) || time.Since(start) != time.Minute {
			t.Errorf("%d bytes after %v, want %d", len(got), time.Since(start), len(want))
		}
	})
}

func TestShareHasALimitOfItsOwn(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		c := sharing(t, people(t)...)
		c.LimitCalls(0)
		session := sessionOf(t, c, "plain")
		for range 100 {
			allOf(t, c, session)
		}
		if got := c.Calls(); got != 0 {
			t.Errorf("%d calls to the API", got)
		}
		c.SetShare(ShareSettings{CallsPerHour: 103})
		allOf(t, c, session)
		r := sharePost(t, readPath+"?minutes=10&maxCount=1&sessionId="+session, "")
		if status, body := raw(t, c, r); status != http.StatusTooManyRequests || !strings.Contains(body, "<h1>") {
			t.Errorf("%d %s", status, body)
		}
		if status, _ := raw(t, c, sharePost(t, authenticatePath, credentialsOf("plain"))); status != http.StatusTooManyRequests {
			t.Errorf("%d", status)
		}
		if got := c.ShareCounts("plain"); got.Reads != 101 || got.Logins != 1 {
			t.Errorf("counts are %+v", got)
		}
		time.Sleep(time.Hour)
		allOf(t, c, session)
		c.SetShare(ShareSettings{})
		for range 200 {
			allOf(t, c, session)
		}
	})
}

// The answer to any request for data of the API may go wrong; Share's too.
func TestFaultsForEverything(t *testing.T) {
	t.Parallel()
	c := sharing(t, people(t)...)
	c.FailData(Target{Person: "plain"}, AnswerJSON(http.StatusTeapot), 2)
	if status, _ := send(t, c, sharePost(t, authenticatePath, credentialsOf("plain"))); status != http.StatusTeapot {
		t.Errorf("%d", status)
	}
	if status, _ := ask(t, c, "plain", "/v3/users/self/devices", nil); status != http.StatusTeapot {
		t.Errorf("%d", status)
	}
}
