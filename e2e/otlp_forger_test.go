package e2e

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// pushForgery is something wrong with the newest sample of a metric of an account,
// while the program is told that all is well.
type pushForgery struct {
	forgery

	points func(point []byte, at time.Time, value float64) [][]byte
}

func pushForgeries() []pushForgery {
	drop := func([]byte, time.Time, float64) [][]byte { return nil }
	moved := func(point []byte, at time.Time) []byte {
		return bytes.Replace(point, timeField(at), timeField(at.Add(time.Millisecond)), 1)
	}
	move := func(point []byte, at time.Time, _ float64) [][]byte { return [][]byte{moved(point, at)} }
	double := func(point []byte, at time.Time, _ float64) [][]byte { return [][]byte{point, moved(point, at)} }
	change := func(point []byte, _ time.Time, value float64) [][]byte {
		return [][]byte{bytes.Replace(point, valueField(value), valueField(value+1), 1)}
	}
	return []pushForgery{
		{forgery{"push-dropped", egvs, nil, tally{lost: 1}}, drop},
		{forgery{"push-changed", egvs, nil, tally{wrong: 1}}, change},
		{forgery{"push-moved", egvs, nil, tally{lost: 1, doubled: 1}}, move},
		{forgery{"push-doubled", egvs, nil, tally{doubled: 1}}, double},
		{forgery{"push-rateless", rates, nil, tally{lost: 1}}, drop},
		{forgery{"push-eventless", event, nil, tally{lost: 1}}, drop},
	}
}

// The audit of the other tests finds one point that somebody on the way drops, changes,
// moves or doubles, and the comparison of the live table finds a metric that is dropped.
func TestAuditFindsForgedPushes(t *testing.T) {
	t.Parallel()
	var patients []*patient
	for _, f := range pushForgeries() {
		patients = append(patients, patientOf(t, simulator.Person{Name: f.account, HoldBack: time.Hour, Mean: 120, Swing: 10}, 2*time.Hour, false, false, inOrder(1)))
	}
	s := otlpReceiver(t, "24h")
	c := openClinic(t, patients...)
	c.post.deliver(1)
	truth := c.truth(1)
	const dropped = "dexcom_exporter_linked"
	_, endpoint := startRelay(t, s, func(metric string, point []byte) [][]byte {
		if metric == dropped {
			return nil
		}
		for _, f := range pushForgeries() {
			at, value := f.newest(t, truth)
			if metric == f.metric && isOf(point, f.account, at) {
				return f.points(point, at, value)
			}
		}
		return [][]byte{point}
	})
	c.pushTo(t, endpoint)
	for _, f := range pushForgeries() {
		s.expectFound(t, f.forgery, truth)
	}
	eventually(t, func() error {
		found := fmt.Sprint(s.compareLiveTable(t, c.run))
		if strings.Count(found, " was not pushed") != len(patients) || strings.Count(found, dropped+"{") != len(patients) {
			return fmt.Errorf("%s was dropped, found: %s", dropped, found)
		}
		return nil
	})
}

// newest is the sample that is forged.
func (f forgery) newest(t *testing.T, truth samples) (at time.Time, value float64) {
	t.Helper()
	var unixMilli int64
	if _, err := fmt.Sscan(f.victim(truth), &unixMilli); err != nil {
		t.Error(err)
	}
	for _, values := range truth.ofAccount(f.account).of(f.metric) {
		if v, found := values[unixMilli]; found {
			value = v
		}
	}
	return time.UnixMilli(unixMilli), value
}
