package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// loopback lets the system choose a port that only this machine reaches.
const loopback = "--web.listen-address=127.0.0.1:0"

// exporter is a running dexcom_exporter.
type exporter struct {
	*process

	address string // on the loopback interface
}

// startExporter starts a command that serves, and waits until it listens.
func startExporter(t *testing.T, args ...string) exporter {
	t.Helper()
	p := start(t, "dexcom_exporter", args...)
	_, port, err := net.SplitHostPort(p.says(t, &p.stderr, `msg="Listening on" address=(\S+)`))
	if err != nil {
		t.Fatal(err)
	}
	return exporter{process: p, address: net.JoinHostPort("127.0.0.1", port)}
}

// startDemo starts the demo and waits until its people are known in full.
func startDemo(t *testing.T) exporter {
	t.Helper()
	e := startExporter(t, "demo", loopback)
	eventually(t, func() error {
		ready, err := e.visitor().ask(http.MethodGet, "/-/ready")
		if err != nil {
			return err
		}
		metrics, err := e.visitor().ask(http.MethodGet, "/metrics")
		if err != nil {
			return err
		}
		if ready.status != http.StatusOK {
			return fmt.Errorf("/-/ready says %d %s", ready.status, ready.body)
		}
		for _, account := range []string{"alice", "bob", "carol"} {
			if !strings.Contains(metrics.body, fmt.Sprintf("dexcom_data_end_timestamp_seconds{account=%q", account)) {
				return fmt.Errorf("the data range of %s has not come", account)
			}
		}
		return nil
	})
	return e
}

// visitor visits the exporter over plain HTTP.
func (e exporter) visitor() visitor { return visitor{base: "http://" + e.address} }

// job is a Prometheus's scrape of the exporter, under the name dexcom; timing is in
// YAML.
func (e exporter) job(timing string) string {
	return fmt.Sprintf("{job_name: dexcom, %s, static_configs: [{targets: [%q]}]}", timing, e.address)
}

// outcome is how a command went that ends by itself.
type outcome struct {
	status         int
	stdout, stderr string
}

// run runs a command of the exporter to its end.
func run(t *testing.T, args ...string) outcome {
	t.Helper()
	p := start(t, "dexcom_exporter", args...)
	status := p.exit(t, patience)
	return outcome{status: status, stdout: p.stdout.String(), stderr: p.stderr.String()}
}

// unlinked is a configuration whose account nobody linked yet: the program has
// nothing to ask Dexcom with, and would find nobody at that base_url.
const unlinked = `state_dir: state
apps:
  us: {client_id: planted-id, client_secret: planted-secret, base_url: "http://127.0.0.1:1"}
accounts:
  - name: alice
    api: {region: us}
`

// write puts a file into a directory of its own and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	return writeInto(t, t.TempDir(), name, text)
}

func writeInto(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// writeConfig writes the configuration unlinked and gives the flag that names it.
func writeConfig(t *testing.T) (configFlag, stateDir string) {
	t.Helper()
	path := write(t, "config.yaml", unlinked)
	return "--config.file=" + path, filepath.Join(filepath.Dir(path), "state")
}
