package collector

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// departure is a sample that left in this life.
type departure struct {
	value float64
	kept  bool // the disk knows of it
}

// scrape takes both tables, and tells what is new of the readings, and of what left
// before: whether the disk knows it by now.
func (l *life) scrape(t *testing.T) {
	t.Helper()
	if time.Now().Minute() == 0 {
		if _, err := l.registry.Gather(); err != nil {
			t.Error(err)
		}
	}
	left := l.gather()
	for _, p := range l.orders.People {
		l.tell(p.Person.Name, left[p.Person.Name])
	}
}

// gather is what a scraper gets of the readings, by account and Unix milliseconds.
func (l *life) gather() map[string]map[int64]float64 {
	samples := map[string]map[int64]float64{}
	for _, family := range l.readings.gather("campaign", campaignWindow) {
		if family.GetName() != string(EGV) {
			continue
		}
		for _, metric := range family.GetMetric() {
			account := metric.GetLabel()[0].GetValue()
			if samples[account] == nil {
				samples[account] = map[int64]float64{}
			}
			samples[account][metric.GetTimestampMs()] = metric.GetGauge().GetValue()
		}
	}
	return samples
}

// tell notes what left of an account. The disk is read after it left: it has to know
// by then.
func (l *life) tell(account string, left map[int64]float64) {
	given := l.given(account)
	if l.offered[account] == nil {
		l.offered[account] = map[int64]departure{}
	}
	offered := l.offered[account]
	for _, at := range slices.Sorted(maps.Keys(left)) {
		if before, known := offered[at]; !known || before.value != left[at] {
			offered[at] = departure{left[at], given[at]}
			l.journal.note(journalEntry{Kind: "sample", Account: account, Unix: at, Value: left[at], Kept: given[at]})
		}
	}
	for at, d := range offered {
		if !d.kept && given[at] {
			offered[at] = departure{d.value, true}
			l.journal.note(journalEntry{Kind: "kept", Account: account, Unix: at})
		}
	}
}

// given are the times in an account's state file: those under which readings may have
// left. Without a file there are none.
func (l *life) given(account string) map[int64]bool {
	var onDisk struct {
		Given []int64 `json:"given"`
	}
	if text, err := os.ReadFile(filepath.Join(l.orders.Dir, account+".state.json")); err == nil {
		_ = json.Unmarshal(text, &onDisk) // one that is broken has none, and the next start says so
	}
	given := make(map[int64]bool, len(onDisk.Given))
	for _, at := range onDisk.Given {
		given[at] = true
	}
	return given
}
