package collector

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// A receiver that refuses every other parcel, and is dead for hours, has each sample
// once in the end.
func TestTheCourierBringsEachSampleOnce(t *testing.T) {
	simulatesForLong(t)
	bubble(t, func(t *testing.T) {
		p := somebody(func(p *simulator.Person) { p.OfflineShare = 0.2 })
		cloud := simulator.New(p)
		w := socketless(cloud, readingsAndShare{cloud})
		config := w.sharing(t, w.follow(p.Name))
		config.MinInterval, config.Reach = 5*time.Minute, 12*time.Hour
		c, stop := run(t, config)
		defer stop()
		k, start, random := c.NewCourier(), time.Now(), rand.New(rand.NewPCG(1, 2))
		accepted := map[Sample]int{}
		for minute := range 20 * 60 {
			time.Sleep(time.Minute)
			synctest.Wait()
			if minute > 300 && minute < 600 {
				continue
			}
			for _, parcel := range k.Parcels(50) {
				if len(parcel.Samples) > 50 || parcel.Account != p.Name {
					t.Fatalf("%d samples of %s", len(parcel.Samples), parcel.Account)
				}
				if random.IntN(2) == 0 {
					continue
				}
				n := random.IntN(len(parcel.Samples) + 1)
				for _, s := range parcel.Samples[:n] {
					accepted[s]++
				}
				parcel.Settled(n / 2)
				parcel.Settled(n)
			}
		}
		egvs, rates := map[int64]bool{}, map[int64]bool{}
		for s, times := range accepted {
			if times != 1 {
				t.Errorf("%v was brought %d times", s, times)
			}
			switch s.Metric {
			case EGV:
				egvs[s.Time.UnixMilli()] = true
			case EGVRate:
				rates[s.Time.UnixMilli()] = true
			}
		}
		lost := 0
		for _, r := range p.ShareReadings(start.Add(-11*time.Hour), time.Now().Add(-time.Hour), time.Now().Add(-time.Hour)) {
			if !egvs[r.Time.Truncate(time.Second).UnixMilli()] {
				lost++
			}
		}
		if lost > 0 || len(egvs) < 300 {
			t.Errorf("%d of %d readings lost", lost, len(egvs))
		}
		if len(rates) < 250 { // which the API told of Share's readings, hours later
			t.Errorf("%d rates", len(rates))
		}
		for at := range rates {
			if !egvs[at] {
				t.Errorf("a rate at %v without a reading", time.UnixMilli(at))
			}
		}
	})
}
