package web

import (
	"bytes"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestStyle(t *testing.T) {
	t.Parallel()
	answer := ask(site(t, local()), "GET", "/style.css", nil)
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "text/css; charset=utf-8" ||
		answer.Header().Get("X-Content-Type-Options") != "nosniff" || !bytes.Equal(answer.Body.Bytes(), style) {
		t.Errorf("status %d, %v", answer.Code, answer.Header())
	}
	// The policy of the page would stop what the style asked of other servers.
	for _, never := range []string{"@import", "url(", "//"} {
		if strings.Contains(string(style), never) {
			t.Errorf("the style holds %q", never)
		}
	}
	if len(style) == 0 || strings.Count(string(style), "{") != strings.Count(string(style), "}") {
		t.Errorf("not a style: %q", style)
	}
}

// Text has the contrast of WCAG 2.2 AA (4.5:1) to what it stands on, and what one has
// to see to understand or to use the page that of parts (3:1), in both schemes.
func TestContrast(t *testing.T) {
	t.Parallel()
	const text, part = 4.5, 3
	for scheme, colours := range schemes(t) {
		for _, pair := range []struct {
			over, ground string
			least        float64
		}{
			{"ink", "page", text},
			{"ink", "card", text},
			{"ink", "field", text},
			{"ink", "call-ground", text},
			{"faint", "page", text},
			{"faint", "card", text},
			{"faint", "band", text}, // a label may touch it
			{"link", "page", text},
			{"link", "card", text},
			{"on-button", "button", text},
			{"alarm", "card", text},
			{"alarm", "alarm-ground", text},
			{"caution", "caution-ground", text},
			{"call", "call-ground", text},
			{"calm", "calm-ground", text},
			{"calm", "card", text},
			{"button", "page", part},
			{"button", "call-ground", part},
			{"edge", "page", part},
			{"edge", "field", part},
			{"curve", "card", part},
			{"curve", "band", part},
			{"alarm", "band", part},
		} {
			if got := contrast(t, colours[pair.over], colours[pair.ground]); got < pair.least {
				t.Errorf("%s: %s on %s: %.2f, want %.1f", scheme, pair.over, pair.ground, got, pair.least)
			}
		}
	}
}

// Every colour of the style is one of its variables, so that both schemes have it.
func TestColoursAreVariables(t *testing.T) {
	t.Parallel()
	schemes := schemes(t)
	for name := range schemes["light"] {
		if schemes["dark"][name] == "" {
			t.Errorf("--%s has no dark colour", name)
		}
	}
	for _, used := range regexp.MustCompile(`var\(--([a-z-]+)\)`).FindAllStringSubmatch(string(style), -1) {
		if schemes["light"][used[1]] == "" {
			t.Errorf("--%s is not defined", used[1])
		}
	}
	_, rules, _ := strings.Cut(string(style), "* { box-sizing")
	if found := regexp.MustCompile(`#[0-9a-f]{3,8}\b|rgb\(|hsl\(`).FindString(rules); found != "" {
		t.Errorf("%s is no variable", found)
	}
}

// schemes reads the colours of the style.
func schemes(t *testing.T) map[string]map[string]string {
	t.Helper()
	light, dark, found := strings.Cut(string(style), "prefers-color-scheme: dark")
	if !found {
		t.Fatal("no dark scheme")
	}
	all := map[string]map[string]string{"light": {}, "dark": {}}
	for scheme, text := range map[string]string{"light": light, "dark": dark} {
		for _, colour := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(text, -1) {
			all[scheme][colour[1]] = colour[2]
		}
		if len(all[scheme]) < 20 {
			t.Fatalf("%s: %d colours", scheme, len(all[scheme]))
		}
	}
	return all
}

// contrast is that of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light, dark := luminance(t, a), luminance(t, b)
	return (max(light, dark) + 0.05) / (min(light, dark) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) != 6 {
		t.Fatalf("no colour: %q", colour)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestContrastIsThatOfTheStandard(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]float64{{"000000", "ffffff"}: 21, {"777777", "ffffff"}: 4.48, {"123456", "123456"}: 1} {
		if got := contrast(t, pair[0], pair[1]); math.Abs(got-want) > 0.005 {
			t.Errorf("%v: %.3f, want %.2f", pair, got, want)
		}
	}
}
