package main

import (
	"fmt"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
	"github.com/dexcom-exporter/dexcom_exporter/report"
)

// gathered is what a report is made of.
type gathered struct {
	*reporting

	samples    []glucose.Sample // in order of time
	clocks     map[int]*time.Location
	missing    []missing
	unsmoothed int
}

// stretch holds the days of the report, wherever the person lives.
func (r *reporting) stretch() stretch {
	end := r.now.Add(-r.account.staleAfter) // no reading that counts as new is older
	s := stretch{Account: r.account.name, To: r.now}
	if zone := r.account.timezone; zone != nil {
		s.From = report.LastDays(r.days, end.In(zone)).Begin()
	} else {
		const travel = 26 * time.Hour // between the clocks that are farthest apart
		s.From = end.Add(-time.Duration(r.days+1)*24*time.Hour - travel)
	}
	return s
}

// take adds a chapter.
func (g *gathered) take(c chapter) error {
	for _, reading := range c.Readings {
		at := time.UnixMilli(reading.UnixMilli).In(g.clock(reading.OffsetMinutes))
		g.samples = append(g.samples, glucose.Sample{Time: at, MgDL: reading.MgDL})
	}
	g.unsmoothed += c.Unsmoothed
	if m := c.Missing; m != nil {
		g.missing = append(g.missing, *m)
	}
	if c.Waits != "" {
		g.say("%s: %s", g.account.name, c.Waits)
	}
	return nil
}

// clock is the account's own, or one that is so far ahead of UTC.
func (g *gathered) clock(offsetMinutes int) *time.Location {
	if g.account.timezone != nil {
		return g.account.timezone
	}
	if g.clocks[offsetMinutes] == nil {
		if g.clocks == nil {
			g.clocks = map[int]*time.Location{}
		}
		g.clocks[offsetMinutes] = time.FixedZone("", offsetMinutes*60)
	}
	return g.clocks[offsetMinutes]
}

// end is until when the readings can be there, on the person's clock: data that is
// hours late is no gap.
func (g *gathered) end() time.Time {
	if len(g.samples) == 0 {
		return g.now.In(g.clock(0))
	}
	newest := g.samples[len(g.samples)-1].Time
	end := glucose.WindowEnd(newest, g.now, g.account.staleAfter)
	if end.After(g.now) {
		end = g.now
	}
	return end.In(newest.Location())
}

// missingOf is what of the days could not be told, on their clock.
func (g *gathered) missingOf(days report.Days) []missing {
	var lost []missing
	for _, m := range g.missing {
		if m.From.Before(days.End()) && m.To.After(days.Begin()) {
			clock := days.Begin().Location()
			lost = append(lost, missing{m.From.In(clock), m.To.In(clock), m.Why})
		}
	}
	return lost
}

// remarks say what else the days lack.
func (g *gathered) remarks(days report.Days) []string {
	var remarks []string
	for _, m := range g.missingOf(days) {
		const layout = "2 January 2006, 15:04"
		remarks = append(remarks, fmt.Sprintf("What there was between %s and %s could not be read.", m.From.Format(layout), m.To.Format(layout)))
	}
	if g.unsmoothed > 0 && g.now.Sub(days.End()) < longestSmoothing {
		remarks = append(remarks, counted(g.unsmoothed, "reading")+" of the last hours may still change and may be left out.")
	}
	return remarks
}
