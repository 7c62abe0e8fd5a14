package web

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// trace is the plot of an account's last 24 hours. Across a unit is a minute, down
// 3 units are 2 mg/dL; what the sensor cannot measure, LOW and HIGH, is at the edge.
type trace struct {
	Label  string // in words
	Band   band
	Levels []level
	Hours  []hour
	Curve  string // the path of the readings, with gaps as gaps
	Edge   string // the path of LOW and HIGH
	Newest *spot  // nil when it is not of now
}

// band is the target range.
type band struct{ Y, Height int }

// level is a value where ranges meet.
type level struct {
	Y     int
	Value string // empty for those that are only drawn
}

// Foot is where the value stands, half a capital below its line.
func (l level) Foot() int { return l.Y + letterHeight/3 }

// hour is a time on the person's clock.
type hour struct {
	X    int
	Time string
}

type spot struct{ X, Y int }

// The place of a trace in its picture.
const (
	traceLength = 24 * time.Hour
	traceLeft   = 140
	traceTop    = 20
	traceHigh   = 400 // mg/dL at the upper edge
	traceLow    = 40  // and at the lower

	letterHeight = 58  // the font-size of the style
	timeWidth    = 160 // of 00:00, with a space
)

// frame is the picture around a trace.
type frame struct {
	Width, Height         int
	Left, Top, Long, Tall int // of the plot
	Values, Times         int // where values end, and where times stand
}

// Frame is the same for all.
func (trace) Frame() frame {
	const margin = 60
	f := frame{Left: traceLeft, Top: traceTop, Long: int(traceLength.Minutes()), Tall: height(traceLow) - traceTop}
	f.Width, f.Height = f.Left+f.Long+margin, f.Top+f.Tall+letterHeight+traceTop
	f.Values, f.Times = f.Left-traceTop, f.Height-letterHeight/6
	return f
}

// widestGap between two readings still has a line across: one reading is lost.
const widestGap = 11 * time.Minute

// traceOf draws the readings of the 24 hours before now.
func traceOf(s collector.Standing, readings []collector.Reading, unit glucose.Unit) trace {
	c := traceClock{s.Now.Add(-traceLength), clockOf(s.Clock, s.Now)}
	t := trace{
		Label: traceInWords(s, readings, unit),
		Band:  band{height(s.Bounds.High), height(s.Bounds.Low) - height(s.Bounds.High)},
		Hours: c.hours(),
	}
	t.Levels = edgesOf(readings)
	for _, mgdl := range []float64{s.Bounds.Low, s.Bounds.High, s.Bounds.VeryHigh} {
		t.Levels = append(t.Levels, level{Y: height(mgdl), Value: unit.Format(mgdl)})
	}
	thinOut(t.Levels)
	t.Levels = append(t.Levels, level{Y: height(s.Bounds.VeryLow)})
	t.Curve, t.Edge = c.paths(readings)
	if len(readings) > 0 && isCurrent(s) {
		last := readings[len(readings)-1]
		t.Newest = &spot{c.x(last.Time), height(last.MgDL)}
	}
	return t
}

// edgesOf names the edges at which there are readings.
func edgesOf(readings []collector.Reading) []level {
	var edges []level
	for _, edge := range []struct {
		side int
		at   level
	}{{1, level{height(traceHigh), "HIGH"}}, {-1, level{height(traceLow), "LOW"}}} {
		if slices.ContainsFunc(readings, func(r collector.Reading) bool { return r.OutOfRange() == edge.side }) {
			edges = append(edges, edge.at)
		}
	}
	return edges
}

// thinOut takes the text from levels where it would touch that of one before.
func thinOut(levels []level) {
	for i, l := range levels {
		if slices.ContainsFunc(levels[:i], func(before level) bool {
			return before.Value != "" && max(before.Y-l.Y, l.Y-before.Y) < letterHeight
		}) {
			levels[i].Value = ""
		}
	}
}

