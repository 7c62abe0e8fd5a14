package e2e

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// planted is what must never be seen: secrets in the configuration unlinked and
// in those below hold it.
const planted = "planted-secret"

func TestSecretsStayInside(t *testing.T) {
	t.Parallel()
	withFile := strings.Replace(unlinked, "client_secret: planted-secret", "client_secret_file: secret-us", 1)
	for name, config := range map[string]string{
		"in the configuration":   unlinked,
		"in a file":              withFile,
		"in the proxy's address": unlinked + "http: {proxy_url: \"http://proxy:planted-secret@127.0.0.1:1\"}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := writeBeside(t, config)
			e := startExporter(t, "serve", "--config.file="+path, "--log.level=debug", loopback)
			e.says(t, &e.stderr, `(account=alice)`) // it was polled
			var seen strings.Builder
			for _, path := range []string{"/", "/metrics", "/-/ready", "/-/healthy", "/config", "/debug/pprof/cmdline", "/debug/vars"} {
				got, err := e.visitor().ask(http.MethodGet, path)
				if err != nil {
					t.Fatal(err)
				}
				seen.WriteString(got.body)
			}
			check := run(t, "check", "--config-only", "--config.file="+path)
			seen.WriteString(check.stdout + check.stderr + e.stdout.String() + e.stderr.String())
			if strings.Contains(seen.String(), planted) {
				t.Errorf("the secret was seen: %s", seen.String())
			}
		})
	}
}

// A complaint about a secret must not quote it.
func TestComplaintsHideSecrets(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string]string{
		"list":     "client_secret: [planted-secret]",
		"mapping":  "client_secret: {planted-secret: a}",
		"doubled":  "client_secret: planted-secret, client_secret: planted-secret",
		"not YAML": "client_secret: \"planted-secret",
		"tag":      "client_secret: !planted-secret a",
		"alias":    "client_secret: *planted-secret",
		"both":     "client_secret: planted-secret, client_secret_file: secret-us",
		"misspelt": "client_secrets: planted-secret",
	} {
		path := writeBeside(t, strings.Replace(unlinked, "client_secret: planted-secret", secret, 1))
		got := run(t, "check", "--config-only", "--config.file="+path)
		if got.status != 2 || strings.Contains(got.stderr, planted) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// writeBeside writes a configuration with a file secret-us beside it.
func writeBeside(t *testing.T, config string) (path string) {
	t.Helper()
	dir := filepath.Dir(write(t, "secret-us", planted+"\n"))
	return writeInto(t, dir, "config.yaml", config)
}
