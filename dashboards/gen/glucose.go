package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// disclaimer stands wherever a value is shown.
const disclaimer = "Not a medical device, not for treatment decisions; keep the Dexcom app's own alarms on."

// glucose is the dashboard of one person.
func glucose() page {
	return page{
		uid: "dexcom-glucose", title: "Glucose", from: "now-24h", variables: glucoseVariables(), annotations: annotations(),
		description: "One person's glucose, its statistics, its sensor and its sources, from dexcom_exporter. " + disclaimer,
		rows: []row{
			nowRow(), rangeRow(), statisticsRow(), profileRow(), eventRow(), ownAlertRow(),
			sensorRow(), calibrationRow(), delayRow(), sourceRow(),
		},
	}
}

func glucoseVariables() []cog.Builder[dashboard.VariableModel] {
	return append(variables(), windowVariable(), traceVariable(), lagVariable())
}
