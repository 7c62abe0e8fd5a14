package report

import (
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// daily is a small plot for each day.
type daily struct {
	Columns, Rows int
	Band          band
	Days          []day
}

// day is one of them.
type day struct {
	Label            string
	Curve            string // the path of the readings, with gaps as gaps
	Above, Below     string // the paths of what lies beyond the target range
	Readings         int
	Weekend, Missing bool
}

// widestGap is the number of minutes between two readings above which the line
// breaks off: two readings in a row are lost.
const widestGap = 15.5

func dailyOf(samples []glucose.Sample, days Days, bounds glucose.Bounds) daily {
	const week = 7
	d := daily{Columns: week, Band: bandOf(bounds)}
	if days.count > 5*week {
		d.Columns = 2 * week
	}
	d.Rows = (days.count + d.Columns - 1) / d.Columns
	byDay := make([][]glucose.Sample, days.count)
	for _, s := range samples {
		if i, ok := days.index(s.Time); ok {
			byDay[i] = append(byDay[i], s)
		}
	}
	for i := range byDay {
		d.Days = append(d.Days, dayOf(byDay[i], days.label(i), bounds))
	}
	return d
}

// label is the short name of a day; the first and those that begin a month say it.
func (d Days) label(i int) string {
	date := d.date(i)
	if i == 0 || date.Day() == 1 {
		return date.Format("Mon 2 Jan")
	}
	return date.Format("Mon 2")
}

func dayOf(samples []glucose.Sample, label string, bounds glucose.Bounds) day {
	d := day{Label: label, Readings: len(samples), Missing: len(samples) == 0}
	for _, line := range unbroken(samples) {
		d.Curve += path(line)
		d.Above += beyond(line, height(bounds.High), func(y, bound number) bool { return y < bound })
		d.Below += beyond(line, height(bounds.Low), func(y, bound number) bool { return y > bound })
	}
	return d
}

// unbroken splits readings where some are missing, and where the clock was put back.
func unbroken(samples []glucose.Sample) [][]point {
	var lines [][]point
	for i, s := range samples {
		next := point{minute(s.Time), height(s.MgDL)}
		if i == 0 || next.x < minute(samples[i-1].Time) || next.x-minute(samples[i-1].Time) > widestGap {
			lines = append(lines, nil)
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], next)
	}
	return lines
}

// beyond draws what of a line lies beyond a bound, as areas on that bound.
func beyond(line []point, bound number, is func(y, bound number) bool) string {
	var text string
	var part []point
	end := func() {
		if len(part) > 1 {
			text += path(part) + "z"
		}
		part = nil
	}
	for i, p := range line {
		out := is(p.y, bound)
		if i > 0 && out != is(line[i-1].y, bound) {
			part = append(part, crossing(line[i-1], p, bound))
		}
		switch {
		case out && len(part) == 0:
			part = append(part, point{p.x, bound}, p)
		case out:
			part = append(part, p)
		default:
			end()
		}
	}
	if len(part) > 0 {
		part = append(part, point{part[len(part)-1].x, bound})
	}
	end()
	return text
}

// crossing is where the line between two points meets a bound.
func crossing(a, b point, bound number) point {
	return point{a.x + (b.x-a.x)*(bound-a.y)/(b.y-a.y), bound}
}
