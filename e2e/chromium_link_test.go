package e2e

import (
	"net"
	"net/http"
	"testing"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// named is a family whose exporter has a name in a network: what browsers let pass
// on localhost does not pass there. Dexcom is another origin.
func named(t *testing.T) *family {
	t.Helper()
	f := newFamily(t)
	f.redirectURL = f.page("oauth/callback")
	f.cloud.Register(ourApp(f.redirectURL))
	return f
}

// page is the address of a page under the exporter's name.
func (f *family) page(path string) string {
	_, port, _ := net.SplitHostPort(f.address) // it is one
	return "http://" + net.JoinHostPort(exporterName, port) + "/" + path
}

// decide logs in at the simulated Dexcom and presses Allow or Refuse.
func (w *window) decide(t *testing.T, person, button string) {
	t.Helper()
	w.expect(t, http.StatusOK, "Who are you?")
	w.click(t, person)
	w.expect(t, http.StatusOK, "Share your data?", "asks to read the glucose data of "+person)
	w.click(t, button)
}

func testChromiumLinks(t *testing.T, c chromiumBrowser) {
	f := named(t)
	e := f.serve(t)
	w := c.open(t)
	w.visit(t, f.page(""))
	w.expect(t, http.StatusOK, "alice", "Log in as the person")
	w.picture(t, "unlinked")
	w.click(t, "Link alice")
	w.decide(t, "alice", "Allow")
	w.expect(t, http.StatusOK, "alice is linked", "The consent lasts for a year")
	w.picture(t, "linked")
	callback := mustAsk[string](t, w, "location.href")
	w.click(t, "Status of all accounts")
	expectSeriesThat(t, e, newest, present)
	w.visit(t, f.page(""))
	w.expectCard(t, "alice", "mg/dL", "Linked since", "Unlink alice")

	w.visit(t, callback) // as a phone does that loads its old pages
	w.expect(t, http.StatusOK, "alice is linked")
	w.visit(t, f.page("oauth/callback?code=1&state=forged"))
	w.expect(t, http.StatusBadRequest, "Nothing was linked", "somebody made it up")
	w.picture(t, "forged")
	expectSeries(t, e, linked, 1)
	f.expectAlive(t, "alice")
}

func testChromiumRefuses(t *testing.T, c chromiumBrowser) {
	f := named(t)
	e := f.serve(t)
	w := c.open(t)
	w.visit(t, f.page(""))
	w.click(t, "Link alice")
	w.decide(t, "alice", "Refuse")
	w.expect(t, http.StatusOK, "Dexcom was told not to share alice", "Nothing has changed", "the person whose sensor alice is")
	w.picture(t, "refused")
	expectSeries(t, e, linked, 0)
	f.expectNoGrant(t)
	f.cloud.FailTokens(simulator.AnswerJSON(http.StatusServiceUnavailable), 1)
	w.click(t, "Link alice") // from the page that says so
	w.decide(t, "alice", "Allow")
	w.expect(t, http.StatusBadGateway, "Linking alice did not work", "wait a few minutes and start again", "HTTP 503")
	w.look(t, "failed")
	expectSeries(t, e, linked, 0)
	w.click(t, "Link alice")
	w.decide(t, "alice", "Allow")
	w.expect(t, http.StatusOK, "alice is linked")
	expectSeries(t, e, linked, 1)
}

// Who is linked gets no button any more, but somebody may still have it open.
func testChromiumFindsAnotherPerson(t *testing.T, c chromiumBrowser) {
	f := named(t)
	e := f.serve(t)
	first, second := c.open(t), c.open(t)
	for _, w := range []*window{first, second} {
		w.visit(t, f.page("?refresh=off"))
	}
	w := c.open(t)
	w.visit(t, f.page(""))
	w.click(t, "Link alice")
	w.decide(t, "alice", "Allow")
	w.expect(t, http.StatusOK, "alice is linked")

	first.click(t, "Link alice")
	first.decide(t, "bob", "Allow")
	first.expect(t, http.StatusOK, "Another person for alice?", "Nothing has changed yet", "private window")
	first.look(t, "another")
	f.expectAlive(t, "alice")
	first.click(t, "Keep the person of alice")
	first.expect(t, http.StatusOK, "Unlink alice")
	f.expectAlive(t, "alice")

	second.click(t, "Link alice")
	second.decide(t, "bob", "Allow")
	second.expect(t, http.StatusOK, "Another person for alice?")
	second.click(t, "Replace the person of alice")
	second.expect(t, http.StatusOK, "alice is linked", "The consent lasts for a year")
	f.expectAlive(t, "bob")
	expectSeries(t, e, linked, 1)
}

func testChromiumUnlinks(t *testing.T, c chromiumBrowser) {
	f := named(t)
	f.linkHere(t, "alice")
	e := f.serve(t)
	expectSeriesThat(t, e, newest, present)
	w := c.open(t)
	w.visit(t, f.page(""))
	w.click(t, "Unlink alice")
	w.expect(t, http.StatusOK, "Unlink alice?", "are forgotten here")
	w.picture(t, "unlink")
	w.click(t, "Keep alice linked")
	w.expectCard(t, "alice", "mg/dL")
	expectSeries(t, e, linked, 1)
	w.click(t, "Unlink alice")
	w.expect(t, http.StatusOK, "Unlink alice?")
	w.click(t, "Unlink alice")
	w.expect(t, http.StatusOK, "alice is unlinked", "permissions of the account")
	w.picture(t, "unlinked-now")
	expectSeries(t, e, linked, 0)
	f.expectNoGrant(t)
	w.visit(t, f.page("accounts/alice/unlink"))
	w.expect(t, http.StatusOK, "alice is not linked")
}
