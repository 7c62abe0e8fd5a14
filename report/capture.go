package report

import (
	"fmt"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// capture is how much of the days is known.
type capture struct {
	Days, DaysWithReadings int
	Readings, Possible     int
	length                 time.Duration
}

func newCapture(samples []glucose.Sample, days Days) capture {
	length := days.length(samples)
	return capture{
		Days: days.count, DaysWithReadings: glucose.Days(samples),
		Readings: len(samples), Possible: int(length / glucose.Interval), length: length,
	}
}

// Active is the share of readings that are there.
func (c capture) Active() string { return percent(glucose.ActiveRatio(c.Readings, c.length), 1) }

// inWords says it in a sentence's end.
func (c capture) inWords() string {
	return fmt.Sprintf("%d of %s, %s captured", c.DaysWithReadings, counted(c.Days, "day"), c.Active())
}

// Sufficient says whether there is enough for mean, SD, CV and ranges.
func (c capture) Sufficient() bool { return glucose.SufficientForSummary(c.Readings, c.length) }

// sufficientForGMI says whether there is enough for GMI and GRI as well.
func (c capture) sufficientForGMI() bool {
	const fortnight = 14 // days of the person's, however long: a flight makes them shorter
	return c.Sufficient() && c.Days >= fortnight && glucose.ActiveRatio(c.Readings, c.length) >= glucose.LeastActiveRatioGMI
}

// ReadingsInWords is like 3,950 of 4,032 possible readings.
func (c capture) ReadingsInWords() string {
	return fmt.Sprintf("%s of %s possible readings", grouped(c.Readings), grouped(c.Possible))
}
