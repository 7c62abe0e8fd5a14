package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// shareCase is a state of Share that check should put into words.
type shareCase struct {
	name    string
	person  simulator.Person
	change  func(*testing.T, *shareHome)
	ok      bool
	says    string // pattern
	logins  int    // of the check
	refused bool   // no login may follow
}

// What check says, in patterns.
const (
	readingsUntil      = `ok: readings until \d{4}-\d\d-\d\d \d\d:\d\d UTC`
	credentialsRefused = `not ok: the user name, password or region is refused, .*not a follower's.*\+ and its country code, a US one too; `
	accountLocked      = `not ok: the account is locked for a while, after too many failed logins of this program or another one; `
	inHalfAnHour       = `the next login is in 30 min \(about \S+ \S+ UTC\), so that the account is not locked; other credentials are tried at once$`
	noReading          = `not ok: logged in, but there is no reading of the last 24 h: is Share switched on in the app, with at least one follower\? Is the phone online\? Does the sensor warm up\?$`
	noAnswer           = `not ok: no answer \(dexcom: share login: network: %s\): look at the network, the proxy and base_url$`
	somebodyElse       = `not ok: somebody else answers in Dexcom's place \(.*\): look at base_url and at proxies$`
)

// flowCases are those of who can log in.
func flowCases() []shareCase {
	usual, ahead := steady(20*time.Second), steady(20*time.Second)
	ahead.ShareSkew = 10 * time.Minute
	return []shareCase{
		{name: "readings flow", person: usual, ok: true, logins: 1, says: readingsUntil + `, \d min ago: normal, the phone publishes within (\dm)?\d+s$`},
		{name: "a reading is late", person: steady(8 * time.Minute), ok: true, logins: 1, says: readingsUntil + `, (8|9|1\d) min ago: a reading or two are late$`},
		{
			name: "nothing new for 40 min", person: steady(40 * time.Minute), ok: true, logins: 1,
			says: readingsUntil + `, 4\d min ago: nothing was published since\. Is the phone online and near the sensor, or does a new sensor warm up\?$`,
		},
		{name: "the phone's clock is ahead", person: ahead, ok: true, logins: 1, says: readingsUntil + `: the phone's clock is ahead by \dm(\d+s)?, set it$`},
		{name: "this machine's clock is off", person: usual, change: clockOff(-7 * time.Minute), ok: true, logins: 1, says: `; the clock of this machine is off by (7m0s|6m59s), set it$`},
		{name: "this machine's clock is behind", person: ahead, change: clockOff(10 * time.Minute), ok: true, logins: 1, says: readingsUntil + `, \d min ago: normal, .*; the clock of this machine is off by (10m0s|9m59s), set it$`},
		{name: "a clock that is nearly right", person: usual, change: clockOff(20 * time.Second), ok: true, logins: 1, says: `the phone publishes within (\dm)?\d+s$`},
		{name: "sharing is off", person: usual, change: func(_ *testing.T, h *shareHome) { h.SetSharing("alice", false) }, logins: 1, says: noReading},
		{name: "the phone is away for a day", person: away(), logins: 1, says: noReading},
		{name: "no sensor yet", person: simulator.Person{Since: time.Now().Add(time.Hour)}, logins: 1, says: noReading},
	}
}

// refusalCases are those of who cannot.
func refusalCases() []shareCase {
	usual := steady(20 * time.Second)
	return []shareCase{
		{name: "wrong password", person: usual, change: func(_ *testing.T, h *shareHome) { h.password = planted }, logins: 1, refused: true, says: credentialsRefused + inHalfAnHour},
		{name: "wrong user name", person: usual, change: func(_ *testing.T, h *shareHome) { h.username = planted }, logins: 1, refused: true, says: credentialsRefused + inHalfAnHour},
		{name: "wrong region", person: usual, change: func(_ *testing.T, h *shareHome) { h.SetShare(simulator.ShareSettings{Region: "jp"}) }, logins: 1, refused: true, says: credentialsRefused + inHalfAnHour},
		{name: "wrong, in other words", person: usual, change: func(_ *testing.T, h *shareHome) {
			h.password = planted
			h.SetShare(simulator.ShareSettings{InternalError: true})
		}, logins: 1, refused: true, says: credentialsRefused + inHalfAnHour},
		{name: "a password that worked before", person: usual, change: func(t *testing.T, h *shareHome) {
			t.Helper()
			h.check(t)
			h.SetPassword("alice", "another one")
		}, logins: 1, refused: true, says: credentialsRefused + `the next login is in 2 min `},
		{name: "locked by another program", person: usual, change: func(t *testing.T, h *shareHome) {
			t.Helper()
			h.SetShare(simulator.ShareSettings{MaxFailures: 1})
			h.failLogin(t)
		}, logins: 1, refused: true, says: accountLocked + `the next login is in 30 min `},
		{name: "locked, in the old spelling", person: usual, change: func(t *testing.T, h *shareHome) {
			t.Helper()
			h.SetShare(simulator.ShareSettings{MaxFailures: 1, OldSpelling: true, JSONSubCode: true})
			h.failLogin(t)
		}, logins: 1, refused: true, says: accountLocked + `the next login is in 30 min `},
		{name: "refused before, another password now", person: usual, change: func(t *testing.T, h *shareHome) {
			t.Helper()
			h.password = planted
			h.check(t)
			h.password = sharePassword
		}, ok: true, logins: 1, says: readingsUntil},
		{name: "stopped in the middle of a login", person: usual, change: func(t *testing.T, h *shareHome) {
			t.Helper()
			h.check(t)
			h.breakOff(t)
		}, refused: true, says: `not ok: (too many )?logins failed or broke off.*; the next login is in 2 min `},
	}
}

