package dexcom_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// The client and the simulator were written from the same pages by different
// hands: what one sends the other must understand, oddities included.

// people wear a G6 or a G5, which both versions cover, or a G7; half of them are
// odd in every way that clients have seen.
func people() []*simulator.Person {
	var all []*simulator.Person
	for seed := range uint64(8) {
		all = append(all, &simulator.Person{
			Name: fmt.Sprintf("person%d", seed), Seed: seed, Quirks: seed%2 == 1,
			Sensor:  []simulator.Sensor{simulator.G6, simulator.G7, simulator.G5, simulator.G6}[seed/2],
			Display: []simulator.Display{simulator.IOS, simulator.Android, simulator.Receiver}[seed%3], Rhythm: simulator.Hourly,
			HoldBack: time.Hour, OfflineShare: 0.1, Mean: 150, Swing: 90, Zone: time.FixedZone("", -8*3600),
			Since: time.Date(2025, time.June, 1, 0, 0, 0, 0, time.UTC),
		})
	}
	return all
}

// visit asks for 40 days of each person, all but their end available.
func visit(t *testing.T, version dexcom.Version, test func(t *testing.T, client *dexcom.Client, person *simulator.Person, from, to time.Time)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
		time.Sleep(time.Until(to))
		people := people()
		cloud := simulator.New(people...)
		for _, person := range people {
			client, err := dexcom.NewClient(dexcom.Config{
				BaseURL: "http://dexcom.test", Version: version, Tokens: dexcom.FixedToken(cloud.AccessToken(person.Name)), Transport: cloud,
			})
			if err != nil {
				t.Fatal(err)
			}
			test(t, client, person, to.Add(-40*24*time.Hour), to)
		}
	})
}

func covered(version dexcom.Version, person *simulator.Person) bool {
	return version == dexcom.V3 || person.Sensor == simulator.G6 || person.Sensor == simulator.G5
}

func TestSimulatedReadingsOfVersion3(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine at work")
	}
	outside := 0
	visit(t, dexcom.V3, func(t *testing.T, client *dexcom.Client, person *simulator.Person, from, to time.Time) {
		list, err := client.EGVs(t.Context(), from, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]dexcom.Reading{}
		for _, r := range list.Records {
			got[r.ID] = r
		}
		want := person.AvailableReadings(from, to, to)
		if len(got) != len(want) || len(want) < 5000 {
			t.Fatalf("%s: %d readings, want %d", person.Name, len(got), len(want))
		}
		for _, w := range want {
			r := got[w.RecordID]
			if !r.Time.Equal(w.SystemTime) || r.MgDL != float64(w.Value) || r.HasTrendRate != w.HasRate || r.TrendRate != w.TrendRate || r.Provisional {
				t.Fatalf("%s: got %+v\nwant %+v", person.Name, r, w)
			}
			if _, offset := r.DisplayTime.Zone(); offset != -8*3600 {
				t.Fatalf("%s: %v at %v", person.Name, r.DisplayTime, r.Time)
			}
			if r.OutOfRange() != 0 {
				outside++
			}
		}
	})
	if outside < 100 {
		t.Errorf("%d readings were LOW or HIGH", outside)
	}
}

func TestSimulatedReadingsOfVersion2(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine at work")
	}
	provisional := 0
	visit(t, dexcom.V2, func(t *testing.T, client *dexcom.Client, person *simulator.Person, from, to time.Time) {
		list, err := client.EGVs(t.Context(), from, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := map[time.Time]dexcom.Reading{}
		for _, r := range list.Records {
			got[r.Time] = r
		}
		want := person.V2Readings(from, to, to)
		if len(got) != len(want) || covered(dexcom.V2, person) != (len(want) > 5000) {
			t.Fatalf("%s: %d readings, want %d", person.Name, len(got), len(want))
		}
		for _, w := range want {
			r := got[w.SystemTime.UTC()]
			if r.MgDL != float64(w.Value) || r.Provisional == w.HasSmoothed || r.HasTrendRate != w.HasRate || r.TrendRate != w.TrendRate {
				t.Fatalf("%s: got %+v\nwant %+v", person.Name, r, w)
			}
			if _, offset := r.DisplayTime.Zone(); offset != -8*3600 {
				t.Fatalf("%s: %v at %v", person.Name, r.DisplayTime, r.Time)
			}
			if r.Provisional {
				provisional++
			}
		}
	})
	if provisional == 0 {
		t.Error("no reading was provisional")
	}
}

