package e2e

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A chart whose links were lost on the way, or became texts, is refused with the cause.
func TestChartWithoutItsLinks(t *testing.T) {
	t.Parallel()
	for name, copied := range map[string]func(from, to string) error{
		"lost": func(string, string) error { return nil },
		"texts": func(from, to string) error {
			target, err := os.Readlink(from)
			return errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, []byte(target), 0o600))
		},
	} {
		chart := t.TempDir()
		err := filepath.WalkDir(chartDirectory, func(path string, entry fs.DirEntry, err error) error {
			to := filepath.Join(chart, strings.TrimPrefix(path, chartDirectory))
			switch {
			case err != nil || entry.IsDir():
				return err
			case entry.Type() == fs.ModeSymlink:
				return copied(path, to)
			}
			return copyFile(path, to)
		})
		if err != nil {
			t.Fatal(err)
		}
		for part, other := range map[string]string{"dashboards": "prometheusRule", "prometheusRule": "dashboards"} {
			_, complaints, err := helm(t, "template", "glucose", chart, "--values="+familyValues, "--set="+part+".enabled=true,"+other+".enabled=false")
			if err == nil || !strings.Contains(complaints, "was the chart copied without its symbolic links?") {
				t.Errorf("%s, %s: %v\n%s", name, part, err, complaints)
			}
		}
	}
}
