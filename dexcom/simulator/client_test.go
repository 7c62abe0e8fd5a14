package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// ask sends a request for a person's data and returns status and body.
func ask(t testing.TB, c *Cloud, name, path string, query url.Values) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.dexcom.test"+path+"?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.AccessToken(name))
	return send(t, c, r)
}

func send(t testing.TB, transport http.RoundTripper, r *http.Request) (int, []byte) {
	t.Helper()
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := response.Header.Get("Content-Type"); got != "application/json" && response.StatusCode != http.StatusNotFound {
		t.Errorf("%s answers %q", r.URL.Path, got)
	}
	return response.StatusCode, body
}

// between is the query for a window.
func between(from, to time.Time) url.Values {
	const layout = "2006-01-02T15:04:05"
	return url.Values{"startDate": {from.UTC().Format(layout)}, "endDate": {to.UTC().Format(layout)}}
}

// records asks for the v3 records of one path.
func records(t testing.TB, c *Cloud, name, path string, query url.Values) []map[string]any {
	t.Helper()
	status, body := ask(t, c, name, path, query)
	if status != http.StatusOK {
		t.Fatalf("%s?%s answers %d: %s", path, query.Encode(), status, body)
	}
	var envelope struct {
		Records []map[string]any `json:"records"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		t.Fatal(err)
	}
	if envelope.Records == nil {
		t.Fatalf("%s has no records: %s", path, body)
	}
	return envelope.Records
}
