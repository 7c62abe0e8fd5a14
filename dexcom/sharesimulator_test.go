package dexcom_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// follower is a Share of one simulated person, with the cloud it reads.
type follower struct {
	*dexcom.Share

	cloud  *simulator.Cloud
	person *simulator.Person
	config dexcom.ShareConfig
}

// follow runs a test with the Share of one person, whose state is on the disk.
func follow(t *testing.T, region string, person *simulator.Person, test func(t *testing.T, f *follower)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)))
		cloud := simulator.New(person)
		cloud.SetShare(simulator.ShareSettings{Region: region, MaxFailures: 4})
		cloud.Share(simulator.ShareAccount{Person: person.Name, Username: person.Name, Password: "right"})
		state, err := dexcom.OpenState(filepath.Join(t.TempDir(), "state"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = state.Close() })
		file, err := dexcom.OpenStateFile(state, person.Name)
		if err != nil {
			t.Fatal(err)
		}
		f := &follower{cloud: cloud, person: person, config: dexcom.ShareConfig{
			Region: dexcom.ShareRegion(region), BaseURL: "http://share.test", Username: person.Name, Password: "right", State: file, Transport: cloud,
		}}
		f.restart(t)
		test(t, f)
	})
}

func (f *follower) restart(t *testing.T) {
	t.Helper()
	share, err := dexcom.NewShare(f.config)
	if err != nil {
		t.Fatal(err)
	}
	f.Share = share
}

func wearer(seed uint64) *simulator.Person {
	return &simulator.Person{
		Name: fmt.Sprintf("wearer%d", seed), Seed: seed, Sensor: []simulator.Sensor{simulator.G6, simulator.G7}[seed%2], Quirks: seed%3 != 0, OldShare: seed == 4,
		OfflineShare: 0.05, Mean: 150, Swing: 90, Zone: time.FixedZone("", -5*3600), Since: time.Date(2025, time.June, 1, 0, 0, 0, 0, time.UTC),
	}
}

