package simulator

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestTargetRanges(t *testing.T) {
	t.Parallel()
	got, err := targetRanges(strings.NewReader(statisticsRequest(t)))
	if err != nil || !slices.Equal(got, dayAndNight()) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// bounds are the usual egvRanges.
const bounds = `[{"name":"high","bound":180},{"name":"urgentLow","bound":55},{"name":"low","bound":70.5}]`

// rangeFrom is a range of the usual bounds.
func rangeFrom(start, end string) string {
	return `{"name":"x","startTime":"` + start + `","endTime":"` + end + `","egvRanges":` + bounds + `}`
}

func rangeOf(egvRanges string) string {
	return `{"targetRanges":[{"name":"x","startTime":"00:00:00","endTime":"00:00:00","egvRanges":` + egvRanges + `}]}`
}

func request(ranges ...string) string { return `{"targetRanges":[` + strings.Join(ranges, ",") + `]}` }

func TestGoodTargetRanges(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"whole day":          request(rangeFrom("00:00:00", "00:00:00")),
		"whole day at noon":  request(rangeFrom("12:00:00", "12:00:00")),
		"in any order":       request(rangeFrom("20:00:00", "07:00:00"), rangeFrom("12:30:01", "20:00:00"), rangeFrom("07:00:00", "12:30:01")),
		"as far as they may": rangeOf(`[{"name":"high","bound":600},{"name":"urgentLow","bound":20},{"name":"low","bound":20.5}]`),
		"up to midnight":     request(rangeFrom("00:00:00", "12:00:00"), rangeFrom("12:00:00", "00:00:00")),
		"unknown keys":       `{"more":1,` + request(rangeFrom("00:00:00", "00:00:00"))[1:],
		"as large as it may be": request(rangeFrom("00:00:00", "00:00:00")) +
			strings.Repeat(" ", 64<<10-len(request(rangeFrom("00:00:00", "00:00:00")))),
	} {
		if _, err := targetRanges(strings.NewReader(body)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBadTargetRanges(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	const day = "day without gap or overlap"
	for body, want := range map[string]string{
		"":                          "decode body",
		"{":                         "decode body",
		"null":                      "targetRanges is required",
		"[]":                        "decode body",
		`"targetRanges"`:            "decode body",
		"{}":                        "targetRanges is required",
		`{"targetRanges":null}`:     "targetRanges is required",
		`{"targetRanges":[]}`:       day,
		`{"targetRanges":{}}`:       "decode targetRanges",
		`{"targetRanges":[null]}`:   "targetRanges[0]: name is required",
		`{"targetRanges":[1]}`:      "decode targetRanges",
		`{"targetranges":[]}`:       "targetRanges is required",
		request("{}"):               "name is required",
		request(`{"name":1}`):       "decode name",
		request(`{"name":"x"}`):     "egvRanges is required",
		"<html></html>":             "decode body",
		statisticsRequest(t) + "{}": "decode body",

		request(rangeFrom("", "00:00:00")):                "startTime",
		request(rangeFrom("00:00", "00:00:00")):           "startTime",
		request(rangeFrom("0:00:00", "00:00:00")):         "startTime",
		request(rangeFrom("00:00:00", "24:00:00")):        "endTime",
		request(rangeFrom("00:00:00", "00:60:00")):        "endTime",
		request(rangeFrom("00:00:00", "00:00:00.0")):      "endTime",
		request(rangeFrom("00:00:00", "00:00:00Z")):       "endTime",
		request(rangeFrom("00:00:00", "12:00:00 AM")):     "endTime",
		strings.Replace(rangeOf(bounds), "end", "End", 1): "endTime is required",

		request(rangeFrom("00:00:00", "23:59:59")):                                                                       day,
		request(rangeFrom("07:00:00", "20:00:00")):                                                                       day,
		request(rangeFrom("00:00:00", "12:00:00"), rangeFrom("12:00:01", "00:00:00")):                                    day,
		request(rangeFrom("00:00:00", "12:00:01"), rangeFrom("12:00:00", "00:00:00")):                                    day,
		request(rangeFrom("00:00:00", "00:00:00"), rangeFrom("00:00:00", "00:00:00")):                                    day,
		request(rangeFrom("00:00:00", "12:00:00"), rangeFrom("00:00:00", "12:00:00"), rangeFrom("12:00:00", "00:00:00")): day,
		request(rangeFrom("00:00:00", "12:00:00"), rangeFrom("12:00:00", "12:00:00")):                                    day,
		request(rangeFrom("20:00:00", "08:00:00"), rangeFrom("07:00:00", "20:00:00")):                                    day,

		rangeOf("null"): "egvRanges is required",
		rangeOf("[]"):   "urgentLow, low and high",
		rangeOf("[{}]"): "name is required",
		rangeOf(`[{"name":"low","bound":70},{"name":"high","bound":180}]`):                                "urgentLow, low and high",
		rangeOf(strings.Replace(bounds, "]", `,{"name":"low","bound":70}]`, 1)):                           "urgentLow, low and high",
		rangeOf(strings.Replace(bounds, "urgentLow", "veryLow", 1)):                                       "urgentLow, low and high",
		rangeOf(strings.Replace(bounds, "urgentLow", "high", 1)):                                          "urgentLow, low and high",
		rangeOf(strings.Replace(bounds, "55", "70.5", 1)):                                                 "ascend",
		rangeOf(strings.Replace(bounds, "55", "80", 1)):                                                   "ascend",
		rangeOf(strings.Replace(bounds, "180", "70.5", 1)):                                                "ascend",
		rangeOf(strings.Replace(bounds, "55", "19.9", 1)):                                                 "within 20 and 600",
		rangeOf(strings.Replace(bounds, "55", "-55", 1)):                                                  "within 20 and 600",
		rangeOf(strings.Replace(bounds, "180", "600.5", 1)):                                               "within 20 and 600",
		rangeOf(`[{"name":"high","bound":10},{"name":"urgentLow","bound":3},{"name":"low","bound":3.9}]`): "within 20 and 600",
		rangeOf(strings.Replace(bounds, "180", "null", 1)):                                                "bound is required",
		rangeOf(strings.Replace(bounds, "180", `"180"`, 1)):                                               "decode bound",
		rangeOf(strings.Replace(bounds, "180", "1e999", 1)):                                               "decode bound",
		rangeOf(strings.Replace(bounds, "bound", "Bound", 1)):                                             "bound is required",
		statisticsRequest(t) + strings.Repeat(" ", 64<<10):                                                "64 KiB",
	} {
		if _, err := targetRanges(strings.NewReader(body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.200s: %v, want %s", body, err, want)
		}
		status, answer := askStatistics(t, c, "hourly", body, between(noon(), noon().AddDate(0, 0, 7)))
		if status != http.StatusBadRequest || shapeOf(t, answer) != shapeOf(t, sampleV2(t, "error_data_400_ASSUMED.json")) {
			t.Errorf("%.200s answers %d: %s", body, status, answer)
		}
	}
}

func TestTargetRangesBodyBreaksOff(t *testing.T) {
	t.Parallel()
	if _, err := targetRanges(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(statisticsRequest(t))))); err == nil {
		t.Error("no error")
	}
}

func FuzzTargetRanges(f *testing.F) {
	f.Add(statisticsRequest(f))
	f.Add(request(rangeFrom("00:00:00", "00:00:00")))
	f.Add(request(rangeFrom("00:00:00", "12:00:00"), rangeFrom("12:00:00", "12:00:00")))
	f.Add(`{"targetRanges":[null,{"egvRanges":[{"bound":-1e308}]}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		ranges, err := targetRanges(strings.NewReader(body))
		if err != nil {
			return
		}
		var clocks []time.Duration
		for _, r := range ranges {
			clocks = append(clocks, r.Start, r.End, (r.Start+24*time.Hour-time.Second)%(24*time.Hour), (r.Start+r.End)/2)
			if r.UrgentLow >= r.Low || r.Low >= r.High {
				t.Fatalf("accepts %+v", r)
			}
		}
		if len(clocks) == 0 {
			t.Fatal("accepts nothing")
		}
		for _, clock := range clocks {
			n := 0
			for _, r := range ranges {
				if r.holds(clock) {
					n++
				}
			}
			if n != 1 {
				t.Fatalf("%d ranges hold at %v", n, clock)
			}
		}
	})
}
