package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// authority signs certificates for servers on the loopback interface and for
// their clients.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// keyPair is a certificate and its key, as PEM.
type keyPair struct{ certificate, key string }

func newAuthority(t *testing.T) authority {
	t.Helper()
	template := validNow("authority")
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{certificate: certificate, key: key}
}

// sign makes a certificate that serves as server and as client.
func (a authority) sign(t *testing.T) keyPair {
	t.Helper()
	return a.signOther(t, func(*x509.Certificate) {})
}

// signOther makes one that differs.
func (a authority) signOther(t *testing.T, differ func(*x509.Certificate)) keyPair {
	t.Helper()
	template := validNow("e2e")
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	differ(template)
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{certificate: encode("CERTIFICATE", der), key: encode("PRIVATE KEY", private)}
}

// pem is the authority's own certificate.
func (a authority) pem() string { return encode("CERTIFICATE", a.certificate.Raw) }

// believed is how a client believes this authority and shows its own
// certificates, if any.
func (a authority) believed(t *testing.T, own ...keyPair) *tls.Config {
	t.Helper()
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AddCert(a.certificate)
	for _, pair := range own {
		certificate, err := tls.X509KeyPair([]byte(pair.certificate), []byte(pair.key))
		if err != nil {
			t.Fatal(err)
		}
		// Shown even to a server that asks for those of another authority.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &certificate, nil }
	}
	return config
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func validNow(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
