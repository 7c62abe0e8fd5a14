package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// recipe are the lines of docs/backfill.md, and the directory to run them in.
type recipe struct {
	text, dir string
}

func readRecipe(t *testing.T) recipe {
	t.Helper()
	text, err := os.ReadFile("../docs/backfill.md")
	if err != nil {
		t.Fatal(err)
	}
	return recipe{text: string(text), dir: t.TempDir()}
}

// line is the one line that begins so.
func (r recipe) line(t *testing.T, begin string) string {
	t.Helper()
	lines := regexp.MustCompile(`(?m)^ *(`+regexp.QuoteMeta(begin)+`.*)$`).FindAllStringSubmatch(r.text, -1)
	if len(lines) != 1 {
		t.Fatalf("docs/backfill.md has %d lines that begin with %q", len(lines), begin)
	}
	return lines[0][1]
}

// run runs the line that begins so, as it is except for these words, each with the ones
// in its place, and gives what it said and how long it took.
func (r recipe) run(t *testing.T, begin string, instead ...string) (said string, took time.Duration) {
	t.Helper()
	line := r.line(t, begin)
	for i := 0; i < len(instead); i += 2 {
		if strings.Count(line, instead[i]) != 1 {
			t.Fatalf("docs/backfill.md: %s: no %q", line, instead[i])
		}
		line = strings.Replace(line, instead[i], instead[i+1], 1)
	}
	command := exec.Command("sh", "-ec", line)
	command.Dir = r.dir
	began := time.Now()
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, output)
	}
	return string(output), time.Since(began)
}

// backfill writes alice.om with the past of these people.
func (r recipe) backfill(t *testing.T, people []veteran) (text string) {
	t.Helper()
	var names []string
	for _, v := range people {
		names = append(names, v.Name)
	}
	said, took := r.run(t, "dexcom_exporter backfill", " alice ", " "+strings.Join(names, " ")+" ")
	file, err := os.ReadFile(filepath.Join(r.dir, "alice.om"))
	if err != nil {
		t.Fatal(err)
	}
	readings := strings.Count(string(file), "\n"+egvs+"{")
	t.Logf("backfill wrote %d readings, %d kB, in %v: %.0f readings/s; it said:\n%s",
		readings, len(file)>>10, took.Round(time.Millisecond), float64(readings)/took.Seconds(), said)
	return string(file)
}

// load makes blocks of alice.om, and moves them into the storage of servers that run.
func (r recipe) load(t *testing.T, servers []*lateServer) {
	t.Helper()
	_, took := r.run(t, "promtool tsdb create-blocks-from openmetrics")
	blocks := filepath.Join(r.dir, "blocks")
	made, err := os.ReadDir(blocks)
	t.Logf("promtool made %d blocks in %v (%v)", len(made), took.Round(time.Millisecond), err)
	for _, s := range servers {
		own := recipe{dir: t.TempDir(), text: r.text} // moved is moved
		if err := os.CopyFS(filepath.Join(own.dir, "blocks"), os.DirFS(blocks)); err != nil {
			t.Fatal(err)
		}
		own.run(t, "sudo mv blocks/* ", "sudo ", "", "/var/lib/prometheus/metrics2/", filepath.Join(filepath.Dir(s.configFile), "data"))
	}
}
