package collector

import (
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// series gives a metric's values by the values of the labels after account, in
// the order of the labels' names, without empty ones.
func series(t *testing.T, c prometheus.Collector, name string) map[string]float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			var labels []string
			for _, label := range metric.GetLabel() {
				if label.GetName() != "account" && label.GetValue() != "" {
					labels = append(labels, label.GetValue())
				}
			}
			all[strings.Join(labels, " ")] = metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
		}
	}
	return all
}

// wrote puts events in the place of those that were there.
func (a *account) wrote(events ...dexcom.Event) {
	replace(a, a.whose(a.poller(sourceAPI)), "events", dexcom.List[dexcom.Event]{Records: events}, &a.events)
}

// entry is an event from some time before now.
func entry(before time.Duration, kind, subtype string, value float64) dexcom.Event {
	return dexcom.Event{Time: time.Now().Add(-before), Kind: kind, Subtype: subtype, Value: value, HasValue: value >= 0}
}

func TestEvents(t *testing.T) {
	const hour = time.Hour
	none := map[string]float64{
		"carbs 24h": 0, "fastActing insulin 24h": 0, "longActing insulin 24h": 0,
		"light exercise 24h": 0, "medium exercise 24h": 0, "heavy exercise 24h": 0,
	}
	// with is none, except.
	with := func(except map[string]float64) map[string]float64 {
		all := maps.Clone(none)
		maps.Copy(all, except)
		return all
	}
	bubble(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			events []dexcom.Event
			want   map[string]float64
		}{
			"nothing yet":         {nil, none},
			"as old as it may be": {[]dexcom.Event{entry(24*hour-time.Millisecond, "carbs", "", 10)}, with(map[string]float64{"carbs 24h": 1})},
			"too old":             {[]dexcom.Event{entry(24*hour, "carbs", "", 10)}, none},
			"a little ahead":      {[]dexcom.Event{entry(-5*time.Minute, "carbs", "", 10)}, with(map[string]float64{"carbs 24h": 1})},
			"too far ahead":       {[]dexcom.Event{entry(-5*time.Minute-time.Millisecond, "carbs", "", 10)}, none},
			"of 1970 and 2099": {[]dexcom.Event{
				{Kind: "carbs", Time: time.Unix(0, 0)},
				{Kind: "carbs", Time: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)},
			}, none},
			"several kinds": {[]dexcom.Event{
				entry(hour, "carbs", "", 1), entry(hour, "insulin", "longActing", 1), entry(2*hour, "insulin", "longActing", 2), entry(hour, "exercise", "light", 1),
			}, with(map[string]float64{"carbs 24h": 1, "longActing insulin 24h": 2, "light exercise 24h": 1})},
			"a subtype that nobody knows": {
				[]dexcom.Event{entry(hour, "insulin", "unknown", 1)}, with(map[string]float64{"unknown insulin 24h": 1}),
			},
			"kinds that are not configured": {[]dexcom.Event{
				entry(hour, "health", "illness", -1), entry(hour, "blood_glucose", "", 120), entry(hour, "notes", "", -1), entry(hour, "unknown", "", 1),
			}, none},
		} {
			c, a := alone(t)
			a.absorbNow(ago(time.Minute, 100)) // what is known reaches until now
			if got := series(t, c, "dexcom_events"); len(got) > 0 {
				t.Errorf("%s: %v before Dexcom was asked", name, got)
			}
			a.wrote(test.events...)
			if got := series(t, c, "dexcom_events"); !maps.Equal(got, test.want) {
				t.Errorf("%s: %v\nwant %v", name, got, test.want)
			}
		}
	})
}

