package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// laidOut gives a directory in which the files of a service stand as they do inside
// of it.
func laidOut(t *testing.T, service types.ServiceConfig) (root string) {
	t.Helper()
	root = t.TempDir()
	for target, source := range files(service) {
		place := filepath.Join(root, target)
		if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(source, place); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// passes expects that a tool has nothing against a file.
func passes(t *testing.T, tool ...string) {
	t.Helper()
	if output, err := exec.CommandContext(t.Context(), tool[0], tool[1:]...).CombinedOutput(); err != nil {
		t.Errorf("%v: %v\n%s", tool, err, output)
	}
}

func TestStackPassesPromtoolAndAmtool(t *testing.T) {
	t.Parallel()
	stack := demoStack(t)
	server, manager := stack.Services["prometheus"], stack.Services["alertmanager"]
	passes(t, "promtool", "check", "config", laidOut(t, server)+flag(t, server, "--config.file"))
	passes(t, "amtool", "check-config", laidOut(t, manager)+flag(t, manager, "--config.file"))
	health := manager.HealthCheck.Test // a command that the tool knows
	passes(t, append(slices.Clone(health[1:]), "--help")...)
}

// services are the names and ports that a configuration speaks to.
func services(text string) (found []string) {
	for _, match := range regexp.MustCompile(`["/]([a-z]+:\d+)`).FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}

// Who is spoken to is there, listens at that port, and shares a network.
func TestStackSpeaksToItself(t *testing.T) {
	t.Parallel()
	stack := demoStack(t)
	listens := map[string]string{"exporter": "10180", "prometheus": "9090", "alertmanager": "9093"}
	for name, file := range map[string]string{
		"prometheus": "prometheus.yml", "grafana": "grafana/provisioning/datasources/prometheus.yaml",
	} {
		text, err := os.ReadFile(filepath.Join(composeDirectory, file))
		if err != nil {
			t.Fatal(err)
		}
		spoken := services(string(text))
		if len(spoken) == 0 {
			t.Errorf("%s speaks to nobody", name)
		}
		for _, address := range spoken {
			other, port, _ := strings.Cut(address, ":")
			if listens[other] != port {
				t.Errorf("%s speaks to %s", name, address)
			}
			shared := false
			for network := range stack.Services[name].Networks {
				_, both := stack.Services[other].Networks[network]
				shared = shared || both
			}
			if !shared {
				t.Errorf("%s does not reach %s", name, other)
			}
		}
	}
}

// unyaml reads a file strictly.
func unyaml(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	decoder := yaml.NewDecoder(text)
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// Grafana gets one Prometheus, the dashboards, and a home among them; nobody may log
// in, and who does not may only look.
func TestStackProvisionsGrafana(t *testing.T) {
	t.Parallel()
	grafana := demoStack(t).Services["grafana"]
	const provisioning = "/etc/grafana/provisioning/"
	var sources struct {
		Version int `yaml:"apiVersion"`
		Sources []struct {
			Name, Type, UID, Access, URL string
			Default                      bool `yaml:"isDefault"`
			Editable                     bool
			Data                         map[string]string `yaml:"jsonData"`
		} `yaml:"datasources"`
	}
	unyaml(t, here(t, grafana, provisioning+"datasources/prometheus.yaml"), &sources)
	if len(sources.Sources) != 1 || sources.Sources[0].Type != "prometheus" || !sources.Sources[0].Default || sources.Version != 1 {
		t.Errorf("the data sources are %+v", sources)
	}
	var dashboards struct {
		Version   int `yaml:"apiVersion"`
		Providers []struct {
			Name, Type      string
			DisableDeletion bool `yaml:"disableDeletion"`
			Updates         bool `yaml:"allowUiUpdates"`
			Options         struct{ Path string }
		}
	}
	unyaml(t, here(t, grafana, provisioning+"dashboards/dexcom.yaml"), &dashboards)
	if len(dashboards.Providers) != 1 || dashboards.Version != 1 {
		t.Fatalf("the dashboards are %+v", dashboards)
	}
	for _, name := range []string{"everyone.json", "exporter.json", "glucose.json"} {
		if _, err := os.Stat(filepath.Join(here(t, grafana, dashboards.Providers[0].Options.Path), name)); err != nil {
			t.Error(err)
		}
	}

	settings := ini(t, here(t, grafana, "/etc/grafana/grafana.ini"))
	if _, err := os.Stat(here(t, grafana, settings["dashboards.default_home_dashboard_path"])); err != nil {
		t.Error(err)
	}
	for setting, want := range map[string]string{
		"auth.anonymous.enabled": "true", "auth.anonymous.org_role": "Viewer", "auth.disable_login_form": "true",
		"auth.basic.enabled": "false", "security.disable_initial_admin_creation": "true", "users.allow_sign_up": "false",
		"server.enforce_domain": "true",
	} {
		if settings[setting] != want {
			t.Errorf("%s is %q, want %q", setting, settings[setting], want)
		}
	}
	for setting := range settings {
		if regexp.MustCompile("password|secret|token").MatchString(setting) {
			t.Errorf("grafana.ini has %s", setting)
		}
	}
}

// ini reads settings, each under section and key.
func ini(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	settings, section := map[string]string{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		key, value, assigns := strings.Cut(line, " = ")
		switch {
		case line == "" || line[0] == ';':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
		case assigns && section != "":
			settings[fmt.Sprintf("%s.%s", section, key)] = value
		default:
			t.Errorf("%s: %q", file, line)
		}
	}
	return settings
}
