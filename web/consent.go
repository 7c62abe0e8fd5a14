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
	given, end := s.Grant.Consented.UTC(), consentEnd(s).UTC()
	c := &consent{Account: s.Account, Given: !s.Grant.Consented.IsZero(), Invites: !s.Grant.Linked}
	switch {
	case s.Grant.Linked && !s.Grant.Persisted:
		c.Warning = true
		c.State = "Linked, but the grant is not saved: see the log, and mend the state directory before the program ends, else " + s.Account + " must be linked again."
	case s.Grant.Linked:
		c.Again = consentLeft(s) < 30*24*time.Hour || s.Both && s.Mismatch || refusesAPI(s)
		c.Warning = isEnding(s)
		ends := "ends"
		if consentLeft(s) <= 0 {
			ends = "ended"
		}
		c.State = "Linked since " + given.Format(day) + "; the consent " + ends + " about " + end.Format(day) + "."
	case c.Given:
		why := "it was taken back, or the password was changed."
		if consentLeft(s) < 15*24*time.Hour {
			why = "it ended after a year, was taken back, or the password was changed."
		}
		c.State = "Dexcom does not take the consent of " + given.Format(day) + " any more: " + why
	default:
		c.State = s.Account + " is not linked yet."
	}
	return c
}

// consentEnd is when Dexcom ends a consent about: it lasts a year.
func consentEnd(s collector.Standing) time.Time { return s.Grant.Consented.AddDate(1, 0, 0) }

func consentLeft(s collector.Standing) time.Duration { return consentEnd(s).Sub(s.Now) }

// isEnding tells whether a linked account should be linked again soon, as the alert
// DexcomConsentEnding does.
func isEnding(s collector.Standing) bool {
	return s.Grant != nil && s.Grant.Linked && !s.Grant.Consented.IsZero() && consentLeft(s) < 15*24*time.Hour
}

func saysEnding(s collector.Standing) string {
	if consentLeft(s) <= 0 {
		return "has a consent that is more than a year old"
	}
	return "has a consent that ends " + in(consentLeft(s))
}

// refusesAPI tells whether Dexcom refuses the tokens of a linked account.
func refusesAPI(s collector.Standing) bool {
	api, uses := s.Source("api")
	return uses && api.Result == dexcom.ReasonCredentials
}
