package otlp

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
)

// pushOnce pushes one reading over a transport that keeps the request.
func pushOnce(t *testing.T, config Config) (*http.Request, *prometheusServer) {
	t.Helper()
	server, who := newPrometheus(24*time.Hour), &person{name: "alice"}
	who.batch(1, time.Hour)
	config.Transport, config.Live, config.Late, config.Log = server, nothing(), accountsOf(who), newLogbook(slog.LevelInfo).Logger
	p, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.late.push(t.Context()); err != nil {
		t.Fatal(err)
	}
	return server.requests[0], server
}

// The standard variables work, those for metrics stand above the others, and the
// configuration stands above both.
func TestEnvironment(t *testing.T) { //nolint:paralleltest // the environment is the process's
	const general, metrics = "OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_METRICS_"
	for name, test := range map[string]struct {
		variables map[string]string
		config    Config
		url       string
		headers   map[string]string
	}{
		"nothing": {nil, Config{}, "http://localhost:4318/v1/metrics", map[string]string{"Content-Encoding": "gzip", "Authorization": ""}},
		"general": {
			map[string]string{general + "ENDPOINT": "https://gateway.example:443/otlp/", general + "HEADERS": "Authorization=Bearer%20abc%2C,x-org=1", general + "COMPRESSION": "none"},
			Config{},
			"https://gateway.example:443/otlp/v1/metrics",
			map[string]string{"Content-Encoding": "", "Authorization": "Bearer abc,", "X-Org": "1"},
		},
		"for metrics": {
			map[string]string{
				general + "ENDPOINT": "https://gateway.example", metrics + "ENDPOINT": " http://metrics.example/push ", general + "HEADERS": "a=1", metrics + "HEADERS": "b=2",
				general + "COMPRESSION": "none", metrics + "COMPRESSION": "gzip",
			},
			Config{},
			"http://metrics.example/push",
			map[string]string{"A": "", "B": "2", "Content-Encoding": "gzip"},
		},
		"configured": {
			map[string]string{metrics + "ENDPOINT": "https://gateway.example/push", general + "HEADERS": "a=1"},
			Config{Endpoint: "http://prometheus.example:9090/api/v1/otlp", Headers: Headers{"b": "2"}},
			"http://prometheus.example:9090/api/v1/otlp/v1/metrics",
			map[string]string{"A": "", "B": "2"},
		},
		"in full": {
			nil, Config{Endpoint: "http://prometheus.example/api/v1/otlp/v1/metrics"}, "http://prometheus.example/api/v1/otlp/v1/metrics", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range test.variables {
				t.Setenv(variable, value)
			}
			r, _ := pushOnce(t, test.config)
			if r.URL.String() != test.url {
				t.Errorf("got %s, want %s", r.URL, test.url)
			}
			for header, want := range test.headers {
				if got := r.Header.Get(header); got != want {
					t.Errorf("%s: got %q, want %q", header, got, want)
				}
			}
		})
	}
}

// A variable that cannot be understood is refused by name, without its value; the
// SDK's own handlers, which would print it, hear of nothing.
func TestWrongEnvironment(t *testing.T) { //nolint:paralleltest // the environment is the process's
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { t.Errorf("the global handler got %v", err) }))
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ variable, value, want string }{
		{"ENDPOINT", "https://me:hunter2@gateway.example", "contains a user"},
		{"ENDPOINT", "https://gateway.example?key=hunter2", "contains a query"},
		{"ENDPOINT", "gateway.example:4318/hunter2", "not a web address"},
		{"ENDPOINT", "http://hunter2%zz", "not a web address"},
		{"METRICS_ENDPOINT", "grpc://gateway.example", "not a web address"},
		{"HEADERS", "hunter2", "name=value"},
		{"HEADERS", "Authorization=hunter2%zz", "name=value"},
		{"METRICS_HEADERS", "hunter2 a=b", "name of an HTTP header"},
		{"HEADERS", "=hunter2", "name=value"},
		{"COMPRESSION", "zstd", "gzip or none"},
		{"TIMEOUT", "10s", "milliseconds"},
		{"TIMEOUT", "-1", "milliseconds"},
		{"CERTIFICATE", filepath.Join(t.TempDir(), "none.pem"), "read certificate"},
		{"METRICS_CERTIFICATE", empty, "no certificate"},
		{"CLIENT_CERTIFICATE", empty, "needs the other"},
		{"METRICS_CLIENT_KEY", empty, "needs the other"},
	} {
		t.Run(test.variable+" "+test.want, func(t *testing.T) {
			t.Setenv(prefix+test.variable, test.value)
			_, err := New(Config{Live: nothing(), Log: newLogbook(0).Logger})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), prefix) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	for _, value := range []string{"a", "a=b,", "a=%zz", "=b"} {
		t.Setenv("OTEL_RESOURCE_ATTRIBUTES", value)
		if _, err := New(Config{Live: nothing(), Log: newLogbook(0).Logger}); err == nil || !strings.Contains(err.Error(), "OTEL_RESOURCE_ATTRIBUTES") {
			t.Errorf("%q: got %v", value, err)
		}
	}
}

