package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// planted is a secret of every configuration here: nothing that leaves the program
// may hold it.
const planted = "PLANTED-SECRET"

// pretender is a simulated Dexcom behind an address, which counts what it is asked
// by endpoint.
type pretender struct {
	*simulator.Cloud

	address string

	mu    sync.Mutex // guards what follows
	asked map[string]int
	// hold keeps the nth request to an endpoint waiting until the channel is closed;
	// nil keeps nobody.
	hold func(endpoint string, nth int) <-chan struct{}
}

// pretend serves a cloud at an address of its own. The app of configure is
// registered there.
func pretend(t testing.TB, cloud *simulator.Cloud) *pretender {
	t.Helper()
	d := &pretender{Cloud: cloud, asked: map[string]int{}}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	d.address = server.URL
	d.register(planted)
	return d
}

func (d *pretender) register(secret string) {
	d.Register(simulator.App{ClientID: "id", ClientSecret: secret, RedirectURLs: []string{
		"http://localhost:10180/oauth/callback", "https://glucose.example.org/oauth/callback",
	}})
}

// ServeHTTP implements http.Handler.
func (d *pretender) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var held <-chan struct{}
	d.mu.Lock()
	endpoint := path.Base(r.URL.Path)
	d.asked[endpoint]++
	if d.hold != nil {
		held = d.hold(endpoint, d.asked[endpoint])
	}
	d.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-r.Context().Done():
		}
	}
	d.Cloud.ServeHTTP(w, r)
}

// count is how often an endpoint was asked, and all of them together without one.
func (d *pretender) count(endpoint string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	sum := d.asked[endpoint]
	if endpoint == "" {
		for _, asked := range d.asked {
			sum += asked
		}
	}
	return sum
}

func (d *pretender) holding(hold func(endpoint string, nth int) <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hold = hold
}

// town is a simulated Dexcom with people whose readings are two hours late.
func town(t *testing.T, names ...string) *pretender {
	t.Helper()
	var people []*simulator.Person
	for i, name := range names {
		people = append(people, &simulator.Person{
			Name: name, Seed: uint64(i) + 1, HoldBack: 2 * time.Hour, Since: time.Now().Add(-30 * 24 * time.Hour),
		})
	}
	return pretend(t, simulator.New(people...))
}

// configure is a configuration for accounts of an app at Dexcom's address, and
// more sections before them.
func configure(address string, accounts []string, more ...string) string {
	return fmt.Sprintf("%s\napps: {us: {client_id: id, client_secret: %s, base_url: %q}}\naccounts:\n  - %s\n",
		strings.Join(more, "\n"), planted, address, strings.Join(accounts, "\n  - "))
}

// us is an account of the region us.
func us(name string, more ...string) string {
	return fmt.Sprintf("{name: %s, api: {region: us}%s}", name, strings.Join(append([]string{""}, more...), ", "))
}

