package simulator

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// days is a path with many records.
func days() string { return egvsPath + "?" + between(noon().AddDate(0, 0, -4), noon()).Encode() }

// spoil asks for a path with a share of the records spoiled, and returns the
// records before and after.
func (to way) spoil(t *testing.T, f Fault, person, path string) (before, after []json.RawMessage) {
	t.Helper()
	want := to.good(t, person, path)
	to.cloud.FailData(Target{}, f, 1)
	got := to.good(t, person, path)
	before, after = cutRecords([]byte(want)).records, cutRecords([]byte(got)).records
	if len(before) != len(after) {
		t.Fatalf("%v: %d records became %d", f, len(before), len(after))
	}
	return before, after
}

// differences are the keys of a record whose values are not the same.
func differences(t *testing.T, before, after json.RawMessage) map[string]json.RawMessage {
	t.Helper()
	var was, is map[string]json.RawMessage
	if json.Unmarshal(before, &was) != nil || json.Unmarshal(after, &is) != nil {
		t.Fatalf("%s became %s", before, after)
	}
	found := make(map[string]json.RawMessage)
	for key, value := range was {
		if !bytes.Equal(value, is[key]) {
			found[key] = is[key]
		}
	}
	if len(is) > len(was) {
		t.Errorf("%s has more keys than %s", after, before)
	}
	return found
}

func TestSpoiledRecords(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		keys := make(map[Spoiling]map[string]bool)
		for n, how := range spoilings() {
			f := SpoilRecords(how, uint64(n), 0.3)
			before, after := to.spoil(t, f, "plain", days())
			keys[how] = make(map[string]bool)
			spoiled := 0
			for i := range before {
				if bytes.Equal(before[i], after[i]) {
					continue
				}
				spoiled++
				found := differences(t, before[i], after[i])
				if year := strings.HasPrefix(string(how), "times"); len(found) != 1 && !year || len(found) != 2 && year {
					t.Fatalf("%v: %s became %s", f, before[i], after[i])
				}
				for key, value := range found {
					keys[how][key] = true
					if !spoiledAs(how, value) {
						t.Fatalf("%v: %s is %s", f, key, value)
					}
				}
			}
			share := float64(spoiled) / float64(len(before))
			if spoiled != f.SpoiledRecords() || share < 0.25 || share > 0.35 {
				t.Errorf("%v: %d of %d spoiled, %d counted", f, spoiled, len(before), f.SpoiledRecords())
			}
			if name := "records with " + string(how); to.cloud.FaultCounts()[name] != 1 || f.String() != name {
				t.Errorf("%v: counts are %v", f, to.cloud.FaultCounts())
			}
		}
		all := len(keys[AsMissing])
		if all != 15 || len(keys[AsList]) != all || len(keys[AsObject]) != all || len(keys[AsHugeNumber]) != all {
			t.Errorf("not every field was spoiled: %v", keys)
		}
		if n := keys[AsNumber]; n["value"] || n["transmitterTicks"] || !n["systemTime"] {
			t.Errorf("a number in place of a number: %v", n)
		}
		if n := keys[AsText]; n["systemTime"] || !n["value"] {
			t.Errorf("a text in place of a text: %v", n)
		}
		if got := slices.Sorted(maps.Keys(keys[AsYear1970])); !slices.Equal(got, []string{"displayTime", "systemTime"}) {
			t.Errorf("times are %v", got)
		}
	})
}

// spoiledAs tells whether a value is what the spoiling says; nil is no key.
func spoiledAs(how Spoiling, value json.RawMessage) bool {
	text := string(value)
	switch how {
	case AsNull:
		return text == "null"
	case AsNumber:
		return text == "7"
	case AsText:
		return text == `"spoiled"`
	case AsList:
		return text[0] == '['
	case AsObject:
		return text[0] == '{'
	case AsHugeNumber:
		var n int64
		return json.Valid(value) && json.Unmarshal(value, &n) != nil
	case AsMissing:
		return value == nil
	case AsYear1970:
		return strings.HasPrefix(text, `"1970-`) && strings.HasSuffix(text, `"`)
	case AsYear2099:
		return strings.HasPrefix(text, `"2099-`) && strings.HasSuffix(text, `"`)
	}
	return false
}

