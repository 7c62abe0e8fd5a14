package e2e

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// chartDirectory is the Helm chart, and chartValues are three ways to install it.
const (
	chartDirectory = "../deploy/helm/dexcom-exporter"
	familyValues   = chartDirectory + "/ci/family-values.yaml"
	closedValues   = chartDirectory + "/ci/closed-values.yaml"
	sandboxValues  = chartDirectory + "/ci/sandbox-values.yaml"
)

func chartValues() []string { return []string{familyValues, closedValues, sandboxValues} }

// manifest is an object of Kubernetes.
type manifest map[string]any

// at gives what is at a path of keys and indices, nil where nothing is.
func (m manifest) at(path ...any) any {
	var value any = map[string]any(m)
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := value.(map[string]any)
			value = object[step]
		case int:
			list, _ := value.([]any)
			if step >= len(list) {
				return nil
			}
			value = list[step]
		}
	}
	return value
}

// part gives the object at a path, an empty one where none is.
func (m manifest) part(path ...any) manifest { part, _ := m.at(path...).(map[string]any); return part }

// list gives the list at a path.
func (m manifest) list(path ...any) []any { list, _ := m.at(path...).([]any); return list }

// texts gives the list of texts at a path.
func (m manifest) texts(path ...any) (found []string) {
	for _, entry := range m.list(path...) {
		text, _ := entry.(string)
		found = append(found, text)
	}
	return found
}

// expect says what must be at a path.
func (m manifest) expect(t *testing.T, want any, path ...any) {
	t.Helper()
	if got := m.at(path...); !reflect.DeepEqual(got, want) {
		t.Errorf("%v %v: %#v, want %#v", m["kind"], path, got, want)
	}
}

// name is an object's kind and name.
func (m manifest) name() string {
	kind, _ := m["kind"].(string)
	name, _ := m.at("metadata", "name").(string)
	return kind + " " + name
}

// helm runs Helm as tools/helm pins it.
func helm(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	home := t.TempDir() // it looks for its own settings and plugins
	command := exec.CommandContext(t.Context(), "helm", args...)
	command.Env = append(command.Environ(), "HELM_CONFIG_HOME="+home, "HELM_CACHE_HOME="+home, "HELM_DATA_HOME="+home)
	var out, complaints bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaints
	err = command.Run()
	return out.String(), complaints.String(), err
}

// render gives the objects of the release glucose in the namespace family, by kind
// and name.
func render(t *testing.T, values string, flags ...string) map[string]manifest {
	t.Helper()
	text, complaints, err := helm(t, append([]string{"template", "glucose", chartDirectory, "--namespace=family", "--values=" + values}, flags...)...)
	if err != nil {
		t.Fatalf("render %s: %v\n%s", values, err, complaints)
	}
	objects := map[string]manifest{}
	for decoder := yaml.NewDecoder(strings.NewReader(text)); ; {
		var document map[string]any
		switch err := decoder.Decode(&document); {
		case errors.Is(err, io.EOF):
			return objects
		case err != nil:
			t.Fatalf("%s: %v\n%s", values, err, text)
		case document == nil:
			continue
		}
		object := manifest(document)
		if _, twice := objects[object.name()]; twice {
			t.Errorf("%s: two of %s", values, object.name())
		}
		object.expect(t, "family", "metadata", "namespace")
		objects[object.name()] = object
	}
}

// only gives the one object of a kind.
func only(t *testing.T, objects map[string]manifest, kind string) manifest {
	t.Helper()
	var found manifest
	for _, object := range objects {
		if object["kind"] == kind {
			if found != nil {
				t.Fatalf("more than one %s", kind)
			}
			found = object
		}
	}
	if found == nil {
		t.Fatalf("no %s", kind)
	}
	return found
}

func TestChartPassesLint(t *testing.T) {
	t.Parallel()
	for _, values := range chartValues() {
		if report, complaints, err := helm(t, "lint", "--strict", chartDirectory, "--values="+values); err != nil {
			t.Errorf("%s: %v\n%s%s", values, err, report, complaints)
		}
	}
}

// A package of the chart is whole without the repository around it, and renders the
// same.
func TestChartPackageIsWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, complaints, err := helm(t, "package", chartDirectory, "--version=9.8.7", "--app-version=9.8.7", "--destination="+dir); err != nil {
		t.Fatalf("%v\n%s", err, complaints)
	}
	packed, complaints, err := helm(t, "template", "glucose", filepath.Join(dir, "dexcom-exporter-9.8.7.tgz"), "--namespace=family", "--values="+familyValues)
	if err != nil {
		t.Fatalf("%v\n%s", err, complaints)
	}
	for _, want := range []string{"alert: DexcomUrgentLow", "dexcom-glucose.json", "dexcom_exporter:9.8.7"} {
		if !strings.Contains(packed, want) {
			t.Errorf("the package has no %s", want)
		}
	}
}

func TestChartRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ set, says string }{
		{"config.accounts[0].share.password=hunter2", "config.accounts[0].share.password: a ConfigMap is no place for a secret"},
		{"config.apps.us.client_secret=hunter2", "config.apps.us.client_secret: a ConfigMap is no place"},
		{"config.http.proxy_url=http://me:hunter2@proxy", "config.http.proxy_url: a ConfigMap is no place"},
		{"config.http.http_headers.X-Key.secrets[0]=hunter2", "http_headers.X-Key.secrets: a ConfigMap is no place"},
		{"config.http.tls_config.key=hunter2", "config.http.tls_config.key: a ConfigMap is no place"},
		{"config.otlp.headers.Authorization=hunter2", "config.otlp.headers.Authorization: a ConfigMap is no place"},
		{"config.otlp.headers.x-honeycomb-team=hunter2", "config.otlp.headers.x-honeycomb-team: a ConfigMap is no place"},
		{"config.otlp.endpoint=https://me:hunter2@collector", "config.otlp.endpoint: a ConfigMap is no place"},
		{"config.apps.us.base_url=https://me:hunter2@dexcom", "config.apps.us.base_url: a ConfigMap is no place"},
		{"config.accounts[0].share.base_url=https://me:hunter2@share", "config.accounts[0].share.base_url: a ConfigMap is no place"},
		{"config.http.http_headers.X-Proxy-Pass.values[0]=hunter2", "http_headers.X-Proxy-Pass.values: a ConfigMap is no place"},
		{"config.state_dir=/data", "config.state_dir: the chart sets it"},
		{"replicas=2", "replicas"},
		{"persistence.enable=false", "enable"},
		{"image.digest=latest", "digest"},
		{"extraArgs={serve}", "extraArgs"},
		{"config=null,secretName=null", "say who is followed"},
	} {
		_, complaints, err := helm(t, "template", "glucose", chartDirectory, "--values="+familyValues, "--set="+test.set)
		if err == nil || !strings.Contains(complaints, test.says) {
			t.Errorf("--set %s: %v, want %q:\n%s", test.set, err, test.says, complaints)
		}
		if strings.Contains(complaints, "hunter2") {
			t.Errorf("--set %s: the secret is in the complaint:\n%s", test.set, complaints)
		}
	}
}

// The name of a tenant is no secret, however it is written; nor is an address.
func TestChartTakesWhatIsNoSecret(t *testing.T) {
	t.Parallel()
	for _, set := range []string{
		"config.otlp.headers.X-Scope-OrgID=family", "config.otlp.headers.x-scope-orgid=family",
		"config.otlp.endpoint=http://collector:4318", "config.apps.us.base_url=https://proxy.example",
	} {
		_, value, _ := strings.Cut(set, "=")
		file, _ := only(t, render(t, familyValues, "--set="+set, "--set=dashboards.enabled=false"), "ConfigMap").at("data", "config.yaml").(string)
		if !strings.Contains(file, value) {
			t.Errorf("--set %s: %s", set, file)
		}
	}
}

// What the guide to Kubernetes shows is what these tests install.
func TestKubernetesGuideShowsTheTestedValues(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/kubernetes.md")
	if err != nil {
		t.Fatal(err)
	}
	for start, values := range map[string]string{"config:": familyValues, "extraArgs:": closedValues} {
		block := regexp.MustCompile("(?s)```yaml\n(" + start + ".*?)```").FindStringSubmatch(string(guide))
		if block == nil {
			t.Fatalf("docs/kubernetes.md shows no %s", start)
		}
		tested, err := os.ReadFile(values)
		if err != nil {
			t.Fatal(err)
		}
		var shown, all map[string]any
		if err := errors.Join(yaml.Unmarshal([]byte(block[1]), &shown), yaml.Unmarshal(tested, &all)); err != nil {
			t.Fatal(err)
		}
		for key, value := range shown {
			if !reflect.DeepEqual(value, all[key]) {
				t.Errorf("docs/kubernetes.md has %s: %v, %s %v", key, value, values, all[key])
			}
		}
	}
}

// Every value is in the guide.
func TestKubernetesGuideNamesEveryValue(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/kubernetes.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(chartDirectory + "/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var names map[string]any
	if err := yaml.Unmarshal(text, &names); err != nil || len(names) < 15 {
		t.Fatalf("%d values, %v", len(names), err)
	}
	for name := range names {
		if !regexp.MustCompile("`" + name + "(\\.\\w+)?`").Match(guide) {
			t.Errorf("docs/kubernetes.md does not name %s", name)
		}
	}
}
