package config

import (
	"os"

	promconfig "github.com/prometheus/common/config"
)

// readTLS reads the section tls_config and tries its certificates.
func readTLS(v value) promconfig.TLSConfig {
	m := v.mapping()
	defer m.finish()
	before := len(v.doc.faults)
	c := promconfig.TLSConfig{
		CA:                 m.get("ca").text(""),
		CAFile:             m.get("ca_file").readable(),
		Cert:               m.get("cert").text(""),
		CertFile:           m.get("cert_file").readable(),
		Key:                promconfig.Secret(m.get("key").text("")),
		KeyFile:            m.get("key_file").readable(),
		ServerName:         m.get("server_name").text(""),
		InsecureSkipVerify: m.get("insecure_skip_verify").boolean(false),
		MinVersion:         m.get("min_version").tlsVersion(),
		MaxVersion:         m.get("max_version").tlsVersion(),
	}
	if len(v.doc.faults) > before {
		return c
	}
	if c.MinVersion > c.MaxVersion && c.MaxVersion != 0 {
		m.get("max_version").fail("below min_version, change one of them")
	} else if err := c.Validate(); err != nil {
		v.fail("%w", err)
	} else if _, err := promconfig.NewTLSConfig(&c); err != nil {
		v.fail("the certificates are not usable: %w, check that they and the key are PEM and belong together", err)
	}
	return c
}

// readable reads the path of a file that must be readable, empty when it is missing.
func (v value) readable() string {
	name := v.filename("")
	if name == "" {
		return ""
	}
	file, err := os.Open(name)
	if err != nil {
		v.failFile(err)
		return ""
	}
	_ = file.Close() // only read from
	return name
}

// tlsVersion reads a version of TLS, zero for Go's default.
func (v value) tlsVersion() promconfig.TLSVersion {
	if v.missing() {
		return 0
	}
	return promconfig.TLSVersions[v.oneOf("TLS13", "TLS12", "TLS11", "TLS10")]
}
