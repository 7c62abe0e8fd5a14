// Gen writes the Grafana dashboards of the directory above it. Run it there after
// every change:
//
//	cd dashboards/gen && go run .
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := write(".."); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// pages are the dashboards by their file.
func pages() map[string]page {
	return map[string]page{"glucose.json": glucose(), "everyone.json": everyone(), "exporter.json": exporter()}
}

func write(directory string) error {
	for name, page := range pages() {
		text, err := page.json()
		if err != nil {
			return fmt.Errorf("build %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(directory, name), text, 0o644); err != nil { //nolint:gosec // everybody may read it
			return fmt.Errorf("write dashboard: %w", err)
		}
	}
	return nil
}
