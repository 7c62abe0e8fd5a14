package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// staleAfter is the age from which the demo shows no value of now.
const staleAfter = 5 * time.Hour

// A stock Prometheus, configured as README.md says, keeps everything that the
// demo shows.
func TestPrometheusScrapesTheDemo(t *testing.T) {
	t.Parallel()
	demo, server := startDemo(t), startPrometheus(t)
	server.load(t, hurried(t, readmeScrapeConfig(t), demo.address, server.job()))

	server.expect(t, `min(up{job!="prometheus"})`, func(up float64, _ bool) bool { return up == 1 })
	server.expect(t, `min(scrape_samples_post_metric_relabeling{job!="prometheus"})`,
		func(samples float64, _ bool) bool { return samples > 100 })
	server.expect(t, `min(dexcom_up{account!="dave"})`, func(up float64, _ bool) bool { return up == 1 })
	server.expect(t, `dexcom_up{account="dave"}`, func(up float64, found bool) bool { return found && up == 0 }) // not linked any more
	for _, name := range []string{
		`dexcom_glucose_mg_dl{account="alice"}`,
		`dexcom_glucose_timestamp_seconds{account="alice"}`,
		`dexcom_glucose_timestamp_seconds{account="carol"}`,
		`dexcom_exporter_reading_delay_seconds_count{source="api"}`,
	} {
		sameInBoth(t, name, demo, server)
	}
	server.expect(t, `time() - dexcom_glucose_timestamp_seconds{account="alice"}`, func(age float64, _ bool) bool {
		return age > time.Hour.Seconds() && age < staleAfter.Seconds() // Dexcom holds readings back for an hour
	})
	nothingRejected(t, server)
}

// Carol's readings come every ten days. Most of the time the newest one is too
// old to show as the value of now, and only its time shows.
func TestPrometheusHidesStaleGlucose(t *testing.T) {
	t.Parallel()
	demo, server := startDemo(t), startPrometheus(t)
	server.load(t, hurried(t, readmeScrapeConfig(t), demo.address, server.job()))

	eventually(t, func() error {
		age, known, err := server.query(`time() - dexcom_glucose_timestamp_seconds{account="carol"}`)
		if err != nil {
			return err
		}
		_, shown, err := server.query(`dexcom_glucose_mg_dl{account="carol"}`)
		if live := age < staleAfter.Seconds(); err == nil && (!known || shown != live) {
			err = fmt.Errorf("time known: %v, %v ago, value shown: %v", known, time.Duration(age)*time.Second, shown)
		}
		return err
	})
}

// sameInBoth compares what the exporter shows with what Prometheus has stored.
func sameInBoth(t *testing.T, name string, e exporter, server prometheus) {
	t.Helper()
	eventually(t, func() error {
		shown, exists := readSeries(t, e.visitor().get(t, "/metrics", http.StatusOK))[name]
		stored, found, err := server.query(name)
		if err == nil && (!exists || !found || shown != stored) {
			err = fmt.Errorf("%s: shown %v (%v), stored %v (%v)", name, shown, exists, stored, found)
		}
		return err
	})
}

func nothingRejected(t *testing.T, server prometheus) {
	t.Helper()
	own := readSeries(t, server.get(t, "/metrics", http.StatusOK))
	for _, name := range []string{
		"prometheus_target_scrapes_sample_out_of_bounds_total",
		"prometheus_target_scrapes_sample_out_of_order_total",
		"prometheus_target_scrapes_sample_duplicate_timestamp_total",
		"prometheus_target_scrapes_exceeded_sample_limit_total",
	} {
		if rejected, found := own[name]; !found || rejected != 0 {
			t.Errorf("%s is %v (found: %v)", name, rejected, found)
		}
	}
	for line := range strings.Lines(server.stderr.String()) {
		if strings.Contains(line, "level=warn") || strings.Contains(line, "level=error") {
			t.Errorf("Prometheus complains: %s", line)
		}
	}
}
