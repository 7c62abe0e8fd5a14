package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// linking answers the routes by which accounts are linked to people and unlinked.
type linking struct {
	linker    *dexcom.Linker
	collector *collector.Collector
	layout    *layout
}

// replacementKey is the form field with what a confirmation belongs to.
const replacementKey = "replacement"

// longestAnswer is how long the callback waits for a linking that is under way: the
// server cuts off what takes two minutes.
const longestAnswer = 100 * time.Second

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
			l.fail(w, r, "", dexcom.ErrUnknownAccount)
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
		l.fail(w, r, account, err)
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
	ctx, cancel := context.WithTimeout(r.Context(), longestAnswer)
	defer cancel()
	outcome, err := l.linker.Finish(ctx, r.URL.Query())
	switch account := outcome.Account; {
	case l.over(outcome, err):
		l.tell(w, r, http.StatusOK, answeredBefore(account, l.grant(account)))
	case err != nil:
		l.fail(w, r, account, err)
	case outcome.AnotherPerson:
		l.layout.show(w, http.StatusOK, "replace", question{Account: account, Replacement: string(outcome.Replacement), way: wayOf(r)})
	default:
		l.tell(w, r, http.StatusOK, linked(account))
	}
}

// over tells whether an answer that came before says nothing of its account any more.
func (l linking) over(outcome dexcom.Outcome, err error) bool {
	grant := l.grant(outcome.Account)
	switch {
	case outcome.Over || !outcome.Again:
		return outcome.Over
	case err == nil && !outcome.AnotherPerson:
		return grant == nil || !grant.Linked
	case errors.Is(err, dexcom.ErrAnotherAccount):
		return false
	}
	return errors.Is(err, dexcom.ErrNotSaved) && grant != nil && grant.Persisted
}

// confirm gives an account to the other person whom the callback found.
func (l linking) confirm(w http.ResponseWriter, r *http.Request) {
	account := r.PathValue("name")
	r.Body = http.MaxBytesReader(w, r.Body, 1<<12) // the form has one field
	if err := l.linker.Confirm(account, dexcom.Replacement(r.PostFormValue(replacementKey))); err != nil {
		l.fail(w, r, account, err)
		return
	}
	l.tell(w, r, http.StatusOK, linked(account))
}

// askUnlink asks whether the account shall really be unlinked.
func (l linking) askUnlink(w http.ResponseWriter, r *http.Request) {
	account := r.PathValue("name")
	if grant := l.grant(account); grant == nil || grant.Consented.IsZero() {
		l.tell(w, r, http.StatusOK, notLinked(account))
		return
	}
	l.layout.show(w, http.StatusOK, "unlink", question{Account: account, way: wayOf(r)})
}

// unlink forgets the account's person. It does so too where nobody is linked: a
// grant that cannot be read goes away by it.
func (l linking) unlink(w http.ResponseWriter, r *http.Request) {
	account := r.PathValue("name")
	err := l.linker.Unlink(account)
	switch {
	case errors.Is(err, dexcom.ErrUnknownAccount):
		l.fail(w, r, "", err)
	case err != nil:
		l.tell(w, r, http.StatusInternalServerError, notUnlinked(account, err))
	default:
		l.tell(w, r, http.StatusOK, unlinked(account))
	}
}

// fail says why an account was not linked. account is empty where nobody knows it.
func (l linking) fail(w http.ResponseWriter, r *http.Request, account string, err error) {
	status, words := failure(account, l.linked(account), err)
	l.tell(w, r, status, words)
}

// tell answers with a page of a few words.
func (l linking) tell(w http.ResponseWriter, r *http.Request, status int, words message) {
	words.way = wayOf(r)
	l.layout.show(w, status, "message", words)
}
