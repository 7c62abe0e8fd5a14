package main

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// Who consents must come back to somebody.
func TestRedirectsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	tcp := func(addresses ...string) (all []net.Addr) {
		for _, address := range addresses {
			resolved, err := net.ResolveTCPAddr("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, resolved)
		}
		return all
	}
	for redirect, test := range map[string]struct {
		listening []net.Addr
		warns     bool
	}{
		"http://localhost:10180/oauth/callback":   {tcp("127.0.0.1:10180"), false},
		"http://127.0.0.1:10180/oauth/callback":   {tcp("127.0.0.1:9999", "[::1]:10180"), true},
		"http://127.0.0.1:10182/oauth/callback":   {tcp("127.0.0.1:9999", "127.0.0.1:10182"), false},
		"http://localhost:10183/oauth/callback":   {tcp("192.0.2.2:10183"), true},
		"http://localhost:10184/oauth/callback":   {tcp("[::1]:10184"), false},
		"http://[::1]:10185/oauth/callback":       {tcp("[::]:10185"), false},
		"http://LOCALHOST:10181/oauth/callback":   {tcp("127.0.0.1:10180"), true},
		"http://[::1]:10181/oauth/callback":       {tcp("127.0.0.1:10180", "[::1]:9999"), true},
		"http://localhost/oauth/callback":         {tcp("0.0.0.0:10180"), true},
		"http://localhost:80/oauth/callback":      {tcp("0.0.0.0:80"), false},
		"https://localhost:10443/oauth/callback":  {tcp("127.0.0.1:10180"), false},
		"http://dexcom.example:81/oauth/callback": {tcp("127.0.0.1:10180"), false},
		"http://localhost:1/oauth/callback":       {[]net.Addr{&net.UnixAddr{Name: "socket"}}, false},
	} {
		for _, account := range []plannedAccount{{name: "alice", api: true, region: dexcom.US}, {name: "bob", api: true, region: dexcom.EU}, {name: "carol"}} {
			p := &plan{accounts: []plannedAccount{account}, apps: map[dexcom.Region]plannedApp{dexcom.US: {AppConfig: dexcom.AppConfig{RedirectURL: redirect}}}}
			var log bytes.Buffer
			p.warnOfRedirects(test.listening, slog.New(slog.NewTextHandler(&log, nil)))
			if warned := strings.Contains(log.String(), "will not come back"); warned != (test.warns && account.name == "alice") {
				t.Errorf("%s, %s: %q", redirect, account.name, log.String())
			}
		}
	}
}
