package web

import "github.com/dexcom-exporter/dexcom_exporter/dexcom"

// message is a page of a few words.
type message struct {
	Title string
	Text  []string // paragraphs
	Cause string   // of a failure, for whoever looks after the program
	Again string   // the account whose linking may be started again; empty for none
	way
}

// linked says what to expect of an account that was linked just now.
func linked(account string) message {
	return message{Title: account + " is linked", Text: []string{
		"The first readings arrive within minutes, those that Dexcom holds back after some hours.",
		"The consent lasts for a year. Dexcom ends it earlier when the person takes it back or changes the password.",
	}}
}

// answeredBefore is for a page that is loaded again once what it said is over: it
// tells how the account stands now.
func answeredBefore(account string, now *dexcom.GrantStatus) message {
	words := message{Title: "This answer was dealt with before", Text: []string{
		"An answer of Dexcom works once. Loading its page again changes nothing.",
	}}
	switch {
	case now == nil: // it went from the configuration
	case now.Linked:
		words.Text = append(words.Text, account+" is linked now.")
	default:
		words.Text, words.Again = append(words.Text, account+" is not linked now."), account
	}
	return words
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

// notLinked says that there is nothing to unlink.
func notLinked(account string) message {
	return message{Title: account + " is not linked", Again: account, Text: []string{
		"There is no grant here that could be forgotten.",
	}}
}

// notUnlinked says why the grant is still here.
func notUnlinked(account string, err error) message {
	return message{Title: account + " could not be unlinked", Cause: err.Error(), Text: []string{
		"The grant is on this machine's disk and could not be removed. Nothing has changed.",
		"Mend the state directory, then unlink " + account + " again.",
	}}
}
