package e2e

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// servingCommands gives the commands that docs/serving.md shows under a heading.
func servingCommands(t *testing.T, heading string) []string {
	t.Helper()
	page, err := os.ReadFile("../docs/serving.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	block := regexp.MustCompile("(?s)```sh\n(.*?)\n```").FindStringSubmatch(section)
	if block == nil {
		t.Fatalf("docs/serving.md shows no commands under %q", heading)
	}
	return strings.Split(block[1], "\n")
}

// terminal is a shell in which a test types. It sees no processes but its own, so
// that a command finds the exporter of this test by its name.
type terminal struct {
	*process

	typed int
}

func openTerminal(t *testing.T) *terminal {
	t.Helper()
	return &terminal{process: start(t, "unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "sh")}
}

// run types a command, and waits until it has succeeded.
func (term *terminal) run(t *testing.T, command string) {
	t.Helper()
	term.typed++
	term.types(t, command)
	term.types(t, fmt.Sprintf("status=$?; echo; echo %d: exit status $status", term.typed))
	if status := term.says(t, &term.stdout, fmt.Sprintf(`(?m)^%d: exit status (\d+)$`, term.typed)); status != "0" {
		t.Errorf("%s: exit status %s\n%s%s", command, status, term.stdout.String(), term.stderr.String())
	}
}

// Every command that the documentation gives for a reload reloads, as it is printed;
// only the port is that of the test.
func TestReloadCommandsOfTheDocumentation(t *testing.T) {
	t.Parallel()
	commands := servingCommands(t, "Loading the configuration again")
	for _, part := range []string{"kill -HUP", "curl -X POST"} {
		if !slices.ContainsFunc(commands, func(command string) bool { return strings.Contains(command, part) }) {
			t.Errorf("no command %q", part)
		}
	}
	f := newFamily(t)
	flag := f.config(t)
	term := openTerminal(t)
	term.types(t, fmt.Sprintf("dexcom_exporter serve %s --web.listen-address=%s --web.enable-lifecycle &", flag, f.address))
	term.says(t, &term.stderr, `(Listening on)`)
	r := reloadable{exporter{term.process, f.address}, f, strings.TrimPrefix(flag, "--config.file=")}
	for i, command := range commands {
		hours := 6 + i
		r.write(t, strings.Replace(onlyAlice, "alice", fmt.Sprintf("alice\n    stale_after: %dh", hours), 1))
		_, port, _ := strings.Cut(f.address, ":")
		term.run(t, strings.ReplaceAll(command, ":10180", ":"+port))
		expectSeries(t, r.exporter, aliceStaleAfter, float64(hours*3600))
	}
}