func TestSimulatedCalibrations(t *testing.T) {
	for _, version := range []dexcom.Version{dexcom.V2, dexcom.V3} {
		t.Run(string(version), func(t *testing.T) {
			visit(t, version, func(t *testing.T, client *dexcom.Client, person *simulator.Person, from, to time.Time) {
				list, err := client.Calibrations(t.Context(), from, to)
				if err != nil || len(list.Skipped) > 0 {
					t.Fatalf("%s: skipped %v, %v", person.Name, list.Skipped, err)
				}
				var want []dexcom.Calibration
				for _, w := range person.Calibrations(from, to, to) {
					c := dexcom.Calibration{ID: w.RecordID, Time: w.SystemTime.UTC(), MgDL: float64(w.Value)}
					if version == dexcom.V2 {
						c.ID = ""
					}
					want = append(want, c)
				}
				if !slices.Equal(list.Records, want) || (person.Sensor != simulator.G7) != (len(want) > 0) {
					t.Errorf("%s: got  %v\nwant %v", person.Name, list.Records, want)
				}
			})
		})
	}
}

// understood is an event of the simulator in the client's words.
func understood(e simulator.Event) dexcom.Event {
	kinds := map[string]string{"bloodGlucose": "blood_glucose"}
	kind, renamed := kinds[e.Type]
	if !renamed {
		kind = e.Type
	}
	subtype := e.SubType
	switch {
	case dexcom.EventSubtypes(kind) == nil:
		subtype = ""
	case subtype == "":
		subtype = "unknown"
	}
	return dexcom.Event{ID: e.RecordID, Time: e.SystemTime.UTC(), Kind: kind, Subtype: subtype, Value: e.Value, HasValue: e.HasValue}
}

func TestSimulatedEvents(t *testing.T) {
	for _, version := range []dexcom.Version{dexcom.V2, dexcom.V3} {
		t.Run(string(version), func(t *testing.T) {
			visit(t, version, func(t *testing.T, client *dexcom.Client, person *simulator.Person, from, to time.Time) {
				list, err := client.Events(t.Context(), from, to)
				if err != nil || len(list.Skipped) > 0 || covered(version, person) != (len(list.Records) > 100) {
					t.Fatalf("%s: %d events, skipped %v, %v", person.Name, len(list.Records), list.Skipped, err)
				}
				got := map[string]dexcom.Event{}
				for _, e := range list.Records {
					got[e.ID] = e
				}
				if len(got) != len(list.Records) || !slices.IsSortedFunc(list.Records, func(a, b dexcom.Event) int { return a.Time.Compare(b.Time) }) {
					t.Errorf("%s: out of order or double", person.Name)
				}
				deleted := 0
				for _, w := range person.Events(from, to, to) {
					e, there := got[w.RecordID]
					delete(got, w.RecordID)
					switch {
					case w.Status == "deleted":
						deleted++
						if there {
							t.Errorf("%s: %+v was deleted", person.Name, e)
						}
					case !there && version == dexcom.V2 && (!covered(version, person) || slices.Contains([]string{"bloodGlucose", "notes", "unknown"}, w.Type)):
						// version 2 does not know it
					case e != understood(w):
						t.Errorf("%s: got  %+v\nwant %+v", person.Name, e, understood(w))
					}
				}
				if deletes := person.Sensor != simulator.G5; (deleted > 0) != deletes || len(got) > 0 {
					t.Errorf("%s: %d deleted, made up: %v", person.Name, deleted, got)
				}
			})
		})
	}
}

func TestSimulatedAlarms(t *testing.T) {
	total := 0
	visit(t, dexcom.V3, func(t *testing.T, client *dexcom.Client, person *simulator.Person, from, to time.Time) {
		list, err := client.Alarms(t.Context(), from, to)
		if err != nil || len(list.Skipped) > 0 {
			t.Fatalf("%s: skipped %v, %v", person.Name, list.Skipped, err)
		}
		var want []string
		for _, w := range person.Alarms(from, to, to) {
			if w.State == "activeAlarming" {
				want = append(want, fmt.Sprint(w.SystemTime.UTC(), w.RecordID, w.Alert))
			}
		}
		var got []string
		for _, a := range list.Records {
			got = append(got, fmt.Sprint(a.Time, a.ID, a.Alert))
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d alarms, want %d", person.Name, len(got), len(want))
		}
		total += len(got)
	})
	if total < 100 {
		t.Errorf("%d alarms of all", total)
	}
}

