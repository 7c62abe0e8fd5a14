package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// tooLittle is why statistics are empty.
const tooLittle = "too little data: it needs half of the window, and 144 readings; or the exporter does not answer, or its poll.history is shorter"

// statisticsRow is how the last days went, in the figures of clinicians.
func statisticsRow() row {
	return row{title: "Statistics", panels: []cog.Builder[dashboard.Panel]{
		figure(capturedPanel()).Decimals(0).
			OverrideByRegexp("/^captured/", []dashboard.DynamicConfigValue{{Id: "unit", Value: "percentunit"}}).
			OverrideByRegexp("/"+notEnough+"$/", []dashboard.DynamicConfigValue{fixedColour(muted)}),
		inUnits(figure(meanPanel())),
		figure(gmiPanel()).Unit("percentunit").Decimals(1),
		figure(cvPanel()).Unit("percentunit").Decimals(0).
			OverrideByName(unstable, []dashboard.DynamicConfigValue{fixedColour("orange")}),
		figure(griPanel()).Decimals(0),
		bar(windowPanel()),
		targetFigures(),
	}}
}

const notEnough = "less than the 70 % for GMI and GRI"

// capturedPanel says whether the other figures can be trusted.
func capturedPanel() about {
	active := latest("dexcom_sensor_active_ratio", inWindow)
	return about{
		title: "Readings of the window", width: 6, height: 5,
		description: "Are there enough readings for the other figures? A sensor that misses none makes 288 a day. GMI and GRI need 14 days with 70 % of them, the other figures half.",
		empty:       "unknown: the exporter does not answer, or its poll.history is shorter than the window",
		queries: []query{
			{expr: latest("dexcom_readings", inWindow), legend: "readings"},
			{expr: active + " >= 0.7", legend: "captured: enough"},
			{expr: active + " < 0.7", legend: "captured: " + notEnough},
		},
	}
}

func meanPanel() about {
	figure := func(metric, name string) query {
		return query{expr: latest(metric, inWindow) + inUnit, legend: name + " · " + unitName}
	}
	return about{
		title: "Mean, " + unitName, width: 6, height: 5,
		description: "How high is glucose on average, and how far do the readings lie from that? LOW counts as 39 mg/dL, HIGH as 401.",
		empty:       tooLittle,
		queries: []query{
			figure("dexcom_glucose_mean_mg_dl", "mean"),
			figure("dexcom_glucose_stddev_mg_dl", "standard deviation"),
		},
	}
}

func gmiPanel() about {
	return about{
		title: "GMI", width: 4, height: 5,
		description: "Which HbA1c goes with this mean, as a rule? The glucose management indicator (Bergenstal 2018); the laboratory's may differ.",
		empty:       "too little data: it needs a window of 14 days or longer with 70 % of the readings",
		queries:     []query{{expr: latest("dexcom_glucose_gmi_ratio", inWindow), legend: "glucose management indicator"}},
	}
}

const unstable = "varies much: above 36 %"

func cvPanel() about {
	cv := latest("dexcom_glucose_cv_ratio", inWindow)
	return about{
		title: "CV", width: 4, height: 5,
		description: "Is glucose stable? The coefficient of variation is the standard deviation to the mean; up to 36 % counts as stable.",
		empty:       tooLittle,
		queries:     []query{{expr: cv + " <= 0.36", legend: "stable: up to 36 %"}, {expr: cv + " > 0.36", legend: unstable}},
	}
}

func griPanel() about {
	return about{
		title: "GRI", width: 4, height: 5,
		description: "How risky are the lows and highs together, lows more so? The glycemia risk index (Klonoff 2022): 0 is best, 100 worst, in zones from A to E of 20 each.",
		empty:       "too little data: it needs a window of 14 days or longer with 70 % of the readings",
		queries: []query{{
			expr: spoken(latest("dexcom_glycemia_risk_index", inWindow), "zone", []word{
				{"<= 20", "A"}, {"<= 40", "B"}, {"<= 60", "C"}, {"<= 80", "D"}, {"> 80", "E"},
			}),
			legend: "zone {{zone}}",
		}},
	}
}
