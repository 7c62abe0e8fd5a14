package web

import (
	"net/http"
	"slices"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// linking answers the routes by which accounts are linked to people and unlinked.
type linking struct {
	linker    *dexcom.Linker
	collector *collector.Collector
	layout    *layout
}

// known lets only requests through that name an account which can be linked.
func (l linking) known(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		named := func(s collector.Standing) bool { return s.Grant != nil && s.Account == r.PathValue("name") }
		if !slices.ContainsFunc(l.collector.Standings(), named) {
			l.fail(w, "", dexcom.ErrUnknownAccount)
			return
		}
		next(w, r)
	}
}

// start sends the browser to Dexcom, where the person consents.
func (l linking) start(w http.ResponseWriter, r *http.Request) {
	address, err := l.linker.Start(r.PathValue("name"))
	if err != nil {
		l.fail(w, "", err)
		return
	}
	l.layout.protect(w.Header())
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// callback is where Dexcom sends the browser back to.
func (l linking) callback(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet { // the mux takes GET for HEAD too, but only a person's visit may spend the code
		w.Header().Set("Allow", http.MethodGet)
		say(w, http.StatusMethodNotAllowed, "GET only")
		return
	}
	outcome, err := l.linker.Finish(r.Context(), r.URL.Query())
	switch {
	case err != nil:
		l.fail(w, outcome.Account, err)
	case outcome.AnotherPerson:
		l.layout.show(w, http.StatusOK, "replace", outcome.Account)
	default:
		l.layout.show(w, http.StatusOK, "message", linked(outcome.Account))
	}
}

// confirm gives an account to the other person whom the callback found.
func (l linking) confirm(w http.ResponseWriter, r *http.Request) {
	account := r.PathValue("name")
	if err := l.linker.Confirm(account); err != nil {
		l.fail(w, account, err)
		return
	}
	l.layout.show(w, http.StatusOK, "message", linked(account))
}

// askUnlink asks whether the account shall really be unlinked.
func (l linking) askUnlink(w http.ResponseWriter, r *http.Request) {
	l.layout.show(w, http.StatusOK, "unlink", r.PathValue("name"))
}

// unlink forgets the account's person.
func (l linking) unlink(w http.ResponseWriter, r *http.Request) {
	account := r.PathValue("name")
	if err := l.linker.Unlink(account); err != nil {
		l.fail(w, "", err)
		return
	}
	l.layout.show(w, http.StatusOK, "message", unlinked(account))
}

// fail says what went wrong. account is the one to be linked again; empty for none.
func (l linking) fail(w http.ResponseWriter, account string, err error) {
	status, words := failure(account, err)
	l.layout.show(w, status, "message", words)
}
