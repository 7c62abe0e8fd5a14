package web

import (
	"encoding/xml"
	"errors"
	"html"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// page gives the status page.
func page(t *testing.T, handler http.Handler) string {
	t.Helper()
	return pageAt(t, handler, "/")
}

// pageAt gives the status page in a view, which must be sound.
func pageAt(t *testing.T, handler http.Handler, address string) string {
	t.Helper()
	answer := ask(handler, "GET", address, nil)
	if answer.Code != http.StatusOK {
		t.Fatalf("%s: status %d: %s", address, answer.Code, answer.Body)
	}
	expectSound(t, answer.Body.String())
	return answer.Body.String()
}

// text is what people read of a piece of a page.
func text(page string) string {
	page = regexp.MustCompile(`(?s)<title>.*?</title>|<svg class="trace".*?</svg>|<[^>]*>`).ReplaceAllString(page, " ")
	words := strings.Join(strings.Fields(html.UnescapeString(page)), " ")
	return strings.NewReplacer(" ,", ",", " .", ".", " :", ":", " )", ")", "( ", "(").Replace(words)
}

// accountsOn lists the accounts that have a card, in the order of the page.
func accountsOn(page string) []string {
	var names []string
	for _, found := range regexp.MustCompile(`<h2>(.*?)</h2>`).FindAllStringSubmatch(page, -1) {
		names = append(names, html.UnescapeString(found[1]))
	}
	return names
}

// cardOn is the piece of the page about an account; empty when there is none.
func cardOn(page, account string) string {
	for _, piece := range strings.Split(page, "<article")[1:] {
		if piece, _, _ = strings.Cut(piece, "</article>"); strings.Contains(piece, "<h2>"+html.EscapeString(account)+"</h2>") {
			return "<article" + piece
		}
	}
	return ""
}

// expectCard looks for words in the card of an account.
func expectCard(t *testing.T, handler http.Handler, account string, words ...string) {
	t.Helper()
	says := text(cardOn(page(t, handler), account))
	for _, want := range words {
		if !strings.Contains(says, want) {
			t.Errorf("the card of %s says no %q:\n%s", account, want, says)
		}
	}
}

// expectHeadline compares the line at the top.
func expectHeadline(t *testing.T, handler http.Handler, want string) {
	t.Helper()
	if found := regexp.MustCompile(`<h1>(.*)</h1>`).FindStringSubmatch(page(t, handler)); len(found) < 2 || text(found[1]) != want {
		t.Errorf("the headline is %q, want %q", found, want)
	}
}

// expectSound checks what holds for every page: tags that close, one main heading,
// no level left out, landmarks, names for what has no text, and nothing that the
// policy forbids.
func expectSound(t *testing.T, page string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	s := soundness{seen: map[string]int{}}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, page)
		}
		switch token := token.(type) {
		case xml.StartElement:
			s.open(t, token)
		case xml.EndElement:
			s.close(t, token)
		}
	}
	for _, once := range []string{"main", "footer", "h1", "title"} {
		if s.seen[once] != 1 {
			t.Errorf("%d times <%s>:\n%s", s.seen[once], once, page)
		}
	}
	for _, target := range slices.Concat(s.labelled, s.linked) {
		if !slices.Contains(s.ids, target) {
			t.Errorf("nothing has the id %q", target)
		}
	}
	if len(s.opened) != 0 {
		t.Errorf("left open: %q", s.opened)
	}
}

type soundness struct {
	opened, ids, labelled, linked []string
	seen                          map[string]int
	heading                       byte
}

func (s *soundness) open(t *testing.T, element xml.StartElement) {
	t.Helper()
	name := element.Name.Local
	s.seen[name]++
	s.opened = append(s.opened, name)
	attributes := map[string]string{}
	for _, a := range element.Attr {
		attributes[a.Name.Local] = a.Value
		if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
			t.Errorf("<%s> has the attribute %s", name, a.Name.Local)
		}
	}
	if id := attributes["id"]; id != "" {
		if slices.Contains(s.ids, id) {
			t.Errorf("two have the id %q", id)
		}
		s.ids = append(s.ids, id)
	}
	if anchor, found := strings.CutPrefix(attributes["href"], "#"); found {
		s.linked = append(s.linked, anchor)
	}
	switch name {
	case "script", "style", "img", "iframe", "object":
		t.Errorf("the page has a <%s>", name)
	case "h1", "h2", "h3", "h4":
		if name[1] > s.heading+1 && s.heading != 0 {
			t.Errorf("<%s> after <h%c>", name, s.heading)
		}
		s.heading = name[1]
	case "label":
		if id := attributes["for"]; id != "" {
			s.labelled = append(s.labelled, id)
		}
	case "svg":
		if (attributes["role"] == "img") == (attributes["aria-hidden"] == "true") || attributes["role"] == "img" && attributes["aria-label"] == "" {
			t.Errorf("a picture is neither hidden nor in words: %v", element.Attr)
		}
	case "nav":
		if attributes["aria-label"] == "" {
			t.Error("a <nav> without a name")
		}
	case "html":
		if attributes["lang"] == "" {
			t.Error("no language")
		}
	}
}

func (s *soundness) close(t *testing.T, element xml.EndElement) {
	t.Helper()
	last := len(s.opened) - 1
	if last < 0 || s.opened[last] != element.Name.Local {
		t.Fatalf("</%s> closes none of %q", element.Name.Local, s.opened)
	}
	s.opened = s.opened[:last]
}

// withoutText leaves the tags of a page.
func withoutText(page string) string {
	return strings.Join(regexp.MustCompile(`<[^>]*>`).FindAllString(page, -1), "\n")
}
