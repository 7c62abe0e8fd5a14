package web

import (
	"errors"
	"net/http"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// failure puts into words why an account was not linked and what to do, with the
// HTTP status that fits. account is empty where nobody knows it; linked is whether
// it was linked before.
func failure(account string, linked bool, err error) (status int, words message) {
	words = message{Title: "Linking " + account + " did not work", Again: account}
	switch {
	case errors.Is(err, dexcom.ErrUnknownAccount):
		return http.StatusNotFound, message{Title: "No such account", Text: []string{
			sentence(dexcom.ErrUnknownAccount), "It may have another name in the configuration by now: the status shows them all.",
		}}
	case errors.Is(err, dexcom.ErrUnknownState):
		return http.StatusBadRequest, message{Title: "Nothing was linked", Text: []string{
			"This answer belongs to no linking that is under way: it was used before, it came more than 10 minutes after the button was pressed, " +
				"this program was started again in between, or somebody made it up. Nothing has changed.",
			"If you only loaded this page again: the status shows whether the account is linked. If it is not, press its button once more.",
		}}
	case errors.Is(err, dexcom.ErrNothingToDo):
		words.Title = "Nothing to confirm for " + account
		words.Text = []string{
			"The person whom you were asked about does not wait for " + account + " any more: it was confirmed already, somebody linked or unlinked " + account +
				" since, or the question was asked more than 10 minutes ago.",
			"Nothing has changed by this. The status shows whether " + account + " is linked.",
		}
		return http.StatusConflict, words
	case errors.Is(err, dexcom.ErrUnderWay):
		return http.StatusAccepted, message{Title: account + " is being linked", Text: []string{
			"Dexcom is slow to answer. Look at the status in a minute: it shows whether " + account + " is linked.",
		}}
	case errors.Is(err, dexcom.ErrAnotherAccount):
		words.Text = wrongPerson(account, err)
		return http.StatusConflict, words
	case errors.Is(err, dexcom.ErrNotSaved):
		return http.StatusInternalServerError, unsaved(account)
	case fromDexcom(err):
		words.Cause = err.Error()
		status, words.Text = dexcomFailure(account, err)
		if linked {
			words.Text = append(words.Text, account+" was linked before, and the new consent may have ended that one: do not leave it at this.")
		}
		return status, words
	}
	return loginFailure(words, err)
}

// loginFailure is about answers without a code, and about this machine.
func loginFailure(words message, err error) (int, message) {
	account := words.Again
	switch {
	case errors.Is(err, dexcom.ErrRefused):
		words.Title = "Dexcom was told not to share " + account
		words.Text = []string{
			"The person who logged in refused. Nothing has changed.",
			"If that was not meant: start again, log in as the person whose sensor " + account + " is, and allow it.",
		}
		return http.StatusOK, words
	case errors.Is(err, dexcom.ErrLogin):
		words.Text = []string{
			"Dexcom ended the login with an error. Nothing has changed.",
			"Start again. If it stays, the command dexcom_exporter check says what is wrong with the app.",
		}
		return http.StatusBadGateway, words
	case errors.Is(err, dexcom.ErrNoCode):
		words.Text = []string{"The answer of Dexcom has no code: perhaps the end of the address was lost. Nothing has changed. Start again."}
		return http.StatusBadRequest, words
	}
	words.Cause = err.Error()
	words.Text = []string{"Something is wrong on the machine where this program runs. Mend that, then start again."}
	return http.StatusInternalServerError, words
}

// wrongPerson is about somebody who is linked to another account.
func wrongPerson(account string, err error) []string {
	holder := "another account"
	if other, named := errors.AsType[*dexcom.AnotherAccountError](err); named { // whose card is on the status page, too
		holder = other.Account
	}
	text := []string{
		"The Dexcom user who just logged in is linked to " + holder + " already: that one keeps them, with the new consent. " +
			account + " has not changed.",
		"Dexcom's site remembers who logged in before. Log out there, or use a private window, " +
			"and log in as the person whose sensor " + account + " is.",
	}
	if errors.Is(err, dexcom.ErrNotSaved) {
		text = append(text, "The new consent of that other account could not be saved, and a restart of this program would lose it: mend the state directory.")
	}
	return text
}

// unsaved is about a grant that only the running program knows.
func unsaved(account string) message {
	return message{Title: account + " is linked, but not saved", Text: []string{
		"The readings arrive. But the grant could not be written to the disk, and a restart of this program would lose it.",
		"Make room, or mend the state directory: the grant is then written within minutes, and the status says so.",
	}}
}

// fromDexcom tells the failures of calls from those of this machine.
func fromDexcom(err error) bool {
	_, called := errors.AsType[*dexcom.Error](err)
	return called || dexcom.Reason(err) != dexcom.ReasonOther
}

// dexcomFailure says what became of a call to Dexcom.
func dexcomFailure(account string, err error) (status int, text []string) {
	const wait = "This passes as a rule: wait a few minutes and start again."
	status = http.StatusBadGateway
	switch dexcom.Reason(err) {
	case dexcom.ReasonConsent:
		return http.StatusBadRequest, []string{"Dexcom does not take the code of its answer any more: it lives for one minute and works once. Start again."}
	case dexcom.ReasonCredentials:
		text = []string{refusal(account, err)}
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

// refusal tells an app that Dexcom does not know from a person it knows elsewhere.
func refusal(account string, err error) string {
	if e, called := errors.AsType[*dexcom.Error](err); called && e.Op == "token" {
		return "Dexcom does not know this app. Check client_id, client_secret and the region of the app in the configuration, then start again."
	}
	return "Dexcom took the login and then refused the data. The Dexcom account of this person most likely belongs to another region: " +
		"check the region of " + account + " in the configuration, then start again."
}

// sentence is an error as people write.
func sentence(err error) string {
	first, size := utf8.DecodeRuneInString(err.Error())
	return string(unicode.ToUpper(first)) + err.Error()[size:] + "."
}
