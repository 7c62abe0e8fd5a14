package dexcom

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"
)

const statisticsRequestSample = "v2/statistics_request.json"

func statisticsSamples() map[string]string {
	return map[string]string{
		"v2/statistics.json": "{HypoglycemiaRisk:2 Min:52 Max:288 Mean:143.62 Median:138 Variance:2052.09 StdDev:45.3 Sum:289541 Q1:109 Q2:138 Q3:172 " +
			"UtilizationPercent:100 MeanDailyCalibrations:0.14 NDays:7 NValues:2016 NUrgentLow:4 NBelowRange:61 NWithinRange:1570 NAboveRange:381 " +
			"PercentUrgentLow:0.198 PercentBelowRange:3.026 PercentWithinRange:77.877 PercentAboveRange:18.899}",
		"v2/statistics_no_data_ASSUMED.json": "{HypoglycemiaRisk:0 Min:NaN Max:NaN Mean:NaN Median:NaN Variance:NaN StdDev:NaN Sum:NaN Q1:NaN Q2:NaN Q3:NaN " +
			"UtilizationPercent:0 MeanDailyCalibrations:0 NDays:0 NValues:0 NUrgentLow:0 NBelowRange:0 NWithinRange:0 NAboveRange:0 " +
			"PercentUrgentLow:NaN PercentBelowRange:NaN PercentWithinRange:NaN PercentAboveRange:NaN}",
	}
}

func TestStatisticsSamples(t *testing.T) {
	t.Parallel()
	for name, want := range statisticsSamples() {
		got, err := decodeStatistics(sample(t, name))
		if fmt.Sprintf("%+v", got) != want || err != nil {
			t.Errorf("%s: %v\ngot  %+v\nwant %s", name, err, got, want)
		}
	}
}

func TestBadStatistics(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]error{
		``: errNotJSON, `<html>`: errHTML, `{"mean":1`: errNotJSON, `{"mean":1} more`: errNotJSON, `[]`: errNoObject, `"text"`: errNoObject, `7`: errNoObject,
		`null`: errNoStatistics, `{}`: errNoStatistics, `{"error":"x"}`: errNoStatistics, `{"hypoglycemiaRisk":"low"}`: errNoStatistics,
	} {
		if _, err := decodeStatistics([]byte(body)); !errors.Is(err, want) {
			t.Errorf("%s: %v; want %v", body, err, want)
		}
	}
	spelled, err := decodeStatistics([]byte(`{"NVALUES":12,"Mean":140.5,"STDDEV":"30","hypoglycemiarisk":"LOW"}`))
	if err != nil || spelled.NValues != 12 || spelled.Mean != 140.5 || spelled.StdDev != 30 || spelled.HypoglycemiaRisk != LowRisk {
		t.Errorf("keys in capitals: %+v, %v", spelled, err)
	}
	got, err := decodeStatistics([]byte(`{"mean":null,"min":"52","max":[1],"median":{},"stdDev":true,"nDays":1e999,"nValues":"many","hypoglycemiaRisk":7,"more":{"a":[]}}`))
	nans := []float64{got.Mean, got.Max, got.Median, got.StdDev, got.NDays, got.NValues, got.Sum, got.PercentAboveRange}
	for i, n := range nans {
		if !math.IsNaN(n) {
			t.Errorf("number %d is %v, want NaN", i, n)
		}
	}
	if err != nil || got.Min != 52 || got.HypoglycemiaRisk != UnknownRisk {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRisks(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"minimal": 0, "low": 1, "Moderate": 2, "high": 3} {
		if got, known := parseRisk(name).Level(); got != want || !known {
			t.Errorf("%s: %d, %t; want %d", name, got, known, want)
		}
	}
	for _, name := range []string{"", "null", "extreme"} {
		if _, known := parseRisk(name).Level(); known {
			t.Errorf("%q is known", name)
		}
	}
}

