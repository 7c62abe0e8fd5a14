package glucose

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestWindowEnd(t *testing.T) {
	t.Parallel()
	now := noon()
	for name, test := range map[string]struct {
		age, staleAfter time.Duration
		end             time.Duration // from now
	}{
		"just measured":     {0, 15 * time.Minute, 5 * time.Minute},
		"a while ago":       {4 * time.Minute, 15 * time.Minute, time.Minute},
		"nearly stale":      {15*time.Minute - 1, 15 * time.Minute, -10*time.Minute + 1},
		"stale":             {15 * time.Minute, 15 * time.Minute, 0},
		"late by design":    {3 * time.Hour, 5 * time.Hour, -3*time.Hour + 5*time.Minute},
		"weeks ago":         {20 * days, 5 * time.Hour, 0},
		"a clock ahead":     {-4 * time.Minute, 15 * time.Minute, 9 * time.Minute},
		"nothing is recent": {time.Minute, 0, 0},
	} {
		if got := WindowEnd(now.Add(-test.age), now, test.staleAfter); !got.Equal(now.Add(test.end)) {
			t.Errorf("%s: %v, want %v", name, got, now.Add(test.end))
		}
	}
	if got := WindowEnd(time.Time{}, now, 5*time.Hour); !got.Equal(now) {
		t.Errorf("no reading: %v", got)
	}
}

// A perfect sensor whose newest reading is hours old has missed nothing.
func TestAPerfectSensorIsActiveAllTheTime(t *testing.T) {
	t.Parallel()
	samples := day(rand.New(rand.NewPCG(19, 20)), 30*288)
	newest := samples[len(samples)-1].Time
	for _, late := range []time.Duration{0, time.Minute, 3 * time.Hour, 5*time.Hour - 1} {
		end := WindowEnd(newest, newest.Add(late), 5*time.Hour)
		for _, window := range []time.Duration{days, 7 * days, 14 * days, 30 * days} {
			if n := len(Between(samples, end.Add(-window), end)); ActiveRatio(n, window) != 1 {
				t.Errorf("%v late: %d readings in %v", late, n, window)
			}
		}
	}
}

func TestWindowsSideBySideShareNothing(t *testing.T) {
	t.Parallel()
	samples := every(Interval, 1, 2, 3, 4, 5, 6)
	at := func(i int) time.Time { return noon().Add(time.Duration(i) * Interval) }
	for name, test := range map[string]struct {
		start, end time.Time
		want       []Sample
	}{
		"its start and not its end": {at(1), at(3), samples[1:3]},
		"the next one":              {at(3), at(5), samples[3:5]},
		"between two":               {at(1).Add(1), at(2), nil},
		"a nanosecond":              {at(1), at(1).Add(1), samples[1:2]},
		"empty":                     {at(2), at(2), nil},
		"backwards":                 {at(4), at(1), nil},
		"all":                       {time.Time{}, at(100), samples},
		"before":                    {time.Time{}, at(0), nil},
		"after":                     {at(5).Add(1), at(100), nil},
		"in another zone":           {at(1).In(time.FixedZone("", -3600)), at(3).Local(), samples[1:3]},
	} {
		if got := Between(samples, test.start, test.end); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	if got := Between(nil, at(0), at(1)); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
	random := rand.New(rand.NewPCG(21, 22))
	for range 1000 {
		samples := some(random)
		first, last := samples[0].Time, samples[len(samples)-1].Time
		cut := first.Add(time.Duration(random.Int64N(int64(last.Sub(first)) + 1)))
		if random.IntN(2) == 0 {
			cut = samples[random.IntN(len(samples))].Time
		}
		joined := slices.Concat(Between(samples, first, cut), Between(samples, cut, last.Add(1)))
		if !slices.Equal(joined, samples) {
			t.Fatalf("cut at %v: %v of %v", cut, joined, samples)
		}
	}
}
