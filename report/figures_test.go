package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// The figures on the page are those that a plain computation gives, in both units
// and for all targets.
func TestFiguresOnThePage(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine at work")
	}
	t.Parallel()
	end := time.Date(2026, time.November, 22, 10, 0, 0, 0, time.UTC)
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 8))
		middle, spread := 60+200*random.Float64(), 100*random.Float64()
		samples := every5(end.AddDate(0, 0, -15), end, func(time.Time) float64 {
			return math.Round(min(401, max(39, middle+spread*random.NormFloat64())))
		})
		for targetRange, edges := range map[string][4]float64{"standard": {54, 70, 180, 250}, "older_adult": {54, 70, 180, 250}, "pregnancy": {54, 63, 140, 250}} {
			for unit, per := range map[glucose.Unit]float64{glucose.MgDL: 1, glucose.MmolL: 18.0156} {
				days := LastDays(14, end)
				words := wordsOf(write(t, Page{Account: "a", Unit: unit, TargetRange: targetRange, Days: days, Samples: samples}))
				var values []float64
				for _, s := range samples {
					if !s.Time.Before(days.Begin()) && s.Time.Before(days.End()) {
						values = append(values, s.MgDL)
					}
				}
				for _, want := range plainly(values, edges, unit.String(), per) {
					if !strings.Contains(words, want) {
						t.Errorf("seed %d, %s, %s: no %q in\n%s", seed, targetRange, unit, want, words)
					}
				}
			}
		}
	}
}

// plainly computes what the page should say, in its own way.
func plainly(values []float64, edges [4]float64, unit string, per float64) []string {
	n := float64(len(values))
	var sum, squares float64
	var ranges [5]float64
	for _, v := range values {
		sum += v
		squares += v * v
		switch {
		case v < edges[0]:
			ranges[0]++
		case v < edges[1]:
			ranges[1]++
		case v > edges[3]:
			ranges[4]++
		case v > edges[2]:
			ranges[3]++
		default:
			ranges[2]++
		}
	}
	mean := sum / n
	deviation := math.Sqrt(max(0, squares/n-mean*mean))
	of := func(part float64) float64 { return 100 * part / n }
	decimals := 0
	if per != 1 {
		decimals = 1
	}
	said := []string{
		fmt.Sprintf("Mean glucose %.*f %s", decimals, mean/per, unit),
		fmt.Sprintf("standard deviation %.*f %s", decimals, deviation/per, unit),
		fmt.Sprintf("indicator %.1f %%", 3.31+0.02392*mean),
		fmt.Sprintf("0 is best %.0f of 100", min(100, 3*of(ranges[0])+2.4*of(ranges[1])+0.8*of(ranges[3])+1.6*of(ranges[4]))),
	}
	if share := of(ranges[2]); share != 0 && math.Abs(share-70) > 0.06 && math.Abs(share-50) > 0.06 {
		said = append(said, fmt.Sprintf(" %.1f %% %s", share, clock(share)))
	}
	return said
}

func clock(percent float64) string {
	minutes := int(math.Round(percent / 100 * 1440))
	if minutes < 60 {
		return strconv.Itoa(minutes) + " min"
	}
	return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
}

// The bounds in words leave no value out and none in two ranges.
func TestRangesInWords(t *testing.T) {
	t.Parallel()
	c := capture{Days: 14, Readings: 4032, length: 14 * 24 * time.Hour}
	for _, test := range []struct {
		unit    glucose.Unit
		targets glucose.Targets
		want    string
	}{
		{glucose.MgDL, glucose.StandardTargets(), ">250 181–250 70–180 54–69 <54"},
		{glucose.MmolL, glucose.StandardTargets(), ">13.9 10.1–13.9 3.9–10.0 3.0–3.8 <3.0"},
		{glucose.MgDL, glucose.OlderAdultTargets(), ">250 181–250 70–180 54–69 <54"},
		{glucose.MgDL, glucose.PregnancyTargets(), ">250 141–250 63–140 54–62 <54"},
		{glucose.MmolL, glucose.PregnancyTargets(), ">13.9 7.9–13.9 3.5–7.8 3.0–3.4 <3.0"},
	} {
		var bounds []string
		for _, row := range (words{test.unit}).rangeBar(glucose.Summary{}, c, test.targets).Rows {
			if row.About != "" {
				bounds = append(bounds, row.About)
			}
		}
		if got := strings.Join(bounds, " "); got != test.want {
			t.Errorf("%v: %s, want %s", test.unit, got, test.want)
		}
	}
}

