package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A secret leaves the program nowhere, at no level of the log, whatever Dexcom, the
// receiver of OTLP, a proxy or a person does; a glucose value is in the log at debug
// at most.
func TestSecretsLeaveNowhere(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"debug", "info", "warn", "error"} {
		t.Run(level, func(t *testing.T) {
			t.Parallel()
			s := newVault(t, level)
			s.link(t)
			s.look(t)
			s.endure(t)
			s.useCommands(t)
			s.keepProcess(t)
			s.crash(t)
			s.keepState(t)
			s.useCommands(t) // and alone
			for _, leak := range s.watch.leaks() {
				t.Errorf("leaked: %.500s", leak)
			}
			s.expectNothingElsewhere(t)
			s.expectNoGlucoseInTheLog(t)
			s.expectWatched(t)
		})
	}
}

// link logs in to Share, wrongly first, and links alice in all the ways that there are
// to go wrong before she is.
func (s *vault) link(t *testing.T) {
	t.Helper()
	s.expect(t, `dexcom_exporter_polls_total{account="alice",result="credentials",source="share"}`, func(n float64, _ bool) bool { return n > 0 })
	s.look(t)
	s.setPassword(t, vaultPassword)
	s.signal(t, syscall.SIGHUP)
	s.expect(t, shareUp, func(up float64, _ bool) bool { return up == 1 })

	s.watch.learn("authorization code", "forged-c0de")
	s.watch.learn("OAuth state", "forged-5tate")
	s.visit(t, http.MethodGet, "/oauth/callback?code=forged-c0de&state=forged-5tate")
	s.visit(t, http.MethodGet, "/oauth/callback?error=forged-c0de&error_description=forged-c0de&state=forged-5tate")
	b := s.person()
	for _, decision := range []string{"Refuse", "Allow"} {
		b.open(t, "http://"+s.family.address+"/")
		b.press(t, "Link alice")
		b.decide(t, "alice", decision)
	}
	b.expect(t, http.StatusOK, "alice is linked")
	s.visit(t, http.MethodGet, b.address.RequestURI()) // once more
	s.expect(t, newest, present)
	s.watch.learn("OAuth state", b.address.Query().Get("state"))
	s.watch.learn("authorization code", b.address.Query().Get("code"))
}

// look asks for everything there is, and for what there is not.
func (s *vault) look(t *testing.T) {
	t.Helper()
	for _, path := range []string{
		"/", "/?unit=mmol/L&find=ali", "/metrics", "/readings", "/-/healthy", "/-/ready", "/style.css", "/accounts/alice/unlink",
		"/accounts/nobody/unlink", "/oauth/callback", "/config", "/control", "/debug/pprof/goroutine?debug=2", "/debug/vars", "/data/alice.grant.json",
	} {
		s.visit(t, http.MethodGet, path)
	}
	for _, format := range []string{"application/openmetrics-text", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"} {
		s.visit(t, http.MethodGet, "/metrics", "Accept", format)
	}
	for _, method := range []string{http.MethodOptions, http.MethodTrace, http.MethodPut, "PROPFIND"} {
		s.visit(t, method, "/metrics")
		s.visit(t, method, "/")
	}
	for _, key := range []string{password, "mistyped-5ecret"} { // to somebody else's door
		v := visitor{base: "http://" + s.family.address, password: key, host: foreign, header: [2]string{"X-Forwarded-For", "192.0.2.1"}}
		got, err := v.ask(http.MethodGet, "/")
		if err != nil {
			t.Fatal(err)
		}
		s.watch.keep("GET / from elsewhere", fmt.Sprint(got))
	}
	got, err := s.visitor().ask(http.MethodGet, "/metrics")
	if err != nil || got.status != http.StatusUnauthorized {
		t.Errorf("without a password: %+v, %v", got, err)
	}
	s.watch.keep("without a password", fmt.Sprint(got))
}

// endure has everybody fail who is asked for something, in every way.
func (s *vault) endure(t *testing.T) {
	t.Helper()
	// The refusal is last: after it the program waits before it logs in to Share again.
	for _, how := range []string{echoPage, echoFault, echoGood, sendsAway, sendsAwayOff, echoRefusal} {
		s.receiver.fail("push", how)
		for _, kind := range []string{"token", "data", "share"} {
			s.dexcom.fail(kind, how)
			eventually(t, func() error {
				s.command(t, "check")
				if s.dexcom.failed() == 0 {
					return fmt.Errorf("no request for %s has met %s", kind, how)
				}
				return nil
			})
			s.visit(t, http.MethodGet, "/")
			s.visit(t, http.MethodGet, "/metrics")
			s.dexcom.fail("", "")
		}
		eventually(t, func() error {
			if s.receiver.failed() == 0 {
				return fmt.Errorf("no push has met %s", how)
			}
			return nil
		})
	}
	s.receiver.fail("", "")
	s.misconfigure(t)
	s.watch.keep("log", s.stderr.String())
}

// misconfigure loads configurations that cannot be, with secrets at fault.
func (s *vault) misconfigure(t *testing.T) {
	t.Helper()
	whole, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	quoted := fmt.Sprintf("%q", vaultSecret)
	for _, broken := range []string{"[" + quoted + "]", "{" + quoted + ": 1}", quoted + ", client_secret: " + quoted, strings.TrimSuffix(quoted, `"`), "!" + quoted} {
		writeInto(t, filepath.Dir(s.file), "config.yaml", strings.Replace(string(whole), quoted, broken, 1))
		if got := s.visit(t, http.MethodPost, "/-/reload"); got.status != http.StatusInternalServerError {
			t.Errorf("%s was loaded: %+v", broken, got)
		}
		s.command(t, "check", "--config-only")
	}
	writeInto(t, filepath.Dir(s.file), "config.yaml", string(whole))
	if got := s.visit(t, http.MethodPost, "/-/reload"); got.status != http.StatusOK {
		t.Errorf("reload: %+v", got)
	}
}

