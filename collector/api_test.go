package collector

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// broken answers the requests of one person with a status, or not at all.
type broken struct {
	next   http.RoundTripper
	token  string
	until  time.Time
	status int // 0 is no answer
	body   string
}

func (b broken) RoundTrip(request *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(request.Header.Get("Authorization"), b.token) || !time.Now().Before(b.until) {
		return b.next.RoundTrip(request)
	}
	if b.status == 0 {
		return nil, errors.New("no route to host")
	}
	recorder := httptest.NewRecorder()
	recorder.WriteHeader(b.status)
	_, _ = recorder.WriteString(b.body)
	return recorder.Result(), nil
}

func TestOnePersonsFailureIsTheirOwn(t *testing.T) {
	t.Parallel()
	for want, fault := range map[string]broken{
		dexcom.ReasonServer:      {status: 502, body: "<html>Bad Gateway"},
		dexcom.ReasonDecode:      {status: 200, body: `{"records":"none"}`},
		dexcom.ReasonRateLimited: {status: 429},
		dexcom.ReasonCredentials: {status: 401, body: `{"fault":{}}`},
		dexcom.ReasonOther:       {status: 404},
		dexcom.ReasonNetwork:     {},
	} {
		synctest.Test(t, func(t *testing.T) {
			travel(noon())
			people := tenPeople()[3:5]
			cloud := simulator.New(people...)
			bad, good := people[0].Name, people[1].Name
			fault.next, fault.token, fault.until = cloud, cloud.AccessToken(bad), noon().Add(24*time.Hour)
			c, stop := run(t, follow(cloud, fault, bad, good))
			time.Sleep(time.Hour)
			synctest.Wait()
			stop()
			snapshots := c.Snapshots()
			if s := snapshots[0]; s.Sources[0].Up() || s.Sources[0].Result != want || s.HasNewest {
				t.Errorf("%s: the bad one is %+v", want, s.Sources[0])
			}
			if s := snapshots[1]; !s.Sources[0].Up() || !s.Live() || len(s.Devices) == 0 {
				t.Errorf("%s: the good one is %+v", want, s.Sources[0])
			}
			failures := c.polled(bad, sourceAPI, want)
			if failures < 4 || failures > 8 {
				t.Errorf("%s: %v polls in an hour, want them backed off", want, failures)
			}
			if got := c.polled(good, sourceAPI, resultOK); got < 10 {
				t.Errorf("%s: the good one was polled %v times", want, got)
			}
		})
	}
}

func TestRecovery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		travel(noon())
		person := tenPeople()[3]
		cloud := simulator.New(person)
		c, stop := run(t, follow(cloud, broken{next: cloud, until: noon().Add(3 * time.Hour), status: 503}, person.Name))
		time.Sleep(3*time.Hour + 25*time.Minute)
		synctest.Wait()
		stop()
		if s := c.Snapshots()[0]; !s.Sources[0].Up() || !s.HasNewest {
			t.Errorf("25 minutes after the outage: %+v", s.Sources[0])
		}
	})
}
