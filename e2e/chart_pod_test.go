package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What Kubernetes calls restricted, and a root that is only read.
func TestChartPodMayLittle(t *testing.T) {
	t.Parallel()
	for _, values := range chartValues() {
		deployment := only(t, render(t, values), "Deployment")
		pod := deployment.part("spec", "template", "spec")
		pod.expect(t, true, "securityContext", "runAsNonRoot")
		pod.expect(t, "RuntimeDefault", "securityContext", "seccompProfile", "type")
		pod.expect(t, false, "automountServiceAccountToken")
		for _, host := range []string{"hostNetwork", "hostPID", "hostIPC", "initContainers"} {
			pod.expect(t, nil, host)
		}
		if containers := pod.list("containers"); len(containers) != 1 {
			t.Fatalf("%d containers", len(containers))
		}
		pod.expect(t, map[string]any{
			"allowPrivilegeEscalation": false,
			"readOnlyRootFilesystem":   true,
			"capabilities":             map[string]any{"drop": []any{"ALL"}},
		}, "containers", 0, "securityContext")
		if pod.at("containers", 0, "resources", "limits", "memory") == nil {
			t.Errorf("%s: no limit of memory", values)
		}
		for i := range pod.list("volumes") {
			pod.expect(t, nil, "volumes", i, "hostPath")
		}
	}
}

// One pod, which has the time to write a token, on a volume that outlives the release.
func TestChartKeepsGrants(t *testing.T) {
	t.Parallel()
	for values, want := range map[string]any{
		familyValues:  map[string]any{"claimName": "glucose-dexcom-exporter"},
		closedValues:  map[string]any{"claimName": "grants"},
		sandboxValues: nil,
	} {
		objects := render(t, values)
		deployment := only(t, objects, "Deployment")
		deployment.expect(t, 1, "spec", "replicas")
		deployment.expect(t, "Recreate", "spec", "strategy", "type")
		deployment.expect(t, 120, "spec", "template", "spec", "terminationGracePeriodSeconds")
		deployment.expect(t, "state", "spec", "template", "spec", "volumes", 1, "name")
		deployment.expect(t, want, "spec", "template", "spec", "volumes", 1, "persistentVolumeClaim")
		deployment.expect(t, map[string]any{"name": "state", "mountPath": "/var/lib/dexcom_exporter"},
			"spec", "template", "spec", "containers", 0, "volumeMounts", 1)
		claim, made := objects["PersistentVolumeClaim glucose-dexcom-exporter"]
		if made != (values == familyValues) {
			t.Errorf("%s: a claim is made: %t", values, made)
		}
		if made {
			claim.expect(t, "keep", "metadata", "annotations", "helm.sh/resource-policy")
			claim.expect(t, []any{"ReadWriteOnce"}, "spec", "accessModes")
		}
	}
}

// Where a password is asked for the kubelet, which has none, asks the program itself.
func TestChartProbes(t *testing.T) {
	t.Parallel()
	exec := []any{"/usr/bin/dexcom_exporter", "healthy", "--config.file=/etc/dexcom_exporter/config.yaml"}
	for values, closed := range map[string]bool{familyValues: false, closedValues: true, sandboxValues: false} {
		deployment := only(t, render(t, values), "Deployment")
		for probe, path := range map[string]string{"livenessProbe": "/-/healthy", "readinessProbe": "/-/ready", "startupProbe": "/-/healthy"} {
			at := []any{"spec", "template", "spec", "containers", 0, probe}
			if closed {
				deployment.expect(t, exec, append(slices.Clone(at), "exec", "command")...)
				deployment.expect(t, nil, append(slices.Clone(at), "httpGet")...)
			} else {
				deployment.expect(t, map[string]any{"path": path, "port": "http"}, append(slices.Clone(at), "httpGet")...)
			}
			deployment.expect(t, 5, append(slices.Clone(at), "timeoutSeconds")...)
		}
	}
}

// podFiles lays out what a pod finds at /etc/dexcom_exporter.
func podFiles(t *testing.T, objects map[string]manifest, secrets map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range secrets {
		writeInto(t, dir, name, text)
	}
	if config, ok := objects["ConfigMap glucose-dexcom-exporter"]; ok {
		text, _ := config.at("data", "config.yaml").(string)
		writeInto(t, dir, "config.yaml", text)
	}
	deployment := only(t, objects, "Deployment")
	deployment.expect(t, map[string]any{
		"defaultMode": 0o440,
		"sources":     []any{map[string]any{"secret": map[string]any{"name": "dexcom"}}, map[string]any{"configMap": map[string]any{"name": "glucose-dexcom-exporter"}}},
	}, "spec", "template", "spec", "volumes", 0, "projected")
	deployment.expect(t, map[string]any{"name": "config", "mountPath": "/etc/dexcom_exporter", "readOnly": true},
		"spec", "template", "spec", "containers", 0, "volumeMounts", 0)
	return dir
}

// The program starts with the arguments and the files of the pod. At the pod's address
// it answers probes and Prometheus alone; `kubectl port-forward`, which comes from the
// loopback interface, reaches the pages.
func TestChartStarts(t *testing.T) {
	t.Parallel()
	objects := render(t, familyValues)
	dir := podFiles(t, objects, map[string]string{"secret-us": "planted-secret", "alice.pw": "planted-password"})
	path := filepath.Join(dir, "config.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	nobody := strings.NewReplacer(
		"/var/lib/dexcom_exporter", t.TempDir(),
		"  us:\n", "  us:\n    base_url: http://127.0.0.1:1\n",
		"    region: us\n    username", "    base_url: http://127.0.0.1:1\n    region: us\n    username",
	).Replace(string(text))
	if strings.Count(nobody, "127.0.0.1:1") < 1 {
		t.Fatalf("it would ask Dexcom:\n%s", nobody)
	}
	writeInto(t, dir, "config.yaml", nobody)

	var args []string
	pod := strings.NewReplacer("/etc/dexcom_exporter", dir, "$(POD_IP)", "0.0.0.0", ":10180", ":0")
	for _, arg := range only(t, objects, "Deployment").texts("spec", "template", "spec", "containers", 0, "args") {
		args = append(args, pod.Replace(arg))
	}
	p := start(t, "dexcom_exporter", args...)
	inside := visitor{base: "http://" + p.says(t, &p.stderr, `msg="Listening on" address=(127\.0\.0\.1:\d+)`)}
	outside := visitor{base: "http://127.0.0.1" + p.says(t, &p.stderr, `msg="Listening on" address=(?:0\.0\.0\.0|\[::\])(:\d+)`)}
	inside.get(t, "/", http.StatusOK)
	outside.get(t, "/", http.StatusForbidden)
	for _, path := range []string{"/metrics", "/readings", "/-/healthy"} {
		outside.get(t, path, http.StatusOK)
	}
}
