package dexcom

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sample reads a body of testdata.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

const goodEGV = `{"recordId":"a","systemTime":"2025-02-06T17:12:35Z","value":131}`

func TestDecodeListOfBadBodies(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]error{
		``:                          errNotJSON,
		`{"records":[`:              errNotJSON,
		`{"records":[]} trailing`:   errNotJSON,
		`<html>502 Bad Gateway`:     errHTML,
		"\n\t <!DOCTYPE html>":      errHTML,
		`[]`:                        errNoObject,
		`"text"`:                    errNoObject,
		`12`:                        errNoObject,
		`null`:                      errNoObject,
		`{}`:                        errNoRecords,
		`{"error":"server_error"}`:  errNoRecords,
		`{"records":null}`:          errNoRecords,
		`{"records":{}}`:            errNoRecords,
		`{"records":"none"}`:        errNoRecords,
		`{"records":[],"userId":3}`: nil,
		`{"records":[]}`:            nil,
	} {
		list, err := decodeList([]byte(body), "records", nil, parseEGV)
		if !errors.Is(err, want) || len(list.Records) != 0 || list.UserID != "" {
			t.Errorf("%.60s: %v records, error %v; want %v, of nobody", body, len(list.Records), err, want)
		}
	}
}

func TestAListThatIsTooLong(t *testing.T) {
	t.Parallel()
	body := func(records int) []byte { return []byte(`{"records":[` + strings.Repeat("0,", records-1) + `0]}`) }
	if list, err := decodeList(body(maxRecords), "records", nil, parseEGV); err != nil || len(list.Skipped) != maxRecords {
		t.Errorf("%d skipped, %v; want all of them", len(list.Skipped), err)
	}
	if list, err := decodeList(body(maxRecords+1), "records", nil, parseEGV); !errors.Is(err, errTooMany) || len(list.Skipped) != 0 {
		t.Errorf("%d skipped, %v; want %v", len(list.Skipped), err, errTooMany)
	}
}

