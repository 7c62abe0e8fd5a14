package dexcom

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func alertSamples() map[string][]string {
	return map[string][]string{
		"v3/alerts.json": {
			"eb34a113 2025-02-06T17:12:40Z high true",
			"4d36fc82 2025-02-06T17:20:03Z high false",
			"5ba7e7a4 2025-02-06T18:45:00Z high false",
			"375e8d99 2025-02-06T03:02:11Z urgentLowSoon true",
			"7547cc04 2025-02-05T22:00:00Z outOfRange true",
			"4bbcb895 2025-02-05T21:00:00Z noReadings false",
			"ee84e253 2025-02-05T20:00:00Z fixedLow true",
		},
		"v3/alerts_empty.json": nil,
	}
}

func alertLine(c alertChange) string {
	id, _, _ := strings.Cut(c.ID, "-")
	return fmt.Sprint(id, " ", c.Time.Format(time.RFC3339Nano), " ", c.Alert, " ", c.alarming)
}

func TestAlertSamples(t *testing.T) {
	t.Parallel()
	checkSamples(t, alertSamples(), decodeAlertChanges, alertLine)
}

func TestBadAlerts(t *testing.T) {
	t.Parallel()
	checkBadBodies(t, "alerts", decodeAlertChanges)
	checkRecords(t, "alerts", decodeAlertChanges, alertLine, map[string]string{
		`null`: SkipType,
		`7`:    SkipType,
		`{}`:   SkipTime,
		`{"systemTime":[],"alertName":"high","alertState":"activeAlarming"}`:                                 SkipTime,
		`{"systemTime":"1970-01-01T00:00:00Z","alertName":"high","alertState":"activeAlarming"}`:             SkipTime,
		`{"systemTime":"2025-02-06T17:12:40Z"}`:                                                              " 2025-02-06T17:12:40Z unknown false",
		`{"systemTime":"2025-02-06T17:12:40Z","alertName":null,"alertState":null}`:                           " 2025-02-06T17:12:40Z unknown false",
		`{"systemTime":"2025-02-06T17:12:40Z","alertName":{"a":1},"alertState":["activeAlarming"]}`:          " 2025-02-06T17:12:40Z unknown false",
		`{"systemTime":"2025-02-06T17:12:40Z","alertName":"<b>","alertState":"activeAlarming"}`:              " 2025-02-06T17:12:40Z unknown true",
		`{"systemTime":"2099-01-01T00:00:00Z","alertName":"URGENTLOW","alertState":"ActiveAlarming"}`:        " 2099-01-01T00:00:00Z urgentLow true",
		`{"systemTime":"2025-02-06T17:12:40Z","alertName":"low","alertState":"activeAlarming","recordId":3}`: "3 2025-02-06T17:12:40Z low true",
	})
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	record := func(id, clock, alert, state string) string {
		return fmt.Sprintf(`{"recordId":%q,"systemTime":"2025-02-06T%sZ","alertName":%q,"alertState":%q}`, id, clock, alert, state)
	}
	answer := listBody(V3, "alerts",
		record("shared", "12:30:00", "high", "inactive"), // the changes of one alert may share an id
		record("shared", "12:10:00", "high", "activeSnoozed"),
		record("shared", "12:00:00", "high", "activeAlarming"),
		record("shared", "12:20:00", "high", "activeAlarming"), // after the snooze
		record("shared", "12:00:00", "high", "activeAlarming"),
		record("b", "03:00:00", "low", "activeAlarming"),
		record("a", "03:00:00", "urgentLow", "activeAlarming"),
		record("", "05:00:00", "rise", "activeAlarming"),
		record("", "05:00:00", "rise", "activeAlarming"),
		record("", "05:00:00", "fall", "activeAlarming"),
		record("", "06:00:00", "rise", "unknown"),
		`{"alertState":"activeAlarming"}`,
	)
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/prefix/v3/users/self/alerts" {
			t.Errorf("asked %s", r.URL.Path)
		}
		_, _ = w.Write(answer)
	})
	list, err := client.Alarms(t.Context(), at("2025-02-06T00:00:00Z"), at("2025-02-07T00:00:00Z"))
	if err != nil || len(list.Skipped) != 1 {
		t.Fatalf("skipped %v, %v", list.Skipped, err)
	}
	var got []string
	for _, a := range list.Records {
		got = append(got, a.ID+" "+a.Time.Format(time.TimeOnly)+" "+a.Alert)
	}
	want := []string{"a 03:00:00 urgentLow", "b 03:00:00 low", " 05:00:00 rise", " 05:00:00 fall", "shared 12:00:00 high", "shared 12:20:00 high"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestVersion2HasNoAlarms(t *testing.T) {
	t.Parallel()
	client := serveVersion(t, V2, func(http.ResponseWriter, *http.Request) { t.Error("asked all the same") })
	if _, err := client.Alarms(t.Context(), at("2025-02-06T00:00:00Z"), at("2025-02-07T00:00:00Z")); Reason(err) != ReasonOther {
		t.Errorf("%v; want %s", err, ReasonOther)
	}
}

func FuzzDecodeAlerts(f *testing.F) {
	const good = `{"recordId":"a","systemTime":"2025-02-06T15:31:02Z","alertName":"high","alertState":"activeAlarming"}`
	isGood := func(c alertChange) bool { return c.ID == "a" && c.Alert == "high" && c.alarming }
	holds := func(c alertChange) bool { return slices.Contains(Alerts(), c.Alert) && c.Time.Year() >= 2006 }
	fuzzRecords(f, "alerts", good, alertSamples(), decodeAlertChanges, isGood, holds)
}
