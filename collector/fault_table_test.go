package collector

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// faultCases are ways in which an answer goes wrong, with the result that a poll
// for readings then has.
func faultCases() []struct {
	name   string
	fault  simulator.Fault
	result string
} {
	return []struct {
		name   string
		fault  simulator.Fault
		result string
	}{
		{"400", simulator.AnswerJSON(http.StatusBadRequest), dexcom.ReasonOther},
		{"401", simulator.AnswerJSON(http.StatusUnauthorized), dexcom.ReasonCredentials},
		{"403 HTML", simulator.AnswerHTML(http.StatusForbidden), dexcom.ReasonOther},
		{"404", simulator.AnswerJSON(http.StatusNotFound), dexcom.ReasonOther},
		{"429", simulator.TooManyRequests(), dexcom.ReasonRateLimited},
		{"429, Retry-After 2 min", simulator.RetryAfter(2 * time.Minute), dexcom.ReasonRateLimited},
		{"429, Retry-After as a date", simulator.RetryAt(2 * time.Minute), dexcom.ReasonRateLimited},
		{"500", simulator.AnswerJSON(http.StatusInternalServerError), dexcom.ReasonServer},
		{"502 HTML", simulator.AnswerHTML(http.StatusBadGateway), dexcom.ReasonServer},
		{"503 HTML", simulator.AnswerHTML(http.StatusServiceUnavailable), dexcom.ReasonServer},
		{"504 HTML", simulator.AnswerHTML(http.StatusGatewayTimeout), dexcom.ReasonServer},
		{"302 to another host", simulator.RedirectTo("https://elsewhere.invalid/"), dexcom.ReasonOther},
		{"200 HTML", simulator.AnswerHTML(http.StatusOK), dexcom.ReasonDecode},
		{"200 empty", simulator.AnswerInstead(""), dexcom.ReasonDecode},
		{"200 null", simulator.AnswerInstead("null"), dexcom.ReasonDecode},
		{"200 []", simulator.AnswerInstead("[]"), dexcom.ReasonDecode},
		{"200 {}", simulator.AnswerInstead("{}"), dexcom.ReasonDecode},
		{"answer lost", simulator.LoseAnswer(), dexcom.ReasonNetwork},
		{"2 s late", simulator.DelayAnswer(2 * time.Second), resultOK},
		{"2 min late", simulator.DelayAnswer(2 * time.Minute), dexcom.ReasonNetwork},
		{"body over 30 s", simulator.TrickleAnswer(30 * time.Second), resultOK},
		{"body over 3 min", simulator.TrickleAnswer(3 * time.Minute), dexcom.ReasonNetwork},
		{"body shorter than announced", simulator.ShortenBody(), dexcom.ReasonNetwork},
		{"body cut off", simulator.CutBody(), dexcom.ReasonNetwork},
		{"half the JSON", simulator.HalveBody(), dexcom.ReasonDecode},
		{"reset in the body", simulator.ResetBody(), dexcom.ReasonNetwork},
		{"reset at once", simulator.ResetConnection(), dexcom.ReasonNetwork},
		{"2 MB of spaces", simulator.PadWithSpace(2), resultOK}, // see limited
		{"2 MB in an unknown field", simulator.PadWithField(2), resultOK},
		{"40 MB", simulator.PadWithSpace(40), dexcom.ReasonDecode},
		{"never ends", simulator.EndlessAnswer(), dexcom.ReasonDecode},
		{"gzip that is none", simulator.BreakGzip(), dexcom.ReasonNetwork},
	}
}

// endpointsOf lists what is asked in a version, and how to see in a snapshot that
// the answer arrived.
func endpointsOf(version dexcom.Version) map[string]func(Snapshot) bool {
	endpoints := map[string]func(Snapshot) bool{
		"egvs":         func(s Snapshot) bool { return s.HasNewest && s.Sources[0].Up() },
		"devices":      func(s Snapshot) bool { return len(s.Devices) > 0 },
		"dataRange":    func(s Snapshot) bool { return !s.Ranges.EGVs.End.IsZero() },
		"calibrations": func(s Snapshot) bool { return s.Calibrations != nil },
		"events":       func(s Snapshot) bool { return s.Events != nil },
	}
	if version == dexcom.V2 {
		endpoints["statistics"] = func(s Snapshot) bool { return s.Statistics != nil }
	} else {
		endpoints["alerts"] = func(s Snapshot) bool { return s.Alarms != nil }
	}
	return endpoints
}

// Each endpoint of each version fails in each way, for one person each, while
// another person has no fault: what fails is missing, nothing else is, the result
// says why, and it is all there again after the fault.
func TestEveryFaultOfEveryEndpoint(t *testing.T) {
	t.Parallel()
	for _, version := range []dexcom.Version{dexcom.V2, dexcom.V3} {
		for i, c := range faultCases() {
			if testing.Short() && i%6 != 0 {
				continue
			}
			t.Run(fmt.Sprintf("%s %s", version, c.name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { failEndpoints(t, version, c.fault, c.result) })
			})
		}
	}
}

