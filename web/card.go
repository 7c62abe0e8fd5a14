package web

import (
	"cmp"
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// card is all that the page says of one account.
type card struct {
	Account, Label string
	Tone           tone
	Words          string // what is the matter, where the label does not say it all
	WasLow         string // an urgent low of the last 24 hours that is over
	Value          *value // nil when there is none
	None           string // in place of the value
	Late           string // why a value of the past is normal
	Trace          *trace // nil when there is nothing to draw
	Shares         shares
	Sensor         string
	Sources        []source
	Consent        *consent
	Clock          string // whose it is by which times are said
	Unit           string // what the addresses keep; empty for the usual one
}

// cardOf puts an account into words, with the readings of its last 24 hours.
func cardOf(s collector.Snapshot, readings []collector.Reading, unit glucose.Unit, onScrape bool) card {
	j := judge(s.Standing, matters())
	c := card{
		Account: s.Account, Label: j.title(), Tone: j.tone,
		Sensor: sensorOf(s), Sources: sourcesOf(s.Standing, onScrape), Consent: consentOf(s.Standing),
		Unit: view{unit: unit}.parameters()[unitKey],
	}
	if j.more != nil {
		c.Words = j.more(s.Standing, unit)
	}
	if !s.HasNewest {
		c.None = noValue(s.Standing)
		return c
	}
	v := valueOf(s.Standing, readings, unit)
	c.Value, c.Shares, c.Clock = &v, sharesOf(s), clockInWords(s.Standing)
	if !isLow(s.Standing) {
		c.WasLow = lowestOf(s.Standing, readings, unit)
	}
	if len(readings) > 0 {
		t := traceOf(s.Standing, readings, unit)
		c.Trace = &t
	}
	if isHeldBack(s.Standing) {
		c.Late = "Normal: Dexcom releases readings one to three hours after the upload."
	}
	return c
}

// lowestOf tells of the lowest reading, if it was an urgent low.
func lowestOf(s collector.Standing, readings []collector.Reading, unit glucose.Unit) string {
	if len(readings) == 0 {
		return ""
	}
	lowest := slices.MinFunc(readings, func(a, b collector.Reading) int { return cmp.Compare(a.MgDL, b.MgDL) })
	if lowest.MgDL > urgentLow {
		return ""
	}
	number := quantity(unit, lowest.MgDL)
	if lowest.OutOfRange() < 0 {
		number = unit.FormatReading(lowest.MgDL)
	}
	return "Was urgently low in the last 24 hours: " + number + " " + clockOf(s.Clock, s.Now).at(lowest.Time) + "."
}

// isHeldBack tells whether the age of the newest reading is the usual one of an account
// of the official API alone: three hours, after an upload an hour later.
func isHeldBack(s collector.Standing) bool {
	const most = 3*time.Hour + time.Hour
	api, uses := s.Source("api")
	_, share := s.Source("share")
	return uses && api.Up() && !isForgotten(api, s.Now) && !share && s.Live() && !isCurrent(s) && s.Newest.Age(s.Now) <= most
}

// clockInWords says by which clock the times of a card are.
func clockInWords(s collector.Standing) string {
	if s.Clock == nil {
		return "Times in UTC: the clock of " + s.Account + " is not known"
	}
	return "Times by " + s.Account + "'s clock, " + clockOf(s.Clock, s.Now).String()
}

// noValue says why there is none.
func noValue(s collector.Standing) string {
	if s.LastKnown.IsZero() {
		return "No reading yet"
	}
	return "No reading since the program started; the newest before was " + clockOf(s.Clock, s.Now).at(s.LastKnown) + ", " + ago(s.Now.Sub(s.LastKnown))
}
