package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const smallConfig = `
apps:
  us: {client_id: id, client_secret: PLANTED-SECRET, redirect_url: "https://glucose.example.org:8443/oauth/callback"}
accounts:
  - name: alice
    api: {region: us}
`

// configured writes a configuration and returns its path.
func configured(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	write(t, file, text)
	return file
}

func command(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, log lockedBuffer
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	status = run(ctx, args, strings.NewReader(""), &out, &log)
	return status, out.String(), log.String()
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		{[]string{"--help"}, exitFine, "serve", ""},
		{[]string{"help"}, exitFine, "serve", ""},
		{[]string{"serve", "--help"}, exitFine, "--web.listen-address", ""},
		{[]string{"-h"}, exitFine, "demo", ""},
		{[]string{"--version"}, exitFine, "dexcom_exporter, version", ""},
		{[]string{"--no-such-flag"}, exitUsage, "", "--no-such-flag"},
		{[]string{"no-such-command"}, exitUsage, "", "no-such-command"},
		{[]string{"demo", "--web.telemetry-path=/"}, exitUsage, "", "--web.telemetry-path"},
		{[]string{"demo", "--web.telemetry-path=metrics"}, exitUsage, "", "--web.telemetry-path"},
		{[]string{"demo", "--web.telemetry-path=/{x}"}, exitUsage, "", "--web.telemetry-path"},
		{[]string{"demo", "--web.enable-lifecycle"}, exitUsage, "", "--web.enable-lifecycle"},
		{[]string{"demo", "--web.enable-lifecycle"}, exitUsage, "", "configuration file to load again"},
		{[]string{"demo", "--web.telemetry-path=//metrics"}, exitUsage, "", "--web.telemetry-path"},
		{[]string{"demo", "--web.telemetry-path=/a/../b"}, exitUsage, "", "--web.telemetry-path"},
		{[]string{"demo", "--web.telemetry-path=/a//b"}, exitUsage, "", "--web.telemetry-path"},
		{[]string{"demo", "--web.telemetry-path=/m?x"}, exitUsage, "", "--web.telemetry-path"},
		{[]string{"demo", "--web.telemetry-path=/accounts/alice/link"}, exitUsage, "", "--web.telemetry-path"},
		{[]string{"demo", "--web.telemetry-path=/-/healthy"}, exitUsage, "", "--web.telemetry-path"},
		{[]string{"demo", "--web.config.file=/does/not/exist"}, exitUsage, "", "--web.config.file"},
		{[]string{"demo", "--web.listen-address=127.0.0.1:0", "--web.listen-address=256.0.0.1:0"}, exitFailed, "", "--web.listen-address"},
		{[]string{"demo", "--log.level=loud"}, exitUsage, "", "loud"},
		{[]string{"--config.file=/does/not/exist.yaml"}, exitUsage, "", "/does/not/exist.yaml"},
		{[]string{"healthy", "--config.file=/does/not/exist.yaml"}, exitFailed, "", "/does/not/exist.yaml"},
	} {
		status, stdout, stderr := command(t, test.args...)
		if status != test.status || !strings.Contains(stdout, test.stdout) || !strings.Contains(stderr, test.stderr) {
			t.Errorf("%v: status %d\n%s\n%s\nwant %+v", test.args, status, stdout, stderr, test)
		}
		if test.status == exitFine && stderr != "" {
			t.Errorf("%v complains: %s", test.args, stderr)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	good := configured(t, smallConfig)
	if status, stdout, stderr := command(t, "check", "--config-only", "--config.file="+good); status != exitFine || stdout != good+": ok, 1 account(s)\n" {
		t.Errorf("%d %q %q", status, stdout, stderr)
	}
	bad := configured(t, strings.Replace(smallConfig, "name: alice", "name: Alice", 1))
	for _, args := range [][]string{{"check", "--config-only"}, {"serve"}} {
		status, stdout, stderr := command(t, append(args, "--config.file="+bad)...)
		if status != exitUsage || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, bad+":5: accounts[0].name") {
			t.Errorf("%v: %d %q %q", args, status, stdout, stderr)
		}
	}
}

// What only the pages cannot use is a fault of the configuration as well, and the
// check of it says so too.
func TestAnAddressThatIsNoOrigin(t *testing.T) {
	t.Parallel()
	file := configured(t, strings.Replace(smallConfig, "glucose.example", "a'b.example", 1))
	for _, args := range [][]string{{"check", "--config-only"}, {"serve", "--web.listen-address=127.0.0.1:0"}} {
		if status, _, stderr := command(t, append(args, "--config.file="+file)...); status != exitUsage || !strings.Contains(stderr, "redirect_url") {
			t.Errorf("%v: %d %q", args, status, stderr)
		}
	}
}

