package e2e

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// A page with a fault of each kind: what watches over the windows finds it.
func testWitnessSeesTrouble(t *testing.T, c chromiumBrowser) {
	const strict = "default-src 'none'; script-src 'nonce-1'; form-action 'self'"
	w := c.open(t)
	for trouble, page := range map[string]struct{ policy, body string }{
		"console.error: ":                  {"", `<script>console.error("oh no")</script>`},
		"console.warning: ":                {"", `<script>console.warn("hm")</script>`},
		"exception: Uncaught":              {"", `<script>throw new Error("oh no")</script>`},
		"exception: Uncaught (in promise)": {"", `<script>Promise.reject("oh no")</script>`},
		"/nowhere: 404":                    {"", `<img src="/nowhere" alt="">`},
		"net::ERR_CONNECTION_REFUSED":      {"", `<img src="http://` + freeAddress(t) + `/" alt="">`},
		"script-src":                       {strict, `<script>1</script>`},
		"style-src":                        {strict, `<p style="color: red">red</p>`},
		"form-action":                      {strict, `<form action="http://127.0.0.1:1/" id="f"></form><script nonce="1">f.submit()</script>`},
	} {
		w.visit(t, serving(t, page.policy, page.body))
		var seen []string
		eventually(t, func() error {
			if seen = append(seen, w.seen()...); !strings.Contains(strings.Join(seen, "\n"), trouble) {
				return errors.New("no " + trouble + " in " + strings.Join(seen, "\n"))
			}
			return nil
		})
	}
	w = c.open(t)
	w.visit(t, serving(t, strict, `<p>fine</p><script nonce="1">console.log("fine")</script>`))
	w.expect(t, http.StatusOK, "fine")
}

// serving serves a page under a policy, and nothing else.
func serving(t *testing.T, policy, body string) (address string) {
	t.Helper()
	return listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!DOCTYPE html><html lang="en"><head><title>x</title></head><body>` + body + `</body></html>`)) // fails only if the client is gone
	}))
}
