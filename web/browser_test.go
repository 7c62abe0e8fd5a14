package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Sockets everywhere: a person presses the button, logs in at Dexcom, comes back,
// goes to the status and unlinks. Nothing but links and forms is used.
func TestLinkingInABrowser(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(nil)
	h := newHome(t, "http://"+server.Listener.Addr().String()+"/oauth/callback")
	dexcomSite := httptest.NewServer(h.cloud)
	t.Cleanup(dexcomSite.Close)
	h.base = dexcomSite.URL
	h.restart(t)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.handler.ServeHTTP(w, r) })
	server.Start()
	t.Cleanup(server.Close)

	b := &browser{}
	b.open(t, server.URL+"/")
	b.expect(t, "alice is not linked yet.", "bob is not linked yet.", "Log in as the person whose sensor alice is")
	b.submit(t, "/accounts/alice/link", nil)
	if !strings.HasPrefix(b.address.String(), dexcomSite.URL+"/v3/oauth2/login?") {
		t.Fatalf("the button leads to %s", b.address)
	}
	b.submit(t, "", url.Values{"person": {"alice"}})
	b.submit(t, "", url.Values{"person": {"alice"}, "decision": {"allow"}})
	b.expect(t, "<h1>alice is linked</h1>")
	b.follow(t, "/")
	b.expect(t, "Linked since", "Unlink alice", "bob is not linked yet.")

	h.restart(t)
	b.open(t, server.URL+"/")
	b.expect(t, "Linked since", "Unlink alice")
	another := &browser{}
	another.open(t, server.URL+"/")

	b.submit(t, "/accounts/bob/link", nil)
	b.submit(t, "", url.Values{"person": {"bob"}})
	b.submit(t, "", url.Values{"person": {"bob"}, "decision": {"refuse"}})
	b.expect(t, "Dexcom was told not to share bob")
	b.submit(t, "/accounts/bob/link", nil)
	b.submit(t, "", url.Values{"person": {"bob"}})
	b.submit(t, "", url.Values{"person": {"bob"}, "decision": {"allow"}})
	b.expect(t, "<h1>bob is linked</h1>")

	// Who is linked gets no button, but somebody may still have it open.
	another.submit(t, "/accounts/bob/link", nil)
	another.submit(t, "", url.Values{"person": {"carol"}})
	another.submit(t, "", url.Values{"person": {"carol"}, "decision": {"allow"}})
	another.expect(t, "Another person for bob?")
	another.submit(t, "/accounts/bob/link/confirm", url.Values{"replacement": {replacementOn(t, another.page)}})
	another.expect(t, "<h1>bob is linked</h1>")

	b.follow(t, "/")
	b.follow(t, "/accounts/alice/unlink")
	b.submit(t, "/accounts/alice/unlink", nil)
	b.expect(t, "<h1>alice is unlinked</h1>")
	b.follow(t, "/")
	b.expect(t, "alice is not linked yet.", "Unlink bob")
	if !slices.Equal(h.changes(), []string{"bob", "alice"}) || !h.alive(t, "bob", "carol") {
		t.Errorf("changed: %v", h.changes())
	}
	h.expectNoSecrets(t)
}

// browser is what a person sees: an address and a page.
type browser struct {
	address *url.URL
	page    string
}

func (b *browser) open(t *testing.T, address string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	b.load(t, request)
}

func (b *browser) load(t *testing.T, request *http.Request) {
	t.Helper()
	response, err := (&http.Client{}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v: %s", request.URL, response.StatusCode, err, text)
	}
	b.address, b.page = response.Request.URL, string(text)
}

// follow clicks on a link of the page.
func (b *browser) follow(t *testing.T, link string) {
	t.Helper()
	if !strings.Contains(b.page, `<a href="`+link+`">`) {
		t.Fatalf("no link to %s in\n%s", link, b.page)
	}
	b.open(t, b.address.ResolveReference(&url.URL{Path: link}).String())
}

// submit sends a form of the page to where it says, as a browser does from the
// page's origin. An empty action is the form without one.
func (b *browser) submit(t *testing.T, action string, values url.Values) {
	t.Helper()
	form, target := `<form method="post">`, b.address
	if action != "" {
		form, target = `<form method="post" action="`+action+`">`, b.address.ResolveReference(&url.URL{Path: action})
	}
	if !regexp.MustCompile(regexp.QuoteMeta(form) + `(?s:.*?)<button`).MatchString(b.page) {
		t.Fatalf("no form for %s in\n%s", action, b.page)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target.String(), strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", b.address.Scheme+"://"+b.address.Host)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	b.load(t, request)
}

func (b *browser) expect(t *testing.T, words ...string) {
	t.Helper()
	for _, want := range words {
		if !strings.Contains(b.page, want) {
			t.Fatalf("%s holds no %q:\n%s", b.address.Path, want, b.page)
		}
	}
}
