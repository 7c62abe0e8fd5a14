package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// minimal is the smallest useful file.
const minimal = `accounts:
  - name: alice
    share: {region: us, username: alice@example.org, password: hunter2}
`

// write puts a configuration file with the given text into a new directory, beside the files it may name.
func write(t testing.TB, text string) string {
	t.Helper()
	dir := t.TempDir()
	certificate, key := selfSigned(t)
	for name, contents := range map[string]string{
		"config.yaml": text,
		"secret-us":   "us secret\n",
		"alice.pw":    "hunter2\r\n",
		"bob.pw":      "hunter2",
		"mark.pw":     "\ufeffhunter2\n",
		"lines.pw":    "hunter2\nPlanted\n",
		"empty.pw":    "\n",
		"large.pw":    strings.Repeat("x", maxSecretBytes+1),
		"header":      "from a file",
		"ca.pem":      certificate,
		"client.pem":  certificate,
		"client.key":  key,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(contents), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("hunter2", filepath.Join(dir, "link.pw")); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "config.yaml")
}

// selfSigned returns a certificate and its key in PEM.
func selfSigned(t testing.TB) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// load writes and loads text, which must be good.
func load(t testing.TB, text string) *Config {
	t.Helper()
	c, err := Load(write(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// readTestdata returns the contents of a file of testdata.
func readTestdata(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestLoadAppliesDefaults(t *testing.T) {
	t.Parallel()
	path := write(t, minimal)
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		StateDir: filepath.Join(filepath.Dir(path), "data"),
		Apps:     map[string]App{},
		Poll: Poll{
			Mode: Background, MinInterval: time.Minute, MaxInterval: 15 * time.Minute, History: 14 * 24 * time.Hour,
		},
		Readings: Readings{Window: 12 * time.Hour},
		HTTP:     newHTTP(&promconfig.DefaultHTTPClientConfig),
		Accounts: []Account{{
			Name:        "alice",
			Share:       &Share{Region: "us", Username: NewSecret("alice@example.org"), Password: NewSecret("hunter2")},
			StaleAfter:  15 * time.Minute,
			ReplayLag:   15 * time.Minute,
			TargetRange: "standard",
			Events:      []string{"carbs", "insulin", "exercise"},
			AGP:         true,
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLoadAppliesDefaultsOfSections(t *testing.T) {
	t.Parallel()
	c := load(t, "apps: {jp: {client_id: a, client_secret: b}}\notlp: {}\n"+minimal)
	app := App{
		ClientID: "a", ClientSecret: NewSecret("b"), RedirectURL: "http://localhost:10180/oauth/callback",
		OAuthVersion: "v3", RateLimit: 54000,
	}
	if got := c.Apps["jp"]; !reflect.DeepEqual(got, app) {
		t.Errorf("app: got %+v, want %+v", got, app)
	}
	if got, want := *c.OTLP, (OTLP{Interval: time.Minute, MaxAge: 12 * time.Hour}); !reflect.DeepEqual(got, want) {
		t.Errorf("otlp: got %+v, want %+v", got, want)
	}
}

func TestLoadReadsEverySetting(t *testing.T) {
	t.Parallel()
	path := write(t, readTestdata(t, "full.yaml"))
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		StateDir: "/var/lib/dexcom_exporter",
		Apps: map[string]App{
			"us": {
				ClientID: "us-client", ClientSecret: NewSecret("us secret"),
				RedirectURL: "https://glucose.example.org/oauth/callback", OAuthVersion: "v2",
				BaseURL: "https://proxy.example.org/dexcom", RateLimit: 100,
			},
			"eu": {
				ClientID: "12345678", ClientSecret: NewSecret("0x10"),
				RedirectURL: "http://localhost:10180/oauth/callback", OAuthVersion: "v3", RateLimit: 54000,
			},
		},
		Poll:     Poll{Mode: Scrape, MinInterval: 30 * time.Second, MaxInterval: time.Hour, History: 90 * day},
		Readings: Readings{Window: 30 * day},
		OTLP: &OTLP{
			Endpoint: "http://localhost:4318", Headers: map[string]Secret{"X-Scope-OrgID": NewSecret("family")},
			Interval: 5 * time.Minute, MaxAge: day,
		},
		HTTP: newHTTP(fullHTTP(filepath.Dir(path))),
		Accounts: []Account{
			{
				Name: "alice", API: &API{Region: "us", Version: "v2"},
				Share: &Share{
					Region: "jp", Username: NewSecret("+15551234567"), Password: NewSecret("hunter2"),
					BaseURL: "http://127.0.0.1:8080",
				},
				StaleAfter: 5 * time.Minute, ReplayLag: 90 * time.Minute, Timezone: london,
				TargetRange: "pregnancy", Events: []string{"health", "blood_glucose"},
			},
			{
				Name: "bob", API: &API{Region: "eu", Version: "v3"}, StaleAfter: 5 * time.Hour,
				ReplayLag: 4*time.Hour + 30*time.Minute, TargetRange: "standard", Events: []string{}, AGP: true,
			},
			{
				Name: "carol", API: &API{Region: "eu", Version: "v3"}, StaleAfter: 5 * time.Hour,
				ReplayLag: 4*time.Hour + 30*time.Minute, TargetRange: "standard",
				Events: []string{"carbs", "insulin", "exercise"}, AGP: true,
			},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v\nhttp got  %+v\nhttp want %+v", got, want, got.HTTP.ClientConfig(), want.HTTP.ClientConfig())
	}
}

// fullHTTP is the section http of full.yaml.
func fullHTTP(dir string) *promconfig.HTTPClientConfig {
	return &promconfig.HTTPClientConfig{
		ProxyConfig: promconfig.ProxyConfig{
			ProxyURL: promconfig.URL{URL: &url.URL{
				Scheme: "http", User: url.UserPassword("user", "proxy-password"), Host: "proxy.example.org:3128",
			}},
			NoProxy:            "localhost",
			ProxyConnectHeader: promconfig.ProxyHeader{"X-Team": {"home", "office"}},
		},
		HTTPHeaders: &promconfig.Headers{Headers: map[string]promconfig.Header{"X-Source": {
			Values: []string{"exporter"}, Secrets: []promconfig.Secret{"token"}, Files: []string{filepath.Join(dir, "header")},
		}}},
		TLSConfig: promconfig.TLSConfig{
			CAFile: filepath.Join(dir, "ca.pem"), CertFile: filepath.Join(dir, "client.pem"),
			KeyFile: filepath.Join(dir, "client.key"), ServerName: "api.dexcom.com", InsecureSkipVerify: true,
			MinVersion: promconfig.TLSVersions["TLS12"], MaxVersion: promconfig.TLSVersions["TLS13"],
		},
	}
}

func TestLoadTakesNullAsMissing(t *testing.T) {
	t.Parallel()
	got := load(t, `state_dir: null
apps: {us: }
poll: {mode: ~, min_interval: , history: null}
readings: ~
otlp:
http: {tls_config: , proxy_url: ~, http_headers: ~, proxy_connect_header: }
accounts:
  - name: alice
    api:
    share: {region: us, username: alice@example.org, password: hunter2, password_file: , base_url: null}
    timezone:
    events:
    agp:
`)
	want := load(t, minimal)
	got.StateDir = want.StateDir // each has its own directory
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDefaultsFollowTheSources(t *testing.T) {
	t.Parallel()
	const apps = `apps:
  us: {client_id: a, client_secret: b}
  eu: {client_id: a, client_secret: b}
  jp: {client_id: a, client_secret: b}
  sandbox: {client_id: a, client_secret: b}
`
	const share = ", share: {region: us, username: a, password: b}"
	for _, test := range []struct {
		source             string
		staleAfter, replay time.Duration
	}{
		{"api: {region: us}", 5 * time.Hour, 2*time.Hour + 30*time.Minute},
		{"api: {region: sandbox}", 5 * time.Hour, 2*time.Hour + 30*time.Minute},
		{"api: {region: us, version: v2}", 5 * time.Hour, 4*time.Hour + 30*time.Minute},
		{"api: {region: eu}", 5 * time.Hour, 4*time.Hour + 30*time.Minute},
		{"api: {region: jp}", 5 * time.Hour, 4*time.Hour + 30*time.Minute},
		{"api: {region: eu}" + share, 15 * time.Minute, 15 * time.Minute},
		{"api: {region: us}" + share + ", stale_after: 1h, replay_lag: 2h", time.Hour, 2 * time.Hour},
	} {
		a := load(t, apps+"accounts: [{name: a, "+test.source+"}]").Accounts[0]
		if a.StaleAfter != test.staleAfter || a.ReplayLag != test.replay {
			t.Errorf("%s: got %v and %v, want %v and %v", test.source, a.StaleAfter, a.ReplayLag, test.staleAfter, test.replay)
		}
	}
}

func TestProfileIsOffByDefaultForManyAccounts(t *testing.T) {
	t.Parallel()
	for number, want := range map[int]bool{50: true, 51: false} {
		text := "accounts:\n"
		for i := range number {
			text += fmt.Sprintf("  - {name: a%d, share: {region: us, username: u%d, password: p}}\n", i, i)
		}
		c := load(t, text)
		if got := c.Accounts[number-1].AGP; got != want {
			t.Errorf("%d accounts: got %v, want %v", number, got, want)
		}
		if c = load(t, text+"  - {name: b, agp: true, share: {region: us, username: b, password: p}}\n"); !c.Accounts[number].AGP {
			t.Errorf("%d accounts: agp: true was not obeyed", number)
		}
	}
}

func TestLoadNamesAnUnreadableFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none.yaml")
	_, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) || err.Error() != "read configuration: open "+path+": no such file or directory" {
		t.Errorf("missing file: got %v", err)
	}
	dir := t.TempDir()
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("directory: got %v", err)
	}
	large := write(t, minimal+"#"+strings.Repeat("x", maxFileBytes))
	if _, err := Load(large); !errors.Is(err, errTooLarge) || !strings.Contains(err.Error(), large) {
		t.Errorf("large file: got %v", err)
	}
}

func TestLoadKeepsTheCause(t *testing.T) {
	t.Parallel()
	_, err := Load(write(t, strings.Replace(minimal, "password: hunter2", "password_file: none", 1)))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want one that wraps %v", err, fs.ErrNotExist)
	}
}

func TestHTTPHasDefaults(t *testing.T) {
	t.Parallel()
	if got := (HTTP{}).ClientConfig(); !reflect.DeepEqual(got, promconfig.DefaultHTTPClientConfig) {
		t.Errorf("got %+v", got)
	}
}
