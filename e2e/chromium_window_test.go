package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// window is a window of a real browser.
type window struct {
	*witness

	ctx context.Context
	log []string // what the person did and saw
}

// open opens a window with no past. When the test ends, there must have been no
// trouble in it.
func (c chromiumBrowser) open(t *testing.T) *window {
	t.Helper()
	w := &window{witness: &witness{documents: map[network.RequestID]string{}}}
	var closeWindow context.CancelFunc
	w.ctx, closeWindow = chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(w.see))
	t.Cleanup(func() {
		closeWindow()
		for _, trouble := range w.seen() {
			t.Errorf("trouble in the browser: %s", trouble)
		}
		t.Logf("in the browser:\n%s", strings.Join(w.log, "\n"))
	})
	// A first action with a deadline would end the window with it.
	if _, err := chromedp.Call(w.ctx, audits.Enable, cdp.Empty{}); err != nil {
		t.Fatalf("open a window: %v", err)
	}
	w.size(t, 1200, 900)
	return w
}

// size makes the window as large as that.
func (w *window) size(t *testing.T, width, height int64) {
	t.Helper()
	w.do(t, chromedp.EmulateViewport(width, height))
}

func (w *window) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatalf("in the browser: %v", err)
	}
}

// ask evaluates a script beside the page's own, which has none.
func ask[T any](w *window, script string) (T, error) {
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script))
}

func mustAsk[T any](t *testing.T, w *window, script string) T {
	t.Helper()
	value, err := ask[T](w, script)
	if err != nil {
		t.Fatalf("in the browser: %v", err)
	}
	return value
}

// visit goes to an address that somebody typed.
func (w *window) visit(t *testing.T, address string) {
	t.Helper()
	w.log = append(w.log, "goes to "+redacted(address))
	w.do(t, chromedp.Navigate(address))
}

// click clicks with the mouse on the button or link of that name, if nothing else
// is in the way.
func (w *window) click(t *testing.T, name string) {
	t.Helper()
	w.log = append(w.log, fmt.Sprintf("clicks on %q", name))
	at := mustAsk[[]float64](t, w, `(() => {
  const e = [...document.querySelectorAll("a, button, summary")].find(e => e.textContent.trim().replace(/\s+/g, " ") === `+strconv.Quote(name)+`);
  if (!e) return [];
  e.scrollIntoView({block: "center"});
  const r = e.getClientRects()[0], x = r.left + r.width / 2, y = r.top + r.height / 2;
  return e.contains(document.elementFromPoint(x, y)) ? [x, y] : [];
})()`)
	if len(at) == 0 {
		t.Fatalf("nothing to click on is called %q:\n%s", name, w.text())
	}
	w.do(t, chromedp.MouseClickXY(at[0], at[1]))
}

// text is what can be read on the page, once it is there.
func (w *window) text() string {
	text, err := ask[string](w, `document.readyState === "complete" ? document.title + "\n" + document.body.innerText : ""`)
	if err != nil {
		return "" // between two pages
	}
	return strings.Join(strings.Fields(text), " ")
}

// expect waits for a page with that status and those words.
func (w *window) expect(t *testing.T, status int64, words ...string) {
	t.Helper()
	eventually(t, func() error {
		text, last := w.text(), w.last()
		if last.status != status {
			return fmt.Errorf("%v, want %d: %s", last, status, text)
		}
		for _, want := range words {
			if !strings.Contains(text, want) {
				return fmt.Errorf("%v: no %q in: %s", last, want, text)
			}
		}
		return nil
	})
	for _, h := range w.since() {
		w.log = append(w.log, "  "+h.String())
	}
	w.log = append(w.log, fmt.Sprintf("  reads %q", mustAsk[string](t, w, `document.querySelector("h1")?.textContent ?? ""`)))
}

// picture takes one of the whole page if somebody wants to look.
func (w *window) picture(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), image, 0o600)
	}
	if err != nil {
		t.Errorf("take a picture: %v", err)
	}
}