// linkBefore links accounts to the people of the same names before the program
// runs.
func linkBefore(t testing.TB, d *pretender, file string, accounts ...string) {
	t.Helper()
	p, err := planOf(file)
	if err != nil {
		t.Fatal(err)
	}
	h, err := p.open(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	for _, account := range accounts {
		address, err := h.linker.Start(account)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.linker.Finish(t.Context(), consent(t, d, address, account).Query()); err != nil {
			t.Fatal(err)
		}
	}
}

// consent is what a person does at Dexcom, and where Dexcom sends them.
func consent(t testing.TB, d *pretender, address, person string) *url.URL {
	t.Helper()
	redirect, err := d.Consent(address, person, true)
	if err != nil {
		t.Fatal(err)
	}
	back, err := url.Parse(redirect)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// server is the program while it serves a configuration file.
type server struct {
	file, address string
	log           *lockedBuffer
	stop          func() // ends it, once
}

// start runs the program on a file as a user does, until the test is over at the
// latest.
func start(t *testing.T, file string, flags ...string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &server{file: file, log: &lockedBuffer{}}
	status := make(chan int, 1)
	args := append([]string{"--config.file=" + file, "--web.listen-address=127.0.0.1:0", "--log.level=debug"}, flags...)
	go func() { status <- run(ctx, args, strings.NewReader(""), io.Discard, s.log) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if got := <-status; got != exitFine {
			t.Errorf("the program ended with status %d: %s", got, s.log)
		}
		if strings.Contains(s.log.String(), planted) {
			t.Errorf("a secret is in the log: %s", s.log)
		}
	})
	t.Cleanup(s.stop)
	listening := regexp.MustCompile(`msg="Listening on" address=(\S+)`)
	waitFor(t, func() bool { return listening.MatchString(s.log.String()) })
	s.address = "http://" + listening.FindStringSubmatch(s.log.String())[1]
	waitFor(t, func() bool { code, _, _ := s.ask(t, "GET", "/-/healthy"); return code == http.StatusOK })
	return s
}

// serving runs the program on a configuration whose accounts are linked already,
// and waits until all that it asks at a start has been answered.
func serving(t *testing.T, d *pretender, text string, accounts ...string) *server {
	t.Helper()
	file := configured(t, text)
	linkBefore(t, d, file, accounts...)
	before := d.count("egvs")
	s := start(t, file, "--web.enable-lifecycle")
	waitFor(t, func() bool { return d.count("egvs") >= before+2*len(accounts) })
	waitFor(t, func() bool {
		return scrapeOnce(t, s.address)["dexcom_exporter_api_requests_total"][" code=200 endpoint=egvs source=api"] >= float64(2*len(accounts))
	})
	for _, account := range accounts { // the history is counted before it is read
		waitFor(t, func() bool {
			readings := scrapeOnce(t, s.address)["dexcom_readings"]
			return readings[account+" window=14d"] > 2*readings[account+" window=24h"]
		})
	}
	return s
}

// ask sends a request, with headers as name and value in turn.
func (s *server) ask(t *testing.T, method, target string, headers ...string) (status int, header http.Header, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.address+target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true // a spare connection would keep a server from its end for 5 s
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Error(err)
		return 0, nil, ""
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, response.Header, string(text)
}

// adopt writes the file and has it loaded.
func (s *server) adopt(t *testing.T, text string) {
	t.Helper()
	write(t, s.file, text)
	if status, _, body := s.ask(t, "POST", "/-/reload"); status != http.StatusOK || body != "loaded again\n" {
		t.Fatalf("reload: %d %s", status, body)
	}
}

// begin presses the button that links an account and gives the login's address.
func (s *server) begin(t *testing.T, account string) string {
	t.Helper()
	status, header, body := s.ask(t, "POST", "/accounts/"+account+"/link")
	if status != http.StatusSeeOther {
		t.Fatalf("link %s: %d %s", account, status, body)
	}
	return header.Get("Location")
}

// finish follows Dexcom's redirect to the program.
func (s *server) finish(t *testing.T, back *url.URL) (status int, body string) {
	t.Helper()
	status, _, body = s.ask(t, "GET", "/oauth/callback?"+back.RawQuery)
	return status, body
}

func (s *server) grantFile(account string) string {
	return filepath.Join(filepath.Dir(s.file), "data", account+".grant.json")
}

// Where Dexcom sends people back to is a name of ours, and a place that forms lead
// to: both follow the configuration, in both directions.
func TestTheGuardsFollowTheConfiguration(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	before := configure(d.address, []string{us("alice")})
	after := strings.Replace(before, "base_url:", "redirect_url: https://glucose.example.org/oauth/callback, base_url:", 1)
	s := serving(t, d, before, "alice")
	for _, test := range []struct {
		text          string
		status        int
		policy, login string
	}{
		{before, http.StatusForbidden, "http://localhost:10180", "http://localhost:10180/oauth/callback"},
		{after, http.StatusOK, "https://glucose.example.org", "https://glucose.example.org/oauth/callback"},
		{before, http.StatusForbidden, "http://localhost:10180", "http://localhost:10180/oauth/callback"},
	} {
		s.adopt(t, test.text)
		if status, _, body := s.ask(t, "GET", "/", "Host", "glucose.example.org"); status != test.status {
			t.Errorf("%s: status %d: %s", test.policy, status, body)
		}
		_, header, _ := s.ask(t, "GET", "/")
		want := "form-action 'self' https://*.dexcom.com https://*.dexcom.eu https://*.dexcom.jp " + d.address + " " + test.policy + ";"
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, want) {
			t.Errorf("policy %q, want %q", policy, want)
		}
		login, err := url.Parse(s.begin(t, "alice"))
		if err != nil || login.Query().Get("redirect_uri") != test.login {
			t.Errorf("the login leads back to %s, want %s", login.Query().Get("redirect_uri"), test.login)
		}
	}
}
