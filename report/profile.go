package report

import (
	"fmt"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// profile is the plot of a day of percentiles.
type profile struct {
	Band                 band
	Outer, Inner, Median string // paths of 5 to 95 %, of 25 to 75 %, and of the median
	Levels               []level
	Hours                []hour
	Empty                bool
}

// level is a line across the plot at a bound of a range. Above says on which side
// of it the label has room.
type level struct {
	Y       number
	Percent string // Y from the top
	Label   string
	Above   bool
}

// hour is a label of the time axis.
type hour struct {
	Percent string // from the left
	Label   string
	Anchor  string // start, middle or end
	Rare    bool   // it stays on narrow screens
}

func (w words) profile(shown glucose.Profile, bounds glucose.Bounds) profile {
	p := profile{Band: bandOf(bounds), Levels: w.levels(bounds), Hours: hours()}
	for begin := 0; begin < len(shown); {
		if !shown[begin].Sufficient() {
			begin++
			continue
		}
		end := begin
		for end < len(shown) && shown[end].Sufficient() {
			end++
		}
		var lines [5][]point
		for percentile := range lines {
			lines[percentile] = run(shown, begin, end, percentile)
		}
		p.Outer += area(lines[4], lines[0])
		p.Inner += area(lines[3], lines[1])
		p.Median += path(lines[2])
		begin = end
	}
	p.Empty = p.Median == ""
	return p
}

// run is the line of a percentile through half hours that follow each other: through
// the middle of each, and to the edges of the first and the last.
func run(shown glucose.Profile, begin, end, percentile int) []point {
	const minutes = 30
	y := func(i int) number { return height(shown[i].Percentiles[percentile]) }
	line := []point{{number(begin * minutes), y(begin)}}
	for i := begin; i < end; i++ {
		line = append(line, point{number(i*minutes + minutes/2), y(i)})
	}
	return append(line, point{number(end * minutes), y(end - 1)})
}

func (w words) levels(b glucose.Bounds) []level {
	var levels []level
	for _, mgdl := range []float64{plotTop, b.VeryHigh, b.High, b.Low, b.VeryLow} {
		y := height(mgdl)
		levels = append(levels, level{y, percentage(float64(y) / plotHeight), w.unit.Format(mgdl), mgdl != b.VeryLow && mgdl != plotTop})
	}
	return levels
}

func hours() []hour {
	const every = 3
	var hours []hour
	for h := 0; h <= 24; h += every {
		anchor := "middle"
		switch h {
		case 0:
			anchor = "start"
		case 24:
			anchor = "end"
		}
		hours = append(hours, hour{percentage(float64(h) / 24), fmt.Sprintf("%02d:00", h), anchor, h%(2*every) == 0})
	}
	return hours
}

// percentage is a part of a whole as SVG writes it.
func percentage(part float64) string { return number(100*part).String() + "%" }
