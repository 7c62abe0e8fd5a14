package collector

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// tardy shows the readings of every fourth hour only some hours after Dexcom has
// them, as a second phone does that uploads late: what is newer is there first. It
// notes when anybody asked.
type tardy struct {
	next http.RoundTripper

	mu    sync.Mutex
	polls []time.Time
}

// available is when the reading can be read through the transport.
func (*tardy) available(r simulator.Reading) time.Time {
	if r.SystemTime.Unix()/3600%4 == 0 {
		return r.Available.Add(5 * time.Hour)
	}
	return r.Available
}

func (d *tardy) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := d.next.RoundTrip(request)
	if err != nil || !strings.HasSuffix(request.URL.Path, "/egvs") {
		return response, err
	}
	var body struct {
		Records []json.RawMessage `json:"records"`
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.polls = append(d.polls, time.Now())
	d.mu.Unlock()
	body.Records = slices.DeleteFunc(body.Records, d.hides)
	text, err := json.Marshal(body)
	response.Body = io.NopCloser(bytes.NewReader(text))
	return response, err
}

// hides tells whether a record is not shown yet. The lag of Dexcom's is an hour
// and a bit, and what is uploaded late is late enough.
func (d *tardy) hides(record json.RawMessage) bool {
	var r struct{ RecordID string }
	if json.Unmarshal(record, &r) != nil {
		return false
	}
	truth, known := truths[r.RecordID]
	return known && time.Now().Before(d.available(truth))
}
