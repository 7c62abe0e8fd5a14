package web

import (
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

func day(end time.Time, counts glucose.Counts) collector.Figures {
	f := collector.Figures{Window: "24h", Start: end.Add(-24 * time.Hour), End: end}
	f.Ranges, f.Readings = counts, counts.Total()
	f.HasSummary = glucose.SufficientForSummary(f.Readings, 24*time.Hour)
	return f
}

func TestShares(t *testing.T) {
	t.Parallel()
	now := standing(100, 0)
	got := sharesOf(collector.Snapshot{Standing: now, Figures: []collector.Figures{day(now.Now, glucose.Counts{1, 0, 200, 48, 39})}})
	want := []share{
		{"very_low", "very low", "<1 %", 0, 3},
		{"low", "low", "0 %", 3, 0},
		{"target", "in range", "69 %", 3, 695},
		{"high", "high", "17 %", 698, 167},
		{"very_high", "very high", "14 %", 865, 135},
	}
	if len(got.Parts) != len(want) || got.Why != "" || got.Until != "" {
		t.Fatalf("%+v", got)
	}
	for i, part := range got.Parts {
		if part != want[i] {
			t.Errorf("%+v, want %+v", part, want[i])
		}
	}
}

func TestSharesNeedReadings(t *testing.T) {
	t.Parallel()
	now := standing(100, 0)
	for want, figures := range map[string][]collector.Figures{
		"No statistics yet.": nil,
		"0 of 288 readings of 24 h are there: too few to say.":   {day(now.Now, glucose.Counts{})},
		"143 of 288 readings of 24 h are there: too few to say.": {day(now.Now, glucose.Counts{0, 0, 143})},
		"": {day(now.Now, glucose.Counts{0, 0, 144})},
	} {
		if got := sharesOf(collector.Snapshot{Standing: now, Figures: figures}); got.Why != want || (want == "") != (got.Parts != nil) {
			t.Errorf("%+v, want %q", got, want)
		}
	}
}

func TestSharesSayUntilWhen(t *testing.T) {
	t.Parallel()
	s := standing(100, 3*time.Hour, official)
	got := sharesOf(collector.Snapshot{Standing: s, Figures: []collector.Figures{day(s.Now.Add(-3*time.Hour), glucose.Counts{0, 0, 288})}})
	if got.Until != "09:00" {
		t.Errorf("%+v", got)
	}
}

func TestPercentsAddUpTo100(t *testing.T) {
	t.Parallel()
	for _, counts := range []glucose.Counts{
		{10, 10, 180, 44, 44}, {1, 1, 1, 1, 1}, {1, 1, 1}, {0, 0, 288}, {1, 0, 287}, {1, 0, 200, 48, 39}, {57, 57, 58, 58, 58},
	} {
		sum := 0
		for i, whole := range wholePercents(counts) {
			sum += whole
			if exact := 100 * counts.Share(glucose.Ranges()[i]); exact-float64(whole) >= 1 || float64(whole)-exact >= 1 {
				t.Errorf("%v: %d for %.2f", counts, whole, exact)
			}
		}
		if sum != 100 {
			t.Errorf("%v: %d %%", counts, sum)
		}
	}
	wholePercents(glucose.Counts{}) // comes back
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		whole int
		ratio float64
		want  string
	}{{0, 0, "0 %"}, {0, 0.0049, "<1 %"}, {1, 0.005, "1 %"}, {49, 0.4949, "49 %"}, {99, 0.994, "99 %"}, {100, 0.996, ">99 %"}, {100, 1, "100 %"}} {
		if got := percent(test.whole, test.ratio); got != test.want {
			t.Errorf("%v: %q, want %q", test.ratio, got, test.want)
		}
	}
}
