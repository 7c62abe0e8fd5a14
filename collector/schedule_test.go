package collector

import (
	"testing"
	"time"
)

func TestAfterSuccess(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pace pace
		luck float64
		want time.Duration
	}{
		{pace{time.Minute, 15 * time.Minute}, 0, 4*time.Minute + 30*time.Second},
		{pace{time.Minute, 15 * time.Minute}, 0.5, 5 * time.Minute},
		{pace{time.Minute, 15 * time.Minute}, 1, 5*time.Minute + 30*time.Second},
		{pace{10 * time.Minute, 15 * time.Minute}, 0, 10 * time.Minute},
		{pace{10 * time.Minute, 15 * time.Minute}, 1, 11 * time.Minute},
		{pace{time.Second, 2 * time.Minute}, 0, 108 * time.Second},
		{pace{time.Second, 2 * time.Minute}, 1, 2 * time.Minute},
	} {
		if got := test.pace.afterSuccess(test.luck); got != test.want {
			t.Errorf("%+v, luck %v: %v, want %v", test.pace, test.luck, got, test.want)
		}
	}
}

func TestAfterFailure(t *testing.T) {
	t.Parallel()
	p := pace{time.Minute, 15 * time.Minute}
	for _, test := range []struct {
		failures   int
		retryAfter time.Duration
		luck       float64
		want       time.Duration
	}{
		{1, 0, 0, time.Minute},
		{2, 0, 0, 2 * time.Minute},
		{4, 0, 0, 8 * time.Minute},
		{5, 0, 0, 15 * time.Minute},
		{1e9, 0, 0, 15 * time.Minute},
		{1, 0, 1, 90 * time.Second},
		{5, 0, 1, 22*time.Minute + 30*time.Second},
		{1, 10 * time.Minute, 0, 10 * time.Minute},
		{5, 30 * time.Second, 0, 15 * time.Minute},
		{1, 48 * time.Hour, 0, time.Hour},
		{1, 48 * time.Hour, 1, time.Hour + 6*time.Minute},
	} {
		if got := p.afterFailure(test.failures, test.retryAfter, test.luck); got != test.want {
			t.Errorf("%d failures, retry after %v, luck %v: %v, want %v", test.failures, test.retryAfter, test.luck, got, test.want)
		}
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	const day, keep = 24 * time.Hour, 14 * 24 * time.Hour
	for name, test := range map[string]struct {
		newest, want time.Duration // before now; 0 is no reading
	}{
		"nothing yet":             {0, day},
		"fresh":                   {time.Hour, day},
		"a receiver for ten days": {10 * day, 10*day + seam},
		"longer than is kept":     {300 * day, keep},
	} {
		newest := time.Time{}
		if test.newest != 0 {
			newest = noon().Add(-test.newest)
		}
		from, to := window(noon(), newest, keep)
		if noon().Sub(from) != test.want || to.Sub(noon()) != ahead-time.Minute {
			t.Errorf("%s: from %v before now to %v after, want %v and %v", name, noon().Sub(from), to.Sub(noon()), test.want, ahead-time.Minute)
		}
	}
}

func TestChoresAreDue(t *testing.T) {
	t.Parallel()
	const hour, quarter = time.Hour, 15 * time.Minute
	for name, test := range map[string]struct {
		last, retry time.Duration // before now; 0 is never
		news, want  bool
	}{
		"at first":               {0, 0, false, true},
		"done just now":          {time.Minute, 0, false, false},
		"done just now, news":    {time.Minute, 0, true, false},
		"a while ago":            {20 * time.Minute, 0, false, false},
		"a while ago, news":      {20 * time.Minute, 0, true, true},
		"an hour ago":            {hour, 0, false, true},
		"an hour ago, held back": {hour, -time.Minute, true, false},
		"at first, held back":    {0, -time.Minute, false, false},
	} {
		c := chore{every: hour, withNews: quarter}
		var last time.Time
		if test.last != 0 {
			last = noon().Add(-test.last)
		}
		if test.retry != 0 {
			c.retry = noon().Add(-test.retry)
		}
		if got := c.due(noon(), last, test.news); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
	never := chore{every: 24 * hour}
	if never.due(noon(), noon().Add(-hour), true) {
		t.Error("a chore that news do not concern is due with news")
	}
}
