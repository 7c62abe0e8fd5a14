package main

// disclaimer stands wherever a value is shown.
const disclaimer = "Not a medical device, not for treatment decisions; keep the Dexcom app's own alarms on."

// glucose is the dashboard of one person.
func glucose() page {
	return page{
		uid: "dexcom-glucose", title: "Glucose", from: "now-24h", variables: variables(),
		description: "One person's glucose, its sensor and its sources, from dexcom_exporter. " + disclaimer,
		rows:        []row{nowRow(), rangeRow(), sensorRow(), calibrationRow(), sourceRow()},
	}
}
