package simulator

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"
)

func TestUnauthorized(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	for _, path := range []string{"egvs", "devices", "dataRange"} {
		for _, header := range []string{
			"", "Bearer", "Bearer ", "Bearer wrong", "Basic " + c.AccessToken("plain"),
			c.AccessToken("plain"), "Bearer " + c.AccessToken("nobody"), "Bearer " + c.AccessToken("plain") + " ",
		} {
			// A bad window must not matter: who is not known learns nothing else.
			r := httptest.NewRequest(http.MethodGet, "/v3/users/self/"+path+"?lastSyncTime=x", nil)
			if header != "" {
				r.Header.Set("Authorization", header)
			}
			status, body := send(t, c, r)
			if status != http.StatusUnauthorized || shapeOf(t, body) != shapeOf(t, sample401(t)) {
				t.Errorf("%s with %q: %d %s", path, header, status, body)
			}
		}
	}
}

func sample401(t *testing.T) []byte {
	t.Helper()
	return file(t, "error_data_401_gateway_fault_ASSUMED.json")
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../testdata/v3/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTokensBelongToPeople(t *testing.T) {
	t.Parallel()
	same := []*Person{{Name: "a", Seed: 1}, {Name: "b", Seed: 1}, {Name: "c", Seed: 2}, {}}
	c, again := New(same...), New(same...)
	seen := make(map[string]bool)
	for _, p := range same {
		token := c.AccessToken(p.Name)
		if token == "" || seen[token] || token != again.AccessToken(p.Name) {
			t.Errorf("token of %q is %q", p.Name, token)
		}
		seen[token] = true
		if c.Person(p.Name) != p {
			t.Errorf("person %q is not there", p.Name)
		}
	}
	if c.Person("nobody") != nil || c.AccessToken("nobody") != "" {
		t.Error("nobody is somebody")
	}
}

func TestOtherPathsAndMethods(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	for _, x := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/", 404},
		{http.MethodGet, "/v3/users/self", 404},
		{http.MethodGet, "/v3/users/self/EGVs", 404},
		{http.MethodGet, "/v3/users/self/egvs/", 404},
		{http.MethodGet, "/v4/users/self/egvs", 404},
		{http.MethodPost, "/v3/users/self/egvs", 405},
		{http.MethodPut, "/v3/users/self/devices", 405},
		{http.MethodDelete, "/v3/users/self/dataRange", 405},
		{http.MethodHead, "/v3/users/self/dataRange", 405},
		{http.MethodGet, "/v3/users/self/dataRange", 200},
	} {
		r := httptest.NewRequest(x.method, x.path, nil)
		r.Header.Set("Authorization", "Bearer "+c.AccessToken("plain"))
		if status, body := send(t, c, r); status != x.want {
			t.Errorf("%s %s answers %d: %s", x.method, x.path, status, body)
		}
	}
}

