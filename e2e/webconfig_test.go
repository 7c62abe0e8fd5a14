package e2e

import (
	"fmt"
	"testing"
)

const (
	password = "planted-password"
	// passwordHash is its bcrypt hash, of the least cost.
	passwordHash = "$2a$04$WF5lWybvOcUE.KmBUFcrOOEm4jnLl9ktj5T6VqhBgmEo/tsgfItkG"
)

// demandPassword is a web configuration that lets the user in.
const demandPassword = "basic_auth_users:\n  " + user + ": " + passwordHash + "\n"

// serveTLS is a web configuration with a certificate.
func serveTLS(t *testing.T, own keyPair) string {
	t.Helper()
	return fmt.Sprintf("tls_server_config:\n  cert_file: %s\n  key_file: %s\n",
		write(t, "cert.pem", own.certificate), write(t, "key.pem", own.key))
}

// demandCertificate adds to serveTLS that clients show a certificate of the
// authority.
func demandCertificate(t *testing.T, clients authority) string {
	t.Helper()
	return fmt.Sprintf("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: %s\n", write(t, "clients.pem", clients.pem()))
}

// webConfig gives the flag for a web configuration.
func webConfig(t *testing.T, text string) string {
	t.Helper()
	return "--web.config.file=" + write(t, "web.yml", text)
}
