package web

import (
	"errors"
	"net/http"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// message is a page of a few words.
type message struct {
	Title string
	Text  []string // paragraphs
	Cause string   // of a failure, for whoever looks after the program
	Again string   // the account whose linking may be started again; empty for none
}

// linked says what to expect of an account that was linked just now.
func linked(account string) message {
	return message{Title: account + " is linked", Text: []string{
		"The first readings arrive within minutes, those that Dexcom holds back after some hours.",
		"The consent lasts for a year. Dexcom ends it earlier when the person takes it back or changes the password.",
	}}
}

// unlinked says what is left to do once this program has forgotten an account's
// person: only the person can tell Dexcom.
func unlinked(account string) message {
	return message{Title: account + " is unlinked", Text: []string{
		"The grant and everything read for " + account + " are forgotten here.",
		"Dexcom cannot be told by a program. To end the consent there too, the person logs in at Dexcom's own site " +
			"and takes this app off the permissions of the account.",
	}}
}

// failure puts into words why an account was not linked or unlinked and what to
// do, with the HTTP status that fits. account is empty where nobody knows it.
func failure(account string, err error) (status int, words message) {
	words = message{Title: "Not linked", Text: []string{sentence(err)}, Again: account}
	switch {
	case errors.Is(err, dexcom.ErrUnknownAccount):
		return http.StatusNotFound, message{Title: "No such account", Text: words.Text}
	case errors.Is(err, dexcom.ErrUnknownState):
		words.Text = append(words.Text, "If you only loaded this page again: the status shows whether the account is linked.")
		return http.StatusBadRequest, words
	case errors.Is(err, dexcom.ErrNoCode):
		return http.StatusBadRequest, words
	case errors.Is(err, dexcom.ErrRefused):
		return http.StatusOK, words
	case errors.Is(err, dexcom.ErrLogin):
		return http.StatusBadGateway, words
	case errors.Is(err, dexcom.ErrNothingToDo):
		return http.StatusConflict, words
	case errors.Is(err, dexcom.ErrAnotherAccount):
		words.Text = []string{
			sentence(dexcom.ErrAnotherAccount),
			"Log out at Dexcom, or use a private window, and log in as the person whose sensor this is.",
		}
		return http.StatusConflict, words
	case fromDexcom(err):
		words.Cause = err.Error()
		status, words.Text = dexcomFailure(err)
		return status, words
	}
	return http.StatusInternalServerError, message{Title: "Something is wrong on this machine", Text: words.Text}
}

// fromDexcom tells the failures of calls from those of this machine.
func fromDexcom(err error) bool {
	_, called := errors.AsType[*dexcom.Error](err)
	return called || dexcom.Reason(err) != dexcom.ReasonOther
}

// dexcomFailure says what became of a call to Dexcom.
func dexcomFailure(err error) (status int, text []string) {
	const wait = "This passes as a rule: wait a few minutes and start again."
	status = http.StatusBadGateway
	switch dexcom.Reason(err) {
	case dexcom.ReasonConsent:
		return http.StatusBadRequest, []string{"Dexcom does not take the code of its answer: it lives for one minute and works once. Start again."}
	case dexcom.ReasonCredentials:
		text = []string{"Dexcom refuses this program. Check client_id, client_secret and the region of the app in the configuration, " +
			"and that the person's Dexcom account belongs to that region. Then start again."}
	case dexcom.ReasonRateLimited:
		status, text = http.StatusServiceUnavailable, []string{"Too many calls were made to Dexcom.", wait}
	case dexcom.ReasonNetwork:
		text = []string{"No answer came from Dexcom. Check that this machine reaches it, then start again."}
	case dexcom.ReasonDecode:
		text = []string{"An answer came that is not Dexcom's. Check base_url and the proxy settings in the configuration.", wait}
	default:
		text = []string{"Dexcom failed, or something between Dexcom and this machine.", wait}
	}
	if after := dexcom.RetryAfter(err); after > 0 {
		text = append(text, "Dexcom asks to wait for "+AgeInWords(after+time.Minute-1)+".")
	}
	return status, text
}

// sentence is an error as people write.
func sentence(err error) string {
	first, size := utf8.DecodeRuneInString(err.Error())
	return string(unicode.ToUpper(first)) + err.Error()[size:] + "."
}
