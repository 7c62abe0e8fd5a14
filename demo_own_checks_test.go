package main

import (
	"fmt"
	"maps"
	"slices"
)

// ownCheck says what is wrong with the series of a metric about the program itself,
// or nothing.
type ownCheck func(o observation, series want) string

// ownChecks has one for every metric about the program itself.
func ownChecks() map[string]ownCheck {
	return map[string]ownCheck{
		"dexcom_exporter_build_info": func(_ observation, series want) string {
			return unless(len(series) == 1 && total(series) == 1, "one build")
		},
		"dexcom_exporter_config_last_reload_successful": exactly(want{"": 1}),
		"dexcom_exporter_config_last_reload_success_timestamp_seconds": func(o observation, series want) string {
			return unless(series[""] >= float64(o.began.Unix()) && series[""] <= unix(o.after), "a time since the start")
		},
		"dexcom_exporter_otlp_samples_total":            exactly(want{" result=accepted": 0, " result=expired": 0, " result=refused": 0}),
		"dexcom_exporter_otlp_failures_total":           exactly(want{"": 0}),
		"dexcom_exporter_rate_limit_calls_per_hour":     exactly(want{" region=eu": 54000, " region=us": 54000}),
		"dexcom_exporter_rate_limit_wait_seconds_total": labelled(" region=eu", " region=us"),
		"dexcom_exporter_reading_delay_seconds":         exactly(want{" source=api": 0, " source=share": 0}), // the first fetch does not count
		// bob's readings that were lost, yet are there without a value.
		"dexcom_exporter_records_skipped_total": labelled(" endpoint=egvs reason=value"),
		"dexcom_exporter_api_requests_total": labelled(
			" code=200 endpoint=AuthenticatePublisherAccount source=share", " code=200 endpoint=LoginPublisherAccountById source=share",
			" code=200 endpoint=ReadPublisherLatestGlucoseValues source=share",
			" code=200 endpoint=alerts source=api", " code=200 endpoint=calibrations source=api", " code=200 endpoint=dataRange source=api",
			" code=200 endpoint=devices source=api", " code=200 endpoint=egvs source=api", " code=200 endpoint=events source=api",
			" code=200 endpoint=statistics source=api", " code=200 endpoint=token source=api",
			// dave's: refused, refreshed in vain, and once more.
			" code=400 endpoint=token source=api", " code=401 endpoint=egvs source=api",
		),
		"dexcom_exporter_api_request_duration_seconds": func(o observation, series want) string {
			requests := want{}
			for labels, n := range o.scrape["dexcom_exporter_api_requests_total"] {
				requests[labels[len(" code=200"):]] += n
			}
			return exactly(requests)(o, series)
		},
	}
}

func exactly(wanted want) ownCheck {
	return func(_ observation, series want) string { return unless(maps.Equal(series, wanted), wanted) }
}

// labelled is for values that nobody can foretell.
func labelled(labels ...string) ownCheck {
	return func(_ observation, series want) string {
		return unless(slices.Equal(slices.Sorted(maps.Keys(series)), labels), labels)
	}
}

func unless(right bool, wanted any) string {
	if right {
		return ""
	}
	return fmt.Sprintf("want %v", wanted)
}
