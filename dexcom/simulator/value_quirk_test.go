package simulator

import (
	"regexp"
	"strconv"
	"testing"
)

// pinned is what a careful client understands of a value. Only people with quirks
// have any outside of LOW to HIGH.
func (p *Person) pinned(mgdl float64) int {
	if p.Quirks && mgdl > 0 && mgdl <= 500 {
		return min(max(int(mgdl), Low), High)
	}
	return int(mgdl)
}

// values are the texts of all glucose values of a person by their keys, as the
// bodies have them.
func values(t *testing.T, p *Person, path string) map[string][]string {
	t.Helper()
	texts := make(map[string][]string)
	for _, body := range bodies(t, p, path) {
		for _, found := range regexp.MustCompile(`"(\w*[vV]alue)":([^,}]*)`).FindAllSubmatch(body, -1) {
			texts[string(found[1])] = append(texts[string(found[1])], string(found[2]))
		}
	}
	return texts
}

func TestPlainValuesAreWholeAndWithinTheRange(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine at work")
	}
	t.Parallel()
	p := &Person{Name: "p", Seed: 41, Sensor: G6, Mean: 170, Swing: 95}
	for _, path := range []string{egvsPath, v2EGVsPath} {
		for key, texts := range values(t, p, path) {
			for _, text := range texts {
				mgdl, err := strconv.Atoi(text)
				if (err != nil || mgdl < Low || mgdl > High) && (key != "smoothedValue" || text != "null") {
					t.Fatalf("%s is %s", key, text)
				}
			}
		}
	}
}

func TestOddValues(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine at work")
	}
	t.Parallel()
	p := &Person{Name: "p", Seed: 41, Sensor: G6, Mean: 170, Swing: 95, Quirks: true}
	for _, path := range []string{egvsPath, v2EGVsPath} {
		for key, texts := range values(t, p, path) {
			seen, lowest, highest := make(map[string]int), 500.0, 0.0
			for _, text := range texts {
				mgdl, err := strconv.ParseFloat(text, 64)
				if err != nil && text != "null" || err == nil && (mgdl < 1 || mgdl > 500) {
					t.Fatalf("%s is %s", key, text)
				}
				for name, yes := range map[string]bool{
					"null":  text == "null",
					"point": text[max(len(text)-2, 0):] == ".0",
					"low":   err == nil && mgdl < Low, "LOW": mgdl == Low,
					"high": mgdl > High, "HIGH": mgdl == High,
				} {
					if yes {
						seen[name]++
					}
				}
				if err == nil {
					lowest, highest = min(lowest, mgdl), max(highest, mgdl)
				}
			}
			for _, name := range []string{"low", "LOW", "high", "HIGH"} {
				if (seen[name] < 20) != (key == "smoothedValue") { // never outside the range
					t.Errorf("%s %s: %v", path, key, seen)
				}
			}
			if seen["point"] < len(texts)/25 || seen["point"] > len(texts)/12 || (seen["null"] == 0) != (key == "realtimeValue") {
				t.Errorf("%s %s: %v of %d", path, key, seen, len(texts))
			}
			if key != "smoothedValue" && (lowest > 3 || highest < 490) {
				t.Errorf("%s %s: %v to %v", path, key, lowest, highest)
			}
		}
	}
}

// Where version 2 has no value the other two tell it.
func TestNullValuesOfV2AreToldBeside(t *testing.T) {
	t.Parallel()
	p := &Person{Name: "p", Seed: 41, Sensor: G6, Quirks: true}
	seen := make(map[bool]int)
	for _, r := range egvsV2(t, New(p), "p", noon(), noon().AddDate(0, 0, 80)) {
		if r["realtimeValue"] == nil {
			t.Fatalf("nothing in %v", r)
		}
		if r["value"] == nil {
			seen[r["smoothedValue"] != nil]++
		}
	}
	if seen[true] < 500 || seen[false] == 0 || seen[true]+seen[false] > 1400 {
		t.Errorf("null with and without a smoothed value: %v", seen)
	}
}
