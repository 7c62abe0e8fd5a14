package main

import "fmt"

// remembered is what an exporter said last, for a day: it may answer no more.
func remembered(metric string, matchers ...string) string {
	return by("account", "last_over_time("+of(metric, matchers...)+"[1d])")
}

// answered are those whom an exporter names that answers.
func answered(matchers ...string) string { return latest("dexcom_exporter_account_info", matchers...) }

// unanswered are those of the last day whose exporter is silent. Who was taken out of
// the configuration of one that answers is gone.
func unanswered(matchers ...string) string {
	last := by("account", "last_over_time("+of("dexcom_exporter_account_info", matchers...)+"[1d]) unless on (job, instance) dexcom_exporter_build_info")
	return "(" + without(last, answered()) + ")"
}

func people() string { return first(answered(), unanswered()) }

// withShare are those of them whose readings should be minutes old.
func withShare() string {
	const share = `share="true"`
	return first(answered(share), unanswered(share))
}

// fresh is the value of those whose newest reading is of now.
func fresh() string { return "(" + both(newest("dexcom_glucose_mg_dl"), age()+live) + ")" }

// lastShown is the last value of the day of those who should have a fresh one and
// have none: alerts hold what it said, too.
func lastShown() string {
	const value, when = "dexcom_glucose_mg_dl", "dexcom_glucose_timestamp_seconds"
	last := by("account", fmt.Sprintf("last_over_time(%s[1d]) and (last_over_time(%s[1d]) == on (account) group_left () %s)",
		of(value), of(when), remembered(when)))
	return "(" + without(both(last, withShare()), age()+live) + ")"
}

// level is that of the person's own alert, while it is on and surely their own, else
// the usual one, for some people.
func level(metric, alert, usual, whose string) string {
	matcher := fmt.Sprintf("alert=%q", alert)
	own := both(latest(metric, matcher), latest("dexcom_alert_setting_enabled", matcher)+" == 1")
	return "(" + first("("+without(own, latest("dexcom_exporter_source_mismatch")+" == 1")+")", usual+" * group by (account) ("+whose+")") + ")"
}

// lowLevel is in whole mg/dL, as readings are.
func lowLevel(whose string) string {
	return "round(" + level("dexcom_alert_setting_mg_dl", "low", "70", whose) + ")"
}

func highLevel() string {
	return "round(" + level("dexcom_alert_setting_mg_dl", "high", "250", answered()) + ")"
}

// rateLevel is in mg/dL a minute.
func rateLevel(alert string) string {
	return level("dexcom_alert_setting_mg_dl_per_minute", alert, "3", answered())
}

// noData are those of whom an exporter that answers has nothing that it would show.
func noData() string { return "(" + without(answered(), age()+shownUntil()) + ")" }

func unlinkedPeople() string { return "(" + latest("dexcom_exporter_linked") + " == 0)" }

// failingPeople have a source whose last poll failed. Without consent the official
// API is not asked, which is another matter.
func failingPeople() string {
	notAsked := labelled(unlinkedPeople(), "source", "api")
	failing := by("account, source", of("dexcom_up")) + " == 0 unless on (account, source) " + notAsked
	return "(group by (account) (" + failing + "))"
}
