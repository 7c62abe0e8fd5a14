package dexcom

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestWireLists(t *testing.T) {
	t.Parallel()
	type element struct {
		A wireNumber `json:"a"`
		B struct {
			C wireNumber `json:"c"`
		} `json:"b"`
	}
	many := strings.Repeat(`{"a":1},`, maxElements-1) + `{"a":2}`
	for body, want := range map[string]string{
		`[]`:                               "",
		`[{"a":1},{"a":2}]`:                "1 2",
		`[{"a":1},null,{"a":2}]`:           "1 0 2",
		`[{"a":1},7,[],"text",{"a":2}]`:    "1 0 0 0 2",
		`[{"b":[1],"a":1},{"a":2,"b":""}]`: "1 2",
		`[` + many + `]`:                   strings.Repeat("1 ", maxElements-1) + "2",
		`[` + many + `,{"a":3}]`:           strings.Repeat("1 ", maxElements-1) + "2",
		`null`:                             "", `{}`: "", `7`: "", `"text"`: "", `true`: "",
	} {
		wire := struct{ List wireList[element] }{List: wireList[element]{{}}}
		if err := json.Unmarshal([]byte(`{"list":`+body+`}`), &wire); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		var got []string
		for _, e := range wire.List {
			got = append(got, fmt.Sprint(e.A.value))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

// The body of a list is a hundred times smaller than what it would become.
func TestAHostileDeviceStaysSmall(t *testing.T) {
	t.Parallel()
	schedules := strings.Repeat("{},", maxBody("devices")/4)
	settings := `{"alertSettings":[` + strings.Repeat("{},", 1000) + `{}],"alertScheduleSettings":{"daysOfWeek":[` + strings.Repeat("0,", 1000) + `"monday"]}}`
	for _, key := range []string{"alertSchedules", "alertScheduleList"} {
		list, err := decodeDevices(V3, listBody(V3, "devices", `{"`+key+`":[`+settings+`,`+schedules+`{}],"displayDevice":"iOS"}`))
		if err != nil || len(list.Records) != 1 || list.Records[0].Display != "iOS" {
			t.Fatalf("%s: %d devices, %v", key, len(list.Records), err)
		}
		device := list.Records[0]
		if len(device.Schedules) != maxElements || len(device.Schedules[0].Settings) != maxElements || device.Schedules[0].Days != [7]bool{} {
			t.Errorf("%s: %d schedules, %d settings in the first, on %v", key, len(device.Schedules), len(device.Schedules[0].Settings), device.Schedules[0].Days)
		}
	}
}

// What is beyond the last element that is kept costs no memory at all. Not
// parallel: others would be counted.
func TestTheRestOfAListIsNotDecoded(t *testing.T) {
	cost := func(elements int) float64 {
		raw := []byte(`[` + strings.Repeat(`{"alertName":"high"},`, elements-1) + `{}]`)
		return testing.AllocsPerRun(10, func() {
			var list wireList[wireSetting]
			if err := list.UnmarshalJSON(raw); err != nil || len(list) != maxElements {
				t.Fatal(len(list), err)
			}
		})
	}
	if few, many := cost(maxElements), cost(100*maxElements); many > few+10 {
		t.Errorf("%v allocations for %d elements, %v for a hundred times as many", few, maxElements, many)
	}
}
