package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focus is what the keyboard acts on.
type focus struct {
	Name  string
	Place int  // in the order of the page
	Ring  bool // it can be seen that it has the focus
	Shown bool // it is inside the window
}

const focusScript = `(() => {
  const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
  return {
    Name: (e.textContent.trim() || e.getAttribute("aria-label") || e.name || "").replace(/\s+/g, " "),
    Place: [...document.querySelectorAll("*")].indexOf(e),
    Ring: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1 || s.boxShadow !== "none",
    Shown: r.width > 0 && r.height > 0 && r.top >= 0 && r.left >= 0 && r.bottom <= innerHeight && r.right <= innerWidth,
  };
})()`

// tabTo presses Tab until something has the focus, which must be seen wherever it
// is on the way, and follow the page.
func (w *window) tabTo(t *testing.T, name string) {
	t.Helper()
	var way []string
	for place, presses := -1, 1; presses <= 100; presses++ {
		w.do(t, chromedp.KeyEvent(kb.Tab))
		f := mustAsk[focus](t, w, focusScript)
		way = append(way, f.Name)
		if !f.Ring || !f.Shown || f.Place <= place {
			t.Errorf("after %d Tabs %+v has the focus, after place %d", presses, f, place)
		}
		if place = f.Place; f.Name == name {
			w.log = append(w.log, fmt.Sprintf("presses Tab %d times, to %q", presses, name))
			return
		}
	}
	t.Fatalf("Tab does not lead to %q, but to %s", name, strings.Join(way, ", "))
}

// enter presses Enter on what Tab leads to.
func (w *window) enter(t *testing.T, name string) {
	t.Helper()
	w.tabTo(t, name)
	w.do(t, chromedp.KeyEvent(kb.Enter))
}

// Nobody needs a mouse.
func testChromiumLinksByKeyboard(t *testing.T, c chromiumBrowser) {
	f := named(t)
	e := f.serve(t)
	w := c.open(t)
	w.visit(t, f.page(""))
	w.enter(t, "Link alice")
	w.expect(t, http.StatusOK, "Who are you?")
	w.enter(t, "alice")
	w.expect(t, http.StatusOK, "Share your data?")
	w.enter(t, "Allow")
	w.expect(t, http.StatusOK, "alice is linked")
	expectSeries(t, e, linked, 1)
	w.enter(t, "Status of all accounts")
	w.expect(t, http.StatusOK, "It loads itself every minute")
	w.enter(t, "Unlink alice")
	w.expect(t, http.StatusOK, "Unlink alice?")
	w.enter(t, "Unlink alice")
	w.expect(t, http.StatusOK, "alice is unlinked")
	expectSeries(t, e, linked, 0)
}
