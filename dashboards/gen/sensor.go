package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// sensorRow is what is known of the sensor, its transmitter and the devices that
// upload.
func sensorRow() row {
	return row{title: "Sensor and devices", panels: []cog.Builder[dashboard.Panel]{
		figure(sensorPanel()).Unit("s").Decimals(1).
			OverrideByName(sensorLastDay, []dashboard.DynamicConfigValue{fixedColour("orange")}).
			OverrideByName(sensorGrace, []dashboard.DynamicConfigValue{fixedColour("red")}).
			OverrideByName(sensorEnded, []dashboard.DynamicConfigValue{fixedColour("red")}),
		figure(transmitterPanel()).Unit("s").Decimals(1),
		figure(skewPanel()).Unit("s").Decimals(0).Mappings(mapping(shown{value: "0", text: "not ahead"})),
		devicePanel(),
	}}
}

// What the time of the sensor is called.
const (
	sensorRuns    = "left"
	sensorLastDay = "left: have the next one at hand"
	sensorGrace   = "of grace left: the sensor's time is over, change it"
	sensorEnded   = "since its end and grace: a new sensor warms up before its first reading"
)

func sensorPanel() about {
	const metric, day, grace = "dexcom_sensor_expiry_timestamp_seconds", "24 * 3600", "12 * 3600"
	left := latest(metric) + " - time()"
	ended := "time() - " + grace + " - " + by("account", "last_over_time("+of(metric)+"[2d])") + " > 0"
	known := latest("dexcom_exporter_account_info")
	return about{
		title: "Sensor", width: 5, height: 6,
		description: "Time until the sensor ends, where sensor and transmitter are one piece (G7, ONE+, 15-day G7); then its 12 hours of grace. " +
			"A new one warms up: half an hour (G7, ONE+) to two hours (G6) without readings; the exporter knows of it from its first reading on.",
		empty: "unknown: a G6 or older does not tell, nor does Dexcom Share",
		queries: []query{
			{expr: left + " > " + day, legend: sensorRuns},
			{expr: left + " <= " + day + " > 0", legend: sensorLastDay},
			{expr: "(" + left + " <= 0) + " + grace, legend: sensorGrace},
			{expr: both(without(ended, latest(metric)), known), legend: sensorEnded},
		},
	}
}

func transmitterPanel() about {
	return about{
		title: "Transmitter's age", width: 5, height: 6,
		description: "Time since the transmitter started; with G7 and ONE+ it is the sensor's too. A transmitter of a G6 lasts about 90 days.",
		empty:       "unknown: no reading with it yet; Dexcom Share does not tell",
		queries: []query{{
			expr: "time() - " + by("account, generation", of("dexcom_transmitter_start_timestamp_seconds")), legend: "{{generation}}",
		}},
	}
}

func skewPanel() about {
	return about{
		title: "Device's clock", width: 4, height: 6,
		description: "How far the clock of the phone or receiver was seen ahead of ours. Readings look younger by as much.",
		empty:       "unknown: no reading yet, or no exporter",
		queries:     []query{{expr: latest("dexcom_device_clock_skew_seconds"), legend: "ahead of ours"}},
	}
}

func devicePanel() cog.Builder[dashboard.Panel] {
	uploaded := by("account, generation, display_device, display_app", of("dexcom_device_last_upload_timestamp_seconds"))
	b := tell(table.NewPanelBuilder(), about{
		title: "Devices", width: 10, height: 6,
		description: "The kinds of devices of the account and when each last uploaded, by Dexcom's time. A receiver uploads when somebody plugs it in.",
		empty:       "unknown: Dexcom named no device; Dexcom Share alone never does",
		queries:     []query{{expr: uploaded + " * 1000", table: true}},
	})
	return columns(b, "generation", "display_device", "display_app", "Value", "account").
		OverrideByName("generation", named("Sensor", generations()...)).
		OverrideByName("display_device", named("Device", displays()...)).
		OverrideByName("display_app", named("App", shown{value: "G7Android", text: "G7"}, shown{value: "DexcomOne", text: "Dexcom ONE"}, shown{value: "D1G7", text: "ONE+"})).
		OverrideByName("Value", append(named("Last upload"), dashboard.DynamicConfigValue{Id: "unit", Value: "dateTimeFromNow"}))
}

func generations() []shown {
	return []shown{
		{value: "g4", text: "G4"},
		{value: "g5", text: "G5"},
		{value: "dexcomPro", text: "Dexcom Pro"},
		{value: "g6", text: "G6"},
		{value: "g6+", text: "G6+"},
		{value: "g6Pro", text: "G6 Pro"},
		{value: "g7", text: "G7"},
		{value: "g715day", text: "15-day G7"},
		{value: "d1+", text: "ONE+"},
	}
}

func displays() []shown {
	return []shown{
		{value: "receiver", text: "receiver"},
		{value: "shareReceiver", text: "Share receiver"},
		{value: "touchscreenReceiver", text: "touchscreen receiver"},
		{value: "iOS", text: "iPhone"},
		{value: "android", text: "Android phone"},
	}
}
