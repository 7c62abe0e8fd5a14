package web

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

const testRedirect = "http://localhost:10180/oauth/callback"

// home is a cloud with alice and bob in it, and a program with an account for
// each, which may be linked to anybody.
type home struct {
	cloud     *simulator.Cloud
	data      http.RoundTripper // answers in place of the cloud but for tokens; nil is the cloud
	base      string            // where the cloud's login is
	redirect  string            // where the cloud sends people back to
	guard     Guard
	state     *dexcom.State
	collector *collector.Collector
	handler   http.Handler

	mu      sync.Mutex // guards what follows
	log     bytes.Buffer
	changed []string // accounts whose person changed
	secrets []string // states, codes and tokens
	seen    []string // pages and their headers
}

func newHome(t *testing.T, redirect string) *home {
	t.Helper()
	since := time.Now().AddDate(0, -1, 0)
	h := &home{base: "http://dexcom.test", redirect: redirect, guard: local(), cloud: simulator.New(
		&simulator.Person{Name: "alice", Seed: 7, Since: since},
		&simulator.Person{Name: "bob", Seed: 8, Since: since},
		&simulator.Person{Name: "carol", Seed: 9, Since: since},
	)}
	h.cloud.Register(simulator.App{ClientID: "id", ClientSecret: "SECRET", RedirectURLs: []string{redirect}})
	h.secrets = []string{"SECRET"}
	h.start(t, filepath.Join(t.TempDir(), "state"))
	return h
}

// living runs a test in a home on a clock of its own, and then looks through all
// that left the program for secrets.
func living(t *testing.T, test func(*testing.T, *home)) {
	t.Helper()
	t.Parallel()
	bubble(t, func(t *testing.T) {
		h := newHome(t, testRedirect)
		test(t, h)
		h.expectNoSecrets(t)
	})
}

// start is the program's start.
func (h *home) start(t *testing.T, dir string) {
	t.Helper()
	state, err := dexcom.OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	h.state = state
	t.Cleanup(func() { _ = state.Close() })
	app, err := dexcom.NewApp(dexcom.AppConfig{
		ClientID: "id", ClientSecret: "SECRET", RedirectURL: h.redirect, BaseURL: h.base, Transport: roundTrip(h.overhear),
	})
	if err != nil {
		t.Fatal(err)
	}
	linker := dexcom.NewLinker()
	accounts := []collector.Account{{Name: "unlinkable"}}
	var linkable []dexcom.Linkable
	for _, name := range []string{"alice", "bob"} {
		account, offered := h.account(t, app, name)
		accounts, linkable = append(accounts, account), append(linkable, offered)
	}
	linker.Offer(linkable)
	h.collector = follow(t, accounts...)
	h.handler = build(t, Config{
		Guard: h.guard, Collector: h.collector, Linker: linker,
		Metrics: http.NotFoundHandler(), MetricsPath: "/metrics",
	})
}

// account can be linked.
func (h *home) account(t *testing.T, app *dexcom.App, name string) (collector.Account, dexcom.Linkable) {
	t.Helper()
	grant := dexcom.OpenGrant(h.state, name, app, slog.New(slog.NewTextHandler(writer(h.write), nil)))
	client, err := dexcom.NewClient(dexcom.Config{BaseURL: "http://dexcom.test", Transport: roundTrip(h.answer), Tokens: grant})
	if err != nil {
		t.Fatal(err)
	}
	linkable := dexcom.Linkable{
		Account: name, Grant: grant, Client: client,
		Linked: func() { h.collector.Poll(name) },
		Changed: func() {
			h.collector.Forget(name)
			h.mu.Lock()
			defer h.mu.Unlock()
			h.changed = append(h.changed, name)
		},
	}
	return collector.Account{Name: name, StaleAfter: 5 * time.Hour, Bounds: glucose.StandardBounds(), API: &collector.API{Region: dexcom.US, Client: client, Grant: grant}}, linkable
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

func (h *home) write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.log.Write(p)
}

// overhear carries token requests to the cloud and remembers what must not leak.
func (h *home) overhear(request *http.Request) (*http.Response, error) {
	response, err := h.cloud.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	var tokens struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if json.Unmarshal(body, &tokens) == nil {
		h.hide(tokens.Access, tokens.Refresh)
	}
	return response, nil
}

