package otlp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// settings are how the receiver is reached: what the configuration says, and else
// the variables of opentelemetry.io/docs/specs/otel/protocol/exporter. A variable
// that cannot be understood is an error here: the SDK would write it, secrets
// included, to standard error and go on without it.
type settings struct {
	endpoint *url.URL // of the metrics
	headers  Headers
	gzip     bool
	timeout  time.Duration
	tls      *tls.Config // nil: nothing of its own
}

const (
	prefix         = "OTEL_EXPORTER_OTLP_"
	defaultTimeout = 10 * time.Second
	// longestTimeout bounds how long a receiver that does not answer keeps the others
	// of a pass waiting.
	longestTimeout = 30 * time.Second
)

func settingsOf(config Config) (settings, error) {
	s := settings{gzip: true, timeout: defaultTimeout}
	s.endpoint = &url.URL{Scheme: "http", Host: "localhost:4318", Path: "/v1/metrics"}
	err := errors.Join(
		variables("ENDPOINT", s.readEndpoint),
		variables("HEADERS", s.readHeaders),
		variables("COMPRESSION", s.readCompression),
		variables("TIMEOUT", s.readTimeout),
		variables("CERTIFICATE", s.readCertificate),
		s.readClientCertificates(),
	)
	if err != nil {
		return settings{}, err
	}
	if config.Endpoint != "" {
		if err := s.readEndpoint(config.Endpoint, false); err != nil {
			return settings{}, fmt.Errorf("endpoint: %w", err)
		}
	}
	if len(config.Headers) > 0 {
		s.headers = config.Headers
	}
	if s.tls != nil && s.endpoint.Scheme == "http" {
		return settings{}, fmt.Errorf("the endpoint is http, which knows no certificates: make it https, or unset %sCERTIFICATE and %[1]sCLIENT_CERTIFICATE", prefix)
	}
	return s, nil
}

// variables reads those of a kind that are set, the one for metrics last: it stands.
func variables(kind string, read func(value string, forMetrics bool) error) error {
	for _, name := range []string{prefix + kind, prefix + "METRICS_" + kind} {
		value := strings.TrimSpace(os.Getenv(name))
		if value == "" {
			continue
		}
		if err := read(value, name != prefix+kind); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// readEndpoint reads an address as it is when it is for metrics, else as a base.
func (s *settings) readEndpoint(value string, forMetrics bool) error {
	const signal = "/v1/metrics"
	u, err := url.Parse(value)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "": // err would show the address
		return errors.New("not a web address, write it as in https://host.example:4318")
	case u.User != nil:
		return errors.New("contains a user, write an Authorization header instead")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("contains a query or fragment, remove everything from the ? or # on")
	}
	if !forMetrics && !strings.HasSuffix(u.Path, signal) {
		u.Path = path.Join("/", u.Path, signal)
	}
	s.endpoint = u
	return nil
}

// readHeaders reads name=value pairs between commas, with values as in a URL.
func (s *settings) readHeaders(value string, _ bool) error {
	pairs, err := pairsOf(value)
	if err != nil {
		return err
	}
	for name, text := range pairs {
		if strings.ContainsFunc(text, unicode.IsControl) {
			return errors.New("a control character in the value of an HTTP header")
		}
		if strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c) }) {
			return errors.New("not the name of an HTTP header before the =")
		}
	}
	s.headers = pairs
	return nil
}

// pairsOf reads name=value pairs. Its errors do not quote them.
func pairsOf(text string) (map[string]string, error) {
	pairs := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		name, escaped, found := strings.Cut(pair, "=")
		name = strings.TrimSpace(name)
		value, err := url.PathUnescape(strings.TrimSpace(escaped))
		if !found || name == "" || err != nil {
			return nil, errors.New("not a list of name=value with commas between and escapes as in a URL")
		}
		pairs[name] = value
	}
	return pairs, nil
}

func (s *settings) readCompression(value string, _ bool) error {
	if value != "gzip" && value != "none" {
		return errors.New("unknown compression, choose gzip or none")
	}
	s.gzip = value == "gzip"
	return nil
}

func (s *settings) readTimeout(value string, _ bool) error {
	milliseconds, err := strconv.ParseInt(value, 10, 32)
	if err != nil || milliseconds <= 0 {
		return errors.New("not a number of milliseconds above 0")
	}
	s.timeout = min(time.Duration(milliseconds)*time.Millisecond, longestTimeout)
	return nil
}

func (s *settings) readCertificate(file string, _ bool) error {
	pem, err := os.ReadFile(file) //nolint:gosec // the operator names it
	if err != nil {
		return fmt.Errorf("read certificate: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return errors.New("the file holds no certificate")
	}
	s.own().RootCAs = pool
	return nil
}

func (s *settings) readClientCertificates() error {
	for _, prefix := range []string{prefix, prefix + "METRICS_"} {
		certificate, key := os.Getenv(prefix+"CLIENT_CERTIFICATE"), os.Getenv(prefix+"CLIENT_KEY")
		if certificate == "" && key == "" {
			continue
		}
		if certificate == "" || key == "" {
			return fmt.Errorf("%sCLIENT_CERTIFICATE and %[1]sCLIENT_KEY: one needs the other", prefix)
		}
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			return fmt.Errorf("%sCLIENT_CERTIFICATE: %w", prefix, err)
		}
		s.own().Certificates = []tls.Certificate{pair}
	}
	return nil
}

// own is the TLS configuration to write to.
func (s *settings) own() *tls.Config {
	if s.tls == nil {
		s.tls = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return s.tls
}

// transport reaches the receiver through the proxy of the environment.
func (s settings) transport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: s.tls, ForceAttemptHTTP2: true,
		MaxIdleConns: 2, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
	}
}
