package dexcom

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func eventSamples() map[string][]string {
	return map[string][]string{
		"v2/events.json": {
			"c62e5efe 2022-02-06T16:40:00Z carbs  45 grams",
			"a8151c0c 2022-02-06T16:38:00Z insulin fastActing 4.5 units",
			"e7e1c6df 2022-02-06T06:01:00Z insulin longActing 17 units",
			"e44dcdc2 2022-02-06T01:10:00Z exercise medium 30 minutes",
			"48d88a4d 2022-02-05T23:00:00Z health stress none ",
		},
		"v2/events_edge.json": {
			"32881e90 2022-02-06T16:40:00Z carbs  45 grams deleted",
			"e3ddbff2 2022-02-06T15:38:00Z insulin unknown 2 units",
			"cdf50033 2022-02-06T01:10:00Z exercise unknown none minutes",
			"b6d83a95 2022-02-05T23:00:00Z health alcohol none ",
		},
		"v2/events_empty.json": nil,
		"v3/events.json": {
			"b1c2300b 2025-02-06T16:40:00Z carbs  45 grams",
			"71e8245c 2025-02-06T16:38:00Z insulin fastActing 4.5 units",
			"d31df40c 2025-02-06T06:01:00Z insulin longActing 17 units",
			"6a038323 2025-02-06T01:10:00Z exercise medium 30 minutes",
			"48d78a14 2025-02-05T23:00:00Z health stress none ",
			"1e71c39b 2025-02-05T22:00:00Z blood_glucose  104 mg/dL",
			"860f0a85 2025-02-05T21:00:00Z notes  none ",
		},
		"v3/events_edge.json": {
			"17fe5a04 2025-02-06T16:40:00Z carbs  45 grams deleted",
			"44f4ff30 2025-02-06T16:38:00Z insulin fastActing 5 units updated",
			"b49bc3ef 2025-02-06T01:10:00Z exercise unknown none minutes",
			"96b016dc 2025-02-06T00:10:00Z insulin unknown none units",
			"8b5bb28b 2025-02-05T23:10:00Z notes  none ",
			"9485997a 2025-02-05T22:10:00Z unknown  none ",
			"6d753e27 2025-02-05T21:10:00Z insulin longActing 400 units",
		},
		"v3/events_empty.json": nil,
	}
}

func eventLine(r recordedEvent) string {
	value := "none"
	if r.HasValue {
		value = fmt.Sprint(r.Value)
	}
	id, _, _ := strings.Cut(r.ID, "-")
	line := strings.Join([]string{id, r.Time.Format(time.RFC3339Nano), r.Kind, r.Subtype, value, r.Unit()}, " ")
	return line + map[eventStatus]string{eventUpdated: " updated", eventDeleted: " deleted"}[r.status]
}

func TestEventSamples(t *testing.T) {
	t.Parallel()
	checkSamples(t, eventSamples(), decodeEvents, eventLine)
}

