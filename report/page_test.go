package report

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// wave is somebody's glucose: it goes up and down three times a day, from 40 to 260.
func wave(t time.Time) float64 {
	return math.Round(150 + 110*math.Sin(float64(t.Unix())/86400*6*math.Pi))
}

// every5 gives a reading every five minutes.
func every5(from, to time.Time, value func(time.Time) float64) []glucose.Sample {
	var samples []glucose.Sample
	for t := from; t.Before(to); t = t.Add(glucose.Interval) {
		samples = append(samples, glucose.Sample{Time: t, MgDL: value(t)})
	}
	return samples
}

func constantly(mgdl float64) func(time.Time) float64 {
	return func(time.Time) float64 { return mgdl }
}

func in(t *testing.T, zone string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return location
}

// write gives the page, and makes sure of what holds for each.
func write(t *testing.T, p Page) string {
	t.Helper()
	if p.TargetRange == "" {
		p.TargetRange = "standard"
	}
	var text strings.Builder
	if err := p.Write(&text); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, text.String())
	selfContained(t, text.String())
	for _, always := range []string{"Not a medical device, not for treatment decisions; keep the Dexcom app’s own alarms on.", "AGP-style profile", "<title>Glucose report of "} {
		if !strings.Contains(text.String(), always) {
			t.Errorf("the page does not say %q", always)
		}
	}
	for _, never := range []string{"AGP report", "NaN", "Inf", "%!", "ZgotmplZ", "no value"} {
		if strings.Contains(text.String(), never) {
			t.Errorf("the page says %q", never)
		}
	}
	return text.String()
}

// wellFormed makes sure that every element ends where it should, as XML asks.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	page = regexp.MustCompile(`<meta ([^>]*)>`).ReplaceAllString(page, "<meta $1/>") // void in HTML
	ids := map[string]bool{}
	for decoder := xml.NewDecoder(strings.NewReader(page)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		if element, ok := token.(xml.StartElement); ok {
			for _, a := range element.Attr {
				if a.Name.Local == "id" && ids[a.Value] {
					t.Errorf("two elements have the id %s", a.Value)
				}
			}
		}
	}
}