// A key that is there twice must not double what one answer may hold.
func TestAListThatIsThereTwice(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"records":[` + goodEGV + `],"records":[` + goodEGV + `]}`,
		`{"records":[],"Records":[` + goodEGV + `]}`,
	} {
		if list, err := decodeList([]byte(body), "records", nil, parseEGV); !errors.Is(err, errTwoLists) || len(list.Records) > 0 {
			t.Errorf("%s: %d records, %v; want %v", body, len(list.Records), err, errTwoLists)
		}
	}
}

func TestAnAnswerOfTooManyKeys(t *testing.T) {
	t.Parallel()
	body := func(keys int) []byte {
		return []byte(`{` + strings.Repeat(`"unit":"mmol/L",`, keys-1) + `"egvs":[{"systemTime":"2022-02-06T17:12:35","value":6.1}]}`)
	}
	if list, err := decodeEGVs(V2, body(maxKeys), nil); err != nil || len(list.Records) != 1 || list.Records[0].MgDL != 109.895 {
		t.Errorf("%v, %v; want 109.895 mg/dL", list.Records, err)
	}
	for _, version := range []Version{V2, V3} {
		if _, err := decodeEGVs(version, body(maxKeys+1), nil); !errors.Is(err, errManyKeys) {
			t.Errorf("%s: %v; want %v", version, err, errManyKeys)
		}
	}
}

func TestARecordThatIsTooLarge(t *testing.T) {
	t.Parallel()
	record := func(size int) string {
		const open, end = `{"systemTime":"2025-02-06T17:12:35Z","value":131,"recordId":"b","more":"`, `"}`
		return open + strings.Repeat("x", size-len(open+end)) + end
	}
	for size, want := range map[int]int{maxRecord: 2, maxRecord + 1: 1} {
		list, err := decodeEGVs(V3, listBody(V3, "egvs", record(size), goodEGV), nil)
		if err != nil || len(list.Records) != want || len(list.Skipped) != 2-want || want == 1 && list.Skipped[0].Reason != SkipType {
			t.Errorf("%d bytes: %d records, skipped %v, %v; want %d records", size, len(list.Records), list.Skipped, err, want)
		}
	}
}

func TestABadRecordCostsOnlyItself(t *testing.T) {
	t.Parallel()
	for record, want := range map[string]string{
		`null`:                                   SkipType,
		`[]`:                                     SkipType,
		`"text"`:                                 SkipType,
		`17`:                                     SkipType,
		`{}`:                                     SkipTime,
		`{"value":1}`:                            SkipTime,
		`{"systemTime":null,"value":120}`:        SkipTime,
		`{"systemTime":17,"value":120}`:          SkipTime,
		`{"systemTime":{},"value":120}`:          SkipTime,
		`{"systemTime":"yesterday","value":120}`: SkipTime,
		`{"systemTime":"1970-01-01T00:00:00Z","value":120}`:                SkipTime,
		`{"systemTime":"1899-12-30T00:00:00Z","value":120}`:                SkipTime,
		`{"systemTime":"2025-02-06T17:12:35Z"}`:                            SkipValue,
		`{"systemTime":"2025-02-06T17:12:35Z","value":null}`:               SkipValue,
		`{"systemTime":"2025-02-06T17:12:35Z","value":"NaN"}`:              SkipValue,
		`{"systemTime":"2025-02-06T17:12:35Z","value":"Inf"}`:              SkipValue,
		`{"systemTime":"2025-02-06T17:12:35Z","value":1e999}`:              SkipValue,
		`{"systemTime":"2025-02-06T17:12:35Z","value":0}`:                  SkipValue,
		`{"systemTime":"2025-02-06T17:12:35Z","value":-5}`:                 SkipValue,
		`{"systemTime":"2025-02-06T17:12:35Z","value":2147483647}`:         SkipValue,
		`{"systemTime":"2025-02-06T17:12:35Z","value":[120]}`:              SkipValue,
		`{"systemTime":"2025-02-06T17:12:35Z","value":true}`:               SkipValue,
		`{"systemTime":"2025-02-06T17:12:35Z","value":null,"status":"ok"}`: SkipValue,
	} {
		body := fmt.Sprintf(`{"records":[%s,%s,%s]}`, goodEGV, record, goodEGV)
		list, err := decodeList([]byte(body), "records", nil, parseEGV)
		if err != nil || len(list.Records) != 2 || len(list.Skipped) != 1 || list.Skipped[0].Reason != want {
			t.Errorf("%s: %d records, skipped %v, error %v; want 2 and %q", record, len(list.Records), list.Skipped, err, want)
		}
	}
}

func TestSkipKeysTellRecordsApart(t *testing.T) {
	t.Parallel()
	list, err := decodeList([]byte(`{"records":[{"value":1},{"value":2},{"value":1}]}`), "records", nil, parseEGV)
	if err != nil || len(list.Skipped) != 3 {
		t.Fatalf("%d skipped, %v", len(list.Skipped), err)
	}
	if list.Skipped[0].Key != list.Skipped[2].Key || list.Skipped[0].Key == list.Skipped[1].Key {
		t.Errorf("keys %v: want the first and third alike, the second different", list.Skipped)
	}
}

func TestWireFieldsTakeAnything(t *testing.T) {
	t.Parallel()
	type fields struct {
		Text   wireText   `json:"text"`
		Number wireNumber `json:"number"`
		Flag   wireBool   `json:"flag"`
		Time   wireTime   `json:"time"`
	}
	for _, value := range []string{`null`, `true`, `false`, `0`, `-1.5e3`, `"text"`, `"12"`, `""`, `[]`, `{}`, `[{"a":[1]}]`, `"\u00e9"`} {
		body := fmt.Sprintf(`{"text":%[1]s,"number":%[1]s,"flag":%[1]s,"time":%[1]s}`, value)
		var got fields
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// FuzzDecodeList gives any body to every list endpoint: what is no answer is one of
// the errors that quote nothing of it, and what is one is read or skipped record by
// record.
func FuzzDecodeList(f *testing.F) {
	for _, samples := range []map[string][]string{egvSamples(), eventSamples(), calibrationSamples(), deviceSamples(), alertSamples()} {
		for name := range samples {
			f.Add(sample(f, name))
		}
	}
	for _, body := range []string{
		``, `null`, `<html>502`, `{"records":[` + goodEGV + `,{}],"userId":7}`, `{"records":[],"RECORDS":[]}`, `{"egvs":[],"unit":[]}`, "{\"records\":[\"\xff\"]}",
		strings.Repeat(`{"records":[`, 50), `{"records":[` + strings.Repeat(`[`, 10_001) + `]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, version := range []Version{V2, V3} {
			list, err := decodeEGVs(version, body, nil)
			checkList(t, version, "egvs", body, list, err)
			events, err := decodeEvents(version, body)
			checkList(t, version, "events", body, events, err)
			devices, err := decodeDevices(version, body)
			checkList(t, version, "devices", body, devices, err)
			calibrations, err := decodeCalibrations(version, body)
			checkList(t, version, "calibrations", body, calibrations, err)
		}
		alerts, err := decodeAlertChanges(V3, body)
		checkList(t, V3, "alerts", body, alerts, err)
	})
}

func checkList[T any](t *testing.T, version Version, endpoint string, body []byte, list List[T], err error) {
	t.Helper()
	read := len(list.Records) + len(list.Skipped)
	switch {
	case err != nil && (!isDecoding(err) || read > 0 || list.UserID != ""):
		t.Errorf("%s %s: %q gave %d records beside %v", version, endpoint, body, read, err)
	case err == nil && read != recordsIn(t, body, version.listKey(endpoint)):
		t.Errorf("%s %s: %q gave %d records and %d skipped", version, endpoint, body, len(list.Records), len(list.Skipped))
	}
	for _, skip := range list.Skipped {
		if skip.Reason != SkipType && skip.Reason != SkipTime && skip.Reason != SkipValue {
			t.Errorf("%s %s: %q was skipped for %q", version, endpoint, body, skip.Reason)
		}
	}
}
