package report

import (
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// rangeBar is the stacked bar of the ranges with a row of words beside each.
type rangeBar struct {
	Known    bool // whether there is enough data
	Segments []segment
	Rows     []rangeRow
}

// segment is a part of the bar: the y axis points down and the whole bar is from
// headHeight to barHeight.
type segment struct {
	Class       string
	Y, Height   number
	Middle, Row number // where the line to the row begins and ends
}

// rangeRow is what is said of a range, or of two together.
type rangeRow struct {
	figure

	Class string // empty for a sum
	Time  string // of a day
}

// Rows are rowHeight high, that of the head too.
const (
	rowHeight  = 10
	headHeight = rowHeight
	barHeight  = headHeight + 7*rowHeight
)

// rangeOf is a range of the bar, or two together, in words.
type rangeOf struct {
	name, bounds string
	class        string // empty for two
	limit        glucose.Limit
	ranges       []glucose.Range
}

// ranges has the highest on top, as the consensus has it.
func (w words) ranges(targets glucose.Targets) []rangeOf {
	at := w.unit.Format
	b := targets.Bounds
	return []rangeOf{
		{"Very high", ">" + at(b.VeryHigh), "very_high", targets.VeryHigh, []glucose.Range{glucose.VeryHigh}},
		{"High", at(b.High+w.step()) + "–" + at(b.VeryHigh), "high", glucose.Limit{}, []glucose.Range{glucose.High}},
		{"All above target", "", "", targets.Above, []glucose.Range{glucose.High, glucose.VeryHigh}},
		{"Target", at(b.Low) + "–" + at(b.High), "target", targets.Target, []glucose.Range{glucose.Target}},
		{"All below target", "", "", targets.Below, []glucose.Range{glucose.Low, glucose.VeryLow}},
		{"Low", at(b.VeryLow) + "–" + at(b.Low-w.step()), "low", glucose.Limit{}, []glucose.Range{glucose.Low}},
		{"Very low", "<" + at(b.VeryLow), "very_low", targets.VeryLow, []glucose.Range{glucose.VeryLow}},
	}
}

func (w words) rangeBar(s glucose.Summary, c capture, targets glucose.Targets) rangeBar {
	bar := rangeBar{Known: c.Sufficient()}
	y := float64(headHeight)
	for i, r := range w.ranges(targets) {
		ratio := s.Ranges.Share(r.ranges...)
		row := rangeRow{figure: figure{Name: r.name, About: r.bounds, Value: absent, Target: r.limit.String()}, Class: r.class, Time: absent}
		if bar.Known {
			row.Value, row.Verdict, row.Time = share(ratio, r.limit), verdict(ratio, r.limit), ofDay(ratio)
		}
		bar.Rows = append(bar.Rows, row)
		if !bar.Known || r.class == "" {
			continue
		}
		height := ratio * (barHeight - headHeight)
		bar.Segments = append(bar.Segments, segment{
			Class: r.class, Y: number(y), Height: number(height), Middle: number(y + height/2), Row: number(headHeight + (float64(i)+0.5)*rowHeight),
		})
		y += height
	}
	return bar
}