// compare reads 24 h and looks at each reading that must be there.
func (f *follower) compare(t *testing.T) (readings int) {
	t.Helper()
	now := time.Now()
	list, err := f.Readings(t.Context(), 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	got := map[time.Time]dexcom.Reading{}
	for i, r := range list.Records {
		if i > 0 && !r.Time.After(list.Records[i-1].Time) {
			t.Errorf("%s: %v after %v", f.person.Name, r.Time, list.Records[i-1].Time)
		}
		if _, offset := r.DisplayTime.Zone(); !r.DisplayTime.IsZero() && (offset != -5*3600 || !r.DisplayTime.Equal(r.Time)) {
			t.Errorf("%s: displayed at %v", f.person.Name, r.DisplayTime)
		}
		got[r.Time] = r
	}
	want := f.person.ShareReadings(now.Add(-24*time.Hour), now.Add(time.Minute), now)
	for _, w := range want {
		r, there := got[w.Time.UTC().Truncate(time.Second)]
		if !there || r.MgDL != float64(w.Value) || r.Trend != dexcom.ParseTrend(w.Trend) {
			t.Fatalf("%s: got  %+v\nwant %+v", f.person.Name, r, w)
		}
	}
	if len(got) > len(want)+1 { // one a minute ahead of our clock may be there
		t.Errorf("%s: %d readings, want %d", f.person.Name, len(got), len(want))
	}
	return len(got)
}

func TestASimulatedWeekOfShare(t *testing.T) {
	for seed, region := range []string{"us", "us", "ous", "jp", "us", "us"} {
		t.Run(fmt.Sprintf("%s %d", region, seed), func(t *testing.T) {
			follow(t, region, wearer(uint64(seed)), func(t *testing.T, f *follower) {
				total := 0
				for range 7 * 12 {
					total += f.compare(t)
					time.Sleep(2 * time.Hour)
				}
				counts := f.cloud.ShareCounts(f.person.Name)
				if counts.Authentications != 1 || counts.Logins > 8 || counts.FailedLogins > 0 || total < 7*12*200 {
					t.Errorf("%d readings, %+v", total, counts)
				}
				now, err := f.ServerTime(t.Context())
				if err != nil || time.Until(now).Abs() > time.Second {
					t.Errorf("the clock: %v, %v", now, err)
				}
			})
		})
	}
}

// Sessions that end early cost one login each, and no poll fails.
func TestSimulatedSessionsThatEndEarly(t *testing.T) {
	follow(t, "us", wearer(1), func(t *testing.T, f *follower) {
		f.cloud.SetShare(simulator.ShareSettings{SessionLife: 5 * time.Hour, JSONSubCode: true})
		for range 7 * 24 {
			f.compare(t)
			time.Sleep(time.Hour)
		}
		if counts := f.cloud.ShareCounts(f.person.Name); counts.Logins != 34 || counts.Authentications != 1 {
			t.Errorf("%+v", counts)
		}
	})
}

// A password that was changed never locks the account, nor does anything else when
// the program polls each minute, and the new one works at once.
func TestASimulatedPasswordChange(t *testing.T) {
	for _, internal := range []bool{false, true} {
		t.Run(fmt.Sprintf("internal error %t", internal), func(t *testing.T) {
			follow(t, "us", wearer(2), func(t *testing.T, f *follower) {
				f.cloud.SetShare(simulator.ShareSettings{MaxFailures: 12, InternalError: internal})
				f.compare(t)
				f.cloud.SetPassword(f.person.Name, "new")
				for minute := range 2 * 24 * 60 {
					if minute%100 == 99 {
						f.restart(t)
					}
					_, err := f.Readings(t.Context(), time.Hour)
					if !errors.Is(err, dexcom.ErrShareCredentials) || dexcom.Reason(err) != dexcom.ReasonCredentials {
						t.Fatal(err)
					}
					time.Sleep(time.Minute)
				}
				if counts := f.cloud.ShareCounts(f.person.Name); counts.FailedLogins != 8 || counts.LockedLogins > 0 {
					t.Errorf("%+v", counts)
				}
				f.config.Password = "new"
				f.restart(t)
				f.compare(t)
			})
		})
	}
}

func TestASimulatedLockOut(t *testing.T) {
	for _, old := range []bool{false, true} {
		t.Run(fmt.Sprintf("old spelling %t", old), func(t *testing.T) {
			follow(t, "us", wearer(3), func(t *testing.T, f *follower) {
				f.cloud.SetShare(simulator.ShareSettings{MaxFailures: 1, LockLife: 2 * time.Hour, OldSpelling: old})
				stranger := f.config
				stranger.State, stranger.Password = nil, "wrong"
				other, err := dexcom.NewShare(stranger)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := other.Readings(t.Context(), time.Hour); !errors.Is(err, dexcom.ErrShareCredentials) {
					t.Fatal(err)
				}
				begin := time.Now()
				for {
					_, err := f.Readings(t.Context(), time.Hour)
					if err == nil {
						break
					}
					if !errors.Is(err, dexcom.ErrShareLocked) || time.Since(begin) > 24*time.Hour {
						t.Fatalf("after %v: %v", time.Since(begin), err)
					}
					f.restart(t)
					time.Sleep(5 * time.Minute)
				}
				// 0 h, 0.5 h, 1.5 h and 3.5 h each lock it anew for 2 h, but the one at 7.5 h.
				if counts := f.cloud.ShareCounts(f.person.Name); counts.LockedLogins != 3 || counts.Authentications != 1 {
					t.Errorf("after %v: %+v", time.Since(begin), counts)
				}
			})
		})
	}
}

func TestSimulatedSharingOff(t *testing.T) {
	follow(t, "us", wearer(0), func(t *testing.T, f *follower) {
		f.compare(t)
		f.cloud.SetSharing(f.person.Name, false)
		if list, err := f.Readings(t.Context(), 24*time.Hour); err != nil || len(list.Records)+len(list.Skipped) > 0 {
			t.Errorf("%d readings, %v", len(list.Records), err)
		}
		f.cloud.SetSharing(f.person.Name, true)
		f.compare(t)
	})
}

// Another region, and credentials that are wrong, look alike.
func TestTheWrongSimulatedRegion(t *testing.T) {
	follow(t, "us", wearer(1), func(t *testing.T, f *follower) {
		f.config.Region = dexcom.ShareJP
		f.restart(t)
		for range 100 {
			if _, err := f.Readings(t.Context(), time.Hour); !errors.Is(err, dexcom.ErrShareCredentials) {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Minute)
		}
		if counts := f.cloud.ShareCounts(f.person.Name); counts.FailedLogins != 2 { // at once and half an hour later
			t.Errorf("%+v", counts)
		}
	})
}

// Faults of the network and of what stands before Share cost no login that fails.
func TestSimulatedFaultsOfShare(t *testing.T) {
	follow(t, "us", wearer(5), func(t *testing.T, f *follower) {
		f.cloud.FailDataAtRandom(simulator.Target{}, 7, 0.4,
			simulator.AnswerHTML(403), simulator.AnswerHTML(503), simulator.TooManyRequests(), simulator.LoseAnswer(), simulator.ResetConnection(),
			simulator.CutBody(), simulator.ShortenBody(), simulator.HalveBody(), simulator.EndlessAnswer(), simulator.AnswerInstead("null"))
		good := 0
		for range 500 {
			if _, err := f.Readings(t.Context(), time.Hour); err == nil {
				good++
			} else if dexcom.Reason(err) == dexcom.ReasonCredentials || dexcom.Reason(err) == "" {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Minute)
		}
		if counts := f.cloud.ShareCounts(f.person.Name); good < 200 || counts.FailedLogins > 0 || counts.Logins > 20 {
			t.Errorf("%d of 500 polls, %+v", good, counts)
		}
	})
}
