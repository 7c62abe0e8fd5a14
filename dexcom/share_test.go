package dexcom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestNewShareRefuses(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]ShareConfig{
		"no region":      {Username: "a", Password: "b"},
		"unknown region": {Region: "eu", Username: "a", Password: "b"},
		"no user":        {Region: ShareUS, Password: "SECRET"},
		"no password":    {Region: ShareUS, Username: "SECRET"},
		"relative":       {Region: ShareUS, BaseURL: "share2.dexcom.com", Username: "a", Password: "b"},
		"another scheme": {Region: ShareUS, BaseURL: "ftp://share2.dexcom.com", Username: "a", Password: "b"},
		"broken":         {Region: ShareUS, BaseURL: "http://SECRET@[::1", Username: "a", Password: "b"},
	} {
		_, err := NewShare(config)
		if err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for region, want := range map[ShareRegion]string{
		ShareUS: "https://share2.dexcom.com", ShareOUS: "https://shareous1.dexcom.com", ShareJP: "https://share.dexcom.jp",
	} {
		if base, err := region.BaseURL(); err != nil || base != want {
			t.Errorf("%s: %s, %v", region, base, err)
		}
		if share, err := NewShare(ShareConfig{Region: region, Username: "a", Password: "b"}); err != nil || share.services != want+"/ShareWebServices/Services/" {
			t.Errorf("%s: %v", region, err)
		}
	}
}

func TestShareRequests(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
		if _, err := share.ServerTime(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, age := range []time.Duration{time.Hour + time.Second, -time.Hour, 48 * time.Hour} {
			if _, err := share.Readings(t.Context(), age); err != nil {
				t.Fatal(err)
			}
		}
		const application = `"applicationId":"d89443d2-327c-4a6f-89e5-496bbb0317db"}`
		const services, types = "http://share.test/prefix/ShareWebServices/Services/", " [application/json] [application/json] "
		const read = "POST " + services + "Publisher/ReadPublisherLatestGlucoseValues?maxCount=288&minutes=%d&sessionId=55555555-5555-5555-5555-555555550000" + types
		want := []string{
			"GET " + services + "General/SystemUtcTime" + types,
			"POST " + services + "General/AuthenticatePublisherAccount" + types + `{"accountName":"` + shareUser + `","password":"` + sharePassword + `",` + application,
			"POST " + services + "General/LoginPublisherAccountById" + types + `{"accountId":"` + shareAccount + `","password":"` + sharePassword + `",` + application,
			fmt.Sprintf(read, 61), fmt.Sprintf(read, 1), fmt.Sprintf(read, 1440),
		}
		for i, call := range d.calls {
			if got := call.head + " " + call.body; i >= len(want) || got != want[i] {
				t.Errorf("call %d: %s", i, got)
			}
		}
		if len(d.calls) != len(want) {
			t.Errorf("%d calls, want %d", len(d.calls), len(want))
		}
	})
}

// What opens an account is sent as clients have recorded it.
func TestShareRequestSamples(t *testing.T) {
	t.Parallel()
	for name, region := range shareRequestSamples() {
		var got, want map[string]string
		d := newDesk(deskIsFine)
		config := shareConfig(d, nil)
		config.Region, config.Username, config.Password = region, "user@example.com", "example-password"
		if err := poll(t, openShare(t, config)); err != nil {
			t.Fatal(err)
		}
		op := opAuthenticate
		if strings.Contains(name, "login_by_id") {
			op = opLogin
		}
		if err := errors.Join(json.Unmarshal([]byte(d.of(op)[0].body), &got), json.Unmarshal(sample(t, name), &want)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v, %v", name, got, want, err)
		}
	}
}

// Nothing prints a user name, a password or an id.
func TestShareKeepsItsSecrets(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, state *State) {
		if err := poll(t, share); err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		config := shareConfig(d, nil)
		kept := fileOf(t, state).Get()
		if kept.Share.AccountID != shareAccount {
			t.Fatalf("the account id is not kept")
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			for _, value := range []any{config, &config, share, kept, kept.Share, share.Status()} {
				fmt.Fprintf(&text, verb+"\n", value)
			}
		}
		slog.New(slog.NewTextHandler(&text, nil)).Info("x", "config", config, "share", share, "kept", kept)
		slog.New(slog.NewJSONHandler(&text, nil)).Info("x", "config", config, "share", share)
		_ = json.NewEncoder(&text).Encode([]any{config, share})
		for _, secret := range []string{"SECRET", "5555", "9999", "5345435245"} {
			if strings.Contains(text.String(), secret) {
				t.Errorf("%q is in\n%s", secret, text.String())
			}
		}
		onDisk, _ := json.Marshal(kept)
		if strings.Contains(string(onDisk), "SECRET") {
			t.Errorf("a secret is in %s", onDisk)
		}
	})
}