func TestTimeoutOfTheEnvironment(t *testing.T) { //nolint:paralleltest // the environment is the process's
	for text, want := range map[string]time.Duration{"2500": 2500 * time.Millisecond, "3600000": longestTimeout} {
		t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", text)
		if s, err := settingsOf(Config{}); err != nil || s.timeout != want {
			t.Errorf("%s: got %v, %v", text, s.timeout, err)
		}
	}
}

// The environment names the service; a version belongs to the live table alone, so
// that Prometheus writes no target_info at the times of readings.
func TestService(t *testing.T) { //nolint:paralleltest // the environment is the process's
	if _, server := pushOnce(t, Config{Version: "1.2.3"}); len(server.series) != 1 {
		t.Errorf("got %v", server.series)
	}
	t.Setenv("OTEL_SERVICE_NAME", "sugar")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,service.instance.id=kitchen%201")
	got, err := serviceOf("1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]string{
		"live": {got.live.String(), "service.instance.id=kitchen 1,service.name=sugar,service.version=1.2.3"},
		"late": {got.late.String(), "service.instance.id=kitchen 1,service.name=sugar"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %s, want %s", name, pair[0], pair[1])
		}
	}
}

// Certificates of the environment: the receiver's authority, and our own.
func TestCertificatesOfTheEnvironment(t *testing.T) { //nolint:paralleltest // the environment is the process's
	own, key := clientCertificate(t)
	prometheus, who := newPrometheus(24*time.Hour), &person{name: "alice"}
	server := httptest.NewUnstartedServer(prometheus)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	defer server.Close()
	authority := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	push := func() error {
		log := newLogbook(slog.LevelInfo)
		who.points, who.settled = nil, 0
		who.batch(1, time.Hour)
		p, _ := overHTTP(t, server, log, who)
		return p.late.push(t.Context())
	}
	if err := push(); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an unknown authority: %v", err)
	}
	t.Setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", authority)
	if err := push(); err == nil {
		t.Error("pushed without a certificate of our own")
	}
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", own)
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", key)
	if err := push(); err != nil {
		t.Error(err)
	}
	prometheus.stores(t, who, who.points)
	if _, err := New(Config{Endpoint: "http://localhost", Live: nothing(), Log: newLogbook(0).Logger}); err == nil || !strings.Contains(err.Error(), "make it https") {
		t.Errorf("certificates without TLS: %v", err)
	}
}

// clientCertificate writes a certificate and its key.
func clientCertificate(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "exporter"}, NotAfter: time.Now().Add(time.Hour)}
	public, errPublic := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	secret, errSecret := x509.MarshalPKCS8PrivateKey(private)
	certificate, key = filepath.Join(t.TempDir(), "own.pem"), filepath.Join(t.TempDir(), "own.key")
	err = errors.Join(err, errPublic, errSecret,
		os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: public}), 0o600),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// FuzzHeaders reads any value of OTEL_EXPORTER_OTLP_HEADERS: what is taken can be sent,
// and an error shows nothing of it.
func FuzzHeaders(f *testing.F) {
	for _, text := range []string{
		"", "Authorization=Bearer%20hunter2,x-org=1", "a=b,", "=hunter2", "a=%zz", "a=%0d%0aX-Evil: 1", "a=%00", "a b=c", "ä=b", "a=\xff", "a=b=c", "a=%ff", " a = b ", "Host=evil", "a,b=c",
	} {
		f.Add(text)
	}
	nowhere := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, errNowhere }}
	f.Fuzz(func(t *testing.T, text string) {
		var s settings
		if err := s.readHeaders(text, false); err != nil {
			if s.headers != nil || len(text) > 60 && strings.Contains(err.Error(), text) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://receiver.example", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range s.headers {
			request.Header.Set(name, value)
		}
		if _, err := nowhere.RoundTrip(request); !errors.Is(err, errNowhere) { //nolint:bodyclose // there is no answer
			t.Errorf("%q is taken, and cannot be sent: %v", text, err)
		}
	})
}

var errNowhere = errors.New("the request is good, and goes nowhere")

// FuzzEndpoint reads any value of OTEL_EXPORTER_OTLP_ENDPOINT, for metrics or in
// general.
func FuzzEndpoint(f *testing.F) {
	for _, text := range []string{
		"", "https://gateway.example:443/otlp/", "http://[::1]:4318", "https://me:hunter2@gateway.example", "https://gateway.example?key=hunter2", "http:///a", "http://a/../..", "HTTP://A/v1/metrics",
		"http://hunter2%zz", "http://a:b", "//a", "http://a#", "http://a/%2e%2e/v1/metrics", "http://\xff", "http://a b", "http://:4318",
	} {
		f.Add(text, false)
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, forMetrics bool) {
		var s settings
		err := s.readEndpoint(text, forMetrics)
		if err != nil {
			if s.endpoint != nil || len(text) > 60 && strings.Contains(err.Error(), text) {
				t.Errorf("%q: %v beside %v", err, text, s.endpoint)
			}
			return
		}
		u, err := url.Parse(s.endpoint.String())
		switch {
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "":
			t.Errorf("%q is read as %v, %v", text, s.endpoint, err)
		case !forMetrics && !strings.HasSuffix(u.Path, "/v1/metrics"):
			t.Errorf("%q is read as %v", text, s.endpoint)
		}
	})
}
