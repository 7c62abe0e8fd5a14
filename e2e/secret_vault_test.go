package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// telltale is the only glucose value there is, in mg/dL.
const telltale = "287"

// The secrets of a vault are hard to write, each in its own way.
const (
	vaultSecret   = `client-5ecret"&<'é%+/\`
	vaultPassword = `share-5ecret'<>&"é%+ /\`
	vaultWrong    = `wrong-5ecret'<>&"é%+ /\`
	vaultUser     = "alice+5ecret@example.org"
	vaultHeader   = `otlp-5ecret"<&%/+=`
)

// vault is a running program with all secrets that there can be, before a Dexcom and
// a receiver of OTLP that may turn on it.
type vault struct {
	*family
	exporter

	watch    *watch
	dexcom   *tap
	receiver *tap
	file     string // the configuration
	level    string // of the log
}

// newVault starts the program with a log level. The Share password is not the right
// one yet.
func newVault(t *testing.T, level string) *vault {
	t.Helper()
	s := &vault{watch: &watch{}, level: level}
	person := publishing(time.Minute)
	s.family = newFamily(t, person)
	s.secret = vaultSecret
	s.cloud.Register(simulator.App{ClientID: "planted-id", ClientSecret: vaultSecret, RedirectURLs: []string{s.redirectURL}})
	s.cloud.Share(simulator.ShareAccount{Person: person.Name, Username: vaultUser, Password: vaultPassword})
	s.cloud.SetTokens(simulator.TokenSettings{AccessLifetime: time.Second})
	for kind, secret := range map[string]string{
		"client secret": vaultSecret, "Share password": vaultPassword, "wrong Share password": vaultWrong, "Share user": vaultUser,
		"OTLP header": vaultHeader, "page password": password, "hash of the page password": passwordHash,
	} {
		s.watch.learn(kind, secret)
	}
	elsewhere := listen(t, http.HandlerFunc(s.somebodyElse))
	s.dexcom = &tap{next: s.cloud, watch: s.watch, elsewhere: elsewhere}
	s.receiver = &tap{next: http.HandlerFunc(s.takePush), watch: s.watch, elsewhere: elsewhere}
	s.baseURL = listen(t, s.dexcom)
	s.poll = "{min_interval: 1s, max_interval: 1s}"
	s.accounts = onlyAlice + fmt.Sprintf("    share: {region: us, username: %q, password_file: alice.pw, base_url: %q}\n", vaultUser, s.baseURL)
	s.serve(t)
	return s
}

// serve starts the program. At half of the levels the environment says where to push.
func (s *vault) serve(t *testing.T) {
	t.Helper()
	endpoint, push, environment := listen(t, s.receiver), "otlp: {interval: 1s}\n", []string{}
	if s.level == "info" || s.level == "error" {
		environment = []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + endpoint, "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20" + url.PathEscape(vaultHeader)}
	} else {
		push = fmt.Sprintf("otlp: {endpoint: %q, interval: 1s, headers: {Authorization: %q}}\n", endpoint, "Bearer "+vaultHeader)
	}
	s.file = write(t, "config.yaml", s.text()+push)
	s.setPassword(t, vaultWrong)
	s.exporter = exporter{start(t, "env", append(environment, "dexcom_exporter", "serve", "--config.file="+s.file, "--web.listen-address="+s.family.address,
		"--web.enable-lifecycle", webConfig(t, demandPassword), "--log.level="+s.level)...), s.family.address}
	eventually(t, func() error { // not every level says that it listens
		_, err := s.visitor().ask(http.MethodGet, "/-/healthy")
		return err
	})
}

// setPassword writes the file of the Share password.
func (s *vault) setPassword(t *testing.T, password string) {
	t.Helper()
	writeInto(t, filepath.Dir(s.file), "alice.pw", password+"\n")
}

// somebodyElse is the host to which redirects lead.
func (s *vault) somebodyElse(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.watch.keep("another host", fmt.Sprint(r.Method, r.URL, r.Header, string(body)))
}

// takePush is the receiver of OTLP.
func (s *vault) takePush(_ http.ResponseWriter, r *http.Request) {
	push, err := unpacked(r)
	if err != nil {
		s.watch.keep("OTLP push", "unreadable: "+err.Error())
		return
	}
	s.watch.keep("OTLP push", string(push))
	s.watch.keep("OTLP headers", fmt.Sprint(r.URL, r.Header), "OTLP header")
}

// person is a browser of somebody who knows the password of the pages.
func (s *vault) person() *browser {
	b := newBrowser()
	b.client.Transport = keeper{s}
	return b
}

// keeper is an http.RoundTripper that gives the password to the program and keeps
// what it answers.
type keeper struct{ vault *vault }

// RoundTrip implements http.RoundTripper.
func (k keeper) RoundTrip(r *http.Request) (*http.Response, error) {
	ours := r.URL.Host == k.vault.family.address
	if ours {
		r = r.Clone(r.Context())
		r.SetBasicAuth(user, password)
	}
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil || !ours {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // only read from
	response.Body = io.NopCloser(strings.NewReader(string(body)))
	header := response.Header.Clone()
	if strings.HasSuffix(r.URL.Path, "/link") { // the way to Dexcom needs it
		k.vault.watch.keep("way to the login", header.Get("Location"), "OAuth state")
		header.Del("Location")
	}
	k.vault.watch.keep(r.Method+" "+r.URL.Path, fmt.Sprint(response.Status, header, string(body)))
	return response, err
}

// visit asks for a page, with headers as name and value in turn, and keeps the answer.
func (s *vault) visit(t *testing.T, method, target string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.family.address+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := keeper{s}.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(body)}
}

// expect waits until a series is as it should be.
func (s *vault) expect(t *testing.T, name string, holds func(value float64, found bool) bool) {
	t.Helper()
	eventually(t, func() error {
		value, found := readSeries(t, s.visit(t, http.MethodGet, "/metrics"))[name]
		if !holds(value, found) {
			return fmt.Errorf("%s is %v (found: %v)", name, value, found)
		}
		return nil
	})
}

// command runs a command beside the program, or after it, and keeps what it says.
func (s *vault) command(t *testing.T, args ...string) {
	t.Helper()
	got := run(t, append(args, "--config.file="+s.file, "--log.level="+s.level)...)
	s.watch.keep("command "+args[0], got.stdout+got.stderr)
}

// paste links on the command line with an answer of Dexcom, and gives the address of
// the login.
func (s *vault) paste(t *testing.T, answerTo func(login string) string) {
	t.Helper()
	p := start(t, "dexcom_exporter", "link", "alice", "--paste", "--config.file="+s.file, "--log.level="+s.level)
	login := p.says(t, &p.stdout, `(?m)^  (http\S+)$`)
	address, err := url.Parse(login)
	if err != nil {
		t.Fatal(err)
	}
	s.watch.learn("OAuth state", address.Query().Get("state"))
	p.types(t, answerTo(login))
	p.exit(t, patience)
	s.watch.keep("command link, the address", login, "OAuth state")
	s.watch.keep("command link", strings.ReplaceAll(p.stdout.String(), login, "")+p.stderr.String())
}