func TestAnswersToAReadThatAreNone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer     deskAnswer
		reason     string
		retryAfter time.Duration
	}{
		"empty":      {deskAnswer{status: 200}, ReasonDecode, 0},
		"HTML":       {deskAnswer{status: 200, body: "<html>"}, ReasonDecode, 0},
		"no list":    {deskAnswer{status: 200, body: `"x"`}, ReasonDecode, 0},
		"an object":  {deskAnswer{status: 200, body: `{"a":1}`}, ReasonDecode, 0},
		"a fault":    {deskAnswer{status: 200, body: `{"Code":"InvalidArgument","Message":"SECRET"}`}, ReasonServer, 0},
		"cut off":    {deskAnswer{status: 200, body: `[{"WT":`}, ReasonDecode, 0},
		"huge":       {deskAnswer{status: 200, body: "[" + strings.Repeat(" ", maxShareBody) + "]"}, ReasonDecode, 0},
		"huge fault": {deskAnswer{status: 500, body: strings.Repeat(" ", maxShareBody+1)}, ReasonServer, 0},
		"refused":    {deskAnswer{status: 403, body: "<html>SECRET"}, ReasonOther, 0},
		"moved":      {deskAnswer{status: 302}, ReasonOther, 0},
		"too many":   {deskAnswer{status: 429, body: "<html>", retryAfter: "90"}, ReasonRateLimited, 90 * time.Second},
		"overloaded": {deskAnswer{status: 503, body: "<html>", retryAfter: "30"}, ReasonServer, 30 * time.Second},
		"no network": {deskAnswer{fail: &net.DNSError{Err: "SECRET", Name: "share.test"}}, ReasonNetwork, 0},
		"reset":      {deskAnswer{fail: syscall.ECONNRESET}, ReasonNetwork, 0},
	} {
		d := newDesk(func(op string, n int) deskAnswer {
			if op == opRead || op == "SystemUtcTime" {
				return test.answer
			}
			return deskIsFine(op, n)
		})
		share := openShare(t, shareConfig(d, nil))
		for range 3 {
			if err := poll(t, share); Reason(err) != test.reason || RetryAfter(err) != test.retryAfter {
				t.Errorf("%s: %v, retry after %v", name, err, RetryAfter(err))
			}
		}
		if len(d.of(opLogin)) != 1 {
			t.Errorf("%s: %d logins for 3 polls", name, len(d.of(opLogin)))
		}
		if _, err := share.ServerTime(t.Context()); name != "a fault" && Reason(err) != test.reason {
			t.Errorf("%s: the clock: %v", name, err)
		}
	}
}

func TestNoAnswerInTime(t *testing.T) {
	atDesk(t, func(t *testing.T, d *desk, share *Share, _ *State) {
		d.answer = func(op string, n int) deskAnswer {
			answer := deskIsFine(op, n)
			answer.late = time.Hour
			return answer
		}
		begin := time.Now()
		if err := poll(t, share); Reason(err) != ReasonNetwork || time.Since(begin) != 30*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		if status := share.Status(); !status.NextLogin.IsZero() || status.Refusal != nil {
			t.Errorf("one lost answer stops logins: %+v", status)
		}
	})
}

// A redirect must not carry the password elsewhere, and a certificate is looked at.
func TestThePasswordGoesNowhereElse(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		t.Errorf("got %s %s", r.URL, body)
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, status))
		share := openShare(t, ShareConfig{Region: ShareUS, BaseURL: server.URL, Username: shareUser, Password: sharePassword})
		if err := poll(t, share); Reason(err) != ReasonOther {
			t.Errorf("%d: %v", status, err)
		}
		server.Close()
	}
	impostor := httptest.NewUnstartedServer(elsewhere.Config.Handler)
	impostor.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	impostor.StartTLS()
	defer impostor.Close()
	share := openShare(t, ShareConfig{Region: ShareUS, BaseURL: impostor.URL, Username: shareUser, Password: sharePassword})
	if err := poll(t, share); Reason(err) != ReasonNetwork || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
}
