package main

// age is that of the newest reading, in seconds: by its own time, and never below 0
// where the device's clock runs ahead.
func age() string {
	return ageBy(latest("dexcom_glucose_timestamp_seconds"))
}

func ageBy(timestamp string) string { return "clamp_min(time() - " + timestamp + ", 0)" }

// A value is live for a quarter of an hour, which only Dexcom Share can keep. After
// that it is late, until the exporter hides it.
const (
	live   = " <= 15 * 60"
	notNow = " > 15 * 60"
)

func late() string { return notNow + shownUntil() }

func shownUntil() string { return " <= " + latest("dexcom_exporter_stale_after_seconds") }

// What the age is called.
const (
	ageLive = "since the newest reading"
	ageLate = "late on purpose, as the official API is: look back, do not act"
	ageOld  = "since the newest reading: too old"
)

// agePanel remembers for a day what an exporter said that answers no more.
func agePanel() about {
	remembered := func(metric string, matchers ...string) string {
		return by("account", "last_over_time("+of(metric, matchers...)+"[1d])")
	}
	age := ageBy(remembered("dexcom_glucose_timestamp_seconds"))
	onPurpose := both(age+notNow+" <= "+remembered("dexcom_exporter_stale_after_seconds"), remembered("dexcom_exporter_account_info", `share="false"`))
	return about{
		title: "Age", width: 4, height: 7,
		description: "Time since the newest reading was measured. Grey: too old, with Dexcom Share after 15 minutes, with the official API " +
			"alone when the exporter stops to show the value (dexcom_exporter_stale_after_seconds, 5 hours unless configured). " +
			"The official API is an hour or more late on purpose: with it alone, an age below an hour never comes.",
		empty: "unknown: no reading yet, or the exporter has not answered for a day",
		queries: []query{
			{expr: age + live, legend: ageLive},
			{expr: onPurpose, legend: ageLate},
			{expr: without(age+notNow, onPurpose), legend: ageOld},
		},
	}
}
