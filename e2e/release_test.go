package e2e

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// goreleaser runs goreleaser, as tools/goreleaser pins it, at the root of the repository.
func goreleaser(t *testing.T, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append([]string{"tool", "-modfile=tools/goreleaser/go.mod", "goreleaser"}, args...)...)
	command.Dir = ".."
	// Of a repository that came from nowhere it does not look at the commit either.
	command.Env = append(command.Environ(), "GIT_CONFIG_COUNT=1",
		"GIT_CONFIG_KEY_0=remote.origin.url", "GIT_CONFIG_VALUE_0=https://github.com/dexcom-exporter/dexcom_exporter")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("goreleaser %v: %v\n%s", args, err, output)
	}
}

// sole gives the one file that a pattern matches.
func sole(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	return found[0]
}

// A release is made of what people download; each part is looked into.
func TestRelease(t *testing.T) {
	t.Parallel()
	const dist = "../dist"
	goreleaser(t, "check")
	goreleaser(t, "release", "--snapshot", "--clean", "--skip=docker")
	t.Run("checksums", func(t *testing.T) { expectChecksums(t, dist) })
	t.Run("archives", func(t *testing.T) { expectArchives(t, dist) })
	t.Run("binary", func(t *testing.T) { expectBinary(t, dist) })
	t.Run("package", func(t *testing.T) { expectPackage(t, dist) })
}

func expectChecksums(t *testing.T, dist string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "sha256sum", "--check", "--strict", "sha256sums.txt")
	command.Dir = dist
	output, err := command.CombinedOutput()
	if ok := strings.Count(string(output), ": OK\n"); err != nil || ok != 8 {
		t.Errorf("%d files are as the checksums say, want 5 archives and 3 packages: %v\n%s", ok, err, output)
	}
}

// entries gives the modes of the files in an archive.
func entries(t *testing.T, archive string) map[string]os.FileMode {
	t.Helper()
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]os.FileMode{}
	for reader := tar.NewReader(unzipped); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Uid != 0 || header.Gid != 0 || header.Uname == "" {
			t.Errorf("%s: %s is of %s", archive, header.Name, header.Uname)
		}
		found[header.Name] = header.FileInfo().Mode()
	}
}

func expectArchives(t *testing.T, dist string) {
	t.Helper()
	for _, platform := range []string{"linux-amd64", "linux-arm64", "linux-armv7", "darwin-amd64", "darwin-arm64"} {
		archive := sole(t, filepath.Join(dist, "dexcom_exporter-*."+platform+".tar.gz"))
		root := strings.TrimSuffix(filepath.Base(archive), ".tar.gz") + "/"
		found := entries(t, archive)
		for _, name := range []string{
			"LICENSE", "README.md", "CHANGELOG.md", "config.example.yaml", "docs/metrics.md", "dashboards/glucose.json", "dashboards/everyone.json",
			"dashboards/exporter.json", "alerts/dexcom.rules.yaml", "alerts/mixin.libsonnet", "systemd/dexcom_exporter.service",
		} {
			if found[root+name] != 0o644 {
				t.Errorf("%s: %s is %v", platform, name, found[root+name])
			}
		}
		if found[root+"dexcom_exporter"] != 0o755 {
			t.Errorf("%s: the program is %v", platform, found[root+"dexcom_exporter"])
		}
	}
}

// The program knows its version, needs no library, and says no path of this machine.
func expectBinary(t *testing.T, dist string) {
	t.Helper()
	program := sole(t, filepath.Join(dist, "dexcom_exporter_linux_"+runtime.GOARCH+"*", "dexcom_exporter"))
	output, err := exec.CommandContext(t.Context(), program, "--version").CombinedOutput()
	version := regexp.MustCompile(`dexcom_exporter, version \d+\.\d+\.\d+\S* \(branch: \S+, revision: (\w+)\)`).FindSubmatch(output)
	head, gitErr := exec.CommandContext(t.Context(), "git", "rev-parse", "HEAD").Output()
	if err := errors.Join(err, gitErr); err != nil || version == nil || string(version[1]) != strings.TrimSpace(string(head)) {
		t.Errorf("%v: %s is not of %s", err, output, head)
	}
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), root+"/") {
		t.Errorf("the program says %s", root)
	}
	if linked, _ := exec.CommandContext(t.Context(), "ldd", program).CombinedOutput(); !strings.Contains(string(linked), "not a dynamic executable") {
		t.Errorf("it is linked with %s", linked)
	}
}

