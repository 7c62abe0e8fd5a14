package main

import (
	"fmt"
	"testing"
)

// figured is a statistic of two windows, of which the chosen one has the value, as two
// jobs have it.
func figured(metric, labels string, value float64) map[string]string {
	series := map[string]string{}
	for _, job := range []string{"a", "b"} {
		series[fmt.Sprintf(`%s{account="gina",job=%q,window="14d"%s}`, metric, job, labels)] = held(value)
		series[fmt.Sprintf(`%s{account="gina",job=%q,window="90d"%s}`, metric, job, labels)] = held(2*value + 1)
	}
	return series
}

func TestStatisticsAreOfTheChosenWindow(t *testing.T) {
	t.Parallel()
	is := func(value float64) map[string]float64 { return map[string]float64{`{account="gina"}`: value} }
	captured := func(ratio float64) map[string]string {
		return with(figured("dexcom_readings", "", 3000), figured("dexcom_sensor_active_ratio", "", ratio))
	}
	moments := []moment{
		{captured(0.7), asks(capturedPanel(), units()[0], is(3000), is(0.7), nil)},
		{captured(0.69), asks(capturedPanel(), units()[0], is(3000), nil, is(0.69))},
		{figured("dexcom_glucose_gmi_ratio", "", 0.069), asks(gmiPanel(), units()[0], is(0.069))},
		{figured("dexcom_glucose_cv_ratio", "", 0.36), asks(cvPanel(), units()[0], is(0.36), nil)},
		{figured("dexcom_glucose_cv_ratio", "", 0.37), asks(cvPanel(), units()[0], nil, is(0.37))},
	}
	for _, u := range units() {
		series := with(figured("dexcom_glucose_mean_mg_dl", "", 151), figured("dexcom_glucose_stddev_mg_dl", "", 45))
		moments = append(moments, moment{series, asks(meanPanel(), u, is(151/u.mgdl), is(45/u.mgdl))})
	}
	for index, zone := range map[float64]string{0: "A", 20: "A", 20.1: "B", 40: "B", 41: "C", 60: "C", 61: "D", 80: "D", 81: "E", 100: "E"} {
		sample := map[string]float64{fmt.Sprintf(`{account="gina", zone=%q}`, zone): index}
		moments = append(moments, moment{figured("dexcom_glycemia_risk_index", "", index), asks(griPanel(), units()[0], sample)})
	}
	check(t, moments)
}