// selfContained makes sure that the page runs nothing and loads nothing.
func selfContained(t *testing.T, page string) {
	t.Helper()
	for _, pattern := range []string{`(?i)<script`, `(?i)\bsrc=`, `(?i)\bhref=`, `(?i)url\(`, `(?i)@import`, `//`, `(?i)\son\w+=`, `(?i)<(link|iframe|img|object|form|base)\b`} {
		if found := regexp.MustCompile(pattern).FindString(page); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
}

// words of a page, without its style and its tags.
func wordsOf(page string) string {
	page = regexp.MustCompile(`(?s)<style>.*</style>`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	page = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#43;", "+", "&amp;", "&").Replace(page)
	return strings.Join(strings.Fields(page), " ")
}

// Whatever the readings are, the page is whole and says what it leaves out.
func TestPages(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, time.November, 22, 10, 0, 0, 0, time.UTC)
	midnight := end.Truncate(24 * time.Hour)
	back := func(days int) time.Time { return midnight.AddDate(0, 0, -days) }
	at := midnight.Add(-time.Hour)
	const few, noGMI = "Mean, SD, CV and time in ranges are left out", "GMI and GRI are left out"
	for name, test := range map[string]struct {
		days          int
		samples       []glucose.Sample
		says, saysNot []string
	}{
		"nothing":         {14, nil, []string{"There are no readings of these days", "0 of 14", "0.0 %", "too few readings", "no data"}, []string{few, noGMI, "LOW", "HIGH"}},
		"another day's":   {14, every5(midnight, end, wave), []string{"There are no readings of these days"}, nil},
		"one":             {14, []glucose.Sample{{Time: at, MgDL: 120}}, []string{few, "here: 1 reading, 1 of 14 days, 0.0 % captured", noGMI, "1 of 4,032 possible readings"}, []string{"120"}},
		"no readings":     {1, []glucose.Sample{{Time: at, MgDL: math.NaN()}, {Time: at, MgDL: math.Inf(1)}, {Time: at, MgDL: -5}, {Time: at, MgDL: 1e9}}, []string{"There are no readings"}, nil},
		"143":             {1, every5(back(1), back(1).Add(143*glucose.Interval), wave), []string{few, "143 readings, 1 of 1 day, 49.7 % captured"}, nil},
		"144":             {1, every5(back(1), back(1).Add(144*glucose.Interval), wave), []string{noGMI, "here: 1 of 1 day, 50.0 % captured", "The profile has gaps"}, []string{few}},
		"half":            {14, every5(back(14), back(7), wave), []string{noGMI, "7 of 14 days, 50.0 % captured"}, []string{few}},
		"9 of 14":         {14, every5(back(9), back(0).Add(-11*time.Hour), wave), []string{"here: 9 of 14 days, 61.0 % captured"}, []string{few}},
		"70 %":            {14, every5(back(14), back(14).Add(4032*7/10*glucose.Interval+glucose.Interval), wave), []string{"10 of 14"}, []string{few, noGMI}},
		"13 days":         {13, every5(back(13), midnight, wave), []string{noGMI, "13 of 13 days, 100.0 % captured"}, []string{few}},
		"14 days":         {14, every5(back(14), midnight, wave), []string{"14 of 14", "100.0 %", "4,032 of 4,032 possible readings"}, []string{few, noGMI, "gaps where", "no data"}},
		"LOW":             {14, every5(back(14), midnight, constantly(39)), []string{"LOW (below 40 mg/dL) counts as 39 mg/dL: 4,032 readings.", "39 mg/dL", "100 of 100"}, []string{"HIGH ("}},
		"HIGH":            {14, every5(back(14), midnight, constantly(401)), []string{"HIGH (above 400 mg/dL) counts as 401 mg/dL: 4,032 readings.", "401 mg/dL", "100.0 % 24 h 00 min"}, []string{"LOW ("}},
		"90 days":         {90, every5(back(90), midnight, wave), []string{"90 of 90", "24 August to 21 November 2026", "25,920 of 25,920"}, []string{noGMI}},
		"twice as often":  {14, append(every5(back(14), back(7), wave), every5(back(14), back(7), wave)...), []string{"100.0 %"}, nil},
		"before and then": {14, append(every5(back(20), back(7), wave), every5(midnight, end, wave)...), []string{"2,016 of 4,032"}, nil},
	} {
		for _, unit := range []glucose.Unit{glucose.MgDL, glucose.MmolL} {
			page := write(t, Page{Account: "alice", Unit: unit, Days: LastDays(test.days, end), Samples: test.samples})
			words := wordsOf(page)
			if unit == glucose.MmolL {
				continue // whose figures are in figures_test.go
			}
			for _, text := range test.says {
				if !strings.Contains(words, text) {
					t.Errorf("%s: it does not say %q:\n%s", name, text, words)
				}
			}
			for _, text := range test.saysNot {
				if strings.Contains(words, text) {
					t.Errorf("%s: it says %q:\n%s", name, text, words)
				}
			}
		}
	}
}

// What was written by others is text, wherever it stands.
func TestPageEscapes(t *testing.T) {
	t.Parallel()
	const hostile = `</title></style><script>alert(1)</script>"' onload=x <img src=//x>`
	end := time.Date(2026, time.November, 22, 10, 0, 0, 0, time.UTC)
	var text strings.Builder
	err := Page{Account: hostile, Zone: hostile, Remarks: []string{hostile}, TargetRange: "standard", Days: LastDays(3, end)}.Write(&text)
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, text.String())
	if strings.Contains(text.String(), "<script") || strings.Contains(text.String(), "<img") || strings.Count(text.String(), "&lt;script&gt;") != 4 {
		t.Error(text.String())
	}
}

func TestPageOfAnUnknownTargetRange(t *testing.T) {
	t.Parallel()
	err := Page{TargetRange: "athlete", Days: LastDays(1, time.Now())}.Write(io.Discard)
	if err == nil || !strings.Contains(err.Error(), `"athlete"`) {
		t.Error(err)
	}
}

// full is a writer without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestPageThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	if err := (Page{TargetRange: "standard", Days: LastDays(1, time.Now())}).Write(full{}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Error(err)
	}
}

func BenchmarkNinetyDays(b *testing.B) {
	end := time.Date(2026, time.November, 22, 10, 0, 0, 0, time.UTC)
	p := Page{Account: "alice", TargetRange: "standard", Days: LastDays(90, end), Samples: every5(end.AddDate(0, 0, -91), end, wave)}
	for b.Loop() {
		if err := p.Write(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