func TestBadEvents(t *testing.T) {
	t.Parallel()
	checkBadBodies(t, "events", decodeEvents)
	const now = `"systemTime":"2025-02-06T16:40:00Z",`
	checkRecords(t, "events", decodeEvents, eventLine, map[string]string{
		`null`:                             SkipType,
		`[{}]`:                             SkipType,
		`{}`:                               SkipTime,
		`{"eventType":"carbs","value":45}`: SkipTime,
		`{"systemTime":{},"eventType":"carbs","value":45}`:                              SkipTime,
		`{"systemTime":"1970-01-01T00:00:00Z","eventType":"carbs","value":45}`:          SkipTime,
		`{"systemTime":"2099-01-01T00:00:00Z","eventType":"carbs","value":45}`:          " 2099-01-01T00:00:00Z carbs  45 grams",
		`{"systemTime":"2025-02-06T16:40:00Z"}`:                                         " 2025-02-06T16:40:00Z unknown  none ",
		`{` + now + `"eventType":null,"eventSubType":null,"value":null,"unit":null}`:    " 2025-02-06T16:40:00Z unknown  none ",
		`{` + now + `"eventType":[],"eventSubType":{},"value":[1],"eventStatus":7}`:     " 2025-02-06T16:40:00Z unknown  none ",
		`{` + now + `"eventType":"<script>","eventSubType":"fastActing","value":1}`:     " 2025-02-06T16:40:00Z unknown  none ",
		`{` + now + `"eventType":"Blood Glucose","value":5.5,"unit":"mmol/L"}`:          " 2025-02-06T16:40:00Z blood_glucose  99.086 mg/dL",
		`{` + now + `"eventType":"bloodGlucose","value":"104","unit":null}`:             " 2025-02-06T16:40:00Z blood_glucose  104 mg/dL",
		`{` + now + `"eventType":"bloodGlucose","value":1e308,"unit":"mmol/L"}`:         " 2025-02-06T16:40:00Z blood_glucose  none mg/dL",
		`{` + now + `"eventType":"carbs","eventSubType":"fastActing","value":"45.50"}`:  " 2025-02-06T16:40:00Z carbs  45.5 grams",
		`{` + now + `"eventType":"CARBS","value":0,"unit":"unknown"}`:                   " 2025-02-06T16:40:00Z carbs  0 grams",
		`{` + now + `"eventType":"carbs","value":45,"unit":"mmol/L"}`:                   " 2025-02-06T16:40:00Z carbs  45 grams",
		`{` + now + `"eventType":"insulin","value":4.5,"unit":"mmol/L"}`:                " 2025-02-06T16:40:00Z insulin unknown 4.5 units",
		`{` + now + `"eventType":"carbs","value":1000}`:                                 " 2025-02-06T16:40:00Z carbs  1000 grams",
		`{` + now + `"eventType":"carbs","value":1000.1}`:                               " 2025-02-06T16:40:00Z carbs  none grams",
		`{` + now + `"eventType":"insulin","value":"500"}`:                              " 2025-02-06T16:40:00Z insulin unknown 500 units",
		`{` + now + `"eventType":"insulin","value":"500.5"}`:                            " 2025-02-06T16:40:00Z insulin unknown none units",
		`{` + now + `"eventType":"exercise","value":1440}`:                              " 2025-02-06T16:40:00Z exercise unknown 1440 minutes",
		`{` + now + `"eventType":"exercise","value":1441}`:                              " 2025-02-06T16:40:00Z exercise unknown none minutes",
		`{` + now + `"eventType":"bloodGlucose","value":1000}`:                          " 2025-02-06T16:40:00Z blood_glucose  1000 mg/dL",
		`{` + now + `"eventType":"bloodGlucose","value":1001}`:                          " 2025-02-06T16:40:00Z blood_glucose  none mg/dL",
		`{` + now + `"eventType":"bloodGlucose","value":56,"unit":"mmol/L"}`:            " 2025-02-06T16:40:00Z blood_glucose  none mg/dL",
		`{` + now + `"eventType":"carbs","value":"NaN"}`:                                " 2025-02-06T16:40:00Z carbs  none grams",
		`{` + now + `"eventType":"carbs","value":1e999}`:                                " 2025-02-06T16:40:00Z carbs  none grams",
		`{` + now + `"eventType":"carbs","value":-0.01}`:                                " 2025-02-06T16:40:00Z carbs  none grams",
		`{` + now + `"eventType":"insulin","eventSubType":"FASTACTING","value":400}`:    " 2025-02-06T16:40:00Z insulin fastActing 400 units",
		`{` + now + `"eventType":"insulin","eventSubType":"inhaled","value":""}`:        " 2025-02-06T16:40:00Z insulin unknown none units",
		`{` + now + `"eventType":"exercise","eventSubType":"","value":"-1.00"}`:         " 2025-02-06T16:40:00Z exercise unknown none minutes",
		`{` + now + `"eventType":"health","eventSubType":"cycle","value":"3"}`:          " 2025-02-06T16:40:00Z health cycle none ",
		`{` + now + `"eventType":"note","eventSubType":"light","value":"120"}`:          " 2025-02-06T16:40:00Z notes  none ",
		`{` + now + `"eventType":"carbs","eventStatus":"DELETED","value":45}`:           " 2025-02-06T16:40:00Z carbs  45 grams deleted",
		`{` + now + `"eventType":"carbs","eventStatus":"lost","value":45,"eventId":12}`: "12 2025-02-06T16:40:00Z carbs  45 grams",
		`{` + now + `"recordId":"r","eventId":"e","eventType":"carbs","value":true}`:    "r 2025-02-06T16:40:00Z carbs  none grams",
	})
}

