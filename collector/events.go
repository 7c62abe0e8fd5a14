package collector

import (
	"context"
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// readEvents reads two weeks again each time: people write down, change and delete
// what is days old, and their phones upload it later still.
func (s *apiSource) readEvents(ctx context.Context) error {
	now := time.Now()
	list, err := s.client.Events(ctx, now.Add(-lastTwoWeeks.length()), now.Add(tolerance))
	if err == nil {
		kinds, reach := s.account.wantedEvents()
		list.Records = slices.DeleteFunc(list.Records, func(e dexcom.Event) bool {
			return !slices.Contains(kinds, e.Kind) || now.Sub(e.Time) > reach
		})
		replace(s.account, s.choresFor, "events", list, &s.account.events)
		s.account.postEvents()
	}
	return err
}

func eventRows() []row {
	bySubtype := []string{"subtype", "window"}
	return []row{
		gauge("dexcom_events", "Number of events that the person wrote down, of the configured kinds, in the window.", []string{"type", "subtype", "window"},
			func(s Snapshot, emit emit) {
				for _, kind := range s.EventKinds {
					eachSubtype(s, kind, func(subtype string, events []dexcom.Event) {
						emit(float64(len(events)), kind, subtype, string(lastDay))
					})
				}
			}),
		gauge("dexcom_event_carbs_grams", "Carbohydrates that the person wrote down, in the window.", []string{"window"},
			summed("carbs", func(sum float64, _ string, emit emit) { emit(sum, string(lastDay)) })),
		gauge("dexcom_event_insulin_units", "Insulin that the person wrote down, in the window.", bySubtype,
			summed("insulin", func(sum float64, subtype string, emit emit) { emit(sum, subtype, string(lastDay)) })),
		gauge("dexcom_event_exercise_seconds", "Exercise that the person wrote down, in the window.", bySubtype,
			summed("exercise", func(minutes float64, subtype string, emit emit) {
				emit(minutes*time.Minute.Seconds(), subtype, string(lastDay))
			})),
	}
}

// summed adds up the values of a kind's events by subtype, if the kind may leave
// the program.
func summed(kind string, read func(sum float64, subtype string, emit emit)) func(Snapshot, emit) {
	return func(s Snapshot, emit emit) {
		if !slices.Contains(s.EventKinds, kind) {
			return
		}
		eachSubtype(s, kind, func(subtype string, events []dexcom.Event) {
			sum := 0.0
			for _, event := range events {
				if event.HasValue {
					sum += event.Value
				}
			}
			read(sum, subtype, emit)
		})
	}
}

// eachSubtype gives the events of the last day for each subtype of a kind: one
// without a name for kinds that have none, and unknown ones only where there are
// some. Nothing is known before Dexcom was asked.
func eachSubtype(s Snapshot, kind string, read func(subtype string, events []dexcom.Event)) {
	if s.Events == nil || !lastDay.known(s) {
		return
	}
	bySubtype := map[string][]dexcom.Event{}
	first, _ := slices.BinarySearchFunc(s.Events, s.Now.Add(-lastDay.length()), func(e dexcom.Event, at time.Time) int { return e.Time.Compare(at) })
	for _, event := range s.Events[first:] {
		if event.Kind == kind && lastDay.has(event.Time, s.Now) {
			bySubtype[event.Subtype] = append(bySubtype[event.Subtype], event)
		}
	}
	subtypes := dexcom.EventSubtypes(kind)
	if len(subtypes) == 0 {
		subtypes = []string{""}
	}
	for _, subtype := range subtypes {
		if events := bySubtype[subtype]; subtype != "unknown" || len(events) > 0 {
			read(subtype, events)
		}
	}
}
