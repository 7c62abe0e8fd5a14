package simulator

import (
	"slices"
	"testing"
	"time"
)

// diaries are the records of two hundred days of some people, by version, in the
// order of the answers and by id.
func diaries(t *testing.T, quirks bool) map[string][][]map[string]any {
	t.Helper()
	all := make(map[string][][]map[string]any)
	for seed := range uint64(4) {
		p := &Person{Name: "p", Seed: seed, Sensor: G6, Quirks: quirks, Display: []Display{IOS, Receiver}[seed%2]}
		for n := range 8 {
			from, byID := noon().AddDate(0, 0, -25*n), make(map[string][]map[string]any)
			for _, r := range records(t, New(p), "p", eventsPath, between(from, from.AddDate(0, 0, 25))) {
				byID[r["recordId"].(string)] = append(byID[r["recordId"].(string)], r)
			}
			for _, told := range byID {
				all["v3"] = append(all["v3"], told)
			}
			byID = make(map[string][]map[string]any)
			for _, r := range recordsV2(t, New(p), "p", "events", from, from.AddDate(0, 0, 25)) {
				byID[r["eventId"].(string)] = append(byID[r["eventId"].(string)], r)
			}
			for _, told := range byID {
				all["v2"] = append(all["v2"], told)
			}
		}
	}
	return all
}

func TestPlainEventsHaveOneRecordEach(t *testing.T) {
	t.Parallel()
	for version, events := range diaries(t, false) {
		for _, told := range events {
			if len(told) != 1 {
				t.Errorf("%s: %v", version, told)
			}
		}
		if len(events) < 4000 {
			t.Errorf("%s: %d events", version, len(events))
		}
	}
}

// An id has one record or several, in each combination and in any order.
func TestOddEventsHaveSeveralRecords(t *testing.T) {
	t.Parallel()
	for version, events := range diaries(t, true) {
		seen := make(map[string]int)
		for _, told := range events {
			told = distinct(told)
			statuses := ""
			for _, r := range told {
				statuses += r["eventStatus"].(string)[:1]
			}
			seen[statuses]++
			for i, r := range told[1:] {
				if differ(told[i], r, "value") {
					seen["other value"]++
				}
				if differ(told[i], r, "systemTime") {
					seen["other time"]++
				}
				if version == "v3" && !differ(told[i], r, "recordedSystemTime") && r["eventStatus"] == updated {
					t.Errorf("which is newer, %v or %v?", told[i], r)
				}
			}
		}
		want := map[string][]string{
			"v2": {"c", "d", "cd", "dc", "ccd", "dcc", "other time", "other value"},
			"v3": {"c", "d", "u", "cd", "dc", "cu", "uc", "cuu", "uuc", "cud", "duc", "other time", "other value"},
		}[version]
		for _, name := range want {
			if seen[name] < 3 {
				t.Errorf("%s: %q happened %d times: %v", version, name, seen[name], seen)
			}
		}
		if version == "v2" && seen["cc"]+seen["ccc"] > 0 {
			t.Errorf("nobody can tell which of two created records of version 2 holds: %v", seen)
		}
	}
}

// distinct leaves out the second of two records alike.
func distinct(all []map[string]any) []map[string]any {
	var kept []map[string]any
	for _, r := range all {
		if !slices.ContainsFunc(kept, func(k map[string]any) bool {
			return !differ(k, r, "eventStatus", "value", "systemTime", "recordedSystemTime")
		}) {
			kept = append(kept, r)
		}
	}
	return kept
}

func differ(a, b map[string]any, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return a[key] != b[key] })
}

// A record that moves is where it was until the move is uploaded, and then
// earlier; dataRange goes along.
func TestMovedEvents(t *testing.T) {
	t.Parallel()
	p := &Person{Seed: 5, Quirks: true, HoldBack: time.Hour, Since: noon().AddDate(0, 0, -100)}
	moved := 0
	for _, e := range p.Events(noon(), noon().AddDate(0, 0, 200), late()) {
		before := eventsByID(p.Events(e.SystemTime, e.SystemTime.Add(time.Hour), e.Available.Add(-1)))[e.RecordID]
		if before.SystemTime.IsZero() || before.SystemTime.Equal(e.SystemTime) {
			continue
		}
		moved++
		if off := before.SystemTime.Sub(e.SystemTime); off < 4*time.Minute || off > 46*time.Minute || e.Status == created {
			t.Errorf("%+v became %+v", before, e)
		}
		if still := eventsByID(p.Events(before.SystemTime, before.SystemTime.Add(1), e.Available))[e.RecordID]; still.RecordID != "" {
			t.Errorf("it still is there: %+v", still)
		}
	}
	if moved < 10 {
		t.Errorf("%d events moved", moved)
	}
}

func TestNobodyChangesWhatAG5Tells(t *testing.T) {
	t.Parallel()
	for _, quirks := range []bool{false, true} {
		p := &Person{Seed: 5, Sensor: G5, Quirks: quirks}
		for _, e := range p.Events(noon(), noon().AddDate(0, 0, 100), late()) {
			if e.Status != created {
				t.Errorf("%+v", e)
			}
		}
	}
}