// What a person wrote is nobody's business: no record may hold it in any form.
func TestNotesAreNotKept(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"sensor itchy", "7312", " 7312 ", "7312e1"} {
		list, err := decodeEvents(V3, listBody(V3, "events", fmt.Sprintf(`{"recordId":"a","systemTime":"2025-02-06T16:40:00Z","eventType":"notes","value":%q}`, text)))
		if err != nil || len(list.Records) != 1 {
			t.Fatalf("%d records, %v", len(list.Records), err)
		}
		if got := fmt.Sprintf("%+v", list.Records[0]); strings.Contains(got, "itchy") || strings.Contains(got, "7312") {
			t.Errorf("%q is in %s", text, got)
		}
	}
}

func TestEventsThatStillStand(t *testing.T) {
	t.Parallel()
	record := func(id, clock, status string, grams int) string {
		return fmt.Sprintf(`{"recordId":%q,"systemTime":"2025-02-06T%sZ","eventType":"carbs","eventStatus":%q,"value":"%d"}`, id, clock, status, grams)
	}
	recorded := func(id, clock, status string, grams int, at string) string {
		return strings.Replace(record(id, clock, status, grams), `{`, `{"recordedSystemTime":"2025-02-06T`+at+`Z",`, 1)
	}
	for name, test := range map[string]struct{ records, want []string }{
		"in order":               {[]string{record("b", "12:00:00", "created", 2), record("a", "12:00:00", "created", 1), record("c", "08:00:00", "created", 3)}, []string{"c=3", "a=1", "b=2"}},
		"deleted":                {[]string{record("a", "12:00:00", "deleted", 45)}, nil},
		"deleted after created":  {[]string{record("a", "12:00:00", "created", 45), record("a", "12:00:00", "deleted", 45)}, nil},
		"deleted before created": {[]string{record("a", "12:00:00", "deleted", 45), record("a", "12:00:00", "created", 45)}, nil},
		"deleted beats updated":  {[]string{record("a", "12:00:00", "deleted", 45), record("a", "13:00:00", "updated", 50), record("a", "12:00:00", "created", 45)}, nil},
		"updated beats created":  {[]string{record("a", "12:00:00", "updated", 50), record("a", "12:00:00", "created", 45)}, []string{"a=50"}},
		"updated at an old time": {[]string{record("a", "12:00:00", "created", 45), record("a", "11:00:00", "updated", 50)}, []string{"a=50"}},
		"updated twice":          {[]string{record("a", "12:00:00", "updated", 50), record("a", "12:30:00", "updated", 60), record("a", "11:00:00", "updated", 40)}, []string{"a=60"}},
		"doubled":                {[]string{record("a", "12:00:00", "created", 45), record("a", "12:00:00", "created", 45)}, []string{"a=45"}},
		"doubled without id":     {[]string{record("", "12:00:00", "created", 45), record("", "12:00:00", "created", 45), record("", "12:00:00", "created", 46)}, []string{"=45", "=46"}},
		"deleted without id":     {[]string{record("", "12:00:00", "created", 45), record("", "12:00:00", "deleted", 45), record("", "13:00:00", "created", 45)}, []string{"=45"}},
		"replaced":               {[]string{record("a", "12:00:00", "deleted", 45), record("b", "12:00:00", "created", 50)}, []string{"b=50"}},
		"recorded later":         {[]string{recorded("a", "13:00:00", "updated", 40, "14:00:00"), recorded("a", "12:00:00", "updated", 50, "15:00:00"), recorded("a", "12:30:00", "updated", 60, "14:30:00")}, []string{"a=50"}},
		"recorded together":      {[]string{recorded("a", "12:00:00", "updated", 50, "15:00:00"), recorded("a", "12:30:00", "updated", 60, "15:00:00")}, []string{"a=60"}},
		"recorded once":          {[]string{record("a", "12:30:00", "updated", 60), recorded("a", "12:00:00", "updated", 50, "12:31:00")}, []string{"a=50"}},
		"recorded at once":       {[]string{recorded("a", "12:00:00", "updated", 50, "12:29:00"), record("a", "12:30:00", "updated", 60)}, []string{"a=60"}},
		"recorded before":        {[]string{recorded("a", "12:00:00", "created", 45, "15:00:00"), recorded("a", "12:00:00", "updated", 50, "14:00:00")}, []string{"a=50"}},
		"recorded nonsense":      {[]string{recorded("a", "12:30:00", "updated", 60, "late"), record("a", "12:00:00", "updated", 50)}, []string{"a=60"}},
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(listBody(V3, "events", test.records...)) })
		list, err := client.Events(t.Context(), at("2025-02-06T00:00:00Z"), at("2025-02-07T00:00:00Z"))
		var got []string
		for _, e := range list.Records {
			got = append(got, fmt.Sprintf("%s=%v", e.ID, e.Value))
		}
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, %v; want %q", name, got, err, test.want)
		}
	}
}

