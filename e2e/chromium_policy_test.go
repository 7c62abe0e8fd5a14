package e2e

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// behind is a proxy in front of the exporter that takes an origin out of the
// policy of each page, and changes nothing else.
func (f *family) behind(t *testing.T, forbidden string) (address string) {
	t.Helper()
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: f.address})
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(r *http.Response) error {
			policy := r.Header.Get("Content-Security-Policy")
			r.Header.Set("Content-Security-Policy", strings.ReplaceAll(policy, " "+forbidden, ""))
			return nil
		},
	})
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + net.JoinHostPort(exporterName, port) + "/"
}

// A browser holds the redirects of a form against the policy of its page: without
// Dexcom's origin in it the button would do nothing.
func testChromiumKeepsToFormAction(t *testing.T, c chromiumBrowser) {
	f := named(t)
	f.serve(t)
	w := c.open(t)
	w.visit(t, f.behind(t, "http://nobody.test")) // which is not in there
	w.click(t, "Link alice")
	w.expect(t, http.StatusOK, "Who are you?")

	w.visit(t, f.behind(t, f.cloud.url))
	w.click(t, "Link alice")
	var trouble []string
	eventually(t, func() error {
		if trouble = append(trouble, w.seen()...); len(trouble) == 0 {
			return errors.New("the browser finds nothing wrong")
		}
		return nil
	})
	time.Sleep(500 * time.Millisecond) // what would come now had time to
	trouble = append(trouble, w.seen()...)
	if !slices.ContainsFunc(trouble, func(s string) bool { return strings.Contains(s, "form-action") }) {
		t.Errorf("trouble, but not with form-action: %q", trouble)
	}
	if text := w.text(); strings.Contains(text, "Who are you?") {
		t.Errorf("Dexcom was reached: %s", text)
	}
	w.log = append(w.log, fmt.Sprintf("is held back: %q", trouble))
}