func TestSpoilingRepeats(t *testing.T) {
	t.Parallel()
	to := noSockets(t)
	_, once := to.spoil(t, SpoilRecords(AsNull, 1, 0.2), "plain", days())
	_, again := to.spoil(t, SpoilRecords(AsNull, 1, 0.2), "plain", days())
	_, other := to.spoil(t, SpoilRecords(AsNull, 2, 0.2), "plain", days())
	if !slices.Equal(texts(once), texts(again)) || slices.Equal(texts(once), texts(other)) {
		t.Error("the seed does not decide")
	}
	// A record is the same in a narrower window.
	_, day := to.spoil(t, SpoilRecords(AsNull, 1, 0.2), "plain", aDay())
	if !slices.Equal(texts(day), texts(once[:len(day)])) {
		t.Error("the window decides")
	}
	f := SpoilRecords(AsNull, 1, 0)
	if before, after := to.spoil(t, f, "plain", aDay()); !slices.Equal(texts(before), texts(after)) || f.SpoiledRecords() != 0 {
		t.Error("a share of nothing is something")
	}
	f = SpoilRecords(AsMissing, 1, 1)
	for n := range 3 {
		before, after := to.spoil(t, f, "plain", aDay())
		if f.SpoiledRecords() != (n+1)*len(before) {
			t.Errorf("%d of %d are spoiled", f.SpoiledRecords(), len(before))
		}
		for i := range before {
			if bytes.Equal(before[i], after[i]) {
				t.Errorf("record %d is good", i)
			}
		}
	}
	if (Fault{}).SpoiledRecords() != 0 || LoseAnswer().SpoiledRecords() != 0 {
		t.Error("other faults spoil records")
	}
}

func TestSpoilingNamedFields(t *testing.T) {
	t.Parallel()
	to := noSockets(t)
	for _, x := range []struct {
		how    Spoiling
		fields []string
		want   []string
	}{
		{AsText, []string{"value"}, []string{"value"}},
		{AsNumber, []string{"value"}, nil}, // it is one
		{AsMissing, []string{"value", "systemTime", "nothing"}, []string{"systemTime", "value"}},
		{AsNull, []string{"recordId", "unit", "trend"}, []string{"recordId", "trend", "unit"}},
		{AsYear2099, []string{"systemTime"}, []string{"systemTime"}},
		{AsYear1970, []string{"value"}, nil}, // it is none
	} {
		f := SpoilRecords(x.how, 1, 1, x.fields...)
		before, after := to.spoil(t, f, "plain", aDay())
		for i := range before {
			found := differences(t, before[i], after[i])
			if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, x.want) {
				t.Fatalf("%v in %v: %s became %s", f, x.fields, before[i], after[i])
			}
		}
		if want := len(before) * min(1, len(x.want)); f.SpoiledRecords() != want {
			t.Errorf("%v in %v: %d counted, want %d", f, x.fields, f.SpoiledRecords(), want)
		}
	}
}

func TestSpoilingOtherEndpoints(t *testing.T) {
	t.Parallel()
	to := noSockets(t)
	for _, path := range []string{devicesPath, dataRangePath} {
		for _, how := range spoilings() {
			f := SpoilRecords(how, 1, 1)
			before, after := to.spoil(t, f, "odd", path)
			for i := range before {
				if bytes.Equal(before[i], after[i]) || !json.Valid(after[i]) {
					t.Errorf("%s with %s: %s", path, how, after[i])
				}
			}
			if f.SpoiledRecords() != len(before) {
				t.Errorf("%s with %s: %d counted", path, how, f.SpoiledRecords())
			}
		}
	}
	// Times are found wherever they are.
	_, after := to.spoil(t, SpoilRecords(AsYear1970, 1, 1), "plain", dataRangePath)
	if text := string(after[0]); strings.Count(text, `Time":"1970-`) != strings.Count(text, `Time":"`) || !strings.Contains(text, "1970") {
		t.Errorf("got %s", text)
	}
	_, after = to.spoil(t, SpoilRecords(AsYear2099, 1, 1), "plain", devicesPath)
	if text := string(after[0]); !strings.Contains(text, `"lastUploadDate":"2099-`) || !strings.Contains(text, `"startTime":"00:00"`) || strings.Count(text, `"2099-`) < 10 {
		t.Errorf("got %s", text)
	}
}
