package dexcom

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// The bodies of testdata are read by one table for each kind of answer, which says
// line by line what must come out.

// versionOf tells the version of a sample by its directory.
func versionOf(name string) Version {
	version, _, _ := strings.Cut(name, "/")
	return Version(version)
}

// checkSamples reads bodies and compares the lines of each record, and one for each
// that was skipped, with what is expected.
func checkSamples[T any](t *testing.T, samples map[string][]string, decode func(Version, []byte) (List[T], error), lines func(T) string) {
	t.Helper()
	for name, want := range samples {
		list, err := decode(versionOf(name), sample(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if wantUser := sampleUser(versionOf(name)); list.UserID != wantUser {
			t.Errorf("%s: of user %q, want %q", name, string(list.UserID), string(wantUser))
		}
		var got []string
		for _, record := range list.Records {
			got = append(got, strings.Split(lines(record), "\n")...)
		}
		for _, skip := range list.Skipped {
			got = append(got, "skipped: "+skip.Reason)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\ngot\n\t%s\nwant\n\t%s", name, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		}
	}
}

// sampleUser is who the samples are of: version 2 does not say.
func sampleUser(version Version) UserID {
	if version == V2 {
		return ""
	}
	return "382d5a4991d61f0887a80b260e24f1d9a6c80b2adb700b5e17b3d45985e9f226"
}

// A sample that no table names proves nothing.
func TestEverySampleIsInATable(t *testing.T) {
	t.Parallel()
	named := slices.Concat(
		slices.Collect(maps.Keys(egvSamples())),
		slices.Collect(maps.Keys(calibrationSamples())),
		slices.Collect(maps.Keys(eventSamples())),
		slices.Collect(maps.Keys(alertSamples())),
		slices.Collect(maps.Keys(deviceSamples())),
		slices.Collect(maps.Keys(dataRangeSamples())),
		slices.Collect(maps.Keys(statisticsSamples())), []string{statisticsRequestSample},
		slices.Collect(maps.Keys(refusalSamples())),
		slices.Collect(maps.Keys(tokenSamples())),
		slices.Collect(maps.Keys(tokenErrorSamples())),
	)
	for _, version := range []Version{V2, V3} {
		entries, err := os.ReadDir("testdata/" + string(version))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if name := string(version) + "/" + entry.Name(); !slices.Contains(named, name) {
				t.Errorf("%s is in no table", name)
			}
		}
	}
}

// fuzzRecords puts any text beside a good record, in both versions: the body may be
// refused as a whole, but a body that is read must not lose the good one, nor give
// a record that does not hold what it promises.
func fuzzRecords[T any](f *testing.F, endpoint, good string, samples map[string][]string, decode func(Version, []byte) (List[T], error), isGood, holds func(T) bool) {
	for name := range samples {
		var body map[string]json.RawMessage
		if err := json.Unmarshal(sample(f, name), &body); err != nil {
			f.Fatal(err)
		}
		var records []json.RawMessage
		if err := json.Unmarshal(body[versionOf(name).listKey(endpoint)], &records); err != nil {
			f.Fatal(err)
		}
		for _, record := range records {
			f.Add(string(record))
		}
	}
	for _, record := range hostileRecords() {
		f.Add(record)
	}
	f.Fuzz(func(t *testing.T, record string) {
		for _, version := range []Version{V2, V3} {
			body := listBody(version, endpoint, good, record)
			list, err := decode(version, body)
			if err != nil {
				continue
			}
			if read, given := len(list.Records)+len(list.Skipped), recordsIn(t, body, version.listKey(endpoint)); read != given {
				t.Errorf("%s: %d records and %d skipped of %d beside %q", version, len(list.Records), len(list.Skipped), given, record)
			}
			if len(list.Records) == 0 || !isGood(list.Records[0]) {
				t.Errorf("%s: the good record is lost beside %q", version, record)
			}
			for _, r := range list.Records {
				if !holds(r) {
					t.Errorf("%s: %q gave %+v", version, record, r)
				}
			}
		}
	})
}

// hostileRecords are what no endpoint sends.
func hostileRecords() []string {
	records := []string{
		`null`, `7`, `[]`, `"<html>"`, `{}`, `{"systemTime":{"a":1},"value":[[]],"recordId":{},"eventId":[],"unit":7}`,
		`{"value":NaN}`, `{"systemTime":"2025-02-06T17:12:35Z","value":1e400}`, "{\"recordId\":\"\xff\",\"systemTime\":\"\xff\"}",
		`{"systemTime":"2025-02-06T17:12:35Z","value":"NaN","trendRate":"Inf","unit":"mmol/L"}`,
		`{"systemTime":"2025-02-06T17:12:35Z","systemTime":null,"VALUE":100,"value":0.0000000000000001,"unit":"mmol/l"}`,
		`{"systemTime":"2025-02-06T17:12:35Z","value":9007199254740993,"transmitterTicks":-1,"trendRate":-1e308}`, `{}],"records":[{}`,
	}
	for _, year := range []string{"0000", "0001", "1899", "1970", "2099", "9999"} {
		at := `"` + year + `-12-31T23:59:60-14:00"`
		records = append(records, `{"systemTime":`+at+`,"displayTime":`+at+`,"recordedSystemTime":`+at+`,"lastUploadDate":`+at+`,"value":100}`)
	}
	return records
}

// recordsIn counts the records of an answer in another way than the decoder.
func recordsIn(t *testing.T, body []byte, key string) int {
	t.Helper()
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%q was read: %v", body, err)
	}
	for name, list := range answer {
		var records []json.RawMessage
		if strings.EqualFold(name, key) {
			if err := json.Unmarshal(list, &records); err != nil {
				t.Fatalf("%q was read: %v", body, err)
			}
			return len(records)
		}
	}
	t.Fatalf("%q was read, and has no %s", body, key)
	return 0
}

// listBody is an answer of an endpoint with these records in it.
func listBody(version Version, endpoint string, records ...string) []byte {
	return fmt.Appendf(nil, `{%q:[%s]}`, version.listKey(endpoint), strings.Join(records, ","))
}

// checkBadBodies serves what is no answer of a list endpoint, and checks that each
// is an error of decoding.
func checkBadBodies[T any](t *testing.T, endpoint string, decode func(Version, []byte) (List[T], error)) {
	t.Helper()
	for _, version := range []Version{V2, V3} {
		key := version.listKey(endpoint)
		for body, want := range map[string]error{
			``: errNotJSON, `<html>502`: errHTML, `null`: errNoObject, `[]`: errNoObject, `12`: errNoObject, `{}`: errNoRecords,
			`{"error":"x"}`: errNoRecords, `{"` + key + `":null}`: errNoRecords, `{"` + key + `":{}}`: errNoRecords, `{"` + key + `":7}`: errNoRecords,
			`{"` + key + `":[`: errNotJSON, `{"` + key + `":[]} more`: errNotJSON, `{"` + key + `":[` + strings.Repeat("0,", maxRecords) + `0]}`: errTooMany,
			`{"` + key + `":[]}`: nil,
		} {
			if list, err := decode(version, []byte(body)); !errors.Is(err, want) || len(list.Records)+len(list.Skipped) > 0 {
				t.Errorf("%s: %.40s: %d records, %v; want %v", version, body, len(list.Records), err, want)
			}
		}
	}
	if _, err := decode(V2, []byte(`{"records":[]}`)); !errors.Is(err, errNoRecords) {
		t.Errorf("the envelope of version 3 in version 2: %v", err)
	}
}

// checkRecords reads records by themselves, in both versions: want is the line of
// what must come out, or the reason why it was skipped.
func checkRecords[T any](t *testing.T, endpoint string, decode func(Version, []byte) (List[T], error), line func(T) string, records map[string]string) {
	t.Helper()
	for record, want := range records {
		for _, version := range []Version{V2, V3} {
			list, err := decode(version, listBody(version, endpoint, record))
			got := "nothing"
			switch {
			case err != nil:
				got = err.Error()
			case len(list.Records) == 1:
				got = line(list.Records[0])
			case len(list.Skipped) == 1:
				got = list.Skipped[0].Reason
			}
			if got != want {
				t.Errorf("%s: %s:\ngot  %s\nwant %s", version, record, got, want)
			}
		}
	}
}
