package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func TestAuthenticates(t *testing.T) {
	t.Parallel()
	const server = "tls_server_config:\n  cert_file: a\n  key_file: b\n"
	for _, test := range []struct {
		name, text string
		want       bool
	}{
		{"empty", "", false},
		{"comments", "# basic_auth_users: {a: b}\n", false},
		{"users", "basic_auth_users:\n  alice: $2y$10$abc\n", true},
		{"no users", "basic_auth_users: {}\n", false},
		{"null users", "basic_auth_users:\n", false},
		{"other settings", "http_server_config: {http2: true}\nrate_limit: {burst: 1}\n", false},
		{"TLS alone", server, false},
		{"certificates", server + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n", true},
		{"certificates, authority inline", server + "  client_auth_type: 'RequireAndVerifyClientCert'\n  client_ca: PEM\n", true},
		{"certificates of any authority", server + "  client_auth_type: RequireAndVerifyClientCert\n", false},
		{"any certificate", server + "  client_auth_type: RequireAnyClientCert\n  client_ca_file: ca.pem\n", false},
		{"old name of any certificate", server + "  client_auth_type: RequireClientCert\n  client_ca_file: ca.pem\n", false},
		{"certificate if given", server + "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.pem\n", false},
		{"certificate asked for", server + "  client_auth_type: RequestClientCert\n  client_ca_file: ca.pem\n", false},
		{"both", server + "basic_auth_users: {alice: a}\n", true},
		{"null TLS", "tls_server_config:\n", false},
	} {
		demanded, err := Authenticates(webConfig(t, test.text))
		got := demanded.Demanded()
		if err != nil || got != test.want {
			t.Errorf("%s: got %v and %v, want %v", test.name, got, err, test.want)
		}
	}
}

func TestAuthenticatesWithoutFile(t *testing.T) {
	t.Parallel()
	if got, err := Authenticates(""); got.Demanded() || err != nil {
		t.Errorf("no path: got %v and %v", got, err)
	}
	path := filepath.Join(t.TempDir(), "none.yml")
	if got, err := Authenticates(path); got.Demanded() || err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("missing file: got %v and %v", got, err)
	}
}

// TestAuthenticatesRefusesBadFiles expects an error, never "authenticated", for what is not understood in full.
func TestAuthenticatesRefusesBadFiles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"- a\n":                          "1: expected a mapping, got a list",
		"a: {b\n":                        "2: not YAML: did not find expected ',' or '}', check the indentation and put texts with special characters in quotes",
		"basic_auth_users: hunter2\n":    "1: basic_auth_users: expected a mapping, got a string",
		"a: b\ntls_server_config: [a]\n": "2: tls_server_config: expected a mapping, got a list",
		"basic_auth_users: {a: b}\nbasic_auth_users: {}\n":                  "2: basic_auth_users: doubled key, remove it here or on line 1",
		"a: b\n---\nbasic_auth_users: {a: b}\n":                             "2: a second document begins, keep everything in one",
		"tls_server_config: {client_auth_type: [hunter2]}\n":                "1: tls_server_config.client_auth_type: expected a string, got a list",
		"basic_auth_users: {a: b}\ntls_server_config: {cert: a, cert: b}\n": "2: tls_server_config.cert: doubled key, remove it here or on line 2",
	} {
		path := webConfig(t, text)
		demanded, err := Authenticates(path)
		got := demanded.Demanded()
		if got || err == nil || err.Error() != path+":"+want {
			t.Errorf("%q: got %v and %v, want %s", text, got, err, want)
		}
	}
}

// webConfig writes a web configuration file.
func webConfig(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// FuzzAuthenticates reads any web configuration file: it demands passwords only where
// the file holds users for another reader too, and a fault shows nothing of it.
func FuzzAuthenticates(f *testing.F) {
	for _, text := range []string{
		"", "basic_auth_users: {alice: Hunter2!planted}", "basic_auth_users: {}", "basic_auth_users: {? [a]: b}", "basic_auth_users: Hunter2!planted", "a: &a {b: c}\nbasic_auth_users: *a",
		"<<: {basic_auth_users: {a: b}}", "basic_auth_users: {<<: {a: b}}", "basic_auth_users: ~\nbasic_auth_users: {a: b}", "---\n---\nbasic_auth_users: {a: b}", "\"basic_auth_users\": {a: ~}",
		"tls_server_config: {client_auth_type: RequireAndVerifyClientCert, client_ca_file: a}", "tls_server_config: {client_auth_type: !!binary YQ==, client_ca: ''}", "\xff", "\xef\xbb\xbfbasic_auth_users: {a: b}",
	} {
		f.Add(text)
	}
	path := write(f, "")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		demanded, err := Authenticates(path)
		if err != nil {
			if demanded.Demanded() {
				t.Errorf("authenticated beside %v", err)
			}
			checkPlace(t, path, text, err)
			return
		}
		var file struct {
			Users map[string]any `yaml:"basic_auth_users"`
			TLS   struct {
				Type any `yaml:"client_auth_type"`
			} `yaml:"tls_server_config"`
		}
		if err := yaml.Unmarshal([]byte(text), &file); err != nil {
			return // whoever serves refuses it
		}
		if demanded.Passwords && len(file.Users) == 0 || demanded.Certificates && file.TLS.Type != "RequireAndVerifyClientCert" {
			t.Errorf("%q is read as %+v", text, demanded)
		}
	})
}
