package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// grey is for what is too old or unknown.
const grey = "#808080"

// because gives an expression the cause for which there is no value.
func because(expr, cause string) string { return labelled(expr, "why", cause) }

// dead is there while Prometheus has nothing of the account.
func dead() string {
	return by("account", "absent("+of("dexcom_exporter_account_info")+")")
}

// whyDead is the cause that dead stands for.
const whyDead = "the exporter does not answer Prometheus"

// noValue asks for the cause instead of a value.
func noValue(why string) query { return query{expr: why, legend: "no value: {{why}}"} }

// orNoValue shows the series of noValue.
func orNoValue[B panelBuilder[B]](b B) B {
	return b.OverrideByRegexp("/^no value/", []dashboard.DynamicConfigValue{fixedColour(grey), always("no value")})
}

// whyNoValue has the cause when there is no newest value that may be shown.
func whyNoValue() string {
	source := first(latest("dexcom_up", `source="share"`), latest("dexcom_up", `source="api"`))
	unlinked := without(latest("dexcom_exporter_linked")+" == 0", latest("dexcom_exporter_account_info", `share="true"`))
	why := first(
		because(dead(), whyDead),
		because(unlinked, "the account must be linked, see Sources"),
		because("("+source+") == 0", "polls fail, see Sources"),
		because(latest("dexcom_glucose_timestamp_seconds"), "nothing new: phone, receiver, sensor or its warm-up"),
		because(latest("dexcom_exporter_account_info"), "no reading yet"),
	)
	return "(" + without(why, both(newest("dexcom_glucose_mg_dl"), age()+shownUntil())) + ") * 0"
}
