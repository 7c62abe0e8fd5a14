package config

import "errors"

// Authenticates reports whether the exporter-toolkit web configuration file at webConfigFile makes every client prove
// who it is: by a password (basic_auth_users) or by a certificate that the server verifies against the client_ca of
// tls_server_config. TLS alone authenticates only the server. An empty path is false. The other keys are not looked at;
// exporter-toolkit checks them when it serves. Errors have the form of those of Load.
func Authenticates(webConfigFile string) (bool, error) {
	if webConfigFile == "" {
		return false, nil
	}
	root, err := open(webConfigFile)
	if errors.Is(err, errEmpty) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	m := root.mapping()
	passwords, certificates := m.get("basic_auth_users").hasEntries(), m.get("tls_server_config").verifiesClients()
	if err := root.doc.err(); err != nil {
		return false, err
	}
	return passwords || certificates, nil
}

// hasEntries reads a mapping and reports whether anything is in it.
func (v value) hasEntries() bool {
	return len(v.mapping().entries) > 0
}

// verifiesClients reads a tls_server_config and reports whether it admits only clients with a certificate of its own
// authority. Without client_ca Go would take a certificate from any public one.
func (v value) verifiesClients() bool {
	m := v.mapping()
	authority := m.get("client_ca").text("") + m.get("client_ca_file").text("")
	return m.get("client_auth_type").text("") == "RequireAndVerifyClientCert" && authority != ""
}