// What the configuration may say and this version can do: it serves, whatever the
// mode and the version of the API.
func TestServeModes(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{
		"version 2":              strings.Replace(smallConfig, "region: us}", "region: us, version: v2}", 1),
		"scrape":                 smallConfig + "poll: {mode: scrape}",
		"version 2, scrape":      strings.Replace(smallConfig, "region: us}", "region: us, version: v2}", 1) + "poll: {mode: scrape}",
		"version 2, the sandbox": "apps: {sandbox: {client_id: id, client_secret: s}}\naccounts: [{name: alice, api: {region: sandbox, version: v2}}]",
	} {
		file := configured(t, text)
		if status, stdout, stderr := command(t, "check", "--config-only", "--config.file="+file); status != exitFine {
			t.Errorf("%s: %d %q %q", what, status, stdout, stderr)
		}
		s := start(t, file)
		if linked, there := scrapeOnce(t, s.address)["dexcom_exporter_linked"]["alice"]; !there || linked != 0 {
			t.Errorf("%s: alice is not there", what)
		}
	}
}

// Share needs no app, with the API or without it.
func TestServeWithShare(t *testing.T) {
	t.Parallel()
	const share = "share: {region: ous, username: " + planted + "@example.org, password: " + planted + ", base_url: 'http://127.0.0.1:1'}"
	for text, sources := range map[string]string{
		"accounts: [{name: alice, " + share + "}]":                                       "alice api=false share=true",
		smallConfig + "    " + share:                                                     "alice api=true share=true",
		"poll: {mode: scrape}\n" + smallConfig + "    " + share:                          "alice api=true share=true",
		"accounts: [{name: bob, " + share + ", stale_after: 1h}]":                        "bob api=false share=true",
		"http: {enable_http2: false}\n" + smallConfig + "  - {name: bob, " + share + "}": "bob api=false share=true",
	} {
		file := configured(t, text)
		if status, stdout, stderr := command(t, "check", "--config-only", "--config.file="+file); status != exitFine || strings.Contains(stdout+stderr, planted) {
			t.Errorf("%s: %d %q %q", text, status, stdout, stderr)
		}
		s := start(t, file)
		seen := scrapeOnce(t, s.address)
		if seen["dexcom_exporter_account_info"][sources] != 1 {
			t.Errorf("%s: %v, want %s", text, seen["dexcom_exporter_account_info"], sources)
		}
		account, _, _ := strings.Cut(sources, " ")
		if _, there := seen["dexcom_exporter_linked"][account]; there != strings.Contains(sources, "api=true") {
			t.Errorf("%s: linked %v", text, seen["dexcom_exporter_linked"])
		}
	}
}

// A login that can only be a mistake is refused, and not quoted.
func TestShareThatMakesNoSense(t *testing.T) {
	t.Parallel()
	for what, share := range map[string]string{
		"accounts[0].share.region":        "{region: eu, username: " + planted + ", password: " + planted + "}",
		"accounts[0].share.username":      "{region: us, password: " + planted + "}",
		"accounts[0].share":               "{region: us, username: " + planted + "}",
		"accounts[0].share.password_file": "{region: us, username: " + planted + ", password_file: no-such-file}",
		"accounts[0].share.base_url":      "{region: us, username: " + planted + ", password: " + planted + ", base_url: 'ftp://" + planted + "'}",
		"accounts[0].share.name":          "{region: us, name: " + planted + ", password: " + planted + "}",
	} {
		file := configured(t, "accounts: [{name: alice, share: "+share+"}]")
		status, stdout, stderr := command(t, "check", "--config.file="+file)
		if status != exitUsage || stdout != "" || !strings.Contains(stderr, what) || strings.Contains(stderr, planted) {
			t.Errorf("%s: %d %q %q", what, status, stdout, stderr)
		}
	}
}

// An account that nobody linked is there, says so, and the program is well.
func TestServe(t *testing.T) {
	t.Parallel()
	file := configured(t, smallConfig)
	if status, _, _ := command(t, "healthy", "--config.file="+file); status != exitFailed {
		t.Errorf("healthy before the start: %d", status)
	}
	ctx, stop := context.WithCancel(t.Context())
	var log lockedBuffer
	ended := make(chan int)
	go func() {
		ended <- run(ctx, []string{"--config.file=" + file, "--web.listen-address=127.0.0.1:0", "--log.level=debug"}, strings.NewReader(""), &lockedBuffer{}, &log)
	}()
	waitFor(t, func() bool {
		status, _, _ := command(t, "healthy", "--config.file="+file)
		return status == exitFine
	})
	waitFor(t, func() bool { return strings.Contains(log.String(), "reason=consent") })
	if status, _, stderr := command(t, "serve", "--config.file="+file); status != exitFailed || !strings.Contains(stderr, filepath.Dir(file)) {
		t.Errorf("a second one: %d %q", status, stderr)
	}
	stop()
	if status := <-ended; status != exitFine {
		t.Errorf("status %d after a signal: %s", status, log.String())
	}
	if status, _, _ := command(t, "healthy", "--config.file="+file); status != exitFailed {
		t.Errorf("healthy after the end: %d", status)
	}
	if strings.Contains(log.String(), "PLANTED-SECRET") {
		t.Error("the secret is in the log")
	}
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited a minute in vain")
		}
	}
}
