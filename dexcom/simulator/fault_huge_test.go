package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// emptyDay is a window before anybody's data.
func emptyDay() string {
	return egvsPath + "?" + between(time.Unix(0, 0), time.Unix(86400, 0)).Encode()
}

// plainly is a body as text of equal form, whatever its padding.
func plainly(t testing.TB, body string) string {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		t.Fatal(err)
	}
	delete(object, "padding")
	list, _ := object["records"].([]any)
	for _, r := range list {
		delete(r.(map[string]any), "padding")
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPaddedAnswersAreTheSame(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		for _, path := range []string{aDay(), devicesPath, dataRangePath, emptyDay()} {
			got := to.get(t, "odd", path)
			want := plainly(t, got.body)
			for _, x := range []struct {
				fault Fault
				name  string
			}{{PadWithSpace(3), "padded with space"}, {PadWithField(3), "padded with a field"}} {
				to.cloud.FailData(Target{}, x.fault, 1)
				got := to.get(t, "odd", path)
				if got.err != nil || got.status != http.StatusOK || len(got.body) < 3<<20 || len(got.body) > 4<<20 || got.length != -1 {
					t.Fatalf("%s %v: %d, %d bytes, %v", path, x.fault, got.status, len(got.body), got.err)
				}
				if plainly(t, got.body) != want {
					t.Errorf("%s %v: the padding is not all that differs", path, x.fault)
				}
				if x.fault.String() != x.name || to.cloud.FaultCounts()[x.name] == 0 {
					t.Errorf("%v: counts are %v", x.fault, to.cloud.FaultCounts())
				}
			}
		}
	})
}

// A terabyte that was built in memory would not come at all.
func TestHugeAnswersAreMadeWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		for _, path := range []string{aDay(), dataRangePath, emptyDay()} {
			for _, f := range []Fault{PadWithSpace(1 << 20), PadWithField(1 << 20), EndlessAnswer()} {
				to.cloud.FailData(Target{}, f, 1)
				response, err := to.client.Do(to.request(t, "plain", path))
				if err != nil {
					t.Fatal(err)
				}
				n, err := io.Copy(io.Discard, io.LimitReader(response.Body, 8<<20))
				_ = response.Body.Close()
				if err != nil || n != 8<<20 || response.ContentLength != -1 {
					t.Errorf("%s %v: %d bytes, %v", path, f, n, err)
				}
			}
		}
	})
}

func TestEndlessAnswersAreRecords(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		var whole struct{ Records []json.RawMessage }
		if err := json.Unmarshal([]byte(to.good(t, "plain", aDay())), &whole); err != nil {
			t.Fatal(err)
		}
		to.cloud.FailData(Target{}, EndlessAnswer(), 1)
		response, err := to.client.Do(to.request(t, "plain", aDay()))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		d := json.NewDecoder(response.Body)
		for d.More() {
			if token, err := d.Token(); err != nil {
				t.Fatal(err)
			} else if token == json.Delim('[') {
				break
			}
		}
		for n := range 3 * len(whole.Records) {
			var got json.RawMessage
			if err := d.Decode(&got); err != nil || string(got) != string(whole.Records[n%len(whole.Records)]) {
				t.Fatalf("record %d is %s, %v", n, got, err)
			}
		}
	})
}

func TestRepeat(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"x", "abc", strings.Repeat("0123456789", 1000)} {
		got := make([]byte, 50_000)
		if _, err := io.ReadFull(repeat(text), got); err != nil {
			t.Fatal(err)
		}
		for i, b := range got {
			if b != text[i%len(text)] {
				t.Fatalf("byte %d of %d-letter text is %q", i, len(text), b)
			}
		}
	}
}