// The parts of the bar fill it, in order, each as high as its share, and a line
// leads from each to its row.
func TestTheBar(t *testing.T) {
	t.Parallel()
	c := capture{Days: 14, Readings: 4032, length: 14 * 24 * time.Hour}
	summary := glucose.Summary{Ranges: glucose.Counts{10, 20, 700, 200, 70}}
	bar := words{}.rangeBar(summary, c, glucose.StandardTargets())
	want := []segment{
		{"very_high", 10, 4.9, 12.45, 15},
		{"high", 14.9, 14, 21.9, 25},
		{"target", 28.9, 49, 53.4, 45},
		{"low", 77.9, 1.4, 78.6, 65},
		{"very_low", 79.3, 0.7, 79.65, 75},
	}
	for i, got := range bar.Segments {
		for _, pair := range [][2]number{{got.Y, want[i].Y}, {got.Height, want[i].Height}, {got.Middle, want[i].Middle}, {got.Row, want[i].Row}} {
			if math.Abs(float64(pair[0]-pair[1])) > 1e-9 || got.Class != want[i].Class {
				t.Errorf("%+v, want %+v", got, want[i])
			}
		}
	}
	verdicts := ""
	for _, row := range bar.Rows {
		verdicts += row.Value + " " + row.Verdict + ";"
	}
	if want := "7.0 % not met;20.0 % ;27.0 % not met;70.0 % not met;3.0 % met;2.0 % ;1.0 % not met;"; verdicts != want {
		t.Errorf("%s, want %s", verdicts, want)
	}
}

// A share never reads as if the other verdict were right.
func TestSharesNearTheirLimit(t *testing.T) {
	t.Parallel()
	target := glucose.StandardTargets()
	for _, test := range []struct {
		ratio float64
		limit glucose.Limit
		want  string
	}{
		{0, target.Below, "0.0 %"},
		{0.0001, target.Below, "<0.1 %"},
		{0.0004999, target.Below, "<0.1 %"},
		{0.0005, target.Below, "0.1 %"},
		{0.039, target.Below, "3.9 %"},
		{0.0396, target.Below, "3.96 %"},
		{0.03996, target.Below, "3.996 %"},
		{0.04, target.Below, "4.0 %"},
		{0.0401, target.Below, "4.0 %"},
		{0.7, target.Target, "70.0 %"},
		{0.7003, target.Target, "70.03 %"},
		{0.7006, target.Target, "70.1 %"},
		{0.3604, target.CV, "36.04 %"},
		{0.36, target.CV, "36.0 %"},
		{0.3604, glucose.Limit{}, "36.0 %"},
		{1, target.Target, "100.0 %"},
	} {
		if got := share(test.ratio, test.limit); got != test.want {
			t.Errorf("%v at %v: %s, want %s", test.ratio, test.limit, got, test.want)
		}
	}
}

func TestNumbersInWords(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		ofDay(0): "0 min", ofDay(0.041): "59 min", ofDay(0.0416): "1 h 00 min", ofDay(0.7): "16 h 48 min", ofDay(1): "24 h 00 min",
		grouped(0): "0", grouped(999): "999", grouped(1000): "1,000", grouped(25920): "25,920",
		counted(1, "reading"): "1 reading", counted(1024, "day"): "1,024 days",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// Nobody has to tell colours apart: each verdict is a word.
func TestVerdictsAreWords(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, time.November, 22, 10, 0, 0, 0, time.UTC)
	for verdict, value := range map[string]func(time.Time) float64{`"missed">not met`: wave, `"met">met`: constantly(120)} {
		page := write(t, Page{Account: "a", Days: LastDays(14, end), Samples: every5(end.AddDate(0, 0, -15), end, value)})
		if n := len(regexp.MustCompile("<span class="+verdict+"</span>").FindAllString(page, -1)); n != 6 {
			t.Errorf("%d times %s:\n%s", n, verdict, wordsOf(page))
		}
	}
}
