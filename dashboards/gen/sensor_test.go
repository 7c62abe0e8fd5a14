package main

import (
	"testing"
)

func TestSensorCountsDownThroughItsGrace(t *testing.T) {
	t.Parallel()
	const (
		info   = `dexcom_exporter_account_info{account="gina",api="true",share="false"}`
		expiry = `dexcom_sensor_expiry_timestamp_seconds{account="gina",generation="g7"}`
		hour   = 3600.0
	)
	ends := func(after float64) map[string]string {
		return map[string]string{info: held(1), expiry: held(end + after)}
	}
	is := func(left float64) map[string]float64 { return map[string]float64{`{account="gina"}`: left} }
	over := map[string]string{info: held(1), expiry: "-40000x20 stale"} // absent once the grace is over
	check(t, []moment{
		{ends(50 * hour), asks(sensorPanel(), units()[0], is(50*hour), nil, nil, nil)},
		{ends(24 * hour), asks(sensorPanel(), units()[0], nil, is(24*hour), nil, nil)},
		{ends(0.5 * hour), asks(sensorPanel(), units()[0], nil, is(0.5*hour), nil, nil)},
		{ends(-2 * hour), asks(sensorPanel(), units()[0], nil, nil, is(10*hour), nil)},
		{over, asks(sensorPanel(), units()[0], nil, nil, nil, is(end+40000-12*hour))},
		{with(over, map[string]string{expiry: "90000x20 stale"}), asks(sensorPanel(), units()[0], nil, nil, nil, nil)}, // a restart, before the first reading
		{with(over, map[string]string{info: ""}), asks(sensorPanel(), units()[0], nil, nil, nil, nil)},
		{map[string]string{info: held(1)}, asks(sensorPanel(), units()[0], nil, nil, nil, nil)},
	})
}
