package web

import (
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// consent is how the grant of an account is doing, and what is offered for it.
type consent struct {
	Account, State string
	Warning        bool // somebody has to do something soon
	Invites        bool // to be linked: says what Dexcom asks, and whom
	Again          bool // linking again helps, although it is linked
	Given          bool // by somebody once, even if Dexcom refuses it now
}

// consentOf is nil for an account that cannot be linked.
func consentOf(s collector.Standing) *consent {
	if s.Grant == nil {
		return nil
	}
	const day = "2006-01-02"
	given, end := s.Grant.Consented.UTC(), s.Grant.Consented.UTC().AddDate(1, 0, 0) // it lasts a year
	c := &consent{Account: s.Account, Given: !s.Grant.Consented.IsZero(), Invites: !s.Grant.Linked}
	switch {
	case s.Grant.Linked && !s.Grant.Persisted:
		c.Warning = true
		c.State = "Linked, but the grant is not saved: see the log, and mend the state directory before the program ends, else " + s.Account + " must be linked again."
	case s.Grant.Linked:
		ending := end.Sub(s.Now) < 30*24*time.Hour
		c.Again = ending || s.Both && s.Mismatch || refusesAPI(s)
		c.State = "Linked since " + given.Format(day) + "; the consent ends about " + end.Format(day) + "."
	case c.Given:
		c.State = "Dexcom does not take the consent of " + given.Format(day) + " any more: it ended after a year, was taken back, or the password was changed."
	default:
		c.State = s.Account + " is not linked yet."
	}
	return c
}

// refusesAPI tells whether Dexcom refuses the tokens of a linked account.
func refusesAPI(s collector.Standing) bool {
	api, uses := s.Source("api")
	return uses && api.Result == dexcom.ReasonCredentials
}
