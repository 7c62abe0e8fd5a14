package web

import (
	"testing"
	"time"
)

func TestAgeInWords(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for old, want := range map[time.Duration]string{
		0:                                      "0 min",
		time.Minute - 1:                        "0 min",
		time.Minute:                            "1 min",
		time.Hour - 1:                          "59 min",
		time.Hour:                              "1 h 0 min",
		5*time.Hour + 7*time.Minute:            "5 h 7 min",
		2*day - 1:                              "47 h 59 min",
		2 * day:                                "2 days 0 h",
		10*day + 23*time.Hour + 59*time.Minute: "10 days 23 h",
		100 * 365 * day:                        "36500 days 0 h",
		1<<63 - 1:                              "106751 days 23 h",
	} {
		if got := AgeInWords(old); got != want {
			t.Errorf("%v: %q, want %q", old, got, want)
		}
	}
}

func TestAgoAndIn(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration][2]string{
		0:                            {"just now", "in 0 min"},
		time.Second:                  {"just now", "in 1 min"},
		time.Minute:                  {"1 min ago", "in 1 min"},
		time.Minute + 1:              {"1 min ago", "in 2 min"},
		90*time.Minute + time.Second: {"1 h 30 min ago", "in 1 h 31 min"},
	} {
		if got := [2]string{ago(d), in(d)}; got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