// answer is what the data endpoints do.
func (h *home) answer(request *http.Request) (*http.Response, error) {
	if h.data != nil {
		return h.data.RoundTrip(request)
	}
	return h.cloud.RoundTrip(request)
}

// hide adds to what must not leave the program.
func (h *home) hide(secrets ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, secret := range secrets {
		if len(secret) > 5 {
			h.secrets = append(h.secrets, secret)
		}
	}
}

// restart opens the same state directory again.
func (h *home) restart(t *testing.T) {
	t.Helper()
	if err := h.state.Close(); err != nil {
		t.Fatal(err)
	}
	h.start(t, h.state.Dir())
}

// ask is one request of a browser.
func (h *home) ask(method, path string) *httptest.ResponseRecorder {
	answer := ask(h.handler, method, path, nil)
	var header bytes.Buffer
	for name, values := range answer.Header() {
		if name != "Location" { // that is where the state has to go
			header.WriteString(name + ": " + strings.Join(values, " ") + "\n")
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen = append(h.seen, header.String(), answer.Body.String())
	return answer
}

// press starts to link an account and gives the address at Dexcom.
func (h *home) press(t *testing.T, account string) (consentURL string) {
	t.Helper()
	answer := h.ask("POST", "/accounts/"+account+"/link")
	if answer.Code != http.StatusSeeOther {
		t.Fatalf("link %s: status %d: %s", account, answer.Code, answer.Body)
	}
	address, err := url.Parse(answer.Header().Get("Location"))
	if err != nil || address.Query().Get("state") == "" {
		t.Fatalf("link %s leads to %q, %v", account, answer.Header().Get("Location"), err)
	}
	h.hide(address.Query().Get("state"))
	return address.String()
}

// decide lets a person answer at Dexcom, and gives the path of the callback.
func (h *home) decide(t *testing.T, consentURL, person string, allow bool) (callback string) {
	t.Helper()
	redirect, err := h.cloud.Consent(consentURL, person, allow)
	if err != nil {
		t.Fatal(err)
	}
	back, err := url.Parse(redirect)
	if err != nil {
		t.Fatal(err)
	}
	h.hide(back.Query().Get("code"))
	return back.RequestURI()
}

// link goes all the way, and gives the last page.
func (h *home) link(t *testing.T, account, person string) *httptest.ResponseRecorder {
	t.Helper()
	return h.ask("GET", h.decide(t, h.press(t, account), person, true))
}

func (h *home) mustLink(t *testing.T, account, person string) {
	t.Helper()
	expectPage(t, h.link(t, account, person), http.StatusOK, account+" is linked")
	if !h.linked(account) {
		t.Fatalf("%s is not linked", account)
	}
}

// linked tells what the collector, hence the metrics, think.
func (h *home) linked(account string) bool { return h.grant(account).Linked }

func (h *home) grant(account string) dexcom.GrantStatus {
	snapshots := h.collector.Snapshots()
	i := slices.IndexFunc(snapshots, func(s collector.Snapshot) bool { return s.Account == account })
	return *snapshots[i].Grant
}

// file is the grant on the disk; empty when there is none.
func (h *home) file(t *testing.T, account string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(h.state.Dir(), account+".grant.json"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// alive tells whether the grant on the disk opens the person's data.
func (h *home) alive(t *testing.T, account, person string) bool {
	t.Helper()
	var stored struct {
		Refresh string `json:"refresh_token"`
	}
	if err := json.Unmarshal([]byte(h.file(t, account)), &stored); err != nil {
		t.Fatal(err)
	}
	return h.cloud.Alive(person, stored.Refresh)
}

func (h *home) changes() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.changed)
}

func (h *home) expectNoSecrets(t *testing.T) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, page := range h.seen { // the question alone may hold what its answer belongs to
		for _, found := range regexp.MustCompile(`name="replacement" value="([^"]+)"`).FindAllStringSubmatch(page, -1) {
			if strings.Contains(h.log.String(), found[1]) {
				t.Errorf("%q leaks in\n%s", found[1], h.log.String())
			}
		}
	}
	for _, left := range append(h.seen, h.log.String()) {
		for _, secret := range h.secrets {
			if strings.Contains(left, secret) {
				t.Errorf("%q leaks in\n%s", secret, left)
			}
		}
	}
}
