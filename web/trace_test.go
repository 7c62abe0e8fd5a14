package web

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// row is readings every 5 minutes, the last one so long ago.
func row(age time.Duration, mgdl ...float64) []collector.Reading {
	last := standing(0, 0).Now.Add(-age)
	var all []collector.Reading
	for i, value := range mgdl {
		all = append(all, collector.Reading{Time: last.Add(-time.Duration(len(mgdl)-1-i) * 5 * time.Minute), MgDL: value})
	}
	return all
}

func TestTraceBreaksOffWhereReadingsAreMissing(t *testing.T) {
	t.Parallel()
	together := func(rows ...[]collector.Reading) (all []collector.Reading) {
		for _, r := range rows {
			all = append(all, r...)
		}
		return all
	}
	for name, test := range map[string]struct {
		readings    []collector.Reading
		curve, edge string
	}{
		"no reading":       {nil, "", ""},
		"one":              {row(0, 100), "M1580,470h0", ""},
		"a line":           {row(0, 100, 110, 90), "M1570,470h0l5,-15l5,30", ""},
		"one is missing":   {together(row(15*time.Minute, 100), row(5*time.Minute, 100)), "M1565,470h0l10,0", ""},
		"two are missing":  {together(row(20*time.Minute, 100), row(5*time.Minute, 100)), "M1560,470h0M1575,470h0", ""},
		"LOW and HIGH":     {row(0, 39, 401), "M1575,560h0l5,-540", "M1575,560h0M1580,20h0"},
		"far out of range": {row(0, -1000, 9999), "M1575,560h0l5,-540", "M1575,560h0M1580,20h0"},
		"ahead and long ago": {
			together(row(30*time.Hour, 100), row(-time.Hour, 100)), "M140,470h0M1580,470h0", "",
		},
	} {
		got := traceOf(standing(100, 0), test.readings, glucose.MgDL)
		if got.Curve != test.curve || got.Edge != test.edge {
			t.Errorf("%s: %q, %q; want %q, %q", name, got.Curve, got.Edge, test.curve, test.edge)
		}
	}
}

func TestTraceMarksTheValueOfNow(t *testing.T) {
	t.Parallel()
	if got := traceOf(standing(100, 5*time.Minute), row(5*time.Minute, 100), glucose.MgDL).Newest; got == nil || *got != (spot{1575, 470}) {
		t.Errorf("%v", got)
	}
	if got := traceOf(standing(100, time.Hour, official), row(time.Hour, 100), glucose.MgDL).Newest; got != nil {
		t.Errorf("%v is of now", got)
	}
}

func TestTraceHasTheLevelsOfThePerson(t *testing.T) {
	t.Parallel()
	levels := func(unit glucose.Unit, change ...func(*collector.Standing)) (text string, b band) {
		trace := traceOf(standing(100, 0, change...), row(0, 100), unit)
		for _, l := range trace.Levels {
			text += l.Value + " "
		}
		return text, trace.Band
	}
	pregnant := func(s *collector.Standing) { s.Bounds = glucose.PregnancyBounds() }
	if text, b := levels(glucose.MgDL); text != "70 180 250  " || b != (band{350, 165}) {
		t.Error(text, b)
	}
	if text, b := levels(glucose.MmolL, pregnant); text != "3.5 7.8 13.9  " || b != (band{410, 116}) {
		t.Error(text, b)
	}
}