// height is the y of a value in mg/dL.
func height(mgdl float64) int {
	return traceTop + int(math.Round(1.5*(traceHigh-min(max(mgdl, traceLow), traceHigh))))
}

// traceClock places times.
type traceClock struct {
	start  time.Time
	person clock
}

func (c traceClock) x(t time.Time) int {
	return traceLeft + int(min(max(t.Sub(c.start), 0), traceLength).Minutes())
}

// hours are 0, 6, 12 and 18 o'clock, also on days when the clock is changed, as far as
// there is room for them.
func (c traceClock) hours() []hour {
	var hours []hour
	local := c.start.In(c.person.zone)
	last := c.start.Add(-traceLength)
	for quarter := 0; ; quarter++ {
		t := time.Date(local.Year(), local.Month(), local.Day(), 6*quarter, 0, 0, 0, c.person.zone)
		if t.Sub(c.start) >= traceLength {
			return hours
		}
		if t.After(c.start) && t.Sub(last) >= timeWidth*time.Minute {
			hours = append(hours, hour{c.x(t), t.Format("15:04")})
			last = t
		}
	}
}

// paths draw the readings, and once more those that were not measured. Each step is
// relative to the one before: that is short.
func (c traceClock) paths(readings []collector.Reading) (curve, edge string) {
	var line, beyond strings.Builder
	var last spot
	for i, r := range readings {
		at := spot{c.x(r.Time), height(r.MgDL)}
		switch {
		case i == 0 || r.Time.Sub(readings[i-1].Time) > widestGap:
			line.WriteString("M" + strconv.Itoa(at.X) + "," + strconv.Itoa(at.Y) + "h0") // a dot where it stays alone
		default:
			line.WriteString("l" + strconv.Itoa(at.X-last.X) + "," + strconv.Itoa(at.Y-last.Y))
		}
		if r.OutOfRange() != 0 {
			beyond.WriteString("M" + strconv.Itoa(at.X) + "," + strconv.Itoa(at.Y) + "h0")
		}
		last = at
	}
	return line.String(), beyond.String()
}

// traceInWords says what the picture shows.
func traceInWords(s collector.Standing, readings []collector.Reading, unit glucose.Unit) string {
	about := "The last 24 hours of " + s.Account + ": "
	if len(readings) == 0 {
		return about + "no readings."
	}
	byValue := func(a, b collector.Reading) int { return int(a.MgDL*1000) - int(b.MgDL*1000) }
	lowest, highest := slices.MinFunc(readings, byValue), slices.MaxFunc(readings, byValue)
	return about + fmt.Sprintf("%s, from %s to %s %s, %d of them in the target range of %s to %s.%s",
		counted(len(readings), "reading"), unit.FormatReading(lowest.MgDL), unit.FormatReading(highest.MgDL), unit, inTarget(readings, s.Bounds),
		unit.Format(s.Bounds.Low), unit.Format(s.Bounds.High), gapsInWords(readings, s.Now))
}

func inTarget(readings []collector.Reading, bounds glucose.Bounds) int {
	n := 0
	for _, r := range readings {
		if bounds.Range(r.MgDL) == glucose.Target {
			n++
		}
	}
	return n
}

// gapsInWords tells of stretches without readings, that after the last one too.
func gapsInWords(readings []collector.Reading, now time.Time) string {
	var gaps int
	var longest time.Duration
	for i, r := range readings {
		next := now
		if i+1 < len(readings) {
			next = readings[i+1].Time
		}
		if gap := next.Sub(r.Time); gap > widestGap {
			gaps, longest = gaps+1, max(longest, gap)
		}
	}
	switch gaps {
	case 0:
		return ""
	case 1:
		return " A gap of " + AgeInWords(longest) + "."
	}
	return fmt.Sprintf(" %d gaps, the longest of %s.", gaps, AgeInWords(longest))
}

// counted writes a number of things.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.Itoa(n) + " " + thing
}