// faultCases are those in which nobody knows.
func faultCases() []shareCase {
	usual := steady(20 * time.Second)
	return []shareCase{
		{name: "sessions are forgotten at once", person: usual, change: func(t *testing.T, h *shareHome) {
			t.Helper()
			h.SetShare(simulator.ShareSettings{SessionLife: time.Nanosecond})
		}, logins: 1, says: `not ok: Dexcom, or something before it, has a fault of its own \(.*the session is over or unknown\): it passes, try again later$`},
		{name: "a fault of Dexcom's", person: usual, change: func(_ *testing.T, h *shareHome) {
			h.FailData(simulator.Target{Version: "share"}, simulator.AnswerHTML(http.StatusServiceUnavailable), 100)
		}, logins: 1, says: `not ok: Dexcom, or something before it, has a fault of its own \(.*HTTP 503\): it passes, try again later$`},
		{name: "too many calls", person: usual, change: func(_ *testing.T, h *shareHome) {
			h.FailData(simulator.Target{Version: "share"}, simulator.AnswerHTML(http.StatusTooManyRequests), 100)
		}, logins: 1, says: `not ok: Share wants fewer calls \(HTTP 429\)`},
		{name: "a proxy's page", person: usual, change: page(http.StatusOK), says: somebodyElse},
		{name: "a proxy's refusal", person: usual, change: page(http.StatusForbidden), says: `not ok: an answer that Dexcom does not give \(.*HTTP 403: .*is there a proxy in between\?\): look at base_url and at proxies$`},
		{name: "no such host", person: usual, change: func(_ *testing.T, h *shareHome) { h.baseURL = "http://share.invalid" }, says: fmt.Sprintf(noAnswer, "the host's name cannot be resolved")},
		{name: "nobody listens", person: usual, change: func(t *testing.T, h *shareHome) { h.baseURL = "http://" + freeAddress(t) }, says: fmt.Sprintf(noAnswer, "nobody listens there")},
		{name: "a certificate of its own", person: usual, change: func(t *testing.T, h *shareHome) {
			t.Helper()
			server := httptest.NewUnstartedServer(h)
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
			server.StartTLS()
			t.Cleanup(server.Close)
			h.baseURL = server.URL
		}, says: fmt.Sprintf(noAnswer, "the server's certificate is not to be trusted")},
		{name: "no TLS", person: usual, change: func(_ *testing.T, h *shareHome) { h.baseURL = strings.Replace(h.baseURL, "http:", "https:", 1) }, says: fmt.Sprintf(noAnswer, `TLS failed: is it another kind of server, or a proxy\?`)},
	}
}

func shareCases() []shareCase { return slices.Concat(flowCases(), refusalCases(), faultCases()) }

// steady is somebody whose readings come at a delay, and whose sensor needs no change
// for a while.
func steady(delay time.Duration) simulator.Person {
	p := simulator.Person{Name: "alice", ShareDelay: delay, ShareJitter: time.Millisecond, Since: time.Now().Add(-30 * 24 * time.Hour)}
	from, to := time.Now().Add(-time.Hour), time.Now().Add(10*time.Minute)
	for len(p.ShareReadings(from, to, to.Add(delay))) < 13 {
		p.Seed++
	}
	return p
}

// away is somebody whose phone is without a network for longer than Share keeps
// readings, at whatever time of day this runs.
func away() simulator.Person {
	return simulator.Person{Name: "alice", ShareDelay: 25 * time.Hour, ShareJitter: time.Millisecond, Since: time.Now().Add(-60 * 24 * time.Hour)}
}

// clockOff has Dexcom's clock differ from ours.
func clockOff(by time.Duration) func(*testing.T, *shareHome) {
	return func(t *testing.T, h *shareHome) {
		t.Helper()
		h.behind(t, func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/General/SystemUtcTime") {
				return false
			}
			_, _ = fmt.Fprintf(w, `{"DateTime":"/Date(%d)/","OffsetMinutes":0}`, time.Now().Add(by).UnixMilli())
			return true
		})
	}
}

// page has a page answer that is not Dexcom's.
func page(status int) func(*testing.T, *shareHome) {
	return func(t *testing.T, h *shareHome) {
		t.Helper()
		h.behind(t, func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<!DOCTYPE html><html><title>Welcome</title></html>"))
			return true
		})
	}
}
