package main

import (
	"strings"
	"testing"
)

// replaceAccount gives a series of gina other labels.
func replaceAccount(series, labels string) string {
	return strings.Replace(series, `account="gina"`, labels, 1)
}

// Readings of 100, 105 and so on, every five minutes, each seen two minutes later.
func TestChangeIsFromTheReadingBefore(t *testing.T) {
	t.Parallel()
	const (
		value     = `dexcom_glucose_mg_dl{account="gina"}`
		timestamp = `dexcom_glucose_timestamp_seconds{account="gina"}`
	)
	seen := func(values, timestamps string) map[string]string {
		return with(reading(0, 0, true), map[string]string{value: values, timestamp: timestamps})
	}
	is := func(mgdl float64, u unit) map[string]float64 {
		return map[string]float64{`{account="gina"}`: mgdl / u.mgdl}
	}
	var moments []moment
	for _, u := range units() {
		moments = append(moments,
			moment{seen("100x57 112x2", "3180x57 3480x2"), asks(changePanel(), u, is(12, u), nil, nil)},
			moment{seen("112x57 99x2", "3180x57 3480x2"), asks(changePanel(), u, nil, is(-13, u), nil)},
			moment{seen("100x57 101x2", "3180x57 3480x2"), asks(changePanel(), u, is(1, u), nil, nil)},
			moment{seen("100x57 100x2", "3180x57 3480x2"), asks(changePanel(), u, nil, nil, is(0, u))},
			// The newest reading has been here for a while.
			moment{seen("100x49 112x10", "2700x49 3000x10"), asks(changePanel(), u, is(12, u), nil, nil)},
			// Only the newest step counts, and one missed reading is no gap.
			moment{seen("90x52 100x4 112x2", "2580x52 2880x4 3480x2"), asks(changePanel(), u, is(12, u), nil, nil)},
			// The phone was away.
			moment{seen("100x57 112x2", "2760x57 3480x2"), asks(changePanel(), u, nil, nil, nil)},
			// LOW and HIGH are no numbers.
			moment{seen("45x57 39x2", "3180x57 3480x2"), asks(changePanel(), u, nil, nil, nil)},
			moment{seen("39x57 45x2", "3180x57 3480x2"), asks(changePanel(), u, nil, nil, nil)},
			moment{seen("401x57 390x2", "3180x57 3480x2"), asks(changePanel(), u, nil, nil, nil)},
			moment{seen("39x51 45x5 50x2", "2880x51 3180x5 3480x2"), asks(changePanel(), u, is(5, u), nil, nil)},
			// Prometheus has seen one reading only, or an old one.
			moment{seen(held(112), held(3480)), asks(changePanel(), u, nil, nil, nil)},
			moment{seen("100x10 112x49", "2000x10 2300x49"), asks(changePanel(), u, nil, nil, nil)},
		)
	}
	check(t, moments)
}
