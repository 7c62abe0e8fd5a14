package collector

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

func (a *account) absorbNow(readings ...dexcom.Reading) int {
	return a.absorb(0, dexcom.List[dexcom.Reading]{Records: readings}, time.Now(), newestFetch)
}

// ago is a reading from some time before now.
func ago(d time.Duration, mgdl float64) dexcom.Reading {
	at := time.Now().Add(-d)
	return dexcom.Reading{ID: at.String(), Time: at, MgDL: mgdl}
}

func TestAReadingFromTheFuture(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.absorbNow(ago(5*time.Minute, 100))
		a.absorbNow(ago(-10*time.Minute, 200))
		a.absorbNow(ago(-10*time.Minute, 200)) // every poll reads it again
		if got, _ := value(t, c, "dexcom_glucose_mg_dl"); got != 100 {
			t.Errorf("live value %v, want the reading that is past", got)
		}
		if got := testutil.ToFloat64(c.own.skipped.WithLabelValues("egvs", skipFuture)); got != 1 {
			t.Errorf("counted as future %v times, want once", got)
		}
		if got, _ := value(t, c, "dexcom_device_clock_skew_seconds"); got != 600 {
			t.Errorf("clock skew %v, want 600", got)
		}
		time.Sleep(6 * time.Minute) // now it is 4 minutes ahead
		if got, _ := value(t, c, "dexcom_glucose_mg_dl"); got != 200 {
			t.Errorf("live value %v, want the reading whose time has come", got)
		}
		// It arrived 6 minutes ago: so old it is, whatever its own time says.
		time.Sleep(9*time.Minute + time.Second)
		if got, there := value(t, c, "dexcom_glucose_mg_dl"); there {
			t.Errorf("live value %v 15 minutes after it arrived", got)
		}
	})
}

// The clock of a phone is two hours ahead, and then set right: what is true now
// must not hide behind the values that the wrong clock dated later.
func TestACorrectedClock(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		for range 12 {
			time.Sleep(5 * time.Minute)
			a.absorbNow(ago(-2*time.Hour, 150))
		}
		if got, there := value(t, c, "dexcom_glucose_mg_dl"); there {
			t.Errorf("live value %v, two hours before its time", got)
		}
		for range 30 { // and past the two hours in which the wrong times come true
			time.Sleep(5 * time.Minute)
			a.absorbNow(ago(time.Minute, 45))
			if got, _ := value(t, c, "dexcom_glucose_mg_dl"); got != 45 {
				t.Fatalf("live value %v after the clock was set right, want 45", got)
			}
			if skew, _ := value(t, c, "dexcom_device_clock_skew_seconds"); skew != 0 {
				t.Fatalf("clock skew %v after it was set right", skew)
			}
		}
	})
}

// After a restart everything arrives at once. A device whose clock is ten hours
// ahead has a reading for every moment of the last hours, and none is of now.
func TestARestartWithAClockThatIsAhead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		var batch []dexcom.Reading
		for minutes := -10 * 60; minutes < 14*60; minutes += 5 {
			batch = append(batch, ago(time.Duration(minutes)*time.Minute, 150))
		}
		a.absorbNow(batch...)
		if got, there := value(t, c, "dexcom_glucose_mg_dl"); there {
			t.Errorf("live value %v, measured ten hours ago", got)
		}
		if skew, _ := value(t, c, "dexcom_device_clock_skew_seconds"); skew != 36000 {
			t.Errorf("clock skew %v, want ten hours", skew)
		}
	})
}

func TestFutureReadingsTellNothingOfTheTransmitter(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		wrong := ago(-20*time.Hour, 120)
		wrong.Generation, wrong.TransmitterAge = dexcom.G7, time.Hour
		a.absorbNow(wrong)
		right := ago(5*time.Minute, 120)
		right.Generation, right.TransmitterAge = dexcom.G7, 225*time.Hour
		a.absorbNow(right, ago(0, 118)) // the last names neither transmitter nor ticks
		want := float64(right.Time.Add(-225 * time.Hour).Unix())
		if got, _ := value(t, c, "dexcom_transmitter_start_timestamp_seconds"); got != want {
			t.Errorf("start %v, want %v", got, want)
		}
	})
}

func TestAReadingFromFarAheadIsNotKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		far := ago(-73*365*24*time.Hour, 300)
		for range 3 {
			if added := a.absorbNow(ago(0, 100), far); added > 1 {
				t.Error("a reading of 2099 was kept")
			}
		}
		if got := testutil.ToFloat64(c.own.skipped.WithLabelValues("egvs", skipFuture)); got != 1 {
			t.Errorf("counted %v times, want once", got)
		}
		if got, _ := value(t, c, "dexcom_device_clock_skew_seconds"); got != 0 {
			t.Errorf("clock skew %v", got)
		}
	})
}

func TestEveryBadRecordCountsOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		list := dexcom.List[dexcom.Reading]{
			Records: []dexcom.Reading{ago(0, 100), {ID: "other", Time: time.Now(), MgDL: 200}},
			Skipped: []dexcom.Skip{{Reason: dexcom.SkipValue, Key: 1}, {Reason: dexcom.SkipValue, Key: 2}},
		}
		for range 5 {
			a.absorb(0, list, time.Now(), newestFetch)
		}
		for reason, want := range map[string]float64{dexcom.SkipValue: 2, skipDuplicate: 1} {
			if got := testutil.ToFloat64(c.own.skipped.WithLabelValues("egvs", reason)); got != want {
				t.Errorf("%s: %v, want %v", reason, got, want)
			}
		}
	})
}

func TestTheTransmitterStartStaysPut(t *testing.T) {
	t.Parallel()
	var known transmitter
	observe := func(minute int, age time.Duration, generation dexcom.Generation) time.Time {
		known.observe(dexcom.Reading{Time: noon().Add(time.Duration(minute) * time.Minute), TransmitterAge: age, Generation: generation})
		return known.start
	}
	start := observe(0, time.Hour, dexcom.G7)
	if want := noon().Add(-time.Hour); !start.Equal(want) {
		t.Errorf("start %v, want %v", start, want)
	}
	if got := observe(5, time.Hour+9*time.Minute, dexcom.G7); !got.Equal(start) {
		t.Errorf("4 minutes of drift moved it to %v", got)
	}
	if got := observe(10, 0, dexcom.G7); !got.Equal(start) {
		t.Errorf("a reading without ticks moved it to %v", got)
	}
	if got := observe(-60, 10*time.Hour, dexcom.G6); !got.Equal(start) {
		t.Errorf("an older reading moved it to %v", got)
	}
	if got := observe(15, 0, dexcom.G6); !got.IsZero() {
		t.Errorf("another transmitter without ticks has the start %v", got)
	}
	if got := observe(20, time.Minute, dexcom.G6); !got.Equal(noon().Add(19 * time.Minute)) {
		t.Errorf("a new transmitter starts at %v", got)
	}
}

func TestReadingDelay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.fetched = [3]bool{}
		a.absorb(0, dexcom.List[dexcom.Reading]{Records: []dexcom.Reading{ago(24*time.Hour, 100)}}, time.Now(), wholeFetch)
		a.fetched[newestFetch] = true
		a.absorbNow(ago(time.Hour, 100))
		a.absorbNow(ago(time.Hour, 100))
		const want = `
# HELP dexcom_exporter_reading_delay_seconds Time from a reading to its arrival here; the first fetch does not count.
# TYPE dexcom_exporter_reading_delay_seconds histogram
`
		text, err := testutil.CollectAndFormat(c, expfmt.TypeTextPlain, "dexcom_exporter_reading_delay_seconds")
		if err != nil || !strings.HasPrefix("\n"+string(text), want) ||
			!strings.Contains(string(text), `_sum{source="api"} 3600`) || !strings.Contains(string(text), `_count{source="api"} 1`) {
			t.Errorf("%s%v; want one delay of an hour", text, err)
		}
	})
}

func TestSkipsAreBounded(t *testing.T) {
	t.Parallel()
	var s skips
	for key := range uint64(10 * mostSkips) {
		if !s.first(key) || s.first(key) || len(s.seen) > mostSkips {
			t.Fatalf("key %d: %d remembered", key, len(s.seen))
		}
	}
}
