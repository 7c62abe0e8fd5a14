package report

import (
	"fmt"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// remarks say what is left out and why, and what the sensor could not measure.
func (w words) remarks(samples []glucose.Sample, c capture, shown glucose.Profile) []string {
	var said []string
	switch {
	case c.Readings == 0:
		said = append(said, "There are no readings of these days.")
	case !c.Sufficient():
		said = append(said, fmt.Sprintf("Mean, SD, CV and time in ranges are left out: they need %d readings and %s of all that a sensor gives; here: %s, %s.",
			glucose.FewestReadings, percent(glucose.LeastActiveRatio, 0), counted(c.Readings, "reading"), c.inWords()))
	}
	if c.Readings > 0 && !c.sufficientForGMI() {
		said = append(said, fmt.Sprintf("GMI, GRI and a sound profile need %d days with %s of the readings; here: %s. GMI and GRI are left out.",
			int(glucose.ShortestWindowGMI.Hours()/24), percent(glucose.LeastActiveRatioGMI, 0), c.inWords()))
	}
	if n := insufficient(shown); n > 0 && n < len(shown) {
		said = append(said, fmt.Sprintf("The profile has gaps where a half hour of the day has fewer than %d readings.", glucose.FewestOfHalfHour))
	}
	return append(said, w.beyondTheSensor(samples)...)
}

func insufficient(shown glucose.Profile) int {
	n := 0
	for _, h := range shown {
		if !h.Sufficient() {
			n++
		}
	}
	return n
}

// beyondTheSensor says how many readings are LOW or HIGH and how they count.
func (w words) beyondTheSensor(samples []glucose.Sample) []string {
	const lowest, highest = 40, 400
	below, above := 0, 0
	for _, s := range samples {
		if s.MgDL < lowest {
			below++
		} else if s.MgDL > highest {
			above++
		}
	}
	var said []string
	if below > 0 {
		said = append(said, fmt.Sprintf("LOW (below %s) counts as 39 mg/dL: %s.", w.with(lowest), counted(below, "reading")))
	}
	if above > 0 {
		said = append(said, fmt.Sprintf("HIGH (above %s) counts as 401 mg/dL: %s.", w.with(highest), counted(above, "reading")))
	}
	return said
}