func TestBadParameters(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	good := between(noon(), noon().Add(time.Hour))
	month := between(noon(), noon().AddDate(0, 0, 30))
	tooLong := between(noon(), noon().AddDate(0, 0, 30).Add(time.Second))
	for _, x := range []struct {
		path  string
		query url.Values
		want  int
	}{
		{"egvs", good, 200},
		{"egvs", month, 200},
		{"egvs", tooLong, 400},
		{"egvs", nil, 400},
		{"egvs", url.Values{"startDate": good["startDate"]}, 400},
		{"egvs", url.Values{"endDate": good["endDate"]}, 400},
		{"egvs", url.Values{"startDate": good["endDate"], "endDate": good["startDate"]}, 400},
		{"egvs", url.Values{"startDate": good["startDate"], "endDate": good["startDate"]}, 400},
		{"egvs", between(time.Unix(0, 0), time.Unix(3600, 0)), 200},
		{"egvs", between(noon().AddDate(74, 0, 0), noon().AddDate(74, 0, 1)), 200},
		{"devices", nil, 200},
		{"devices", url.Values{"startDate": {"nonsense"}}, 200},
		{"dataRange", nil, 200},
		{"dataRange", url.Values{"lastSyncTime": {"2025-02-06T09:12:35Z"}}, 200},
		{"dataRange", url.Values{"lastSyncTime": {"2025-02-06T09:12:35.123-08:00"}}, 200},
		{"dataRange", url.Values{"lastSyncTime": {"2025-02-06T09:12:35"}}, 400},
		{"dataRange", url.Values{"lastSyncTime": {"2025-02-06T09:12:35 00:00"}}, 400}, // a + that was not encoded
		{"dataRange", url.Values{"lastSyncTime": {"yesterday"}}, 400},
	} {
		status, body := ask(t, c, "plain", "/v3/users/self/"+x.path, x.query)
		if status != x.want {
			t.Errorf("%s?%s answers %d: %s", x.path, x.query.Encode(), status, body)
		}
		if status == http.StatusBadRequest && shapeOf(t, body) != shapeOf(t, file(t, "error_data_400_ASSUMED.json")) {
			t.Errorf("%s?%s answers %s", x.path, x.query.Encode(), body)
		}
	}
}

func TestTooLongAWindowIsAnsweredLikeTheSample(t *testing.T) {
	t.Parallel()
	_, body := ask(t, New(people(t)...), "plain", "/v3/users/self/egvs", between(noon(), noon().AddDate(0, 0, 31)))
	var want bytes.Buffer
	compact(t, &want, file(t, "error_data_400_ASSUMED.json"))
	if got := string(bytes.TrimSpace(body)); got != want.String() {
		t.Errorf("got %s, want %s", got, want.String())
	}
}

func TestServerUnderABasePath(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	server := httptest.NewServer(http.StripPrefix("/base", c))
	t.Cleanup(server.Close)
	query := between(noon(), noon().AddDate(0, 0, 1)).Encode()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/base/v3/users/self/egvs?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.AccessToken("hourly"))
	status, body := send(t, http.DefaultTransport, r)
	r.URL.Path = "/v3/users/self/egvs"
	wantStatus, want := send(t, c, r)
	if status != wantStatus || status != http.StatusOK || !bytes.Equal(body, want) {
		t.Errorf("over a socket: %d and %d bytes, without: %d and %d", status, len(body), wantStatus, len(want))
	}
}

func TestTwoCloudsAgreeWhateverTheOrder(t *testing.T) {
	t.Parallel()
	a, b := New(people(t)...), New(people(t)...)
	var fromA, fromB [][]byte
	for n := range 20 {
		_, body := ask(t, a, "odd", "/v3/users/self/egvs", between(noon().AddDate(0, 0, n), noon().AddDate(0, 0, n+1)))
		fromA = append(fromA, body)
	}
	for n := 19; n >= 0; n-- {
		_, body := ask(t, b, "odd", "/v3/users/self/egvs", between(noon().AddDate(0, 0, n), noon().AddDate(0, 0, n+1)))
		fromB = append([][]byte{body}, fromB...)
	}
	for n := range fromA {
		if !bytes.Equal(fromA[n], fromB[n]) {
			t.Errorf("day %d differs", n)
		}
	}
}

func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	c := New(people(t)...)
	query := between(noon(), noon().AddDate(0, 0, 1))
	_, want := ask(t, c, "odd", "/v3/users/self/egvs", query)
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			if _, got := ask(t, c, "odd", "/v3/users/self/egvs", query); !bytes.Equal(got, want) {
				t.Error("answers differ")
			}
			ask(t, c, "odd", "/v3/users/self/devices", nil)
			ask(t, c, "hourly", "/v3/users/self/dataRange", nil)
			c.Person("odd").Readings(noon(), noon().AddDate(0, 0, 1))
		})
	}
	wait.Wait()
}
