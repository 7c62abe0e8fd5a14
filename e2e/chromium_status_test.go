package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// household is a family with an account in each state that a card can be in: alice
// has a receiver that was read out more than a day ago, low is LOW and high is HIGH
// now, fine has readings of now too, and nobody linked dora.
func household(t *testing.T) *family {
	t.Helper()
	since := time.Now().Add(-30 * 24 * time.Hour)
	people := []*simulator.Person{
		{Name: "low", Seed: 11, Mean: 20, Swing: 1, Since: since},
		{Name: "high", Seed: 12, Mean: 600, Swing: 1, Since: since},
		{Name: "fine", Seed: 13, Mean: 120, Swing: 5, Since: since},
	}
	f := newFamily(t, people...)
	f.redirectURL = f.page("oauth/callback")
	f.cloud.Register(ourApp(f.redirectURL))
	for _, p := range people {
		f.cloud.Share(simulator.ShareAccount{Person: p.Name, Username: p.Name, Password: planted})
		f.accounts += fmt.Sprintf("  - name: %s\n    share: {region: us, username: %[1]s, password: %s, base_url: %q}\n", p.Name, planted, f.cloud.url)
	}
	f.accounts += "  - name: dora\n    api: {region: us}\n"
	f.linkHere(t, "carol") // as alice
	return f
}

// card is what the card of an account says, and none when there is none.
func (w *window) card(account string) string {
	text, err := ask[string](w, `[...document.querySelectorAll("article")].find(e => e.querySelector("h2").textContent.trim() === `+strconv.Quote(account)+`)?.innerText ?? ""`)
	if err != nil {
		return "" // between two pages
	}
	return strings.Join(strings.Fields(text), " ")
}

// expectCard loads the status page, once it is there, until a card says all of that.
func (w *window) expectCard(t *testing.T, account string, words ...string) {
	t.Helper()
	eventually(t, func() error {
		card := w.card(account)
		if card == "" {
			return fmt.Errorf("no card of %s: %s", account, w.text())
		}
		for _, want := range words {
			if !strings.Contains(card, want) {
				w.do(t, chromedp.Reload())
				return fmt.Errorf("no %q on the card of %s: %s", want, account, card)
			}
		}
		return nil
	})
}

func testChromiumShowsStates(t *testing.T, c chromiumBrowser) {
	f := household(t)
	f.serve(t)
	w := c.open(t)
	w.visit(t, f.page("?refresh=off"))
	w.expectCard(t, "low", "LOW", "below 40 mg/dL")
	w.expectCard(t, "high", "HIGH", "above 400 mg/dL")
	w.expectCard(t, "fine", "In range", "mg/dL", "Share: connected")
	w.expectCard(t, "alice", "No fresh reading", "was ", "mg/dL", " ago", "Linked since")
	w.expectCard(t, "dora", "dora is not linked yet.", "Log in as the person whose sensor dora is, not as a follower", "Link dora")
	for account, never := range map[string][]string{
		"low": {"was ", "mmol"}, "high": {"was ", "mmol"}, "fine": {"was ", "LOW", "HIGH"}, "alice": {"steady", "rising", "falling"}, "dora": {"mg/dL", "Unlink"},
	} {
		card := w.card(account)
		for _, words := range never {
			if strings.Contains(card, words) {
				t.Errorf("the card of %s says %q: %s", account, words, card)
			}
		}
	}
	w.expect(t, http.StatusOK, "4 of 5 need somebody", "low is LOW", "high is HIGH", "dora must be linked")
	order := mustAsk[[]string](t, w, `[...document.querySelectorAll("article h2")].map(e => e.textContent.trim())`)
	if want := []string{"low", "high", "dora", "alice", "fine"}; !slices.Equal(order, want) {
		t.Errorf("the order is %q, want %q", order, want)
	}
	w.look(t, "states")
	w.tabTo(t, "Documentation") // the last link, past all others
	w.click(t, "mmol/L")
	w.expect(t, http.StatusOK, "mmol/L")
	w.expectCard(t, "low", "LOW", "below 2.2 mmol/L")
	w.look(t, "states-mmol")
	w.visit(t, f.page("?find=fine"))
	w.expect(t, http.StatusOK, "1 account")
	w.click(t, "Show everybody")
	w.expectCard(t, "dora", "Link dora")
	w.lookAtLinking(t, f)
}

// lookAtLinking looks at the other pages that people see.
func (w *window) lookAtLinking(t *testing.T, f *family) {
	t.Helper()
	w.visit(t, f.page("accounts/alice/unlink"))
	w.expect(t, http.StatusOK, "Unlink alice?")
	w.look(t, "unlink")
	w.visit(t, f.page("accounts/nobody/unlink"))
	w.expect(t, http.StatusNotFound, "No such account")
	w.look(t, "nobody")
	w.visit(t, f.page("oauth/callback?state=forged"))
	w.expect(t, http.StatusBadRequest, "Nothing was linked")
	w.look(t, "forged")
	w.visit(t, f.page(""))
	w.click(t, "Link dora")
	w.decide(t, "carol", "Allow") // who is alice
	w.expect(t, http.StatusConflict, "Linking dora did not work", "linked to alice already", "the person whose sensor dora is")
	w.look(t, "wrong-person")
	w.click(t, "Link dora")
	w.decide(t, "dora", "Allow")
	w.expect(t, http.StatusOK, "dora is linked")
	w.look(t, "linked")
	w.click(t, "Status of all accounts")
	w.expectCard(t, "dora", "No reading yet")
}

func testChromiumShowsTheDemo(t *testing.T, c chromiumBrowser) {
	demo := startDemo(t)
	w := c.open(t)
	w.visit(t, "http://"+demo.address+"/?refresh=off")
	w.expectCard(t, "alice", "was ", "mg/dL", "Normal: Dexcom releases readings", "Official API: connected")
	w.expectCard(t, "carol", " ago")
	w.expectCard(t, "dave", "To be linked", "Dexcom does not take the consent of", "Link dave")
	if card := w.card("dave"); strings.Contains(card, "not linked yet") {
		t.Errorf("dave was linked: %s", card)
	}
	w.look(t, "demo")
	w.click(t, "Link dave")
	w.decide(t, "dave", "Allow")
	w.expect(t, http.StatusOK, "dave is linked")
	w.click(t, "Status of all accounts")
	w.expectCard(t, "dave", "mg/dL", "Linked since", "Official API: connected")
}
