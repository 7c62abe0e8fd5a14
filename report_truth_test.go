package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// pageTruth is what a page has to say of a person, by the simulator's own functions
// and a plain computation.
type pageTruth struct {
	person    *simulator.Person
	version   string         // of the API
	zone      *time.Location // of the account; nil: the person's
	published bool           // all that the display got, as Share has it
	known     bool           // provisional values too, as the running program knows them
	days      int
	stale     time.Duration
	low       float64 // the target range, in mg/dL
	high      float64
	unit      string
}

// at gives the sentences and the figures at an instant.
func (p pageTruth) at(now time.Time) []string {
	clock := p.zone
	if clock == nil {
		clock = p.person.Zone
	}
	if clock == nil {
		clock = time.UTC
	}
	times, values := p.readings(now)
	end := now.In(clock)
	if newest := len(times) - 1; newest >= 0 && now.Sub(times[newest]) < p.stale && times[newest].Add(5*time.Minute).Before(now) {
		end = times[newest].Add(5 * time.Minute).In(clock)
	}
	var dates []string
	for i := p.days; i > 0; i-- {
		dates = append(dates, time.Date(end.Year(), end.Month(), end.Day()-i, 12, 0, 0, 0, clock).Format(time.DateOnly))
	}
	possible := 0
	for t := now.Add(-time.Duration(p.days+3) * 24 * time.Hour).Truncate(5 * time.Minute); t.Before(now); t = t.Add(5 * time.Minute) {
		if slices.Contains(dates, t.In(clock).Format(time.DateOnly)) {
			possible++
		}
	}
	var within []float64
	var having []string
	for i, t := range times {
		if date := t.In(clock).Format(time.DateOnly); slices.Contains(dates, date) {
			within = append(within, values[i])
			having = append(having, date)
		}
	}
	return p.figures(within, len(slices.Compact(having)), possible)
}

// readings are those that Dexcom gives.
func (p pageTruth) readings(now time.Time) (times []time.Time, values []float64) {
	from := now.Add(-time.Duration(p.days+3) * 24 * time.Hour)
	if p.version == "v2" {
		for _, r := range p.person.V2Readings(from, now, now) {
			if p.known || r.HasSmoothed || now.Sub(r.SystemTime) >= 6*time.Hour {
				times, values = append(times, r.SystemTime), append(values, float64(r.Value))
			}
		}
		return times, values
	}
	readings := p.person.AvailableReadings(from, now, now)
	if p.published {
		readings = p.person.Readings(from, now)
	}
	for _, r := range readings {
		times, values = append(times, r.SystemTime), append(values, float64(r.Value))
	}
	return times, values
}

func (p pageTruth) figures(values []float64, days, possible int) []string {
	n := float64(len(values))
	var sum, squares, inside float64
	for _, v := range values {
		sum, squares = sum+v, squares+v*v
		if v >= p.low && v <= p.high {
			inside++
		}
	}
	mean := sum / n
	deviation := math.Sqrt(squares/n - mean*mean)
	glucose := func(mgdl float64) string {
		if p.unit == "mmol/L" {
			return fmt.Sprintf("%.1f mmol/L", mgdl/18.0156)
		}
		return fmt.Sprintf("%.0f mg/dL", mgdl)
	}
	active := n / float64(possible)
	said := []string{
		fmt.Sprintf("Days with readings %d of %d", days, p.days),
		fmt.Sprintf("Sensor active %.1f %%", 100*active),
		fmt.Sprintf("%s of %s possible readings", thousands(len(values)), thousands(possible)),
	}
	switch {
	case n == 0:
		said = append(said, "There are no readings of these days", "Mean glucose – ")
	case n < 144 || active < 0.5:
		said = append(said, "Mean glucose – ", "Mean, SD, CV and time in ranges are left out", "GMI and GRI are left out")
	case p.days < 14 || active < 0.7:
		said = append(said, "indicator – ", "GMI and GRI are left out", "Mean glucose "+glucose(mean))
	default:
		said = append(said, "Mean glucose "+glucose(mean), "deviation "+glucose(deviation), fmt.Sprintf("indicator %.1f %%", 3.31+0.02392*mean),
			fmt.Sprintf("SD to mean %.1f", 100*deviation/mean), fmt.Sprintf(" %.1f %% ", 100*inside/n))
	}
	return said
}

func thousands(n int) string {
	text := strconv.Itoa(n)
	if len(text) > 3 {
		text = text[:len(text)-3] + "," + text[len(text)-3:]
	}
	return text
}

// lacks gives what a page should say and does not.
func lacks(words string, said []string) (missing []string) {
	for _, text := range said {
		if !strings.Contains(words, text) {
			missing = append(missing, text)
		}
	}
	return missing
}
