package collector

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

func TestARecordIsSmall(t *testing.T) {
	t.Parallel()
	if size := unsafe.Sizeof(packed{}); size != 20 {
		t.Errorf("%d bytes, want 20: a person has thousands of them", size)
	}
}

// anyRecord is one of all that a history may have to keep, the ends of each range more
// often than the rest.
func anyRecord(luck *rand.Rand) record {
	between := func(least, most int64) int64 {
		switch luck.IntN(4) {
		case 0:
			return least
		case 1:
			return most
		}
		return least + luck.Int64N(most-least+1)
	}
	r := record{
		unixMilli:   between(time.Date(2006, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(), time.Date(2106, 2, 7, 6, 28, 15, 999e6, time.UTC).UnixMilli()),
		mgdl:        float64(between(dexcom.LowMgDL*1000, dexcom.HighMgDL*1000)) / 1000,
		trendRate:   math.NaN(),
		trend:       dexcom.Trend(between(int64(dexcom.TrendNone), int64(dexcom.RateOutOfRange))),
		generation:  dexcom.Generation(between(int64(dexcom.UnknownGeneration), int64(dexcom.OnePlus))),
		marks:       marks(between(0, 1<<4-1)),
		mate:        mate{identity: uint32(between(0, math.MaxUint32))},
		arrivedUnix: 0,
	}
	unix := r.unixMilli / 1000
	r.arrivedUnix = unix + between(1-longestLag, longestLag-1)
	if luck.IntN(2) == 0 {
		r.trendRate = float64(between(-dexcom.SteepestTrendRate*1000, dexcom.SteepestTrendRate*1000)) / 1000
	}
	if r.is(zoned) {
		r.offsetQuarter = int8(between(westmost, 14*4))
	}
	if luck.IntN(2) == 0 {
		r.mate.unix = unix + between(-int64(apart/time.Second)-1, int64(apart/time.Second)+1)
	}
	return r
}

// What is packed comes back as it was.
func TestPackedRecords(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	luck := rand.New(rand.NewPCG(seed, 0))
	for range 200_000 {
		want := anyRecord(luck)
		p := want.packed()
		got := p.record()
		if p.unixMilli() != want.unixMilli {
			t.Fatalf("seed %d: time %d, want %d", seed, p.unixMilli(), want.unixMilli)
		}
		if got.rateless() && want.rateless() { // NaN is not NaN
			got.trendRate, want.trendRate = 0, 0
		}
		if got != want {
			t.Fatalf("seed %d:\n got %+v\nwant %+v", seed, got, want)
		}
	}
}

// A clock that was wrong by years makes a reading older, and by little, never younger.
func TestPackedArrivalsFarAway(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	now := noon()
	for _, after := range []time.Duration{-80 * 365 * day, -365 * day, -49 * day, -48 * day, 0, 48 * day, 49 * day, 90 * day, 15 * 365 * day} {
		for shift := range 1800 {
			arrived := now.Add(after + time.Duration(shift)*time.Second)
			got := record{unixMilli: now.UnixMilli(), arrivedUnix: arrived.Unix()}.packed().record().arrived()
			if early := arrived.Sub(got); early < 0 || early >= lagStep*time.Second || early > 0 && after.Abs() <= 48*day {
				t.Fatalf("arrived %v from its time, and comes back %v earlier", after, early)
			}
		}
	}
}
