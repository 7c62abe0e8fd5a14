package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// dialect is a kind of file that documents show parts of.
type dialect struct {
	keys  string // a pattern of its top-level keys, or of those of the entries of a list
	check func(piece, *testing.T)
}

// piece is what a document shows of a file.
type piece struct {
	text string
	has  map[string]any // by its top-level keys, or by those of the first entry of a list
	list bool
}

// dialects are all that documents show, and who knows best what is right in each.
func dialects() []dialect {
	return []dialect{
		{`state_dir|apps|poll|readings|otlp|http|accounts`, piece.loads},
		{`global|storage|rule_files|alerting|scrape_configs|remote_write|job_name`, piece.passesPromtool},
		{`groups|alert|record`, piece.isRule},
		{`route|receivers|inhibit_rules|time_intervals`, piece.passesAmtool},
		{`tls_server_config|basic_auth_users|http_server_config|rate_limit`, piece.protects},
		{`config|secretName|extraArgs|extraEnv|serviceMonitor|prometheusRule|dashboards|networkPolicy|persistence`, piece.renders},
		{`apiVersion|providers|datasources`, piece.parses}, // TestStackProvisionsGrafana reads such files
		{`spec`, piece.parses}, // of the Prometheus Operator, which is not here
	}
}

// Whoever copies what a document shows of a file gets one that is taken.
func TestDocumentedFiles(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, d := range documentation(t) {
		for _, b := range d.blocks {
			switch b.language {
			case "yaml", "yml":
				checked++
				t.Run(fmt.Sprintf("%s:%d", strings.ReplaceAll(d.name, "/", "_"), b.line), func(t *testing.T) {
					t.Parallel()
					checkPiece(t, b.text)
				})
			case "json":
				if !json.Valid([]byte(b.text)) {
					t.Errorf("%s:%d: this is no JSON", d.name, b.line)
				}
			case "promql":
				checked++
				expression := strings.ReplaceAll("\n"+strings.TrimSpace(b.text), "\n", "\n      ")
				passes(t, "promtool", "check", "rules", "--lint=none", write(t, "rules.yaml", "groups:\n- name: shown\n  rules:\n  - record: shown\n    expr: |"+expression+"\n"))
			case "words", "", "text", "sh", "shell", "bash", "console":
			default:
				t.Errorf("%s:%d: nobody checks what is written in %q", d.name, b.line, b.language)
			}
		}
	}
	if checked < 15 {
		t.Errorf("only %d pieces found", checked)
	}
}

func checkPiece(t *testing.T, text string) {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	p := piece{text: text}
	if entries, isList := value.([]any); isList && len(entries) > 0 {
		p.list, value = true, entries[0]
	}
	p.has, _ = value.(map[string]any)
	for _, dialect := range dialects() {
		known := regexp.MustCompile("^(" + dialect.keys + ")$")
		if slices.ContainsFunc(slices.Collect(maps.Keys(p.has)), known.MatchString) {
			dialect.check(p, t)
			return
		}
	}
	t.Errorf("nobody knows what this is of:\n%s", text)
}

func (piece) parses(*testing.T) {} // it did

// with adds what a file needs besides.
func (p piece) with(key, rest string) piece {
	if _, there := p.has[key]; !there {
		p.text = strings.TrimRight(p.text, "\n") + "\n" + key + ": " + rest + "\n"
	}
	return p
}

// settle writes the piece and the files that it names, into a directory of its own.
func (p piece) settle(t *testing.T, name string) (path string) {
	t.Helper()
	dir := t.TempDir()
	own := newAuthority(t).sign(t)
	for _, named := range regexp.MustCompile(`\w+_file: ([^\s,}]+)`).FindAllStringSubmatch(p.text, -1) {
		text := "planted\n"
		switch filepath.Ext(named[1]) {
		case ".pem", ".crt":
			text = own.certificate
		case ".key":
			text = own.key
		}
		here := writeInto(t, dir, filepath.Base(named[1]), text)
		p.text = strings.ReplaceAll(p.text, ": "+named[1], ": "+here)
	}
	rules, err := os.ReadFile("../alerts/dexcom.rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	writeInto(t, dir, "dexcom.rules.yaml", string(rules))
	return writeInto(t, dir, name, p.text)
}

// loads is for the program's configuration.
func (p piece) loads(t *testing.T) {
	p = p.with("accounts", "[{name: alice, api: {region: us}}]").with("apps", "{us: {client_id: id, client_secret: planted-secret}}")
	if got := run(t, "check", "--config-only", "--config.file="+p.settle(t, "config.yaml")); got.status != 0 {
		t.Errorf("%s\n%s", got.stderr, p.text)
	}
}

func (p piece) passesPromtool(t *testing.T) {
	if p.list {
		p.text = "scrape_configs:\n" + p.text
	}
	passes(t, "promtool", "check", "config", p.settle(t, "prometheus.yml"))
}

func (p piece) isRule(t *testing.T) {
	if p.list {
		p.text = "groups:\n- name: shown\n  rules:\n  " + strings.ReplaceAll(strings.TrimSpace(p.text), "\n", "\n  ") + "\n"
	}
	passes(t, "promtool", "check", "rules", p.settle(t, "rules.yaml"))
}

// passesAmtool gives the secrets in place of their files: Debian 12 has Alertmanager
// 0.25, which does not know those.
func (p piece) passesAmtool(t *testing.T) {
	p.text = regexp.MustCompile(`\b(bot_token|user_key|token|url)_file: \S+`).ReplaceAllString(p.text, "$1: http://planted")
	first := regexp.MustCompile(`(?m)^ *- name: (\S+)`).FindStringSubmatch(p.text)
	if first != nil {
		p = p.with("route", "{receiver: "+first[1]+"}")
	}
	passes(t, "amtool", "check-config", p.settle(t, "alertmanager.yaml"))
}

// protects is for a web configuration: with it the program asks for what it demands.
func (p piece) protects(t *testing.T) {
	p.text = strings.ReplaceAll(p.text, "$2y$10$…", passwordHash)
	e := startExporter(t, "serve", "--config.file="+write(t, "config.yaml", unlinked), loopback, "--web.config.file="+p.settle(t, "web.yaml"))
	status := http.StatusOK
	switch {
	case p.has["tls_server_config"] != nil:
		status = http.StatusBadRequest // no TLS
	case p.has["basic_auth_users"] != nil:
		status = http.StatusUnauthorized
	}
	e.visitor().get(t, "/metrics", status)
}

// renders is for the values of the Helm chart.
func (p piece) renders(t *testing.T) {
	render(t, familyValues, "--values="+p.settle(t, "values.yaml"))
}
