package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// calibrationRow is what the person told the sensor.
func calibrationRow() row {
	const newest = "dexcom_calibration_timestamp_seconds"
	return row{title: "Calibrations", panels: []cog.Builder[dashboard.Panel]{
		figure(about{
			title: "Calibrations", width: 12, height: 5,
			description: "How often the person calibrated the sensor. 0 is usual: G6 and G7 need none, a ONE+ takes none.",
			empty:       "unknown: not asked yet, nothing uploaded in the window, or Dexcom Share alone",
			queries:     []query{{expr: by("account, window", of("dexcom_calibrations")), legend: "in the last {{window}}"}},
		}).Decimals(0),
		inUnits(figure(about{
			title: "Newest calibration, " + unitName, width: 6, height: 5,
			description: "The blood glucose that the person entered last, of the last 28 days.",
			empty:       "none within 28 days, or unknown with Dexcom Share alone",
			queries:     []query{{expr: latest("dexcom_calibration_mg_dl") + inUnit, legend: "entered · " + unitName}},
		})),
		figure(about{
			title: "Its age", width: 6, height: 5,
			description: "Time since the newest calibration.",
			empty:       "none within 28 days, or unknown with Dexcom Share alone",
			queries:     []query{{expr: "time() - " + latest(newest), legend: "since the newest calibration"}},
		}).Unit("s").Decimals(0),
	}}
}