func TestEventsOfVersion2(t *testing.T) {
	t.Parallel()
	body := sample(t, "v2/events_edge.json")
	client := serveVersion(t, V2, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/prefix/v2/users/self/events" {
			t.Errorf("asked %s", r.URL.Path)
		}
		_, _ = w.Write(body)
	})
	list, err := client.Events(t.Context(), at("2022-02-01T00:00:00Z"), at("2022-02-07T00:00:00Z"))
	if err != nil || len(list.Records) != 3 || list.Records[0].Subtype != "alcohol" || list.Records[2].Kind != "insulin" {
		t.Errorf("%+v, %v; want the three that stand, oldest first", list.Records, err)
	}
}

func TestEventNamesComeFromClosedSets(t *testing.T) {
	t.Parallel()
	for _, kind := range EventKinds() {
		if got := eventKind(kind); got != kind {
			t.Errorf("kind %s is read as %s", kind, got)
		}
		for _, subtype := range EventSubtypes(kind) {
			if got := eventSubtype(kind, strings.ToUpper(subtype)); got != subtype {
				t.Errorf("%s: subtype %s is read as %s", kind, subtype, got)
			}
		}
	}
}

func FuzzDecodeEvents(f *testing.F) {
	const good = `{"recordId":"a","systemTime":"2025-02-06T15:31:02Z","eventType":"carbs","value":"45"}`
	isGood := func(r recordedEvent) bool { return r.ID == "a" && r.Kind == "carbs" && r.Value == 45 && r.HasValue }
	holds := func(r recordedEvent) bool {
		subtypes := EventSubtypes(r.Kind)
		known := slices.Contains(EventKinds(), r.Kind) && (slices.Contains(subtypes, r.Subtype) || subtypes == nil && r.Subtype == "")
		most := map[string]float64{"grams": 1000, "units": 500, "minutes": 1440, "mg/dL": 1000}[r.Unit()]
		return known && r.Value >= 0 && r.Value <= most && (r.HasValue || r.Value == 0) && r.Time.Year() >= 2006 && r.recorded.Year() >= 2006
	}
	fuzzRecords(f, "events", good, eventSamples(), decodeEvents, isGood, holds)
}
