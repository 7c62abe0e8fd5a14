package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed *.html
var pageFiles embed.FS

// layout is what all pages for people have in common: the frame around them and
// their headers. It is safe for concurrent use.
type layout struct {
	pages  map[string]*template.Template // the frame with a page in it, by the page's name
	policy string                        // Content-Security-Policy
}

// newLayout parses the pages. Forms may lead to this program, to Dexcom and to
// the given origins.
func newLayout(formOrigins []string) (*layout, error) {
	policy, err := contentPolicy(formOrigins)
	if err != nil {
		return nil, err
	}
	frame, err := template.ParseFS(pageFiles, "layout.html", "card.html", "trace.html")
	if err != nil {
		return nil, fmt.Errorf("parse the layout: %w", err)
	}
	l := &layout{pages: map[string]*template.Template{}, policy: policy}
	for _, name := range []string{"message", "replace", "status", "unlink"} {
		page, err := frame.Clone()
		if err == nil {
			page, err = page.ParseFS(pageFiles, name+".html")
		}
		if err != nil {
			return nil, fmt.Errorf("parse the page %s: %w", name, err)
		}
		l.pages[name] = page
	}
	return l, nil
}

// contentPolicy lets a page ask for nothing but its style, and send forms where
// linking leads: browsers hold the redirects of a form against form-action too.
func contentPolicy(formOrigins []string) (string, error) {
	forms := []string{"'self'", "https://*.dexcom.com", "https://*.dexcom.eu", "https://*.dexcom.jp"}
	for _, origin := range formOrigins {
		if !isOrigin(origin) {
			return "", fmt.Errorf("form origin %q: it must be like https://host:port", origin)
		}
		forms = append(forms, origin)
	}
	return "default-src 'none'; style-src 'self'; form-action " + strings.Join(forms, " ") + "; frame-ancestors 'none'; base-uri 'none'", nil
}

// isOrigin tells whether text is an origin and cannot be mistaken for more of the
// policy.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" &&
		text == u.Scheme+"://"+u.Host && !strings.ContainsAny(text, " ;,'\"*")
}

// show answers with a page.
func (l *layout) show(w http.ResponseWriter, status int, page string, data any) {
	var body bytes.Buffer
	if err := l.pages[page].Execute(&body, data); err != nil {
		say(w, http.StatusInternalServerError, "The page could not be built.")
		return
	}
	l.protect(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a reader who left sees nothing
}

// protect sets the headers that keep a page, its address and its forms from
// everybody else.
func (l *layout) protect(header http.Header) {
	header.Set("Content-Security-Policy", l.policy)
	header.Set("X-Content-Type-Options", "nosniff")
	// The callback's address holds a code. With no-referrer browsers would hide the
	// origin of our own forms, and the guard against cross-site requests refuse them.
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
}
