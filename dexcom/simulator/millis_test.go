package simulator

import (
	"testing"
	"time"
)

func TestSlot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ m, length, want millis }{
		{0, 10, 0}, {9, 10, 0}, {10, 10, 1}, {-1, 10, -1}, {-10, 10, -1}, {-11, 10, -2},
	} {
		if got := c.m.slot(c.length); got != c.want {
			t.Errorf("slot of %d in %d is %d, want %d", c.m, c.length, got, c.want)
		}
	}
}

func TestRounding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		t           time.Time
		floor, ceil millis
	}{
		{time.Unix(1, 0), 1000, 1000},
		{time.Unix(1, 1), 1000, 1001},
		{time.Unix(1, 1_999_999), 1001, 1002},
		{time.Unix(-1, 1), -1000, -999},
	} {
		if floor(c.t) != c.floor || ceil(c.t) != c.ceil {
			t.Errorf("%v: got %d and %d, want %d and %d", c.t, floor(c.t), ceil(c.t), c.floor, c.ceil)
		}
	}
}
