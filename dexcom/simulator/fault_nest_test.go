package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"
)

func TestNestedLists(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		for path, key := range map[string]string{
			aDay():        "nested",
			devicesPath:   "alertSchedules",
			dataRangePath: "nested",
			emptyDay():    "nested",
			"/v2/users/self/devices?" + between(noon(), noon().AddDate(0, 0, 60)).Encode(): "alertScheduleList",
			v2EGVsPath + "?" + between(noon(), noon().AddDate(0, 0, 1)).Encode():           "nested",
		} {
			cut := cutRecords
			if path == dataRangePath { // whose only list is the one that was put there
				cut = func(body []byte) document { return document{records: []json.RawMessage{body}} }
			}
			want := cut([]byte(to.get(t, "odd receiver", path).body))
			for _, n := range []int{0, 1, 2, 3000} {
				to.cloud.FailData(Target{}, NestLists(n), 1)
				got := to.get(t, "odd receiver", path)
				if got.err != nil || got.status != http.StatusOK || !json.Valid([]byte(got.body)) || got.length != -1 {
					t.Fatalf("%s: %d, %v: %.200s", path, got.status, got.err, got.body)
				}
				checkNested(t, want, cut([]byte(got.body)), key, n)
			}
		}
		if got := to.cloud.FaultCounts()["lists nested"]; got != 6*4 {
			t.Errorf("%d faults counted: %v", got, to.cloud.FaultCounts())
		}
	})
}

// checkNested compares an answer with what it would be without the list.
func checkNested(t *testing.T, want, got document, key string, n int) {
	t.Helper()
	if len(got.records) != max(len(want.records), 1) {
		t.Fatalf("%d records became %d", len(want.records), len(got.records))
	}
	var first map[string]json.RawMessage
	if err := json.Unmarshal(got.records[0], &first); err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(first[key], &list); err != nil || list == nil || len(list) != n {
		t.Errorf("%s has %d elements, want %d (%v)", key, len(list), n, err)
	}
	for i, record := range want.records[min(len(want.records), 1):] {
		if string(got.records[i+1]) != string(record) {
			t.Errorf("record %d is another", i+1)
		}
	}
	if len(want.records) == 0 {
		return
	}
	var before map[string]json.RawMessage
	if err := json.Unmarshal(want.records[0], &before); err != nil {
		t.Fatal(err)
	}
	for name, value := range before {
		if name != key && string(first[name]) != string(value) {
			t.Errorf("%s is %s, want %s", name, first[name], value)
		}
	}
}

// A list larger than any memory is made while it is read.
func TestNestedListsAreNotBuilt(t *testing.T) {
	t.Parallel()
	to := noSockets(t)
	to.cloud.FailData(Target{Endpoint: "devices"}, NestLists(1<<40), 1)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to.base+devicesPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+to.cloud.AccessToken("odd"))
	response, err := to.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	begun := time.Now()
	if n, err := io.CopyN(io.Discard, response.Body, 32<<20); err != nil || time.Since(begun) > time.Minute {
		t.Errorf("%d bytes in %v, %v", n, time.Since(begun), err)
	}
}
