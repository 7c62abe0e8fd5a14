package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// bad are the ways in which a certificate that the right authority signed is none.
func bad() map[string]func(*x509.Certificate) {
	return map[string]func(*x509.Certificate){
		"expired": func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
		},
		"not yet valid": func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(24*time.Hour), time.Now().Add(48*time.Hour)
		},
		"for mail only": func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection} },
	}
}

// Old versions of TLS and broken ciphers are not spoken.
func TestTLSIsOfToday(t *testing.T) {
	t.Parallel()
	ours := newAuthority(t)
	e := startServe(t, loopback, webConfig(t, serveTLS(t, ours.sign(t))))
	for name, test := range map[string]struct {
		lowest, highest uint16
		cipher          uint16 // 0: any
		answered        bool
	}{
		"TLS 1.3":             {tls.VersionTLS13, tls.VersionTLS13, 0, true},
		"TLS 1.2":             {tls.VersionTLS12, tls.VersionTLS12, 0, true},
		"TLS 1.2, AES-GCM":    {tls.VersionTLS12, tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true},
		"TLS 1.2, RC4":        {tls.VersionTLS12, tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, false},
		"TLS 1.2, no secrecy": {tls.VersionTLS12, tls.VersionTLS12, tls.TLS_RSA_WITH_AES_128_GCM_SHA256, false},
		"TLS 1.1":             {tls.VersionTLS10, tls.VersionTLS11, 0, false},
		"TLS 1.0":             {tls.VersionTLS10, tls.VersionTLS10, 0, false},
	} {
		v := visitor{base: "https://" + e.address, tls: ours.believed(t)}
		v.tls.MinVersion, v.tls.MaxVersion = test.lowest, test.highest
		if test.cipher != 0 {
			v.tls.CipherSuites = []uint16{test.cipher}
		}
		got, err := v.ask(http.MethodGet, "/metrics")
		if answered := err == nil && got.status == http.StatusOK; answered != test.answered {
			t.Errorf("%s: answered %v, want %v (%v)", name, answered, test.answered, err)
		}
	}
}

// A client certificate has to be valid today, for clients, and of the right authority.
func TestBadClientCertificates(t *testing.T) {
	t.Parallel()
	ours, clients := newAuthority(t), newAuthority(t)
	e := startServe(t, everywhere, webConfig(t, serveTLS(t, ours.sign(t))+demandCertificate(t, clients)))
	v := visitor{base: "https://" + e.address, tls: ours.believed(t, clients.sign(t))}
	v.get(t, "/metrics", http.StatusOK)
	for name, differ := range bad() {
		v.tls = ours.believed(t, clients.signOther(t, differ))
		if got, err := v.ask(http.MethodGet, "/metrics"); err == nil {
			t.Errorf("%s: got %d", name, got.status)
		}
	}
	v.tls = ours.believed(t, clients.signOther(t, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }))
	v.refused(t, "/metrics")
}

// Whoever cannot prove to be Dexcom is told nothing: no secret, no token, no password.
func TestDexcomHasToProveWhoItIs(t *testing.T) {
	t.Parallel()
	ours, others := newAuthority(t), newAuthority(t)
	certificates := map[string]keyPair{
		"of another authority": others.sign(t),
		"of another host":      ours.signOther(t, func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 1)} }),
		"":                     ours.sign(t),
	}
	for name, differ := range bad() {
		certificates[name] = ours.signOther(t, differ)
	}
	for name, pair := range certificates {
		t.Run("certificate "+name, func(t *testing.T) {
			t.Parallel()
			f := newFamily(t)
			f.linkHere(t, "alice")
			var heard atomic.Int64
			f.baseURL = listenTLS(t, pair, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				heard.Add(1)
				f.cloud.ServeHTTP(w, r)
			}))
			f.accounts += fmt.Sprintf("  - name: bob\n    share: {region: us, username: bob, password: %q, base_url: %q}\n", sharePassword, f.baseURL)
			f.accounts += fmt.Sprintf("http: {tls_config: {ca_file: %q}}\n", write(t, "ca.pem", ours.pem()))
			e := f.serve(t)
			if name == "" {
				expectSeriesThat(t, e, newest, present)
				return
			}
			for _, polls := range []string{`{account="alice",result="network",source="api"}`, `{account="bob",result="network",source="share"}`} {
				expectSeriesThat(t, e, "dexcom_exporter_polls_total"+polls, func(n float64, _ bool) bool { return n > 0 })
			}
			if got := f.check(t); got.status != 1 || !strings.Contains(got.stdout, "certificate") {
				t.Errorf("check: %+v", got)
			}
			if n := heard.Load(); n > 0 {
				t.Errorf("%d requests came through", n)
			}
		})
	}
}

// listenTLS is listen for a server that shows a certificate.
func listenTLS(t *testing.T, pair keyPair, handler http.Handler) (url string) {
	t.Helper()
	certificate, err := tls.X509KeyPair([]byte(pair.certificate), []byte(pair.key))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshakes that fail are the test
	server.StartTLS()
	t.Cleanup(func() {
		server.CloseClientConnections() // as in listen
		server.Close()
	})
	return server.URL
}
