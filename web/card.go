package web

import (
	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// card is all that the page says of one account.
type card struct {
	Account, Label string
	Tone           tone
	Words          string // what is the matter, where the label does not say it all
	Value          *value // nil when there is none
	None           string // in place of the value
	Late           string // why a value of the past is normal
	Trace          *trace // nil when there is nothing to draw
	Shares         shares
	Sensor         string
	Sources        []source
	Consent        *consent
	Clock          string
}

// cardOf puts an account into words, with the readings of its last 24 hours.
func cardOf(s collector.Snapshot, readings []collector.Reading, unit glucose.Unit, onScrape bool) card {
	j := judge(s.Standing, matters())
	c := card{
		Account: s.Account, Label: j.title(), Tone: j.tone,
		Sensor: sensorOf(s), Sources: sourcesOf(s.Standing, onScrape), Consent: consentOf(s.Standing),
	}
	if j.more != nil {
		c.Words = j.more(s.Standing, unit)
	}
	if !s.HasNewest {
		c.None = noValue(s.Standing)
		return c
	}
	v := valueOf(s.Standing, readings, unit)
	c.Value, c.Shares, c.Clock = &v, sharesOf(s), clockOf(s.Clock, s.Now).String()
	if len(readings) > 0 {
		t := traceOf(s.Standing, readings, unit)
		c.Trace = &t
	}
	if _, share := s.Source("share"); !share && !v.Current && s.Live() {
		c.Late = "Normal: Dexcom releases readings one to three hours after the upload."
	}
	return c
}

// noValue says why there is none.
func noValue(s collector.Standing) string {
	if s.LastKnown.IsZero() {
		return "No reading yet"
	}
	return "No reading since the program started; the newest before was " + clockOf(s.Clock, s.Now).at(s.LastKnown) + ", " + ago(s.Now.Sub(s.LastKnown))
}
