package config

import "errors"

// Authentication is how clients must prove who they are.
type Authentication struct {
	// Passwords is whether every request needs one (basic_auth_users).
	Passwords bool
	// Certificates is whether every connection needs one that the server verifies against the client_ca of
	// tls_server_config. Connections from before the file said so have none.
	Certificates bool
}

// Demanded reports whether clients must prove who they are at all. TLS alone authenticates only the server.
func (a Authentication) Demanded() bool { return a.Passwords || a.Certificates }

// Authenticates reads what the exporter-toolkit web configuration file at webConfigFile demands of clients. An empty
// path demands nothing. The other keys are not looked at; exporter-toolkit checks them when it serves. Errors have the
// form of those of Load.
func Authenticates(webConfigFile string) (Authentication, error) {
	if webConfigFile == "" {
		return Authentication{}, nil
	}
	root, err := open(webConfigFile)
	if errors.Is(err, errEmpty) {
		return Authentication{}, nil
	}
	if err != nil {
		return Authentication{}, err
	}
	m := root.mapping()
	demanded := Authentication{
		Passwords:    m.get("basic_auth_users").hasEntries(),
		Certificates: m.get("tls_server_config").verifiesClients(),
	}
	if err := root.doc.err(); err != nil {
		return Authentication{}, err
	}
	return demanded, nil
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
