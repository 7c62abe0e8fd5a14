package report

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// lines reads a path back: its lines as absolute points.
func lines(t *testing.T, path string) [][]point {
	t.Helper()
	if rest := regexp.MustCompile(`(M-?[\d.]+,-?[\d.]+((l-?[\d.]+,-?[\d.]+)+z?|h0))`).ReplaceAllString(path, ""); rest != "" {
		t.Fatalf("%q is no path", rest)
	}
	var found [][]point
	for _, step := range regexp.MustCompile(`([Ml])(-?[\d.]+),(-?[\d.]+)`).FindAllStringSubmatch(path, -1) {
		x, _ := strconv.ParseFloat(step[2], 64)
		y, _ := strconv.ParseFloat(step[3], 64)
		at := point{number(x), number(y)}
		if step[1] == "M" {
			found = append(found, []point{at})
			continue
		}
		line := found[len(found)-1]
		before := line[len(line)-1]
		found[len(found)-1] = append(line, point{before.x + at.x, before.y + at.y})
	}
	return found
}

func near(a, b number) bool { return math.Abs(float64(a-b)) < 0.06 }

// A day's line goes through every reading, and errors of rounding do not add up.
func TestTheLineOfADay(t *testing.T) {
	t.Parallel()
	midnight := time.Date(2026, time.November, 21, 0, 0, 7, 0, time.UTC)
	samples := every5(midnight, midnight.Add(24*time.Hour), func(t time.Time) float64 { return 150 + 100*math.Sin(float64(t.Unix())/5000) })
	found := lines(t, dayOf(samples, "", glucose.StandardBounds()).Curve)
	if len(found) != 1 || len(found[0]) != 288 {
		t.Fatalf("%d lines", len(found))
	}
	for i, p := range found[0] {
		s := samples[i]
		if x := number(s.Time.Sub(midnight).Minutes()) + 7.0/60; !near(p.x, x) || !near(p.y, number(400-s.MgDL)) {
			t.Fatalf("reading %d is at %v, want %v", i, p, s)
		}
	}
}

// Where readings are missing the line breaks off; a lonely reading is a dot; LOW and
// HIGH are at the edge.
func TestGapsStayGaps(t *testing.T) {
	t.Parallel()
	at := func(minutes int, mgdl float64) glucose.Sample {
		return glucose.Sample{Time: time.Date(2026, time.November, 21, 0, minutes, 0, 0, time.UTC), MgDL: mgdl}
	}
	curve := dayOf([]glucose.Sample{at(0, 100), at(5, 110), at(15, 120), at(30, 39), at(46, 401), at(400, 150)}, "", glucose.StandardBounds()).Curve
	if want := "M0,300l5,-10l10,-10l15,80M46,0h0M400,250h0"; curve != want {
		t.Errorf("%s, want %s", curve, want)
	}
	if nothing := dayOf(nil, "", glucose.StandardBounds()); !nothing.Missing || nothing.Curve+nothing.Above+nothing.Below != "" {
		t.Errorf("%+v", nothing)
	}
}

// When the clock is put back the hour is drawn twice, and when it is put forward no
// line is drawn through the hour that was not.
func TestTheLineWhenTheClockChanges(t *testing.T) {
	t.Parallel()
	london := in(t, "Europe/London")
	for day, want := range map[string][][2]number{
		"2026-10-25": {{0, 115}, {60, 1435}},
		"2026-03-29": {{0, 55}, {120, 1435}},
		"2026-07-01": {{0, 1435}},
	} {
		midnight, err := time.ParseInLocation(time.DateOnly, day, london)
		if err != nil {
			t.Fatal(err)
		}
		d := LastDays(1, midnight.Add(30*time.Hour))
		samples := d.of(every5(midnight.Add(-2*time.Hour), midnight.Add(28*time.Hour), wave))
		found := lines(t, dailyOf(samples, d, glucose.StandardBounds()).Days[0].Curve)
		if len(found) != len(want) {
			t.Fatalf("%s: %d lines", day, len(found))
		}
		for i, line := range found {
			if first, last := line[0].x, line[len(line)-1].x; first != want[i][0] || last != want[i][1] {
				t.Errorf("%s: line %d from %v to %v", day, i, first, last)
			}
		}
	}
}

