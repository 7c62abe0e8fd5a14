package config

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"
)

// HTTP holds settings of Prometheus's HTTP client: proxy, TLS and the like, but never credentials of a person. The zero
// value means Prometheus's defaults. It prints none of its contents, because a proxy's URL may hold a password.
type HTTP struct {
	// fmt follows one pointer where the verb does not suit (%!s(*T=&{…})), but never two; a function would not compare.
	client **promconfig.HTTPClientConfig
}

// newHTTP returns an HTTP that holds c.
func newHTTP(c *promconfig.HTTPClientConfig) HTTP {
	return HTTP{client: &c}
}

// ClientConfig returns the settings for promconfig.NewClientFromConfig. The caller must not change what it points to.
func (h HTTP) ClientConfig() promconfig.HTTPClientConfig {
	if h.client == nil {
		return promconfig.DefaultHTTPClientConfig
	}
	return **h.client
}

// readHTTP reads the section http. Its keys are those of Prometheus's HTTP client, less the credentials.
func readHTTP(v value) HTTP {
	m := v.mapping()
	defer m.finish()
	m.rejectCredentials()
	c := promconfig.DefaultHTTPClientConfig
	c.ProxyConfig = readProxy(m)
	c.TLSConfig = readTLS(m.get("tls_config"))
	c.FollowRedirects = m.get("follow_redirects").boolean(c.FollowRedirects)
	c.EnableHTTP2 = m.get("enable_http2").boolean(c.EnableHTTP2)
	c.HTTPHeaders = readExtraHeaders(m.get("http_headers"))
	return newHTTP(&c)
}

// rejectCredentials reports the keys by which Prometheus's client would overwrite Dexcom's Authorization header.
func (m *mapping) rejectCredentials() {
	for _, key := range []string{"basic_auth", "authorization", "oauth2", "bearer_token", "bearer_token_file"} {
		if v, ok := m.entries[key]; ok {
			v.fail("collides with the authorization that Dexcom demands, remove it; credentials belong to apps and accounts")
		}
	}
}

// readProxy reads the keys about proxies, which stand beside the others.
func readProxy(m *mapping) promconfig.ProxyConfig {
	before := len(m.doc.faults)
	p := promconfig.ProxyConfig{
		ProxyURL:             m.get("proxy_url").proxyURL(),
		NoProxy:              m.get("no_proxy").text(""),
		ProxyFromEnvironment: m.get("proxy_from_environment").boolean(false),
		ProxyConnectHeader:   readProxyHeader(m.get("proxy_connect_header")),
	}
	if err := p.Validate(); err != nil && len(m.doc.faults) == before {
		m.fail("%w", err)
	}
	return p
}

// proxyURL reads the URL of a proxy. It may hold a user and password.
func (v value) proxyURL() promconfig.URL {
	text := v.text("")
	if text == "" {
		return promconfig.URL{}
	}
	u, err := url.Parse(text)
	if err != nil || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) || !hasHost(u) {
		v.fail("not a proxy, write it as in http://proxy.example:3128; http, https, socks5 and socks5h are supported")
		return promconfig.URL{}
	}
	return promconfig.URL{URL: u}
}

// readProxyHeader reads the headers of CONNECT requests, nil when there are none.
func readProxyHeader(v value) promconfig.ProxyHeader {
	var header promconfig.ProxyHeader
	for name, entry := range v.mapping().all() {
		if header == nil {
			header = promconfig.ProxyHeader{}
		}
		header[name] = entry.headerSecrets(name)
	}
	return header
}

// headerSecrets reads a list of values of the header name.
func (v value) headerSecrets(name string) []promconfig.Secret {
	var secrets []promconfig.Secret
	for _, entry := range v.list() {
		secrets = append(secrets, promconfig.Secret(entry.header(name)))
	}
	return secrets
}

// readExtraHeaders reads headers for every request, nil when there are none.
func readExtraHeaders(v value) *promconfig.Headers {
	var headers map[string]promconfig.Header
	for name, entry := range v.mapping().all() {
		if _, ok := promconfig.ReservedHeaders[http.CanonicalHeaderKey(name)]; ok {
			entry.fail("this header belongs to the program, remove it")
		}
		if headers == nil {
			headers = map[string]promconfig.Header{}
		}
		headers[name] = readExtraHeader(name, entry)
	}
	if headers == nil {
		return nil
	}
	return &promconfig.Headers{Headers: headers}
}

// readExtraHeader reads the values of one header.
func readExtraHeader(name string, v value) promconfig.Header {
	m := v.mapping()
	defer m.finish()
	var header promconfig.Header
	for _, entry := range m.get("values").list() {
		header.Values = append(header.Values, entry.header(name))
	}
	header.Secrets = m.get("secrets").headerSecrets(name)
	for _, entry := range m.get("files").list() {
		header.Files = append(header.Files, entry.headerFile())
	}
	return header
}

// headerFile reads the path of a file that holds the value of a header. Prometheus's client reads the file again for each
// request, and would send a byte order mark too.
func (v value) headerFile() string {
	text, ok := v.contents()
	if !ok {
		return ""
	}
	if strings.HasPrefix(text, byteOrderMark) {
		v.fail("the file begins with a byte order mark, save it without one")
	} else if _, err := soleSecret(text); err != nil {
		v.fail("%w", err)
	}
	return v.filename("")
}
