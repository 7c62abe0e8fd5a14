package collector

import (
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// A history that grew to thousands at once keeps little more room than it needs, also
// when old readings go as new ones come.
func TestHistoryGivesRoomBack(t *testing.T) {
	t.Parallel()
	h := newHistory(14 * 24 * time.Hour)
	var batch []dexcom.Reading
	for i := range 14 * 288 {
		batch = append(batch, egv("", (14*288-i)*5, 120))
	}
	h.upsert(batch, noon(), false)
	check := func() {
		t.Helper()
		if n := len(h.records); n < 14*288-1 || cap(h.records)-n > 2*spare {
			t.Fatalf("%d records have room for %d", n, cap(h.records))
		}
	}
	check()
	for i := range 288 {
		h.upsert([]dexcom.Reading{egv("", -5*i, 120)}, noon().Add(time.Duration(i)*5*time.Minute), false)
		check()
	}
}
