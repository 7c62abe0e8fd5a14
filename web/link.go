package web

import (
	"errors"
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

// grant is how an account's grant is doing; nil when it cannot be linked.
func (l linking) grant(account string) *dexcom.GrantStatus {
	standings := l.collector.Standings()
	i := slices.IndexFunc(standings, func(s collector.Standing) bool { return s.Account == account })
	if i < 0 {
		return nil
	}
	return standings[i].Grant
}

// linked tells whether somebody consented, and Dexcom has not refused since.
func (l linking) linked(account string) bool {
	grant := l.grant(account)
	return grant != nil && grant.Linked
}

// known lets only requests through that name an account which can be linked.
func (l linking) known(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if l.grant(r.PathValue("name")) == nil {
			l.fail(w, "", dexcom.ErrUnknownAccount)
			return
		}
		next(w, r)
	}
}

// start sends the browser to Dexcom, where the person consents.
func (l linking) start(w http.ResponseWriter, r *http.Request) {
	account := r.PathValue("name")
	address, err := l.linker.Start(account)
	if err != nil {
		l.fail(w, account, err)
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
	answer := r.URL.Query()
	outcome, err := l.linker.Finish(r.Context(), answer)
	again := false
	if errors.Is(err, dexcom.ErrUnknownState) {
		if before, done, cause := l.linker.Finished(answer.Get("state")); done {
			outcome, err, again = before, cause, true // a page that is loaded again says what it said
		}
	}
	switch {
	case err != nil:
		l.fail(w, outcome.Account, err)
	case again && !l.linked(outcome.Account):
		l.layout.show(w, http.StatusOK, "message", linkedBefore(outcome.Account))
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
	account := r.PathValue("name")
	if grant := l.grant(account); grant == nil || grant.Consented.IsZero() {
		l.layout.show(w, http.StatusOK, "message", notLinked(account))
		return
	}
	l.layout.show(w, http.StatusOK, "unlink", account)
}

// unlink forgets the account's person. It does so too where nobody is linked: a
// grant that cannot be read goes away by it.
func (l linking) unlink(w http.ResponseWriter, r *http.Request) {
	account := r.PathValue("name")
	err := l.linker.Unlink(account)
	switch {
	case errors.Is(err, dexcom.ErrUnknownAccount):
		l.fail(w, "", err)
	case err != nil:
		l.layout.show(w, http.StatusInternalServerError, "message", notUnlinked(account, err))
	default:
		l.layout.show(w, http.StatusOK, "message", unlinked(account))
	}
}

// fail says why an account was not linked. account is empty where nobody knows it.
func (l linking) fail(w http.ResponseWriter, account string, err error) {
	status, words := failure(account, l.linked(account), err)
	l.layout.show(w, status, "message", words)
}
