package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// checkCase is something that `check` should find out.
type checkCase struct {
	name   string
	linked string // the person, empty for nobody
	change func(t *testing.T, f *family)
	status int
	want   string // pattern
}

func checkCases() []checkCase {
	const unknownApp = `not ok: apps\.us: the client_id or client_secret is refused: .*region`
	const consentNeeded = "not ok: consent needed: link the account .*`dexcom_exporter link alice`; the app itself is fine"
	const somebodyElse = `not ok: somebody else answers in Dexcom's place \(.*proxy in between.*\): look at base_url and at proxies`
	const nobodyThere = `not ok: no answer \(.*nobody listens there\): look at the network, the proxy and base_url`
	return []checkCase{
		{name: "app unknown", change: registerOnly("another-id", planted), status: 1, want: unknownApp},
		{name: "wrong secret", change: registerOnly("planted-id", "changed"), status: 1, want: unknownApp},
		{name: "wrong secret, linked", linked: "alice", change: func(t *testing.T, f *family) {
			registerOnly("planted-id", "changed")(t, f)
			f.cloud.Revoke("alice")
		}, status: 1, want: unknownApp},
		{name: "wrong redirect_url", change: func(_ *testing.T, f *family) {
			f.redirectURL = "http://localhost:1/oauth/callback"
		}, status: 1, want: `not ok: apps\.us: the login page refuses the redirect_url: it must be registered with the app to the letter`},
		{name: "consent needed", status: 1, want: consentNeeded},
		{name: "consent revoked", linked: "alice", change: func(_ *testing.T, f *family) { f.cloud.Revoke("alice") }, status: 1, want: consentNeeded},
		{name: "wrong region", linked: "alice", change: func(t *testing.T, f *family) {
			elsewhere := startCloud(t, "http://localhost/theirs") // other people's app
			elsewhere.Register(ourApp("http://localhost/theirs"))
			registerOnlyIn(elsewhere, "another-id", planted)
			f.baseURL = elsewhere.url
		}, status: 1, want: unknownApp},
		{name: "app of both regions, person of one", linked: "alice", change: func(t *testing.T, f *family) {
			f.baseURL = startCloud(t, f.redirectURL).url
		}, status: 1, want: consentNeeded},
		{name: "tokens refused", linked: "alice", change: func(t *testing.T, f *family) {
			f.baseURL = listen(t, refusingTokens(f.cloud))
		}, status: 1, want: `not ok: Dexcom refuses the tokens of this account: is its person's account in another region than us\? Link it again`},
		{name: "no data yet", linked: "dora", status: 1, want: `not ok: linked, but Dexcom has no readings yet: .*sensor`},
		{name: "fresh data", linked: "alice", want: `ok: readings until \S+ \S+ UTC, 1 h \d+ min ago: normal, Dexcom releases readings an hour after the upload`},
		{name: "old data", linked: "carol", want: `ok: readings until \S+ \S+ UTC, [\d a-z]+ ago: nothing was uploaded since\..*receiver`},
		{name: "a proxy's page", linked: "alice", change: func(t *testing.T, f *family) {
			f.baseURL = answering(t, http.StatusOK, "text/html", "<html><title>Welcome</title>")
		}, status: 1, want: somebodyElse},
		{name: "a proxy's page, not linked", change: func(t *testing.T, f *family) {
			f.baseURL = answering(t, http.StatusOK, "text/html", "<html><title>Welcome</title>")
		}, status: 1, want: somebodyElse},
		{name: "nobody listens", linked: "alice", change: func(t *testing.T, f *family) {
			f.baseURL = "http://" + freeAddress(t)
		}, status: 1, want: nobodyThere},
		{name: "nobody listens, not linked", change: func(t *testing.T, f *family) {
			f.baseURL = "http://" + freeAddress(t)
		}, status: 1, want: nobodyThere},
		{name: "503", linked: "alice", change: func(t *testing.T, f *family) {
			f.baseURL = answering(t, http.StatusServiceUnavailable, "text/html", "<html><title>503</title>")
		}, status: 1, want: `not ok: Dexcom, or something before it, has a fault of its own \(.*HTTP 503\): it passes, try again later`},
		{name: "429", linked: "alice", change: func(t *testing.T, f *family) {
			f.baseURL = answering(t, http.StatusTooManyRequests, "application/json", "{}")
		}, status: 1, want: `not ok: Dexcom wants fewer calls \(HTTP 429\)`},
	}
}

func registerOnly(clientID, secret string) func(*testing.T, *family) {
	return func(_ *testing.T, f *family) { registerOnlyIn(f.cloud, clientID, secret) }
}

// registerOnlyIn has Dexcom forget our app, and know one of the client id.
func registerOnlyIn(c cloud, clientID, secret string) {
	gone := ourApp("")
	gone.ClientSecret = "of nobody"
	c.Register(gone)
	app := ourApp("")
	app.ClientID, app.ClientSecret = clientID, secret
	c.Register(app)
}

// refusingTokens is a cloud that gives tokens and does not know them.
func refusingTokens(c cloud) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v3/users/") {
			r.Header.Set("Authorization", "Bearer of-another-region")
		}
		c.ServeHTTP(w, r)
	})
}

// The same is found out where nothing runs and, over its socket, with the program
// that runs.
func TestCheckFindsTheCause(t *testing.T) {
	t.Parallel()
	cases := checkCases()
	said := make([]string, len(cases)) // for people who want to read what check says
	t.Cleanup(func() { t.Logf("check says:\n%s", strings.Join(said, "")) })
	for i, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFamily(t)
			if test.linked != "" {
				f.linkHere(t, test.linked)
			}
			if test.change != nil {
				test.change(t, f)
			}
			alone := f.check(t)
			line := regexp.MustCompile(`(?m)^alice api: (` + test.want + `.*)$`).FindStringSubmatch(alone.stdout)
			if alone.status != test.status || line == nil {
				t.Fatalf("got %+v, want exit status %d and %s", alone, test.status, test.want)
			}
			if complaint := "dexcom_exporter: check: 1 of 1 sources are not ok\n"; test.status == 1 && !strings.HasSuffix(alone.stderr, complaint) {
				t.Errorf("stderr: %s", alone.stderr)
			}
			said[i] = fmt.Sprintf("%-35s exit %d  %s\n", test.name, alone.status, line[1])

			f.serve(t)
			if beside := f.check(t); beside.status != alone.status || timeless(beside.stdout) != timeless(alone.stdout) {
				t.Errorf("beside serve: got %+v\nalone: %+v", beside, alone)
			}
		})
	}
}

// check runs the command and looks for secrets in what it says.
func (f *family) check(t *testing.T) outcome {
	t.Helper()
	begun := time.Now()
	got := run(t, "check", f.config(t))
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("check took %v", took)
	}
	if strings.Contains(got.stdout+got.stderr, planted) {
		t.Errorf("a secret was said: %+v", got)
	}
	return got
}

// timeless leaves out what differs from run to run: the path of the configuration
// and the time.
func timeless(text string) string {
	return regexp.MustCompile(`(?m)^\S+config\.yaml|\S+ \S+ UTC, [\d a-z]+ ago`).ReplaceAllString(text, "…")
}