func TestEventSums(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		a.absorbNow(ago(time.Minute, 100)) // what is known reaches until now
		a.wrote(
			entry(25*time.Hour, "carbs", "", 100), entry(3*time.Hour, "carbs", "", 45.5), entry(2*time.Hour, "carbs", "", -1), entry(time.Hour, "carbs", "", 30),
			entry(3*time.Hour, "insulin", "fastActing", 2.5), entry(2*time.Hour, "insulin", "fastActing", 3), entry(time.Hour, "insulin", "unknown", -1),
			entry(3*time.Hour, "exercise", "heavy", 45), entry(-time.Hour, "exercise", "heavy", 45),
		)
		for name, want := range map[string]map[string]float64{
			"dexcom_event_carbs_grams":      {"24h": 75.5},
			"dexcom_event_insulin_units":    {"fastActing 24h": 5.5, "longActing 24h": 0, "unknown 24h": 0},
			"dexcom_event_exercise_seconds": {"light 24h": 0, "medium 24h": 0, "heavy 24h": 2700},
		} {
			if got := series(t, c, name); !maps.Equal(got, want) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
	})
}

func TestOnlyConfiguredKindsOfEventsLeave(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for _, test := range []struct {
			kinds []string
			want  map[string]map[string]float64
		}{
			{nil, map[string]map[string]float64{"dexcom_events": {}, "dexcom_event_carbs_grams": {}, "dexcom_event_insulin_units": {}, "dexcom_event_exercise_seconds": {}}},
			{[]string{"insulin"}, map[string]map[string]float64{
				"dexcom_events": {"fastActing insulin 24h": 1, "longActing insulin 24h": 0}, "dexcom_event_carbs_grams": {}, "dexcom_event_exercise_seconds": {},
			}},
			{[]string{"health", "blood_glucose", "notes"}, map[string]map[string]float64{
				"dexcom_events": {
					"blood_glucose 24h": 1, "notes 24h": 1, "illness health 24h": 0, "stress health 24h": 1, "highSymptoms health 24h": 0,
					"lowSymptoms health 24h": 0, "cycle health 24h": 0, "alcohol health 24h": 0,
				},
				"dexcom_event_carbs_grams": {}, "dexcom_event_insulin_units": {}, "dexcom_event_exercise_seconds": {},
			}},
		} {
			c, a := alone(t)
			a.absorbNow(ago(time.Minute, 100)) // what is known reaches until now
			a.settings.Events = test.kinds
			a.wrote(
				entry(time.Hour, "carbs", "", 30), entry(time.Hour, "insulin", "fastActing", 3), entry(time.Hour, "exercise", "heavy", 45),
				entry(time.Hour, "health", "stress", -1), entry(time.Hour, "blood_glucose", "", 101), entry(time.Hour, "notes", "", -1),
			)
			for name, want := range test.want {
				if got := series(t, c, name); !maps.Equal(got, want) {
					t.Errorf("%v: %s: %v, want %v", test.kinds, name, got, want)
				}
			}
		}
	})
}

// Weeks of a diary: the table shows what stands of the last day, as the truth has it.
func TestEventsOfASimulatedPerson(t *testing.T) {
	simulatesForLong(t)
	t.Parallel()
	for _, version := range []dexcom.Version{dexcom.V3, dexcom.V2} {
		bubbleOf(t, string(version), func(t *testing.T) {
			p := &simulator.Person{Name: "p", Seed: 61, Sensor: simulator.G6, Since: noon().Add(-20 * 24 * time.Hour), Quirks: true}
			cloud := simulator.New(p)
			w := socketless(cloud, cloud)
			w.version = version
			config := w.follow("p")
			config.MinInterval, config.MaxInterval = time.Hour, time.Hour
			c, stop := run(t, config)
			deleted := 0
			for range 5 * 24 {
				time.Sleep(time.Hour)
				synctest.Wait()
				now := time.Now()
				want := map[string]float64{"carbs 24h": 0, "fastActing insulin 24h": 0, "longActing insulin 24h": 0}
				for _, e := range p.Events(now.Add(-24*time.Hour+time.Millisecond), now.Add(tolerance), c.account("p").lastDone(eventsChore)) {
					label := strings.TrimSpace(e.SubType+" "+e.Type) + " 24h"
					switch _, wanted := want[label]; {
					case e.Status == "deleted":
						deleted++
					case wanted:
						want[label]++
					}
				}
				got := series(t, c, "dexcom_events")
				for label, n := range want {
					if got[label] != n {
						t.Fatalf("%v: %s is %v, want %v", now, label, got[label], n)
					}
				}
			}
			stop()
			if deleted == 0 {
				t.Error("nobody deleted anything: too short to try it")
			}
		})
	}
}
