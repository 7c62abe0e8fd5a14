package web

import (
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// value is a reading in words.
type value struct {
	Current bool   // else it was so once
	Number  string // or LOW, or HIGH
	Unit    string // empty for LOW and HIGH
	About   string // what LOW and HIGH mean
	When    string
	Arrow   arrow
	Change  string // since the reading before; empty when nobody knows
}

// currentFor is the age up to which a value is said of now: two readings may be
// missing, but not three.
const currentFor = 15 * time.Minute

// isCurrent tells whether the newest reading is said of now.
func isCurrent(s collector.Standing) bool {
	return s.Live() && s.Newest.Age(s.Now) <= currentFor
}

// valueOf puts the newest reading into words, given the last ones.
func valueOf(s collector.Standing, last []collector.Reading, unit glucose.Unit) value {
	v := value{Current: isCurrent(s), Number: unit.FormatReading(s.Newest.MgDL), Unit: unit.String()}
	switch s.Newest.OutOfRange() {
	case -1:
		v.Unit, v.About = "", "below "+unit.Format(dexcom.LowMgDL+1)+" "+unit.String()
	case 1:
		v.Unit, v.About = "", "above "+unit.Format(dexcom.HighMgDL-1)+" "+unit.String()
	}
	age := s.Newest.Age(s.Now)
	if !v.Current {
		v.When = clockOf(s.Clock, s.Now).at(s.Newest.Time) + ", " + ago(age)
		return v
	}
	v.When, v.Arrow, v.Change = ago(age), arrowOf(s.Newest.Trend), changeOf(last, s.Newest, unit)
	return v
}

// changeOf is the change since the reading before, where that is the one that a
// sensor gives 5 minutes earlier and both were measured.
func changeOf(last []collector.Reading, newest collector.Reading, unit glucose.Unit) string {
	const soonest, latest = 4 * time.Minute, 6 * time.Minute
	for _, r := range last {
		if apart := newest.Time.Sub(r.Time); apart < soonest || apart > latest || r.OutOfRange() != 0 || newest.OutOfRange() != 0 {
			continue
		}
		return signed(unit, newest.MgDL-r.MgDL) + " in 5 min"
	}
	return ""
}

// signed writes a difference.
func signed(unit glucose.Unit, mgdl float64) string {
	text := unit.Format(mgdl) + " " + unit.String()
	if digits, negative := strings.CutPrefix(text, "-"); negative {
		return "−" + digits
	}
	if strings.Trim(unit.Format(mgdl), "0.") == "" {
		return "±" + text
	}
	return "+" + text
}

// arrow is a trend, drawn and in words.
type arrow struct {
	Words  string
	Shown  bool // there is an arrow
	Double bool
	Turn   int // degrees clockwise from upwards
}

// arrowOf is empty for a source without arrows.
func arrowOf(trend dexcom.Trend) arrow {
	switch trend {
	case dexcom.TrendNone:
		return arrow{}
	case dexcom.NotComputable:
		return arrow{Words: "trend not known"}
	case dexcom.RateOutOfRange:
		return arrow{Words: "changing faster than an arrow can show"}
	}
	place, shown := trend.Arrow()
	if !shown {
		return arrow{}
	}
	const middle = 3
	return arrow{
		Words:  [...]string{"falling rapidly", "falling", "falling slowly", "steady", "rising slowly", "rising", "rising rapidly"}[place+middle],
		Shown:  true,
		Double: place == -middle || place == middle,
		Turn:   [...]int{180, 180, 135, 90, 45, 0, 0}[place+middle],
	}
}
