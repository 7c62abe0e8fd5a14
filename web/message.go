package web

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

// linkedBefore answers a page that is loaded again after the account was unlinked,
// or Dexcom refused it.
func linkedBefore(account string) message {
	return message{Title: account + " is not linked any more", Again: account, Text: []string{
		"This answer of Dexcom linked " + account + " when it came. It works once, and loading the page again changes nothing.",
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
