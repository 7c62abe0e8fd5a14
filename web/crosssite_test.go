package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestCrossSiteRequests(t *testing.T) {
	t.Parallel()
	const refused, let = true, false
	guards := map[string]Guard{
		"loopback":      local(),
		"behind a name": {Loopback: true, Authenticated: unprotected, Hosts: []string{"cgm.example"}},
		"authenticated": {Authenticated: func(*http.Request) bool { return true }},
		"open pages":    {Loopback: true, Authenticated: unprotected, OpenPages: true},
		"network":       {Authenticated: unprotected},
	}
	for name, test := range map[string]struct {
		headers map[string]string
		want    bool
	}{
		"another site":                     {map[string]string{"Sec-Fetch-Site": "cross-site"}, refused},
		"another port of the same":         {map[string]string{"Sec-Fetch-Site": "same-site"}, refused},
		"nonsense":                         {map[string]string{"Sec-Fetch-Site": "Same-Origin"}, refused},
		"another site that lies":           {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:10180"}, refused},
		"old browser, other site":          {map[string]string{"Origin": "https://evil.example"}, refused},
		"old browser, other port":          {map[string]string{"Origin": "http://localhost:9999"}, refused},
		"old browser, other name":          {map[string]string{"Origin": "http://localhost.evil.example:10180"}, refused},
		"old browser, sandbox":             {map[string]string{"Origin": "null"}, refused},
		"old browser, no address":          {map[string]string{"Origin": "http://%zz"}, refused},
		"our own page":                     {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:10180"}, let},
		"our own page, proxy renames us":   {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://glucose.example"}, let},
		"typed into the address bar":       {map[string]string{"Sec-Fetch-Site": "none"}, let},
		"old browser, our own page":        {map[string]string{"Origin": "http://localhost:10180"}, let},
		"curl, which says nothing of it":   {nil, let},
		"only who sent it, not where from": {map[string]string{"Referer": "https://evil.example/"}, let},
	} {
		for kind, guard := range guards {
			handler := ready(t, guard)
			for path, routed := range map[string]int{"/": 405, "/metrics": 405, "/-/ready": 405, "/-/reload": 405, "/accounts/alice/link": 404} {
				for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
					want := routed
					if path == "/-/reload" && method == "POST" {
						want = http.StatusForbidden // it is off here
					}
					if test.want == refused {
						want = http.StatusForbidden
					}
					if answer := ask(handler, method, path, test.headers); answer.Code != want {
						t.Errorf("%s, %s: %s %s: status %d, want %d", name, kind, method, path, answer.Code, want)
					}
				}
			}
		}
	}
}

// Links from elsewhere work, and no other site can read what they lead to.
func TestCrossSiteReading(t *testing.T) {
	t.Parallel()
	handler := ready(t, local())
	for _, path := range routes() {
		answer := ask(handler, "GET", path, map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
		if answer.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, answer.Code)
		}
		for name := range answer.Header() {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s sends %s", path, name)
			}
		}
	}
}
