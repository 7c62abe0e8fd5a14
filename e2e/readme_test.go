package e2e

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// readmeScrapeConfig gives the Prometheus configuration that README.md shows, as
// it stands there.
func readmeScrapeConfig(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```ya?ml\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		if strings.Contains(block[1], "scrape_configs:\n") {
			return block[1]
		}
	}
	t.Fatal("README.md shows no YAML block with scrape_configs")
	return ""
}

// hurried turns what README.md shows into what a test can wait for: the exporter
// under test, every second, beside another job.
func hurried(t *testing.T, config, address, otherJob string) string {
	t.Helper()
	jobs := regexp.MustCompile(`(?m)^scrape_configs:\n( *- )`)
	target := regexp.MustCompile(`[\w.-]+:10180\b`)
	first := jobs.FindStringSubmatch(config)
	if first == nil || !target.MatchString(config) {
		t.Fatalf("no list of jobs, or no target at port 10180:\n%s", config)
	}
	config = strings.Replace(config, first[0], "scrape_configs:\n"+first[1]+otherJob+"\n"+first[1], 1)
	config = target.ReplaceAllLiteralString(config, address)
	config = regexp.MustCompile(`(?m)^ *(global:|scrape_(interval|timeout):.*)\n`).ReplaceAllString(config, "")
	return "global: {scrape_interval: 1s}\n" + config
}

func TestReadmeScrapeConfigPassesPromtool(t *testing.T) {
	t.Parallel()
	check := start(t, "promtool", "check", "config", write(t, "prometheus.yml", readmeScrapeConfig(t)))
	if status := check.exit(t, patience); status != 0 {
		t.Errorf("promtool check config: exit status %d", status)
	}
}
