package simulator

import (
	"encoding/json"
	"net/url"
	"testing"
	"testing/synctest"
	"time"
)

const dataRangePath = "/v3/users/self/dataRange"

func TestV3DataRangeHasTheShapeOfTheSamples(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		c := New(
			&Person{Name: "g6", Seed: 1, Sensor: G6},
			&Person{Name: "receiver", Seed: 1, Sensor: G6, Display: Receiver},
			&Person{Name: "late", Seed: 1, Since: now.AddDate(1, 0, 0)},
		)
		for name, sample := range map[string]string{
			"g6": "dataRange.json", "receiver": "dataRange.json", "late": "dataRange_no_new_data.json",
		} {
			_, body := ask(t, c, name, dataRangePath, nil)
			if got, want := shapeOf(t, body), shapeOf(t, file(t, sample)); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
			}
		}
		soon := url.Values{"lastSyncTime": {now.Add(-6 * time.Minute).Format(time.RFC3339)}}
		_, body := ask(t, c, "g6", dataRangePath, soon)
		if got, want := shapeOf(t, body), shapeOf(t, file(t, "dataRange_lastSyncTime_new_egvs_only.json")); got != want {
			t.Errorf("since then: got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestV3DataRangeTellsTheTruth(t *testing.T) {
	t.Parallel()
	for _, person := range people(t) {
		synctest.Test(t, func(t *testing.T) {
			p := *person
			p.Since = time.Now().AddDate(0, 0, -40)
			for _, since := range []time.Time{{}, time.Now().Add(-30 * time.Hour), time.Now()} {
				query := url.Values{}
				if !since.IsZero() {
					query.Set("lastSyncTime", since.Format(time.RFC3339))
				}
				_, body := ask(t, New(&p), p.Name, dataRangePath, query)
				var got map[string]json.RawMessage
				if err := json.Unmarshal(body, &got); err != nil {
					t.Fatal(err)
				}
				for _, record := range []string{"egvs", "events", "calibrations"} {
					p.checkExtent(t, record, got[record], since)
				}
			}
		})
	}
}

func (p *Person) checkExtent(t *testing.T, record string, text []byte, since time.Time) {
	t.Helper()
	var got struct{ Start, End map[string]string }
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	start, end, ok := p.DataRange(record, time.Now(), since)
	if !ok {
		if string(text) != "null" {
			t.Errorf("%s: got %s, want null", record, text)
		}
		return
	}
	for i, edge := range []map[string]string{got.Start, got.End} {
		want := []time.Time{start, end}[i]
		system, okSystem := understand(edge["systemTime"], time.UTC)
		display, okDisplay := understand(edge["displayTime"], p.zone())
		if !okSystem || !okDisplay || !system.Equal(want) || !display.Equal(want) {
			t.Errorf("%s: got %v, want %v", record, edge, want)
		}
	}
}
