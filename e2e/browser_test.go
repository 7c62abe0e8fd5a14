package e2e

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// browser is what a person links with. It follows redirects, sends forms with the
// headers that browsers add, keeps to the policy of the page, and runs no script.
type browser struct {
	client http.Client

	address *url.URL // of the page it shows
	status  int
	header  http.Header
	body    string
	hops    []int  // the statuses that led there
	unknown string // host and port that it cannot reach: it stops with that address
}

func newBrowser() *browser {
	jar, _ := cookiejar.New(nil) // cannot fail without options
	b := &browser{}
	b.client = http.Client{Jar: jar, Timeout: patience, CheckRedirect: b.follow}
	return b
}

// follow is how a browser goes on after a redirect.
func (b *browser) follow(next *http.Request, _ []*http.Request) error {
	b.hops = append(b.hops, next.Response.StatusCode)
	b.address = next.URL
	next.Header.Del("Origin")
	next.Header.Set("Sec-Fetch-Site", "cross-site") // each of ours leads to Dexcom or comes from there
	if origin := next.URL.Scheme + "://" + next.URL.Host; b.body != "" && !b.allows(origin) {
		return fmt.Errorf("the page's policy %q forbids to go to %s", b.header.Get("Content-Security-Policy"), origin)
	}
	if next.URL.Host == b.unknown {
		return http.ErrUseLastResponse
	}
	return nil
}

// allows tells whether the page that it shows lets forms lead to an origin.
func (b *browser) allows(origin string) bool {
	_, policy, restricted := strings.Cut(b.header.Get("Content-Security-Policy"), "form-action ")
	policy, _, _ = strings.Cut(policy, ";")
	return !restricted || slices.Contains(strings.Fields(policy), origin)
}

// open goes to an address that somebody typed.
func (b *browser) open(t *testing.T, address string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "none")
	b.body = "" // nobody's policy holds
	b.send(t, request)
}

func (b *browser) send(t *testing.T, request *http.Request) {
	t.Helper()
	b.hops, b.address = nil, request.URL
	response, err := b.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	b.status, b.header, b.body = response.StatusCode, response.Header, string(body)
}

// press sends the form with the button of that name.
func (b *browser) press(t *testing.T, button string) {
	t.Helper()
	for _, form := range regexp.MustCompile(`(?s)<form([^>]*)>(.*?)</form>`).FindAllStringSubmatch(b.body, -1) {
		values := url.Values{}
		for _, field := range regexp.MustCompile(`<input type="hidden"[^>]*>`).FindAllString(form[2], -1) {
			values.Set(attribute(field, "name"), attribute(field, "value"))
		}
		for _, found := range regexp.MustCompile(`(<button[^>]*>)([^<]*)</button>`).FindAllStringSubmatch(form[2], -1) {
			if html.UnescapeString(found[2]) != button {
				continue
			}
			if name := attribute(found[1], "name"); name != "" {
				values.Set(name, attribute(found[1], "value"))
			}
			b.submit(t, attribute(form[1], "action"), values)
			return
		}
	}
	t.Fatalf("no button %q on %s:\n%s", button, b.address.Redacted(), b.body)
}

// attribute is the value of an attribute of an element.
func attribute(element, name string) string {
	_, value, _ := strings.Cut(element, " "+name+`="`)
	value, _, _ = strings.Cut(value, `"`)
	return html.UnescapeString(value)
}

func (b *browser) submit(t *testing.T, action string, values url.Values) {
	t.Helper()
	target, err := b.address.Parse(action)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target.String(), strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", b.address.Scheme+"://"+b.address.Host)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	b.send(t, request)
}

// decide goes through Dexcom's login as a person and presses Allow or Refuse.
func (b *browser) decide(t *testing.T, person, button string) {
	t.Helper()
	b.press(t, person)
	b.press(t, button)
}

// expect compares the page with what should be on it.
func (b *browser) expect(t *testing.T, status int, words string) {
	t.Helper()
	if text := html.UnescapeString(b.body); b.status != status || !strings.Contains(text, words) {
		t.Errorf("%s: got %d, want %d and %q:\n%s", b.address.Path, b.status, status, words, text)
	}
}
