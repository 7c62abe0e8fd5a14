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
		"No readings yet.": nil,
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
	if got.Until != "at 09:00" {
		t.Errorf("%+v", got)
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for ratio, want := range map[float64]string{
		0: "0 %", 0.0001: "<1 %", 0.0049: "<1 %", 0.005: "1 %", 0.4949: "49 %", 0.5: "50 %", 0.994: "99 %", 0.996: ">99 %", 1: "100 %",
	} {
		if got := percent(ratio); got != want {
			t.Errorf("%v: %q, want %q", ratio, got, want)
		}
	}
}
