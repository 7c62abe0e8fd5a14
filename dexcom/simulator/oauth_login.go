package simulator

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

//go:embed oauth_login.html
var loginPages string

// loginRequest is a valid request to the login page.
type loginRequest struct {
	clientID    string
	redirectURL string
	state       string
}

// parseLogin reads the query of the login page. Like Dexcom it does not tell an
// unknown app from an address that is not registered for it.
func (o *authority) parseLogin(version, query string) (loginRequest, error) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return loginRequest{}, errors.New("the query is malformed")
	}
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if len(q[name]) > 1 {
			return loginRequest{}, fmt.Errorf("the parameter %s must not be repeated", name)
		}
	}
	l := loginRequest{q.Get("client_id"), q.Get("redirect_uri"), q.Get("state")}
	switch {
	case !o.mayAsk(l.clientID, l.redirectURL):
		return loginRequest{}, errors.New("the client application is not known or is not authorised")
	case q.Get("response_type") != "code":
		return loginRequest{}, errors.New("the parameter response_type must be code")
	case q.Get("scope") != "offline_access":
		return loginRequest{}, errors.New("the parameter scope must be offline_access")
	case version == "v3" && l.state == "":
		return loginRequest{}, errors.New("the parameter state is required")
	}
	return l, nil
}

// back is the redirect address with the outcome added to its own query.
func (l loginRequest) back(key, value string) string {
	outcome := url.Values{key: {value}}
	if l.state != "" {
		outcome.Set("state", l.state)
	}
	address, joint := strings.TrimRight(l.redirectURL, "?&"), "?"
	if strings.Contains(address, "?") {
		joint = "&"
	}
	return address + joint + outcome.Encode()
}

// login serves the pages on which a person is picked, without a password like
// in Dexcom's sandbox, and then allows the app to read or refuses it.
func (c *Cloud) login(version string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l, err := c.oauth.parseLogin(version, r.URL.RawQuery)
		switch {
		case err != nil:
			page(w, http.StatusBadRequest, "failure", err.Error())
		case r.Method == http.MethodGet:
			page(w, http.StatusOK, "people", slices.Sorted(maps.Keys(c.people)))
		case r.Method == http.MethodPost:
			c.clicked(w, r, l)
		default:
			w.Header().Set("Allow", "GET, POST")
			page(w, http.StatusMethodNotAllowed, "failure", "method not allowed")
		}
	})
}

// clicked answers the form of one of the pages.
func (c *Cloud) clicked(w http.ResponseWriter, r *http.Request, l loginRequest) {
	const longest = 64 << 10
	r.Body = http.MaxBytesReader(w, r.Body, longest)
	if err := r.ParseForm(); err != nil {
		page(w, http.StatusBadRequest, "failure", "the form is malformed")
		return
	}
	p := c.people[r.PostForm.Get("person")]
	if p == nil {
		page(w, http.StatusBadRequest, "failure", "the person is not known")
		return
	}
	switch r.PostForm.Get("decision") {
	case "":
		c.oauth.countLogin()
		page(w, http.StatusOK, "consent", struct{ ClientID, Person string }{l.clientID, p.Name})
	case "allow", "refuse":
		w.Header().Set("Location", c.oauth.decide(l, p, r.PostForm.Get("decision") == "allow", c.now()))
		w.WriteHeader(http.StatusFound)
	default:
		page(w, http.StatusBadRequest, "failure", "the decision is not known")
	}
}

// decide is where the person's decision leads to.
func (o *authority) decide(l loginRequest, p *Person, allow bool, now time.Time) string {
	if !allow {
		return l.back("error", "access_denied")
	}
	return l.back("code", o.consent(holder{p, l.clientID}, l.redirectURL, now))
}

// page sends one of the HTML pages.
func page(w http.ResponseWriter, status int, name string, data any) {
	var text bytes.Buffer
	t, err := template.New("").Parse(loginPages)
	if err == nil {
		err = t.ExecuteTemplate(&text, name, data)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // fails only if the client is gone
}
