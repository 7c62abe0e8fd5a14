package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// composeDirectory is where the stack is that people start with Docker.
const composeDirectory = "../deploy/compose"

// composed gives the stack of some of its files, as Compose reads them.
func composed(t *testing.T, files ...string) *types.Project {
	t.Helper()
	for i := range files {
		files[i] = filepath.Join(composeDirectory, files[i])
	}
	options, err := cli.NewProjectOptions(files)
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// demoStack and ownStack are the two ways to start it.
func demoStack(t *testing.T) *types.Project { t.Helper(); return composed(t, "compose.yaml") }

func ownStack(t *testing.T) *types.Project {
	t.Helper()
	return composed(t, "compose.yaml", "own.yaml")
}

// files are what a service finds at its paths: the path inside of it by the one here.
func files(service types.ServiceConfig) map[string]string {
	found := map[string]string{}
	for _, volume := range service.Volumes {
		if volume.Type == types.VolumeTypeBind {
			found[volume.Target] = volume.Source
		}
	}
	return found
}

// here is the path on this machine of a path inside of a service.
func here(t *testing.T, service types.ServiceConfig, inside string) string {
	t.Helper()
	for target, source := range files(service) {
		if rest, ok := strings.CutPrefix(inside+"/", target+"/"); ok {
			return filepath.Join(source, rest)
		}
	}
	t.Fatalf("%s has no %s", service.Name, inside)
	return ""
}

// flag is the value of a flag in the command of a service.
func flag(t *testing.T, service types.ServiceConfig, name string) string {
	t.Helper()
	for _, word := range service.Command {
		if value, ok := strings.CutPrefix(word, name+"="); ok {
			return value
		}
	}
	t.Fatalf("%s has no %s: %v", service.Name, name, service.Command)
	return ""
}

// Nothing of the stack is reached from another machine, says a secret, changes by
// itself, or may more than it needs.
func TestStackIsClosed(t *testing.T) {
	t.Parallel()
	pinned := regexp.MustCompile(`^[a-z]+/[a-z]+:v?\d+\.\d+\.\d+$`)
	for name, stack := range map[string]*types.Project{"demo": demoStack(t), "own": ownStack(t)} {
		if len(stack.Services) != 4 {
			t.Fatalf("%s: %d services, want 4", name, len(stack.Services))
		}
		for _, s := range stack.Services {
			complain := func(bad bool, what string, value any) {
				if bad {
					t.Errorf("%s: %s of %s: %v", what, s.Name, name, value)
				}
			}
			complain(s.Build == nil && !pinned.MatchString(s.Image), "no pinned image", s.Image)
			complain(len(s.Environment)+len(s.EnvFiles)+len(s.Secrets) > 0, "an environment", s.Environment)
			complain(!s.ReadOnly || s.Privileged || !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.CapAdd) > 0, "may much", s.CapAdd)
			complain(!slices.Contains(s.SecurityOpt, "no-new-privileges:true"), "may more later", s.SecurityOpt)
			complain(s.NetworkMode != "" || len(s.Devices) > 0, "is in the network of this machine", s.NetworkMode)
			healthy := s.HealthCheck != nil && (s.HealthCheck.Disable || len(s.HealthCheck.Test) > 1)
			complain(!healthy || s.HealthCheck.Disable != (name == "demo" && s.Name == "exporter"), "no health check", s.HealthCheck)
			for _, port := range s.Ports {
				complain(port.HostIP != "127.0.0.1", "a port for everybody", port)
				complain(name == "own" && s.Name != "grafana", "a port that any web page may ask", port)
			}
			for _, volume := range s.Volumes {
				complain(volume.Type == types.VolumeTypeBind && !volume.ReadOnly, "writes into", volume.Source)
			}
		}
	}
}

// The open pages are those of the demo, and only Prometheus is in a network with them.
func TestStackOpensNoPagesOfRealPeople(t *testing.T) {
	t.Parallel()
	for name, stack := range map[string]*types.Project{"demo": demoStack(t), "own": ownStack(t)} {
		exporter := stack.Services["exporter"]
		if open := slices.Contains(exporter.Command, "--web.open-pages"); open != (exporter.Command[0] == "demo") || open != (name == "demo") {
			t.Errorf("%s: the exporter is started with %v", name, exporter.Command)
		}
		for _, other := range stack.Services {
			for network := range other.Networks {
				if _, shared := exporter.Networks[network]; shared && other.Name != "exporter" && other.Name != "prometheus" {
					t.Errorf("%s: %s reaches the exporter through %s", name, other.Name, network)
				}
			}
		}
	}
}

// What is mounted exists, but for what people write themselves.
func TestStackMountsWhatExists(t *testing.T) {
	t.Parallel()
	for name, stack := range map[string]*types.Project{"demo": demoStack(t), "own": ownStack(t)} {
		mounted := 0
		for _, s := range stack.Services {
			for target, source := range files(s) {
				if _, err := os.Stat(source); err != nil && target != "/etc/dexcom_exporter" && (name != "own" || target != "/etc/alertmanager") {
					t.Errorf("%s: %s of %s: %v", name, target, s.Name, err)
				}
				mounted++
			}
			if s.Build != nil {
				if _, err := os.Stat(filepath.Join(s.Build.Context, s.Build.Dockerfile)); err != nil {
					t.Errorf("%s: %v", s.Name, err)
				}
			}
			for _, volume := range s.Volumes {
				if _, known := stack.Volumes[volume.Source]; volume.Type == types.VolumeTypeVolume && !known {
					t.Errorf("%s: the volume %s of %s is not declared", name, volume.Source, s.Name)
				}
			}
		}
		if mounted < 6 {
			t.Errorf("%s: only %d mounts", name, mounted)
		}
	}
}

// The Prometheus of the stack is the one that these tests run.
func TestStackRunsTheTestedPrometheus(t *testing.T) {
	t.Parallel()
	pins, err := os.ReadFile("../tools/prometheus/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	pinned := regexp.MustCompile(`github\.com/prometheus/prometheus v0\.(\d)(\d\d)\.(\d+)`).FindStringSubmatch(string(pins))
	if pinned == nil {
		t.Fatal("tools/prometheus pins none")
	}
	want := "prom/prometheus:v" + pinned[1] + "." + strings.TrimPrefix(pinned[2], "0") + "." + pinned[3]
	if got := demoStack(t).Services["prometheus"].Image; got != want {
		t.Errorf("the stack has %s, want %s", got, want)
	}
}
