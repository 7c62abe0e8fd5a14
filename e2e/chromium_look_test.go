package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// contrastScript lists the texts that stand out too little from what is behind
// them, as WCAG 2.2 counts it (1.4.3, level AA, as for small letters).
const contrastScript = `(() => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d", {willReadFrequently: true});
  const known = {};
  const read = color => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const rgba = color => [...(known[color] ??= read(color))];
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = color => {
    const [r, g, b] = color.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.backgroundColor = "Canvas";
  const paper = rgba(getComputedStyle(probe).backgroundColor);
  probe.remove();
  const layers = e => e ? [...layers(e.parentElement), e] : [];
  const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const bad = [];
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement, words = walker.currentNode.data.trim();
    if (!words || e.closest("title, desc") || !e.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    texts++;
    const style = getComputedStyle(e), svg = e.closest("svg");
    let behind = [layers(e).reduce((below, l) => over(rgba(getComputedStyle(l).backgroundColor), below), paper)];
    if (svg) {
      const here = e.getBoundingClientRect();
      for (const shape of svg.querySelectorAll("rect, polygon")) {
        if (!meets(shape.getBoundingClientRect(), here)) continue;
        const s = getComputedStyle(shape), fill = rgba(s.fill);
        fill[3] *= s.fillOpacity * s.opacity;
        behind.push(over(fill, behind[0]));
      }
    }
    const ink = rgba(svg ? style.fill : style.color);
    for (const l of layers(e)) ink[3] *= getComputedStyle(l).opacity;
    for (const b of behind) {
      const found = ratio(over(ink, b), b);
      if (found < 4.5) bad.push(words.slice(0, 40) + ": " + found.toFixed(2));
    }
  }
  return texts ? bad : ["there is no text"];
})()`

// targetScript lists what is too small or too near to something else to be hit
// with a finger: 24 pixels in size, or in distance (WCAG 2.2, 2.5.8, level AA).
const targetScript = `(() => {
  const targets = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")].filter(e => e.checkVisibility());
  const boxes = targets.map(e => (e.closest("label") ?? e).getClientRects()[0]); // a click on a label counts
  const gap = (x, y, r) => Math.hypot(Math.max(r.left - x, 0, x - r.right), Math.max(r.top - y, 0, y - r.bottom));
  const small = r => r.width < 24 || r.height < 24;
  return targets.filter((e, i) => {
    const r = boxes[i], x = r.left + r.width / 2, y = r.top + r.height / 2;
    if (e.tagName !== "A" && small(r)) return true;
    return small(r) && boxes.some((other, j) => {
      if (i === j) return false;
      const near = Math.hypot(x - (other.left + other.right) / 2, y - (other.top + other.bottom) / 2);
      return gap(x, y, other) < 12 || small(other) && near < 24;
    });
  }).map(e => (e.textContent.trim() || e.name || e.tagName) + " (" + e.getBoundingClientRect().width.toFixed() + " x " + e.getBoundingClientRect().height.toFixed() + ")");
})()`

// scheme sets what the person prefers: light or dark.
func (w *window) scheme(t *testing.T, name string) {
	t.Helper()
	_, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
	if err != nil {
		t.Fatalf("in the browser: %v", err)
	}
}

// faults are what is wrong with the look of the page as it is now.
func (w *window) faults(t *testing.T) []string {
	t.Helper()
	var faults []string
	for _, low := range mustAsk[[]string](t, w, contrastScript) {
		faults = append(faults, "contrast of "+low)
	}
	for _, small := range mustAsk[[]string](t, w, targetScript) {
		faults = append(faults, "too small for a finger: "+small)
	}
	if wide := mustAsk[[]float64](t, w, `[document.scrollingElement.scrollWidth, document.scrollingElement.clientWidth]`); wide[0] > wide[1] {
		faults = append(faults, fmt.Sprintf("scrolls to the side: %v pixels in %v", wide[0], wide[1]))
	}
	return faults
}

// look looks at a page as people do: on a desk and on a phone, by day and at night.
func (w *window) look(t *testing.T, name string) {
	t.Helper()
	for _, screen := range []struct {
		name          string
		width, height int64
	}{{"phone", 360, 740}, {"desk", 1200, 900}} {
		w.size(t, screen.width, screen.height)
		for _, scheme := range []string{"dark", "light"} {
			w.scheme(t, scheme)
			for _, fault := range w.faults(t) {
				t.Errorf("%s, %s, %s: %s", name, screen.name, scheme, fault)
			}
			w.picture(t, strings.Join([]string{name, screen.name, scheme}, "-"))
		}
	}
}

// A page with a fault of each kind: what looks at pages finds it.
func testLookSeesWhatIsBad(t *testing.T, c chromiumBrowser) {
	w := c.open(t)
	for fault, body := range map[string]string{
		"contrast of faint: 1.61":                    `<p style="color:#ccc;background:#fff">faint</p>`,
		"contrast of see-through: 1.0":               `<p style="opacity:0.02">see-through</p>`,
		"contrast of on its own: 1.00":               `<svg><rect width="90" height="30" fill="#123"/><text x="5" y="20" fill="#123">on its own</text></svg>`,
		"contrast of there is no text":               ``,
		"scrolls to the side: 2000 pixels in 1200":   `<div style="width:2000px">wide</div>`,
		"too small for a finger: OK (20 x 20)":       `<button style="padding:0;border:0;width:20px;height:20px">OK</button>`,
		"too small for a finger: one (":              `<p style="font-size:9px;line-height:1"><a href="/">one</a><br><a href="/2">two</a></p>`,
		"none, and that is right <- light <- enough": `<p style="color:#767676;background:#fff">enough</p><button style="padding:20px">OK</button>`,
	} {
		page := `<!DOCTYPE html><html lang="en"><head><title>x</title></head><body style="margin:0">` + body + `</body></html>`
		w.visit(t, answering(t, http.StatusOK, "text/html", page))
		found := strings.Join(w.faults(t), "\n")
		if strings.HasPrefix(fault, "none") {
			fault = found
			if found != "" {
				t.Errorf("a page without faults has some: %s", found)
			}
		}
		if !strings.Contains(found, fault) || strings.Contains(found, "\n") && fault != "too small for a finger: one (" {
			t.Errorf("found %q, want %q alone", found, fault)
		}
	}
}
