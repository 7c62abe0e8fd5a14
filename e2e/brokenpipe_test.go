package e2e

import (
	"strings"
	"testing"
)

// A reader that goes away ends a command with its cause, and not in the middle of what it
// does.
func TestOutputsThatNobodyReads(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.linkHere(t, "alice")
	config := f.config(t)
	for _, args := range [][]string{
		{"report", "alice", config, "--output=-"},
		{"backfill", "alice", config, "--from=30d", "--output=-"},
	} {
		p := start(t, "sh", append([]string{"-c", `{ dexcom_exporter "$@"; echo "status $?" >&2; } | true`, "sh"}, args...)...)
		if status := p.exit(t, patience); status != 0 {
			t.Errorf("%v: the shell ends with %d", args, status)
		}
		said := p.stderr.String()
		if !strings.Contains(said, "status 1\n") || !strings.Contains(said, args[0]+": ") || !strings.Contains(said, "broken pipe") {
			t.Errorf("%v: %s", args, said)
		}
	}
	f.expectAlive(t, "alice")
}
