package collector

import (
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// One id for two measurements must not give one the value of the other.
func TestOneIDForTwoMeasurements(t *testing.T) {
	t.Parallel()
	h := newHistory(24 * time.Hour)
	early := dexcom.Reading{ID: "spoiled", Time: noon().Add(-time.Hour), MgDL: 188}
	late := dexcom.Reading{ID: "spoiled", Time: noon().Add(-10 * time.Minute), MgDL: 106}
	for range 2 { // read again they are known
		added, doubled := h.upsert([]dexcom.Reading{early, late}, noon(), false)
		if len(doubled) > 0 || len(added) > 0 && len(added) != 2 {
			t.Errorf("added %v, doubled %v", added, doubled)
		}
		got := h.between(noon().Add(-2*time.Hour), noon())
		if len(got) != 2 || got[0].MgDL != 188 || got[1].MgDL != 106 || !got[0].Time.Equal(early.Time) || !got[1].Time.Equal(late.Time) {
			t.Errorf("%+v", got)
		}
	}
}

// A reading that was paired with one of Share's is not given away again when its id is
// another one, or its time is told to the millisecond; another measurement is no part of
// the pair.
func TestAPairOutlastsAnotherID(t *testing.T) {
	t.Parallel()
	at := noon().Add(-2 * time.Hour)
	h := newHistory(24 * time.Hour)
	h.upsert([]dexcom.Reading{{Time: at, MgDL: 120}}, noon(), true)
	for _, again := range []dexcom.Reading{
		{ID: "first", Time: at.Add(2 * time.Second), MgDL: 120},
		{ID: "second", Time: at.Add(2 * time.Second), MgDL: 120},
		{Time: at.Add(2 * time.Second), MgDL: 120},
		{ID: "third", Time: at.Add(2*time.Second + 345*time.Millisecond), MgDL: 120},
		{ID: "third", Time: at.Add(4 * time.Second), MgDL: 120},
	} {
		if _, found, _ := h.pair(again, false); !found {
			t.Errorf("%s at %v is another measurement", again.ID, again.Time)
		}
	}
	if _, found, _ := h.pair(dexcom.Reading{ID: "other", Time: at.Add(90 * time.Second), MgDL: 130}, false); found {
		t.Error("two measurements of the API are one of Share")
	}
}