// What is beyond the target range is drawn as the area that it has.
func TestWhatIsBeyond(t *testing.T) {
	t.Parallel()
	above := func(y, bound number) bool { return y < bound }
	for name, test := range map[string]struct {
		line []point
		want string
	}{
		"all of it":  {[]point{{0, 100}, {5, 90}}, "M0,220l0,-120l5,-10l0,130z"},
		"none":       {[]point{{0, 300}, {5, 310}}, ""},
		"a peak":     {[]point{{0, 230}, {5, 210}, {10, 230}}, "M2.5,220l2.5,-10l2.5,10z"},
		"two peaks":  {[]point{{0, 230}, {5, 210}, {10, 230}, {15, 210}, {20, 230}}, "M2.5,220l2.5,-10l2.5,10zM12.5,220l2.5,-10l2.5,10z"},
		"it goes up": {[]point{{0, 240}, {5, 200}}, "M2.5,220l2.5,-20l0,20z"},
		"it falls":   {[]point{{0, 200}, {5, 240}}, "M0,220l0,-20l2.5,20z"},
		"at it":      {[]point{{0, 220}, {5, 220}}, ""},
		"touching":   {[]point{{0, 220}, {5, 200}, {10, 220}}, "M0,220l5,-20l5,20z"},
		"nothing":    {nil, ""},
	} {
		if got := beyond(test.line, 220, above); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// The bands of the profile go through the percentiles of each half hour, as a plain
// sort gives them, and break off where there are too few readings.
func TestTheProfile(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, time.November, 22, 0, 0, 0, 0, time.UTC)
	var samples []glucose.Sample
	for _, s := range every5(end.AddDate(0, 0, -14), end, wave) {
		if hour := s.Time.Hour(); hour < 6 || hour == 12 && s.Time.Minute() < 30 || hour >= 20 {
			samples = append(samples, s)
		}
	}
	shown := glucose.ProfileOf(samples, nil)
	p := words{}.profile(shown, glucose.StandardBounds())
	for name, test := range map[string]struct {
		path        string
		percentiles []int
	}{"median": {p.Median, []int{2}}, "inner": {p.Inner, []int{3, 1}}, "outer": {p.Outer, []int{4, 0}}} {
		found := lines(t, test.path)
		if len(found) != 3 {
			t.Fatalf("%s: %d runs", name, len(found))
		}
		for i, begin := range []int{0, 24, 40} {
			end := []int{12, 25, 48}[i]
			var want []point
			for side, percentile := range test.percentiles {
				line := run(shown, begin, end, percentile)
				if side == 1 {
					for left, right := 0, len(line)-1; left < right; left, right = left+1, right-1 {
						line[left], line[right] = line[right], line[left]
					}
				}
				want = append(want, line...)
			}
			for j, at := range want {
				if !near(found[i][j].x, at.x) || !near(found[i][j].y, at.y) {
					t.Fatalf("%s: run %d, point %d is %v, want %v", name, i, j, found[i][j], at)
				}
			}
		}
	}
	line := run(shown, 24, 25, 2)
	if y := number(400 - shown[24].Percentiles.Median()); len(line) != 3 || line[0] != (point{720, y}) || line[1] != (point{735, y}) || line[2] != (point{750, y}) {
		t.Errorf("half an hour alone is %v", line)
	}
	if empty := (words{}).profile(glucose.Profile{}, glucose.StandardBounds()); !empty.Empty || empty.Median != "" {
		t.Errorf("%+v", empty)
	}
}

// The labels of the levels have room, and are in the unit.
func TestLevels(t *testing.T) {
	t.Parallel()
	for unit, want := range map[glucose.Unit]string{glucose.MgDL: "400 0%;250 41.7%;180 61.1%;70 91.7%;54 96.1%;", glucose.MmolL: "22.2 0%;13.9 41.7%;10.0 61.1%;3.9 91.7%;3.0 96.1%;"} {
		var got strings.Builder
		for _, l := range (words{unit}).levels(glucose.StandardBounds()) {
			fmt.Fprintf(&got, "%s %s;", l.Label, l.Percent)
		}
		if got.String() != want {
			t.Errorf("%s, want %s", got.String(), want)
		}
	}
}

// There is a plot for every day, in rows that keep the weekdays below each other.
func TestDayByDay(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, time.November, 22, 10, 0, 0, 0, time.UTC)
	for days, want := range map[int]string{1: "7 1", 7: "7 1", 14: "7 2", 30: "7 5", 35: "7 5", 36: "14 3", 90: "14 7"} {
		d := dailyOf(nil, LastDays(days, end), glucose.StandardBounds())
		if got := fmt.Sprint(d.Columns, d.Rows); got != want || len(d.Days) != days {
			t.Errorf("%d days: %s, %d plots", days, got, len(d.Days))
		}
	}
	d := dailyOf(nil, LastDays(30, end), glucose.StandardBounds())
	if d.Days[0].Label != "Fri 23 Oct" || d.Days[1].Label != "Sat 24" || d.Days[9].Label != "Sun 1 Nov" || d.Days[29].Label != "Sat 21" {
		t.Errorf("%+v", d.Days)
	}
}
