package web

import "github.com/dexcom-exporter/dexcom_exporter/collector"

// consent is how the grant of an account is doing, on the status page.
type consent struct {
	Account, State string
	Good           bool // nobody has to do anything
	Linked         bool
	Given          bool // by somebody once, even if Dexcom refuses it now
}

// consents puts the grants of the accounts that have one into words.
func consents(standings []collector.Standing) []consent {
	var all []consent
	for _, s := range standings {
		if s.Grant == nil {
			continue
		}
		c := consent{
			Account: s.Account, Linked: s.Grant.Linked, Given: !s.Grant.Consented.IsZero(),
			Good: s.Grant.Linked && s.Grant.Persisted,
		}
		day := s.Grant.Consented.UTC().Format("2006-01-02")
		switch {
		case c.Good:
			c.State = "linked since " + day
		case c.Linked:
			c.State = "linked since " + day + ", but not saved: see the log, and mend the state directory before the program ends"
		case c.Given:
			c.State = "consent needed, Dexcom refuses the one of " + day
		default:
			c.State = "consent needed"
		}
		all = append(all, c)
	}
	return all
}