// dayAndNight are the ranges of the sample request.
func dayAndNight() []TargetRange {
	return []TargetRange{
		{Name: "day", Start: 7 * time.Hour, End: 20 * time.Hour, UrgentLow: 55, Low: 70, High: 180},
		{Name: "night", Start: 20 * time.Hour, End: 31 * time.Hour, UrgentLow: 55, Low: 80, High: 200},
	}
}

func TestStatisticsRequest(t *testing.T) {
	t.Parallel()
	var want bytes.Buffer
	if err := json.Compact(&want, sample(t, statisticsRequestSample)); err != nil {
		t.Fatal(err)
	}
	answer := sample(t, "v2/statistics.json")
	client := serveVersion(t, V2, func(w http.ResponseWriter, r *http.Request) {
		got := fmt.Sprintln(r.Method, r.URL, r.Header["Authorization"], r.Header["Accept"], r.Header["Content-Type"])
		if got != "POST /prefix/v2/users/self/statistics?endDate=2022-02-06T17%3A12%3A35&startDate=2022-01-30T17%3A12%3A35 "+
			"[Bearer "+testToken+"] [application/json] [application/json]\n" {
			t.Errorf("got %s", got)
		}
		if body, err := io.ReadAll(r.Body); err != nil || string(body) != want.String() {
			t.Errorf("sent %s, %v\nwant %s", body, err, want.String())
		}
		_, _ = w.Write(answer)
	})
	got, err := client.Statistics(t.Context(), at("2022-01-30T17:12:35.9Z"), at("2022-02-06T18:12:35.2+01:00"), dayAndNight())
	if err != nil || got.Mean != 143.62 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestStatisticsRefusesWhatDexcomWould(t *testing.T) {
	t.Parallel()
	now := at("2022-02-06T17:12:35.5Z")
	oddBound := []TargetRange{{Name: "day", UrgentLow: math.NaN(), Low: 70, High: 180}}
	asked := func(http.ResponseWriter, *http.Request) { t.Error("asked all the same") }
	for name, test := range map[string]struct {
		version Version
		from    time.Time
		ranges  []TargetRange
	}{
		"version 3": {V3, now.Add(-24 * time.Hour), dayAndNight()},
		"too long":  {V2, now.Add(-90*24*time.Hour - 1), dayAndNight()},
		"empty":     {V2, now, dayAndNight()},
		"backwards": {V2, now.Add(time.Hour), dayAndNight()},
		"no number": {V2, now.Add(-24 * time.Hour), oddBound},
	} {
		if _, err := serveVersion(t, test.version, asked).Statistics(t.Context(), test.from, now, test.ranges); Reason(err) != ReasonOther {
			t.Errorf("%s: %v; want %s", name, err, ReasonOther)
		}
	}
}

func TestTheLongestStatistics(t *testing.T) {
	t.Parallel()
	to := at("2022-02-06T17:12:35.5Z")
	client := serveVersion(t, V2, func(w http.ResponseWriter, r *http.Request) {
		if got := r.URL.Query().Get("startDate") + " " + r.URL.Query().Get("endDate"); got != "2021-11-08T17:12:35 2022-02-06T17:12:35" {
			t.Errorf("asked for %s", got)
		}
		w.WriteHeader(http.StatusNotFound)
	})
	_, err := client.Statistics(t.Context(), to.Add(-90*24*time.Hour), to, dayAndNight())
	var e *Error
	if !errors.As(err, &e) || e.StatusCode != http.StatusNotFound || e.Reason != ReasonOther || e.Op != "statistics" {
		t.Errorf("%v; want a 404", err)
	}
}

func FuzzDecodeStatistics(f *testing.F) {
	for name := range statisticsSamples() {
		f.Add(sample(f, name))
	}
	f.Add([]byte(`{"mean":{"a":1},"MEAN":[],"hypoglycemiaRisk":{}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decodeStatistics(body)
		if err != nil && got != (Statistics{}) {
			t.Errorf("%q: %+v beside %v", body, got, err)
		}
		if text := fmt.Sprintf("%+v", got); strings.Contains(text, "Inf") || got.HypoglycemiaRisk > HighRisk {
			t.Errorf("%q gave %s", body, text)
		}
	})
}