// expectPackage unpacks the Debian package as dpkg does.
func expectPackage(t *testing.T, dist string) {
	t.Helper()
	for _, architecture := range []string{"amd64", "arm64", "armhf"} {
		deb := sole(t, filepath.Join(dist, "dexcom-exporter_*_"+architecture+".deb"))
		root := t.TempDir()
		passes(t, "dpkg-deb", "--extract", deb, root)
		passes(t, "dpkg-deb", "--control", deb, filepath.Join(root, "DEBIAN"))
		for name, mode := range map[string]os.FileMode{
			"usr/bin/dexcom_exporter":                            0o755,
			"usr/lib/systemd/system/dexcom_exporter.service":     0o644,
			"etc/default/dexcom_exporter":                        0o644,
			"etc/dexcom_exporter/config.example.yaml":            0o644,
			"etc/dexcom_exporter/secrets":                        0o700 | os.ModeDir,
			"usr/share/doc/dexcom-exporter/copyright":            0o644,
			"usr/share/doc/dexcom-exporter/docs/metrics.md":      0o644,
			"usr/share/dexcom_exporter/alerts/dexcom.rules.yaml": 0o644,
			"usr/share/dexcom_exporter/dashboards/everyone.json": 0o644,
			"usr/share/dexcom_exporter/dashboards/glucose.json":  0o644,
			"usr/share/dexcom_exporter/dashboards/exporter.json": 0o644,
			"DEBIAN/postinst":                                    0o755, "DEBIAN/prerm": 0o755, "DEBIAN/postrm": 0o755,
		} {
			if info, err := os.Stat(filepath.Join(root, name)); err != nil || info.Mode() != mode {
				t.Errorf("%s: %s: %v", architecture, name, err)
			}
		}
		conffiles, _ := os.ReadFile(filepath.Join(root, "DEBIAN", "conffiles"))
		want := []string{"/etc/default/dexcom_exporter", "/etc/dexcom_exporter/config.example.yaml"}
		if got := slices.Sorted(slices.Values(strings.Fields(string(conffiles)))); !slices.Equal(got, want) {
			t.Errorf("%s: the conffiles are %v, want %v", architecture, got, want)
		}
		for _, empty := range []string{"etc/dexcom_exporter/secrets", "var"} {
			if found, _ := os.ReadDir(filepath.Join(root, empty)); len(found) > 0 {
				t.Errorf("%s: %s has %v", architecture, empty, found)
			}
		}
	}
}

// The image of a release is that of ../Dockerfile, but for where the program comes from.
func TestReleasedImageIsTheImage(t *testing.T) {
	t.Parallel()
	final := func(file string) map[string]bool {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, stage, found := strings.Cut(strings.ReplaceAll(string(text), "\\\n", ""), "\nFROM gcr.io/")
		if !found {
			t.Fatalf("%s has no final stage", file)
		}
		instructions := map[string]bool{}
		for line := range strings.Lines(stage) {
			if line[0] != '#' && !strings.HasPrefix(line, "COPY ") && !strings.HasPrefix(line, "ARG ") {
				instructions[line] = true
			}
		}
		return instructions
	}
	built, released := final("../Dockerfile"), final("../deploy/image/Dockerfile")
	if len(built) < 7 || !maps.Equal(built, released) {
		t.Errorf("the images differ:\n%v\n%v", built, released)
	}
}
