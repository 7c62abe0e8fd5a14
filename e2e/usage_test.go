package e2e

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A wrong configuration stops the program before it touches anything: the port
// it is told to use is taken, and nobody complains of that.
func TestWrongConfiguration(t *testing.T) {
	t.Parallel()
	taken := takenPort(t)
	for name, test := range map[string]struct{ config, complaint string }{
		"unknown key":     {unlinked + "stat_dir: a\n", `:7: stat_dir: `},
		"doubled key":     {unlinked + "state_dir: a\n", `:7: state_dir: `},
		"wrong type":      {unlinked + "poll: {history: [14d]}\n", `:7: poll\.history: `},
		"wrong duration":  {unlinked + "poll:\n  history: 14 days\n", `:8: poll\.history: `},
		"second document": {unlinked + "---\na: b\n", `:7: `},
		"not YAML":        {"accounts: a: b\n", `:1: `},
		"nothing":         {"", `:1: `},
		"no accounts":     {"state_dir: state\n", `:1: accounts: `},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, "config.yaml", test.config)
			serve := run(t, "serve", "--config.file="+path, "--web.listen-address="+taken)
			line := regexp.MustCompile(`^dexcom_exporter: ` + regexp.QuoteMeta(path) + test.complaint + `[^\n]+\n$`)
			if serve.status != 2 || serve.stdout != "" || !line.MatchString(serve.stderr) {
				t.Errorf("serve: got %+v, want exit status 2 and %s", serve, line)
			}
			if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
				t.Errorf("beside the configuration: %v, %v", files, err)
			}
			if check := run(t, "check", "--config-only", "--config.file="+path); check != serve {
				t.Errorf("check says %+v, serve says %+v", check, serve)
			}
		})
	}
}

func TestCheckOfARightConfiguration(t *testing.T) {
	t.Parallel()
	config, stateDir := writeConfig(t)
	if got := run(t, "check", "--config-only", config); got.status != 0 || got.stdout == "" || got.stderr != "" {
		t.Errorf("got %+v", got)
	}
	if _, err := os.Stat(stateDir); err == nil {
		t.Error("check made a state directory")
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	config, _ := writeConfig(t)
	broken := write(t, "web.yml", "tls_server_config: {cert_file: none.pem, key_file: none.key}\n")
	for name, test := range map[string]struct {
		args           []string
		status         int
		stdout, stderr string // patterns
	}{
		"help":               {[]string{"--help"}, 0, `(?s)^usage: .*\bserve\b.*\bdemo\b.*\bcheck\b.*\bhealthy\b`, `^$`},
		"help of a command":  {[]string{"demo", "--help"}, 0, `--web\.telemetry-path`, `^$`},
		"version":            {[]string{"--version"}, 0, `(?s)^dexcom_exporter, version \S+ .*go version: +go1\.\d+`, `^$`},
		"unknown flag":       {[]string{"serve", "--nope"}, 2, `^$`, `'--nope'.*--help\n$`},
		"unknown command":    {[]string{"nope"}, 2, `^$`, `nope.*--help\n$`},
		"default command":    {nil, 2, `^$`, `config\.yaml: no such file.*config\.example\.yaml.*--config\.file.*\bdemo\b`},
		"wrong log level":    {[]string{"serve", config, "--log.level=loud"}, 2, `^$`, `loud`},
		"wrong path":         {[]string{"serve", config, loopback, "--web.telemetry-path=/"}, 2, `^$`, `--web\.telemetry-path`},
		"no web file":        {[]string{"serve", config, loopback, "--web.config.file=none.yml"}, 2, `^$`, `none\.yml`},
		"broken web file":    {[]string{"serve", config, loopback, "--web.config.file=" + broken}, 2, `^$`, `--web\.config\.file .*none\.pem`},
		"taken address":      {[]string{"serve", config, "--web.listen-address=" + takenPort(t)}, 1, `^$`, `--web\.listen-address: .*in use.*--web\.listen-address=`},
		"impossible address": {[]string{"serve", config, "--web.listen-address=nowhere"}, 2, `^$`, `--web\.listen-address: .*nowhere`},
	} {
		got := run(t, test.args...)
		if got.status != test.status || !regexp.MustCompile(test.stdout).MatchString(got.stdout) ||
			!regexp.MustCompile(test.stderr).MatchString(got.stderr) || strings.Count(got.stderr, "\n") > 1 {
			t.Errorf("%s: got %+v, want %+v", name, got, test)
		}
	}
}

// takenPort is an address on the loopback interface that is in use.
func takenPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}