// useCommands uses each, rightly and wrongly.
func (s *vault) useCommands(t *testing.T) {
	t.Helper()
	s.command(t, "check")
	s.command(t, "healthy")
	for _, output := range []string{"-", filepath.Join(t.TempDir(), "file")} {
		s.command(t, "report", "alice", "--days=2", "--output="+output)
		s.command(t, "backfill", "alice", "--from=1d", "--output="+output)
	}
	s.command(t, "backfill", "nobody", "--from=1d", "--output=-")
	s.paste(t, func(string) string { return s.redirectURL + "?code=forged-c0de&state=forged-5tate" })
	s.paste(t, func(string) string { return "forged-c0de" })
	s.paste(t, func(login string) string {
		return s.redirectURL + "?code=forged-c0de&state=" + stateOf(t, login)
	})
}

// keepProcess keeps what other users of the machine may see of the program.
func (s *vault) keepProcess(t *testing.T) {
	t.Helper()
	for _, name := range []string{"cmdline", "environ", "status", "comm", "maps"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", s.cmd.Process.Pid, name))
		if err != nil {
			t.Fatal(err)
		}
		given := map[string][]string{"environ": {"OTLP header"}} // for the owner alone, from whoever started it
		s.watch.keep("/proc/PID/"+name, string(text), given[name]...)
	}
}

// crash has the program dump all its goroutines.
func (s *vault) crash(t *testing.T) {
	t.Helper()
	s.signal(t, syscall.SIGQUIT)
	if status := s.exit(t, patience); status != 2 || !strings.Contains(s.stderr.String(), "\ngoroutine 1 ") {
		t.Errorf("SIGQUIT: exit status %d", status)
	}
	s.watch.keep("standard output", s.stdout.String())
	s.watch.keep("log and crash", s.stderr.String())
}

// keepState keeps the files of the state directory. What Dexcom gave belongs there,
// for nobody but its owner.
func (s *vault) keepState(t *testing.T) {
	t.Helper()
	if info, err := os.Stat(s.stateDir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the state directory: %v, %v", info, err)
	}
	entries, err := os.ReadDir(s.stateDir)
	if err != nil {
		t.Fatal(err)
	}
	may := map[string][]string{
		"alice.grant.json": {"access token", "refresh token"}, "alice.state.json": {"Share account"}, "lock": nil, "control.sock": nil,
	}
	for _, entry := range entries {
		kinds, expected := may[entry.Name()]
		info, err := entry.Info()
		if err != nil || !expected || info.Mode().Perm() != 0o600 {
			t.Errorf("in the state directory: %v, %v", info, err)
		}
		if entry.Type().IsRegular() {
			text, err := os.ReadFile(filepath.Join(s.stateDir, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			s.watch.keep(entry.Name(), string(text), kinds...)
		}
	}
}

// expectNothingElsewhere expects that no redirect was followed at all.
func (s *vault) expectNothingElsewhere(t *testing.T) {
	t.Helper()
	if s.watch.placesOf("")["another host"] {
		t.Error("a redirect was followed")
	}
}

// expectNoGlucoseInTheLog expects the value in no line above debug, and no line below
// the level.
func (s *vault) expectNoGlucoseInTheLog(t *testing.T) {
	t.Helper()
	value, levels := regexp.MustCompile(`\b(`+telltale+`|15\.9\d*)\b`), []string{"DEBUG", "INFO", "WARN", "ERROR"}
	lowest := slices.Index(levels, strings.ToUpper(s.level))
	log, _, _ := strings.Cut(s.stderr.String(), "\nSIGQUIT")
	for line := range strings.Lines(log) {
		found := regexp.MustCompile(`^time=\S+ level=(\w+) (.*)`).FindStringSubmatch(line)
		if len(found) == 0 || slices.Index(levels, found[1]) < lowest {
			t.Errorf("logged at %s: %s", s.level, line)
		} else if found[1] != "DEBUG" && value.MatchString(found[2]) {
			t.Errorf("glucose is logged: %s", line)
		}
	}
}

// expectWatched expects that nothing was missed: the kinds of secrets are all known,
// and what is no secret was seen at each place where it is.
func (s *vault) expectWatched(t *testing.T) {
	t.Helper()
	known := s.watch.known()
	for _, kind := range []string{
		"client secret", "Share password", "wrong Share password", "Share user", "Share account", "Share session", "OTLP header", "page password",
		"access token", "refresh token", "session state", "authorization code", "OAuth state", "Dexcom user", "transmitter",
	} {
		if !slices.Contains(known, kind) {
			t.Errorf("no %s was ever heard of", kind)
		}
	}
	named, valued := s.watch.placesOf("alice"), s.watch.placesOf(telltale)
	for _, place := range []string{"GET /", "GET /metrics", "GET /readings", "GET /oauth/callback", "OTLP push", "command check", "command link", "command report", "command backfill"} {
		if !named[place] {
			t.Errorf("%s was not kept: it names nobody", place)
		}
	}
	for _, place := range []string{"GET /", "GET /metrics", "GET /readings", "command report", "command backfill"} {
		if !valued[place] {
			t.Errorf("%s was not kept: it has no value", place)
		}
	}
	if !s.watch.placesOf(vaultHeader)["OTLP headers"] {
		t.Error("the receiver was not given its header")
	}
	if s.level != "error" && !named["log and crash"] {
		t.Error("the log was not kept")
	}
}
