package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unitFile is the systemd unit.
const unitFile = "../deploy/systemd/dexcom_exporter.service"

func readUnit(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// systemd knows every setting, and finds little that an intruder could use: the score
// is out of 100.
func TestUnitPassesSystemd(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("dexcom_exporter")
	if err != nil {
		t.Fatal(err)
	}
	here := write(t, "dexcom_exporter.service", strings.ReplaceAll(readUnit(t), "/usr/bin/dexcom_exporter", program))
	output, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", "--man=no", here).CombinedOutput()
	if err != nil || strings.Contains(string(output), "dexcom_exporter") {
		t.Errorf("%v\n%s", err, output)
	}
	if !strings.Contains(readUnit(t), "\nEnvironment=GOTRACEBACK=crash\n") {
		t.Error("a panic ends with the status that is no reason for a restart")
	}
	passes(t, "systemd-analyze", "security", "--offline=true", "--threshold=15", here)
}

// The program takes the command line of the unit, with the flags that the example of
// /etc/default shows.
func TestUnitStartsTheProgram(t *testing.T) {
	t.Parallel()
	line := regexp.MustCompile(`(?m)^ExecStart=/usr/bin/dexcom_exporter (.*) \$ARGS$`).FindStringSubmatch(readUnit(t))
	if line == nil {
		t.Fatal("the unit does not start the program with ARGS")
	}
	defaults, err := os.ReadFile("../deploy/deb/default")
	if err != nil {
		t.Fatal(err)
	}
	extra := regexp.MustCompile(`(?m)^# ARGS="(.*)"$`).FindStringSubmatch(string(defaults))
	if extra == nil {
		t.Fatal("no example of ARGS")
	}
	flag, _ := writeConfig(t)
	args := strings.NewReplacer("--config.file=/etc/dexcom_exporter/config.yaml", flag, ":10180", ":0", "192.168.1.5", "127.0.0.1").
		Replace(line[1] + " " + extra[1])
	p := start(t, "dexcom_exporter", strings.Fields(args)...)
	p.says(t, &p.stderr, `(?s)msg="Listening on".*msg="Listening on"( )`)
}

// The comment of the unit says how a configuration names its secrets: such a one is
// loaded from where systemd puts them.
func TestUnitNamesSecretsAsSystemdDoes(t *testing.T) {
	t.Parallel()
	unit := readUnit(t)
	loaded := regexp.MustCompile(`(?m)^LoadCredential=(\w+):(/etc/dexcom_exporter/\w+)$`).FindStringSubmatch(unit)
	shown := regexp.MustCompile(`(?m)^# {3}password_file: (\S+)$`).FindStringSubmatch(unit)
	if loaded == nil || shown == nil {
		t.Fatalf("the unit loads %v and shows %v", loaded, shown)
	}
	// systemd.exec(5): the files of a directory are ID_NAME.
	if want := "/run/credentials/" + filepath.Base(unitFile) + "/" + loaded[1] + "_alice.pw"; shown[1] != want {
		t.Errorf("the unit shows %s, want %s", shown[1], want)
	}
	secrets := t.TempDir()
	writeInto(t, secrets, filepath.Base(shown[1]), "planted-password\n")
	file := write(t, "config.yaml", "state_dir: /var/lib/dexcom_exporter\naccounts:\n"+
		"  - {name: alice, share: {region: us, username: a@example.org, password_file: "+filepath.Join(secrets, filepath.Base(shown[1]))+"}}\n")
	if checked := run(t, "check", "--config-only", "--config.file="+file); checked.status != 0 {
		t.Errorf("%+v", checked)
	}
	for _, directory := range []string{"#   state_dir: /var/lib/dexcom_exporter\n", "\nStateDirectory=dexcom_exporter\n"} {
		if !strings.Contains(unit, directory) {
			t.Errorf("the unit does not say %q", directory)
		}
	}
}

// The configuration in the guide to packages is for this unit.
func TestPackagesGuidesConfigurationIsForTheUnit(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/packages.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(state_dir: /var/lib/dexcom_exporter\n.*?)```").FindStringSubmatch(string(guide))
	if block == nil {
		t.Fatal("docs/packages.md shows no configuration")
	}
	const credentials = "/run/credentials/dexcom_exporter.service"
	secrets := t.TempDir()
	writeInto(t, secrets, "secrets_alice.pw", "planted-password\n")
	if !strings.Contains(block[1], credentials+"/secrets_alice.pw") {
		t.Errorf("the secret is elsewhere:\n%s", block[1])
	}
	file := write(t, "config.yaml", strings.ReplaceAll(block[1], credentials, secrets))
	if checked := run(t, "check", "--config-only", "--config.file="+file); checked.status != 0 {
		t.Errorf("%+v", checked)
	}
}
