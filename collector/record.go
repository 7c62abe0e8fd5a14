package collector

import (
	"math"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// Reading is a reading as the history keeps it.
type Reading struct {
	Time time.Time // the device's idea of UTC, to the millisecond
	// Arrived is when this program saw it first, to the second; earlier by as much
	// as its device's clock was seen ahead then.
	Arrived time.Time
	// MgDL is 39 (LOW), 40 to 400 or 401 (HIGH), to a thousandth.
	MgDL  float64
	Trend dexcom.Trend
	// TrendRate is in mg/dL per minute; it means nothing without HasTrendRate.
	TrendRate    float64
	HasTrendRate bool
	Generation   dexcom.Generation
	// UTCOffset is that of the clock the person saw; it means nothing without
	// HasUTCOffset.
	UTCOffset    time.Duration
	HasUTCOffset bool
}

// Age is how old the reading is at least: counted from its own time, or from its
// arrival where the device's clock runs ahead.
func (r Reading) Age(now time.Time) time.Duration { return max(0, now.Sub(r.measured())) }

// measured is the latest moment at which the reading can have been measured.
func (r Reading) measured() time.Time {
	if r.Arrived.Before(r.Time) {
		return r.Arrived
	}
	return r.Time
}

// OutOfRange is -1 for LOW, 1 for HIGH and 0 for a measured value.
func (r Reading) OutOfRange() int { return dexcom.Reading{MgDL: r.MgDL}.OutOfRange() }

// record is a Reading with what the history has to know of it. It is kept [packed].
type record struct {
	unixMilli     int64
	mate          mate    // identity: 0 where the source has none
	mgdl          float64 // to a thousandth
	trendRate     float64 // to a thousandth; NaN for none
	arrivedUnix   int64
	trend         dexcom.Trend
	generation    dexcom.Generation
	offsetQuarter int8 // UTC offset in quarters of an hour
	marks         marks
}

// marks are what is noted of a record.
type marks uint8

const (
	provisional marks = 1 << iota // Dexcom may still change the value
	fromShare                     // else from the API
	paired                        // the other source brought it too
	zoned                         // the offset of its clock is known
)

func (r record) is(mark marks) bool { return r.marks&mark != 0 }

func (r record) time() time.Time { return time.UnixMilli(r.unixMilli).UTC() }

func (r record) arrived() time.Time { return time.Unix(r.arrivedUnix, 0).UTC() }

func (r record) rateless() bool { return math.IsNaN(r.trendRate) }

func (r record) reading() Reading {
	reading := Reading{
		Time:       r.time(),
		Arrived:    r.arrived(),
		MgDL:       r.mgdl,
		Trend:      r.trend,
		Generation: r.generation,
		UTCOffset:  time.Duration(r.offsetQuarter) * 15 * time.Minute, HasUTCOffset: r.is(zoned),
	}
	if !r.rateless() {
		reading.TrendRate, reading.HasTrendRate = r.trendRate, true
	}
	return reading
}

// thousandths are what is kept of a number.
func thousandths(value float64) float64 { return math.Round(value*1000) / 1000 }

func (h *history) record(r dexcom.Reading, arrived time.Time) record {
	kept := record{
		unixMilli:   r.Time.UnixMilli(),
		mgdl:        thousandths(r.MgDL),
		trendRate:   math.NaN(),
		arrivedUnix: arrived.Unix(),
		trend:       r.Trend,
		generation:  r.Generation,
	}
	if r.Provisional {
		kept.marks |= provisional
	}
	if r.HasTrendRate {
		kept.trendRate = thousandths(r.TrendRate)
	}
	if r.ID != "" {
		kept.mate.identity = h.identity(r)
	}
	if _, offset := r.DisplayTime.Zone(); !r.DisplayTime.IsZero() {
		kept.offsetQuarter = int8(offset / (15 * 60)) //nolint:gosec // -48 to 56: dexcom.Reading
		kept.marks |= zoned
	}
	return kept
}
