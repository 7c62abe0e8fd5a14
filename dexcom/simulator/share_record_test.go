package simulator

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
)

// shareDays are the answers of some days, one each.
func shareDays(t *testing.T, p *Person, days int) [][]byte {
	t.Helper()
	c := sharing(t, p)
	var all [][]byte
	for range days {
		all = append(all, allOf(t, c, sessionOf(t, c, p.Name)))
		time.Sleep(24 * time.Hour)
	}
	return all
}

func TestShareRecordsAreLikeTheSamples(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		p := &Person{Name: "p", Seed: 1, Swing: 95, Zone: zone(t, "America/New_York")}
		got, want := shapes(t, shareDays(t, p, 3)...), shapes(t, shareFile(t, "readings_window.json"))
		got.within(t, want)
		got.covers(t, want)
		old := *p
		old.OldShare = true
		got, want = shapes(t, shareDays(t, &old, 3)...), shapes(t, shareFile(t, "readings_legacy_numeric_trend.json"))
		got.within(t, want)
		got.covers(t, want)
		odd := *p
		odd.Quirks = true
		shapes(t, shareDays(t, &odd, 3)...).within(t, shapes(t, shareFiles(t, "readings_")...))
	})
}

// Today all three times are alike, and the trend is a word.
func TestShareWritesLikeTheSamples(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		p := &Person{Name: "p", Seed: 1, Zone: zone(t, "America/New_York")}
		form := regexp.MustCompile(`^\{"WT":"Date\(([0-9]{13})\)","ST":"Date\(([0-9]{13})\)","DT":"Date\(([0-9]{13})-0500\)","Value":[0-9]+,"Trend":"[A-Za-z]+"\}$`)
		for _, text := range append(recordsOf(t, shareDays(t, p, 1)[0]), recordsOf(t, shareFile(t, "readings_window.json"))...) {
			found := form.FindStringSubmatch(strings.ReplaceAll(text, "-0400", "-0500"))
			if len(found) != 4 || found[1] != found[2] || found[2] != found[3] {
				t.Fatalf("%s", text)
			}
		}
	})
}

func TestOldShareWritesLikeTheSample(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		p := &Person{Name: "p", Seed: 1, OldShare: true, Zone: zone(t, "America/Denver")}
		check := func(text string) {
			t.Helper()
			var r struct {
				WT, ST, DT string
				Trend      int
			}
			if err := json.Unmarshal([]byte(text), &r); err != nil {
				t.Fatal(err)
			}
			wt, st, dt := shareInstant(r.WT), shareInstant(r.ST), shareInstant(r.DT)
			trailing := wt.Sub(dt)
			if trailing < 5*time.Second || trailing >= 30*time.Second || r.DT[0] != '/' || !strings.HasSuffix(r.DT, "-0700)/") {
				t.Fatalf("%s", text)
			}
			if ahead := st.Sub(wt); ahead != time.Hour && ahead != time.Hour-trailing {
				t.Fatalf("%s", text)
			}
		}
		check(recordsOf(t, shareFile(t, "readings_legacy_numeric_trend.json"))[0])
		for _, text := range recordsOf(t, shareDays(t, p, 1)[0]) {
			check(text)
		}
	})
}

// recordsOf are the records of an answer as text, each in one line.
func recordsOf(t testing.TB, body []byte) []string {
	t.Helper()
	var line bytes.Buffer
	compact(t, &line, body)
	var all []json.RawMessage
	if err := json.Unmarshal(line.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	return texts(all)
}

func TestQuirksOfShare(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		seen := make(map[string]int)
		all := 0
		for seed := range uint64(6) {
			p := &Person{Name: "p", Seed: seed, Quirks: true, Mean: 150, Swing: 110, Sensor: G6}
			for _, body := range shareDays(t, p, 8) {
				for _, text := range recordsOf(t, body) {
					all++
					for _, quirk := range quirksIn(t, text) {
						seen[quirk]++
					}
				}
			}
		}
		for quirk, percent := range map[string][2]float64{
			"slashes":        {8, 12},
			"ahead":          {7, 12},
			"no WT":          {9, 15},
			"no DT":          {2, 4},
			"key missing":    {1, 6},
			"not computable": {0.01, 2},
			"rate spelled":   {0.1, 2},
			"number":         {20, 80},
			"code":           {0.1, 1},
			"year 1899":      {0.001, 0.3},
			"year 1970":      {0.001, 0.3},
			"low":            {0.5, 40},
			"high":           {0.1, 40},
		} {
			if got := 100 * float64(seen[quirk]) / float64(all); got < percent[0] || got > percent[1] {
				t.Errorf("%s: %.3f %% of %d", quirk, got, all)
			}
		}
	})
}

// quirksIn names what is odd in a record.
func quirksIn(t testing.TB, text string) []string {
	t.Helper()
	var r map[string]any
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	wt, st, dt := shareInstant(r["WT"]), shareInstant(r["ST"]), shareInstant(r["DT"])
	if st.IsZero() {
		t.Fatalf("no time at all: %s", text)
	}
	_, number := r["Trend"].(float64)
	value := r["Value"].(float64)
	var found []string
	for name, is := range map[string]bool{
		"slashes":        strings.HasPrefix(r["ST"].(string), "/"),
		"ahead":          !dt.IsZero() && st.Sub(dt) == time.Hour,
		"no WT":          wt.IsZero(),
		"no DT":          dt.IsZero(),
		"key missing":    len(r) < 5,
		"not computable": r["Trend"] == "NOT COMPUTABLE",
		"rate spelled":   r["Trend"] == "RATE OUT OF RANGE",
		"number":         number,
		"code":           value > 0 && value < 39,
		"year 1899":      st.Year() == 1899 && value == 0,
		"year 1970":      st.Year() == 1970 && value == 0,
		"low":            value == Low,
		"high":           value == High,
	} {
		if is {
			found = append(found, name)
		}
	}
	return found
}

func TestShareTrends(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]struct {
		share  string
		number int
	}{
		"none": {"None", 0}, "unknown": {"None", 0}, "doubleUp": {"DoubleUp", 1}, "singleUp": {"SingleUp", 2},
		"fortyFiveUp": {"FortyFiveUp", 3}, "flat": {"Flat", 4}, "fortyFiveDown": {"FortyFiveDown", 5},
		"singleDown": {"SingleDown", 6}, "doubleDown": {"DoubleDown", 7}, "notComputable": {"NotComputable", 8},
		"rateOutOfRange": {"RateOutOfRange", 9},
	} {
		if got := shareWord(word); got != want.share || shareNumber(got) != want.number {
			t.Errorf("%s: %s, %d, want %v", word, got, shareNumber(got), want)
		}
	}
}
