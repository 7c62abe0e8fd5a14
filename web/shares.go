package web

import (
	"fmt"
	"math"
	"slices"
	"strconv"
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
		return shares{Why: "No statistics yet."}
	}
	day := s.Figures[0]
	if !day.HasSummary {
		const usual = int(24 * time.Hour / glucose.Interval)
		return shares{Why: fmt.Sprintf("%d of %d readings of 24 h are there: too few to say.", day.Readings, usual)}
	}
	var all shares
	x := 0.0
	wholes := wholePercents(day.Ranges)
	for i, r := range glucose.Ranges() {
		ratio := day.Ranges.Share(r)
		part := share{Class: r.String(), Name: rangeName(r), Percent: percent(wholes[i], ratio), X: int(math.Round(x * 1000))}
		x += ratio
		part.Width = int(math.Round(x*1000)) - part.X
		all.Parts = append(all.Parts, part)
	}
	if s.Now.Sub(day.End) > currentFor {
		all.Until = clockOf(s.Clock, s.Now).time(day.End)
	}
	return all
}

func rangeName(r glucose.Range) string {
	return [...]string{"very low", "low", "in range", "high", "very high"}[min(r, glucose.VeryHigh)]
}

// wholePercents are those of the ranges, rounded so that they add up to 100: what is
// left over goes to those that rounding down takes most from.
func wholePercents(counts glucose.Counts) []int {
	var wholes []int
	var lost []float64
	left := 100
	for _, r := range glucose.Ranges() {
		whole, part := math.Modf(100 * counts.Share(r))
		wholes, lost = append(wholes, int(whole)), append(lost, part)
		left -= int(whole)
	}
	for range min(left, len(lost)) {
		most := slices.Index(lost, slices.Max(lost))
		wholes[most]++
		lost[most] = 0
	}
	return wholes
}

// percent writes a ratio that was rounded: only nothing is 0 %, only all is 100 %.
func percent(whole int, ratio float64) string {
	switch {
	case whole == 0 && ratio > 0:
		return "<1 %"
	case whole == 100 && ratio < 1:
		return ">99 %"
	default:
		return strconv.Itoa(whole) + " %"
	}
}
