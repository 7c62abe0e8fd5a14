package web

import (
	"net/http"
	"net/url"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// way is where the links and forms of a page about linking lead: on in the unit
// that somebody chose. Its zero value is the plain way.
type way struct{ unit glucose.Unit }

// wayOf reads a request's address. A unit that does not exist is none: no value is
// shown here.
func wayOf(r *http.Request) way {
	unit, _ := glucose.ParseUnit(r.URL.Query().Get(unitKey)) // the zero value is what is shown without one
	return way{unit}
}

// Home is the address of the status page.
func (w way) Home() string { return view{}.in(w.unit).address() }

// Query is the end of the forms' addresses.
func (w way) Query() string {
	if w == (way{}) {
		return ""
	}
	return "?" + url.Values{unitKey: {w.unit.String()}}.Encode()
}
