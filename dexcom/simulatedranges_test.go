package dexcom_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

func TestSimulatedDataRanges(t *testing.T) {
	for _, version := range []dexcom.Version{dexcom.V2, dexcom.V3} {
		t.Run(string(version), func(t *testing.T) {
			visit(t, version, func(t *testing.T, client *dexcom.Client, person *simulator.Person, _, to time.Time) {
				got, err := client.DataRange(t.Context())
				if err != nil || (got.UserID == "") != (version == dexcom.V2) {
					t.Fatalf("%s: %v", person.Name, err)
				}
				want := dexcom.DataRange{UserID: got.UserID}
				if covered(version, person) {
					want.EGVs = spanOf(person, "egvs", to)
					want.Calibrations = spanOf(person, "calibrations", to)
					want.Events = eventSpan(version, person, to)
				}
				if got != want || covered(version, person) != (!got.EGVs.End.IsZero() && !got.Events.Start.IsZero()) {
					t.Errorf("%s:\ngot  %+v\nwant %+v", person.Name, got, want)
				}
			})
		})
	}
}

func spanOf(person *simulator.Person, record string, now time.Time) dexcom.Span {
	start, end, _ := person.DataRange(record, now, time.Time{})
	return dexcom.Span{Start: start, End: end}
}

// eventSpan leaves out what version 2 does not tell.
func eventSpan(version dexcom.Version, person *simulator.Person, now time.Time) dexcom.Span {
	if version == dexcom.V3 {
		return spanOf(person, "events", now)
	}
	events := slices.DeleteFunc(person.Events(person.Since, now, now), func(e simulator.Event) bool {
		return !slices.Contains([]string{"carbs", "insulin", "exercise", "health"}, e.Type)
	})
	return dexcom.Span{Start: events[0].SystemTime.UTC(), End: events[len(events)-1].SystemTime.UTC()}
}
