package web

import (
	"fmt"
	"math"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// shares are how much of the last 24 hours was in which range: as a bar, and in
// words.
type shares struct {
	Parts []share
	Why   string // there is no bar; empty when there is
	Until string // when the 24 hours ended; empty for now
}

// share is that of one range.
type share struct {
	Class, Name, Percent string
	X, Width             int // in thousandths of the bar
}

// sharesOf reads the statistics of the shortest window.
func sharesOf(s collector.Snapshot) shares {
	if len(s.Figures) == 0 {
		return shares{Why: "No readings yet."}
	}
	day := s.Figures[0]
	if !day.HasSummary {
		const usual = int(24 * time.Hour / glucose.Interval)
		return shares{Why: fmt.Sprintf("%d of %d readings of 24 h are there: too few to say.", day.Readings, usual)}
	}
	var all shares
	x := 0.0
	for _, r := range glucose.Ranges() {
		ratio := day.Ranges.Share(r)
		part := share{Class: r.String(), Name: rangeName(r), Percent: percent(ratio), X: int(math.Round(x * 1000))}
		x += ratio
		part.Width = int(math.Round(x*1000)) - part.X
		all.Parts = append(all.Parts, part)
	}
	if s.Now.Sub(day.End) > currentFor {
		all.Until = clockOf(s.Clock, s.Now).at(day.End)
	}
	return all
}

func rangeName(r glucose.Range) string {
	return [...]string{"very low", "low", "in range", "high", "very high"}[min(r, glucose.VeryHigh)]
}

// percent writes a ratio: only nothing is 0 %, only all is 100 %.
func percent(ratio float64) string {
	switch whole := math.Round(100 * ratio); {
	case whole == 0 && ratio > 0:
		return "<1 %"
	case whole == 100 && ratio < 1:
		return ">99 %"
	default:
		return fmt.Sprintf("%.0f %%", whole)
	}
}
