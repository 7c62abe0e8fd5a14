package main

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// Who corrected a password and did not reload is told that the old one was tried.
func TestCheckTellsOldCredentialsFromNew(t *testing.T) {
	t.Parallel()
	h := newShareHome(t, steady(20*time.Second))
	h.password = "wrong " + planted
	h.write(t)
	s := start(t, h.file)
	waitFor(t, func() bool { return strings.Contains(s.log.String(), "reason=credentials") })
	other := regexp.MustCompile(`(?m)^alice share: not ok: .*\nalice share: that was the configuration of before, .*: reload or restart it$`)

	status, stdout, _ := command(t, "check", "--config.file="+h.file)
	if status != exitFailed || strings.Contains(stdout, "of before") {
		t.Errorf("the file is what runs: %d %s", status, stdout)
	}
	h.password = sharePassword
	h.write(t)
	status, stdout, stderr := command(t, "check", "--config.file="+h.file)
	if status != exitFailed || !other.MatchString(stdout) || strings.Contains(stdout+stderr, planted) {
		t.Errorf("the file has another password: %d %s%s", status, stdout, stderr)
	}
}

// A mark differs with whatever decides how a source is reached, and with the salt.
func TestMarks(t *testing.T) {
	t.Parallel()
	file := func(change ...string) marks {
		text := strings.NewReplacer(change...).Replace(`
http:
  proxy_url: http://me:word@proxy
  no_proxy: one.example
  proxy_connect_header: {A: [connect-secret]}
  http_headers: {B: {values: [value], secrets: [header-secret]}}
  tls_config: {server_name: two.example, min_version: TLS12}
apps:
  us: {client_id: id, client_secret: secret, redirect_url: "http://localhost:1/oauth/callback", base_url: "http://localhost:2"}
accounts:
  - {name: alice, api: {region: us, version: v3}, share: {region: us, username: user, password: pass, base_url: "http://localhost:3"}}
`)
		p, err := planOf(configured(t, text))
		if err != nil {
			t.Fatal(err)
		}
		return p.marked("salt")
	}
	same := file()
	for _, test := range []struct{ from, to, other string }{
		{"name: alice", "stale_after: 1h, name: alice", ""},
		{"id,", "another,", "api"},
		{"secret,", "another,", "api"},
		{"localhost:1", "localhost:11", "api"},
		{"localhost:2", "localhost:22", "api"},
		{"version: v3", "version: v2", "api"},
		{"region: us, username", "region: ous, username", "share"},
		{"user,", "another,", "share"},
		{"pass,", "another,", "share"},
		{"localhost:3", "localhost:33", "share"},
		{"me:word", "me:sword", "api share"},
		{"@proxy", "@other", "api share"},
		{"one.example", "three.example", "api share"},
		{"  no_proxy: one.example", "  enable_http2: false\n  no_proxy: one.example", "api share"},
		{"connect-secret", "another-secret", "api share"},
		{"[value]", "[another]", "api share"},
		{"header-secret", "another-secret", "api share"},
		{"two.example", "three.example", "api share"},
		{"TLS12", "TLS13", "api share"},
	} {
		for _, f := range file(test.from, test.to).compare(same, []finding{{Account: "alice", Source: "api"}, {Account: "alice", Source: "share"}}) {
			if f.Other != strings.Contains(test.other, f.Source) {
				t.Errorf("%s to %s: %+v", test.from, test.to, f)
			}
		}
	}
	if salted := (&plan{accounts: []plannedAccount{{name: "a", api: true}}}); salted.marked("x").Sources["a api"] == salted.marked("y").Sources["a api"] {
		t.Error("the salt is not used")
	}
	if unasked := same.compare(marks{}, []finding{{Account: "alice", Source: "api"}}); unasked[0].Other {
		t.Error("a command that sends no marks is told of others")
	}
}