func TestTraceNamesTheEdges(t *testing.T) {
	t.Parallel()
	for want, readings := range map[string][]collector.Reading{
		"":          row(0, 40, 100, 400),
		"LOW ":      row(0, 39, 100, 39),
		"HIGH ":     row(0, 100, 401),
		"HIGH LOW ": row(0, 39, 401),
	} {
		var got string
		for _, l := range traceOf(standing(100, 0), readings, glucose.MgDL).Levels {
			if l.Value == "LOW" || l.Value == "HIGH" {
				got += l.Value + " "
			}
		}
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The values beside a trace can be read: each has its own height to itself, which is
// that of the style.
func TestTraceLabelsDoNotTouch(t *testing.T) {
	t.Parallel()
	if !strings.Contains(string(style), fmt.Sprintf(".trace text { fill: var(--faint); font-size: %dpx; }", letterHeight)) {
		t.Errorf("the letters are not %d high", letterHeight)
	}
	narrow := glucose.Bounds{VeryLow: 54, Low: 70, High: 100, VeryHigh: 380}
	for _, unit := range []glucose.Unit{glucose.MgDL, glucose.MmolL} {
		for _, bounds := range []glucose.Bounds{glucose.StandardBounds(), glucose.PregnancyBounds(), narrow} {
			for _, readings := range [][]collector.Reading{nil, row(0, 39), row(0, 401), row(0, 39, 401)} {
				var at []level
				for _, l := range traceOf(standing(100, 0, func(s *collector.Standing) { s.Bounds = bounds }), readings, unit).Levels {
					if l.Value != "" {
						at = append(at, l)
					}
				}
				slices.SortFunc(at, func(a, b level) int { return a.Y - b.Y })
				for i := 1; i < len(at); i++ {
					if at[i].Y-at[i-1].Y < letterHeight {
						t.Errorf("%v touches %v", at[i], at[i-1])
					}
				}
				if len(at) < 2 {
					t.Errorf("only %v is left", at)
				}
			}
		}
	}
}

func TestTraceHasTheHoursOfThePersonsClock(t *testing.T) {
	t.Parallel()
	zone := func(name string) *time.Location {
		location, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return location
	}
	london := zone("Europe/London")
	for name, test := range map[string]struct {
		zone *time.Location
		now  time.Time
		want string
	}{
		"UTC":                 {time.UTC, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), "18:00@500 00:00@860 06:00@1220 "},
		"two hours ahead":     {time.FixedZone("", 7200), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), "18:00@380 00:00@740 06:00@1100 12:00@1460 "},
		"half hours":          {time.FixedZone("", 19800), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), "18:00@170 00:00@530 06:00@890 12:00@1250 "},
		"the clock goes on":   {london, time.Date(2026, 3, 29, 11, 30, 0, 0, time.UTC), "12:00@170 18:00@530 00:00@890 06:00@1190 12:00@1550 "},
		"back at midnight":    {zone("America/Havana"), time.Date(2026, 11, 1, 16, 0, 0, 0, time.UTC), "18:00@500 00:00@860 06:00@1280 "},
		"half an hour back":   {zone("Australia/Lord_Howe"), time.Date(2026, 4, 5, 6, 0, 0, 0, time.UTC), "18:00@200 00:00@560 06:00@950 12:00@1310 "},
		"on at midnight":      {zone("Africa/Cairo"), time.Date(2026, 4, 24, 10, 0, 0, 0, time.UTC), "18:00@500 01:00@860 06:00@1160 12:00@1520 "},
		"back to midnight":    {zone("Atlantic/Azores"), time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC), "18:00@500 00:00@860 06:00@1280 "},
		"a day is left out":   {zone("Pacific/Apia"), time.Date(2011, 12, 31, 9, 0, 0, 0, time.UTC), "12:00@920 18:00@1280 "},
		"the clock goes back": {london, time.Date(2026, 10, 25, 11, 30, 0, 0, time.UTC), "18:00@470 00:00@830 06:00@1250 "},
	} {
		s := standing(100, 0, func(s *collector.Standing) { s.Now, s.Clock = test.now, test.zone })
		var got strings.Builder
		for _, h := range traceOf(s, nil, glucose.MgDL).Hours {
			got.WriteString(h.Time + "@" + counted(h.X, "")[:len(counted(h.X, ""))-2] + " ")
		}
		if got.String() != test.want {
			t.Errorf("%s: %q, want %q", name, got.String(), test.want)
		}
	}
}

func TestTraceInWords(t *testing.T) {
	t.Parallel()
	gaps := append(append(row(3*time.Hour, 100, 110), row(time.Hour, 39)...), row(5*time.Minute, 401)...)
	for want, test := range map[string]struct {
		readings []collector.Reading
		unit     glucose.Unit
	}{
		"The last 24 hours of alice: no readings.": {nil, glucose.MgDL},
		"The last 24 hours of alice: 1 reading, from 100 to 100 mg/dL, 1 of them in the target range of 70 to 180.":                                        {row(0, 100), glucose.MgDL},
		"The last 24 hours of alice: 3 readings, from 65 to 185 mg/dL, 1 of them in the target range of 70 to 180. A gap of 20 min.":                       {row(20*time.Minute, 65, 185, 100), glucose.MgDL},
		"The last 24 hours of alice: 4 readings, from LOW to HIGH mmol/L, 2 of them in the target range of 3.9 to 10.0. 2 gaps, the longest of 2 h 0 min.": {gaps, glucose.MmolL},
	} {
		if got := traceInWords(standing(100, 0), test.readings, test.unit); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