func failEndpoints(t *testing.T, version dexcom.Version, fault simulator.Fault, result string) {
	t.Helper()
	travel(noon())
	endpoints := endpointsOf(version)
	people := []*simulator.Person{{Name: "nobody", Seed: 1, Sensor: simulator.G6, HoldBack: time.Hour}}
	names := []string{"nobody"} // whose requests fail
	for endpoint := range endpoints {
		people = append(people, &simulator.Person{Name: endpoint, Seed: uint64(len(people) + 1), Sensor: simulator.G6, HoldBack: time.Hour})
		names = append(names, endpoint)
	}
	cloud := simulator.New(people...)
	for endpoint := range endpoints {
		cloud.FailDataAtRandom(simulator.Target{Endpoint: endpoint, Person: endpoint}, 1, 1, fault)
	}
	w := socketless(cloud, cloud)
	w.version = version
	config := w.follow(names...)
	config.History = 24 * time.Hour // enough to see what is missing
	c, stop := run(t, config)
	defer stop()
	time.Sleep(10 * time.Minute)
	synctest.Wait()
	for _, s := range c.Snapshots() {
		during(t, endpoints, s, fault, result)
	}
	for endpoint := range endpoints {
		cloud.FailDataAtRandom(simulator.Target{Endpoint: endpoint, Person: endpoint}, 1, 0)
	}
	time.Sleep(25 * time.Minute)
	synctest.Wait()
	for _, s := range c.Snapshots() {
		for endpoint, arrived := range endpoints {
			// A Dexcom that has no statistics is asked for them again after an hour.
			gone := endpoint == "statistics" && s.Account == endpoint && result == dexcom.ReasonOther
			if !arrived(s) && !gone {
				t.Errorf("25 minutes after the fault of its %s, %s are still missing", s.Account, endpoint)
			}
		}
	}
}

// limited tells whether an answer that is padded is more than an endpoint can need.
func limited(endpoint string, fault simulator.Fault) bool {
	return strings.HasPrefix(fault.String(), "padded") && slices.Contains([]string{"devices", "dataRange", "statistics"}, endpoint)
}

// during looks at one account while its endpoint fails.
func during(t *testing.T, endpoints map[string]func(Snapshot) bool, s Snapshot, fault simulator.Fault, result string) {
	t.Helper()
	source := s.Sources[0]
	var missing []string
	for endpoint, arrived := range endpoints {
		if !arrived(s) {
			missing = append(missing, endpoint)
		}
		// The others wait for the first readings: without any there is nothing to ask.
		fails := s.Account == endpoint && (result != resultOK || limited(endpoint, fault))
		if arrived(s) == fails && s.Account != "egvs" {
			t.Errorf("%s of %s: arrived %t", endpoint, s.Account, arrived(s))
		}
	}
	want := resultOK
	if s.Account == "egvs" {
		want = result
	}
	if source.Result != want {
		t.Errorf("%s: %s, want %s", s.Account, source.Result, want)
	}
	t.Logf("%-13s %-28v up %t (%s), live %t, missing: %s", s.Account, fault, source.Up(), source.Result, s.Live(), strings.Join(missing, " "))
}

// A record that makes no sense costs itself, whatever it looks like: all others are
// there with their own values, each bad one is counted once, and a scrape works.
func TestSpoiledRecordsCostOnlyThemselves(t *testing.T) {
	t.Parallel()
	for _, version := range []dexcom.Version{dexcom.V2, dexcom.V3} {
		for i, how := range []simulator.Spoiling{
			simulator.AsNull, simulator.AsNumber, simulator.AsText, simulator.AsList, simulator.AsObject,
			simulator.AsHugeNumber, simulator.AsMissing, simulator.AsYear1970, simulator.AsYear2099,
		} {
			if testing.Short() && i%4 != 0 {
				continue
			}
			t.Run(fmt.Sprintf("%s %s", version, how), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { spoil(t, version, how) })
			})
		}
	}
}

func spoil(t *testing.T, version dexcom.Version, how simulator.Spoiling) {
	t.Helper()
	travel(noon())
	person := &simulator.Person{Name: "alice", Seed: 3, Sensor: simulator.G6, HoldBack: time.Hour}
	cloud := simulator.New(person)
	times := how == simulator.AsYear1970 || how == simulator.AsYear2099
	fields := []string{"value", "realtimeValue", "smoothedValue", "systemTime"}
	if times {
		fields = nil
	}
	cloud.FailDataAtRandom(simulator.Target{Endpoint: "egvs"}, 1, 1, simulator.SpoilRecords(how, 1, 0.2, fields...))
	for _, endpoint := range []string{"devices", "dataRange", "calibrations", "events", "alerts", "statistics"} {
		cloud.FailDataAtRandom(simulator.Target{Endpoint: endpoint}, 1, 1, simulator.SpoilRecords(how, 2, 0.5))
	}
	w := socketless(cloud, cloud)
	w.version = version
	c, stop := run(t, w.follow("alice"))
	time.Sleep(10 * time.Minute)
	synctest.Wait()
	stop()

	now := time.Now()
	from := now.Add(-13 * 24 * time.Hour)
	truth := map[int64][]float64{} // values that were served
	for _, r := range person.V2Readings(from, now, now) {
		// Where the smoothed record is spoiled, the one before it stays.
		truth[r.SystemTime.UnixMilli()] = []float64{float64(r.Value), float64(r.Realtime)}
	}
	if version == dexcom.V3 {
		for _, r := range person.AvailableReadings(from, now, now) {
			truth[r.SystemTime.UnixMilli()] = []float64{float64(r.Value)}
		}
	}
	got := c.Readings("alice", from, now)
	for _, r := range got {
		if served := truth[r.Time.UnixMilli()]; !slices.Contains(served, r.MgDL) {
			t.Errorf("%v is %v, and was %v", r.Time, r.MgDL, served)
		}
	}
	if share := float64(len(got)) / float64(len(truth)); share < 0.75 || share > 0.85 {
		t.Errorf("%.2f of the readings are there, want the 4 of 5 that are good", share)
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	if _, err := registry.Gather(); err != nil {
		t.Error(err)
	}
	if n := testutil.CollectAndCount(c, "dexcom_exporter_records_skipped_total"); n == 0 {
		t.Error("no record was counted as skipped")
	}
}
