package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const statisticsPath = "/v2/users/self/statistics"

// askStatistics posts a body and returns status and answer.
func askStatistics(t testing.TB, c *Cloud, name, body string, query url.Values) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(
		t.Context(), http.MethodPost, "https://api.dexcom.test"+statisticsPath+"?"+query.Encode(), strings.NewReader(body),
	)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.AccessToken(name))
	r.Header.Set("Content-Type", "application/json")
	return send(t, c, r)
}

func statisticsRequest(t testing.TB) string {
	t.Helper()
	return string(sampleV2(t, "statistics_request.json"))
}

func TestStatisticsHaveTheShapeOfTheSample(t *testing.T) {
	t.Parallel()
	eachWearer(t, func(t *testing.T, p *Person) {
		_, body := askStatistics(t, New(p), p.Name, statisticsRequest(t), between(noon(), noon().AddDate(0, 0, 7)))
		if got, want := shapeOf(t, body), shapeOf(t, sampleV2(t, "statistics.json")); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestStatisticsWithoutDataAreAsTheSample(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	for name, from := range map[string]time.Time{"hourly": time.Unix(0, 0), "plain": noon()} {
		status, body := askStatistics(t, c, name, statisticsRequest(t), between(from, from.AddDate(0, 0, 7)))
		var want bytes.Buffer
		compact(t, &want, sampleV2(t, "statistics_no_data_ASSUMED.json"))
		if got := string(bytes.TrimSpace(body)); status != http.StatusOK || got != want.String() {
			t.Errorf("%s: %d %s, want %s", name, status, got, want.String())
		}
	}
}

// Each field of the truth is told under its own name.
func TestStatisticsAreTheTruth(t *testing.T) {
	t.Parallel()
	eachWearer(t, func(t *testing.T, p *Person) {
		from, to := noon(), noon().AddDate(0, 0, 14)
		_, body := askStatistics(t, New(p), p.Name, statisticsRequest(t), between(from, to))
		var got map[string]any
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatal(err)
		}
		truth := reflect.ValueOf(p.Statistics(from, to, time.Now(), dayAndNight()))
		for i := range truth.NumField() {
			name := truth.Type().Field(i).Name
			key, want := strings.ToLower(name[:1])+name[1:], truth.Field(i).Interface()
			if n, whole := want.(int); whole {
				want = float64(n)
			}
			if got[key] != want {
				t.Errorf("%s is %v, want %v", key, got[key], want)
			}
		}
		if len(got) != truth.NumField() {
			t.Errorf("%d fields, want %d", len(got), truth.NumField())
		}
	})
}

// What is held back does not count yet.
func TestStatisticsOfWhatIsAvailable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &Person{Name: "p", Seed: 38, Sensor: G6, Rhythm: Hourly, HoldBack: 3 * time.Hour}
		c := New(p)
		last := 0
		for range 30 {
			from, to := time.Now().Truncate(24*time.Hour), time.Now().AddDate(0, 0, 1)
			_, body := askStatistics(t, c, "p", statisticsRequest(t), between(from, to))
			var got struct{ NValues, Sum int }
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatal(err)
			}
			readings, sum := p.V2Readings(from, to, time.Now()), 0
			for _, r := range readings {
				sum += r.Value
			}
			if got.NValues != len(readings) || got.Sum != sum {
				t.Fatalf("%+v, want %d and %d", got, len(readings), sum)
			}
			last = max(last, got.NValues)
			time.Sleep(41 * time.Minute)
		}
		if last < 150 {
			t.Errorf("%d values at most", last)
		}
	})
}

func TestStatisticsAreGuarded(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	good := between(noon(), noon().AddDate(0, 0, 90))
	for _, x := range []struct {
		method, token string
		query         url.Values
		want          int
	}{
		{http.MethodPost, "hourly", good, http.StatusOK},
		{http.MethodGet, "hourly", good, http.StatusMethodNotAllowed},
		{http.MethodPut, "hourly", good, http.StatusMethodNotAllowed},
		{http.MethodPost, "nobody", good, http.StatusUnauthorized},
		{http.MethodPost, "hourly", nil, http.StatusBadRequest},
		{http.MethodPost, "hourly", url.Values{"startDate": good["startDate"]}, http.StatusBadRequest},
		{http.MethodPost, "hourly", between(noon(), noon()), http.StatusBadRequest},
		{http.MethodPost, "hourly", between(noon(), noon().AddDate(0, 0, 90).Add(time.Second)), http.StatusBadRequest},
	} {
		r := httptest.NewRequest(x.method, statisticsPath+"?"+x.query.Encode(), strings.NewReader(statisticsRequest(t)))
		r.Header.Set("Authorization", "Bearer "+c.AccessToken(x.token))
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		status, body := send(t, c, r)
		if status != x.want {
			t.Errorf("%s by %s with %v answers %d: %s", x.method, x.token, x.query, status, body)
		}
		if status == http.StatusBadRequest && shapeOf(t, body) != shapeOf(t, sampleV2(t, "error_data_400_ASSUMED.json")) {
			t.Errorf("400 is %s", body)
		}
	}
	r := httptest.NewRequest(http.MethodGet, statisticsPath, nil)
	response, err := c.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got := response.Header.Get("Allow"); got != http.MethodPost {
		t.Errorf("Allow is %q", got)
	}
}

func TestStatisticsOfAnythingButJSON(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	for _, kind := range []string{"", "text/json", "application/x-www-form-urlencoded", "application/json;", "/", "application/jsonp"} {
		r := httptest.NewRequest(http.MethodPost, statisticsPath+"?"+between(noon(), noon().AddDate(0, 0, 7)).Encode(), strings.NewReader(statisticsRequest(t)))
		r.Header.Set("Authorization", "Bearer "+c.AccessToken("hourly"))
		r.Header.Set("Content-Type", kind)
		want := http.StatusUnsupportedMediaType
		if kind == "application/json;" { // which is allowed
			want = http.StatusOK
		}
		if status, body := send(t, c, r); status != want {
			t.Errorf("%q answers %d: %s", kind, status, body)
		}
	}
}

func TestStatisticsOverASocket(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	query := between(noon(), noon().AddDate(0, 0, 7))
	_, want := askStatistics(t, c, "hourly", statisticsRequest(t), query)
	r, err := http.NewRequestWithContext(
		t.Context(), http.MethodPost, server.URL+statisticsPath+"?"+query.Encode(), strings.NewReader(statisticsRequest(t)),
	)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.AccessToken("hourly"))
	r.Header.Set("Content-Type", "application/json")
	if status, got := send(t, http.DefaultTransport, r); status != http.StatusOK || !bytes.Equal(got, want) {
		t.Errorf("%d %s, want %s", status, got, want)
	}
}