func TestSimulatedStatistics(t *testing.T) {
	ranges := []dexcom.TargetRange{
		{Name: "day", Start: 7 * time.Hour, End: 20 * time.Hour, UrgentLow: 55, Low: 70, High: 180},
		{Name: "night", Start: 20 * time.Hour, End: 7 * time.Hour, UrgentLow: 55, Low: 80, High: 200},
	}
	visit(t, dexcom.V2, func(t *testing.T, client *dexcom.Client, person *simulator.Person, from, to time.Time) {
		var truth []simulator.TargetRange
		for _, r := range ranges {
			truth = append(truth, simulator.TargetRange{Start: r.Start, End: r.End, UrgentLow: r.UrgentLow, Low: r.Low, High: r.High})
		}
		got, err := client.Statistics(t.Context(), from, to, ranges)
		want := person.Statistics(from, to, to, truth)
		if err != nil || got.NValues != float64(want.NValues) || got.NDays != float64(want.NDays) || got.NUrgentLow != float64(want.NUrgentLow) ||
			got.NBelowRange != float64(want.NBelowRange) || got.NWithinRange != float64(want.NWithinRange) || got.NAboveRange != float64(want.NAboveRange) {
			t.Fatalf("%s: %v\ngot  %+v\nwant %+v", person.Name, err, got, want)
		}
		if !covered(dexcom.V2, person) {
			if _, known := got.HypoglycemiaRisk.Level(); known || !math.IsNaN(got.Mean) || !math.IsNaN(got.PercentUrgentLow) {
				t.Errorf("%s: %+v, want nothing", person.Name, got)
			}
			return
		}
		level, known := got.HypoglycemiaRisk.Level()
		for name, pair := range map[string][2]float64{
			"risk": {float64(level), float64(slices.Index([]string{"minimal", "low", "moderate", "high"}, want.HypoglycemiaRisk))},
			"mean": {got.Mean, want.Mean}, "median": {got.Median, want.Median}, "min": {got.Min, float64(want.Min)}, "max": {got.Max, float64(want.Max)},
			"stdDev": {got.StdDev, want.StdDev}, "variance": {got.Variance, want.Variance}, "sum": {got.Sum, float64(want.Sum)},
			"q1": {got.Q1, want.Q1}, "q2": {got.Q2, want.Q2}, "q3": {got.Q3, want.Q3},
			"utilization": {got.UtilizationPercent, want.UtilizationPercent}, "calibrations": {got.MeanDailyCalibrations, want.MeanDailyCalibrations},
			"urgent low": {got.PercentUrgentLow, want.PercentUrgentLow}, "below": {got.PercentBelowRange, want.PercentBelowRange},
			"within": {got.PercentWithinRange, want.PercentWithinRange}, "above": {got.PercentAboveRange, want.PercentAboveRange},
		} {
			if !known || math.Abs(pair[0]-pair[1]) > 0.001 {
				t.Errorf("%s: %s is %v, want %v", person.Name, name, pair[0], pair[1])
			}
		}
	})
}

// A list that is within bounds in bytes must not grow into something huge: of it
// nobody reads more than a device can have.
func TestSimulatedNestedLists(t *testing.T) {
	for objects, want := range map[int]string{300_000: "", 400_000: dexcom.ReasonDecode} {
		t.Run(strconv.Itoa(objects), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)))
				for _, version := range []dexcom.Version{dexcom.V2, dexcom.V3} {
					person := people()[0]
					cloud := simulator.New(person)
					cloud.FailData(simulator.Target{}, simulator.NestLists(objects), 1)
					client, err := dexcom.NewClient(dexcom.Config{
						BaseURL: "http://dexcom.test", Version: version, Tokens: dexcom.FixedToken(cloud.AccessToken(person.Name)), Transport: cloud,
					})
					if err != nil {
						t.Fatal(err)
					}
					devices, err := client.Devices(t.Context())
					if dexcom.Reason(err) != want || want == "" && len(devices.Records[0].Schedules) != 64 {
						t.Errorf("%s: %d devices, %v; want %q", version, len(devices.Records), err, want)
					}
				}
			})
		})
	}
}
