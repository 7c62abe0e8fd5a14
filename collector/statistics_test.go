package collector

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// What Dexcom gives no number for is not there, however much else there is.
func TestMissingStatistics(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		nan := math.NaN()
		a.setStatistics(0, &dexcom.Statistics{
			Min: nan, Max: nan, Mean: nan, Median: nan, StdDev: nan, Q1: nan, Q2: 120, Q3: nan, UtilizationPercent: nan,
			MeanDailyCalibrations: nan, NDays: nan, NValues: 0, PercentUrgentLow: nan, PercentBelowRange: 0, PercentWithinRange: nan, PercentAboveRange: nan,
		})
		for _, row := range statisticsRows() {
			got := len(series(t, c, row.name))
			want := 0
			switch strings.TrimPrefix(row.name, "dexcom_statistics_") {
			case "values", "quartile_mg_dl", "range_ratio":
				want = 1 // 0 is a number
			}
			if got != want {
				t.Errorf("%s has %d values, want %d", row.name, got, want)
			}
		}
	})
}

// oneHourOf follows a person of version 2 for an hour.
func oneHourOf(t *testing.T, version dexcom.Version, bounds glucose.Bounds, between func(http.RoundTripper) http.RoundTripper) *Collector {
	t.Helper()
	cloud := simulator.New(&simulator.Person{Name: "p", Seed: 71, Sensor: simulator.G6, HoldBack: time.Hour, Since: noon().Add(-20 * 24 * time.Hour)})
	w := socketless(cloud, between(cloud))
	w.version = version
	config := w.follow("p")
	config.Accounts[0].Bounds = bounds
	c, stop := run(t, config)
	time.Sleep(time.Hour - time.Minute) // what is asked once an hour is asked once
	synctest.Wait()
	stop()
	return c
}

// Dexcom is asked for the person's own ranges, by day and by night.
func TestStatisticsAreAskedInTheBoundsOfThePerson(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var asked []string
		c := oneHourOf(t, dexcom.V2, glucose.PregnancyBounds(), func(cloud http.RoundTripper) http.RoundTripper {
			return spy{cloud, func(request *http.Request) {
				if strings.HasSuffix(request.URL.Path, "/statistics") {
					body, _ := request.GetBody()
					text, _ := io.ReadAll(body)
					asked = append(asked, string(text))
				}
			}}
		})
		var body struct {
			TargetRanges []struct {
				StartTime, EndTime string
				EGVRanges          []struct {
					Name  string
					Bound float64
				}
			}
		}
		if len(asked) != 1 || json.Unmarshal([]byte(asked[0]), &body) != nil || len(body.TargetRanges) != 2 {
			t.Fatalf("asked %q, want one request an hour with two ranges", asked)
		}
		if a, b := body.TargetRanges[0], body.TargetRanges[1]; a.EndTime != b.StartTime || a.StartTime != b.EndTime || a.StartTime == a.EndTime {
			t.Errorf("%+v do not make a day", body.TargetRanges)
		}
		for _, r := range body.TargetRanges {
			bounds := map[string]float64{}
			for _, b := range r.EGVRanges {
				bounds[b.Name] = b.Bound
			}
			if bounds["urgentLow"] != 54 || bounds["low"] != 63 || bounds["high"] != 140 {
				t.Errorf("bounds %v, want those of a pregnancy", bounds)
			}
		}
		parts := series(t, c, "dexcom_statistics_range_ratio")
		if sum := parts["very_low 14d"] + parts["low 14d"] + parts["target 14d"] + parts["high 14d"]; math.Abs(sum-1) > 1e-3 {
			t.Errorf("%v add up to %v", parts, sum)
		}
		if got := series(t, c, "dexcom_statistics_values"); got["14d"] < 3000 {
			t.Errorf("values %v, want two weeks of them", got)
		}
	})
}

// Newer documents do not name the endpoint: that it is gone is silence.
func TestStatisticsThatAreNotThere(t *testing.T) {
	for status, wantFailure := range map[int]bool{http.StatusNotFound: false, http.StatusBadGateway: true} {
		bubbleOf(t, http.StatusText(status), func(t *testing.T) {
			asks := 0
			c := oneHourOf(t, dexcom.V2, glucose.StandardBounds(), func(cloud http.RoundTripper) http.RoundTripper {
				return spy{&pieces{next: cloud, endpoint: "statistics", fail: answering(status), asks: map[string][]time.Time{}}, func(request *http.Request) {
					if strings.HasSuffix(request.URL.Path, "/statistics") {
						asks++
					}
				}}
			})
			if got := c.Snapshots()[0]; got.Statistics != nil || !got.Sources[0].Up() {
				t.Errorf("statistics %v, source %+v", got.Statistics, got.Sources[0])
			}
			if backedOff := asks > 1; backedOff != wantFailure {
				t.Errorf("asked %d times in an hour, want a failure to be tried again: %t", asks, wantFailure)
			}
		})
	}
}

// That the endpoint ended removes what it said before; a failure does not.
func TestStatisticsThatEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, _ := alone(t)
		a := c.accounts[0]
		for _, test := range []struct {
			status int
			kept   bool
		}{{http.StatusBadGateway, true}, {http.StatusNotFound, false}} {
			client, err := dexcom.NewClient(dexcom.Config{
				BaseURL: "http://dexcom.test", Tokens: dexcom.FixedToken("t"), Version: dexcom.V2, Transport: answering(test.status),
			})
			if err != nil {
				t.Fatal(err)
			}
			a.setStatistics(0, &dexcom.Statistics{Mean: 150})
			p := newAPIPoller(a, Account{API: &API{Client: client, Version: dexcom.V2}, Bounds: glucose.StandardBounds()}, Config{MinInterval: time.Minute})
			if err := p.source.(*apiSource).readStatistics(context.Background()); (err != nil) != test.kept {
				t.Errorf("%d: %v", test.status, err)
			}
			if _, there := value(t, c, "dexcom_statistics_mean_mg_dl"); there != test.kept {
				t.Errorf("after %d: there %t, want %t", test.status, there, test.kept)
			}
		}
	})
}

// answering gives a status and no body.
type answering int

func (a answering) RoundTrip(request *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: int(a), Body: http.NoBody, Request: request}, nil
}

// Version 2 never asks for alerts, version 3 never for statistics.
func TestEachVersionAsksForWhatItHas(t *testing.T) {
	for version, want := range map[dexcom.Version][2]bool{dexcom.V2: {true, false}, dexcom.V3: {false, true}} {
		bubbleOf(t, string(version), func(t *testing.T) {
			asked := map[string]int{}
			oneHourOf(t, version, glucose.StandardBounds(), func(cloud http.RoundTripper) http.RoundTripper {
				return spy{cloud, func(request *http.Request) {
					_, endpoint, _ := strings.Cut(request.URL.Path, "/self/")
					asked[endpoint]++
				}}
			})
			if got := [2]bool{asked["statistics"] > 0, asked["alerts"] > 0}; got != want {
				t.Errorf("asked %v", asked)
			}
			for _, endpoint := range []string{"egvs", "devices", "dataRange", "calibrations", "events"} {
				if asked[endpoint] == 0 {
					t.Errorf("never asked for %s: %v", endpoint, asked)
				}
			}
		})
	}
}
