package main

import (
	"strconv"
	"time"
)

// sourceChecks are about the sources of an account and how their polls went: one
// poll each, which fails for who ended the consent.
func sourceChecks() map[string]check {
	return map[string]check{
		"dexcom_exporter_account_info": func(p truth) want {
			return want{" api=" + strconv.FormatBool(p.version != "") + " share=" + strconv.FormatBool(p.share): 1}
		},
		"dexcom_exporter_target_range_mg_dl": func(truth) want {
			return want{" bound=very_low": 54, " bound=low": 70, " bound=high": 180, " bound=very_high": 250}
		},
		"dexcom_exporter_stale_after_seconds": func(p truth) want { return want{"": p.staleAfter().Seconds()} },
		"dexcom_exporter_source_mismatch": func(p truth) want {
			if p.version == "" || !p.share {
				return nil
			}
			return want{"": 0}
		},
		"dexcom_up": eachSource(func(p truth, source string) float64 { return p.succeeded(source) }),
		"dexcom_exporter_last_poll_timestamp_seconds": eachSource(func(p truth, _ string) float64 { return p.middle() }),
		"dexcom_exporter_next_poll_timestamp_seconds": eachSource(func(p truth, source string) float64 {
			switch {
			case source == "share":
				return unix(p.nextOfShare())
			case p.revoked:
				return p.middle() + 75 // a minute, and up to half as much again
			}
			return p.middle() + 2280 // a minute to 75: the upload says when, and Dexcom holds back for hours
		}),
		"dexcom_exporter_polls_total": pollsOf,
	}
}

// sources are those that a person uses.
func (p truth) sources() (names []string) {
	if p.version != "" {
		names = append(names, "api")
	}
	if p.share {
		names = append(names, "share")
	}
	return names
}

func eachSource(read func(p truth, source string) float64) check {
	return func(p truth) want {
		series := want{}
		for _, source := range p.sources() {
			series[" source="+source] = read(p, source)
		}
		return series
	}
}

// succeeded is 1 for a source that answers with data.
func (p truth) succeeded(source string) float64 {
	return map[bool]float64{false: 1}[p.revoked && source == "api"]
}

// pollsOf counts one poll for each source.
func pollsOf(p truth) want {
	polls := want{}
	for _, source := range p.sources() {
		polls[" result=ok source="+source] = p.succeeded(source)
		polls[" result=consent source="+source] = 1 - p.succeeded(source)
		for _, result := range []string{"credentials", "rate_limited", "server", "network", "decode", "other"} {
			polls[" result="+result+" source="+source] = 0
		}
	}
	return polls
}

// nextOfShare is when the person's next reading can be there, though not within a
// minute: half a minute after the first of the times, five minutes apart from the
// newest reading on, that lies ahead.
func (p truth) nextOfShare() time.Time {
	const cadence = 5 * time.Minute
	if p.published.SystemTime.IsZero() {
		return p.asked.Add(cadence)
	}
	next := p.published.SystemTime.Add(30 * time.Second)
	for !next.After(p.asked) {
		next = next.Add(cadence)
	}
	if soonest := p.asked.Add(time.Minute); next.Before(soonest) {
		return soonest
	}
	return next
}

// grantChecks are about the consent. Who ended it has no access token any more, and
// the program says that a link is needed.
func grantChecks() map[string]check {
	return map[string]check{
		"dexcom_exporter_linked":                    func(p truth) want { return want{"": map[bool]float64{false: 1}[p.revoked]} },
		"dexcom_exporter_grant_persisted":           func(truth) want { return want{"": 1} },
		"dexcom_exporter_consent_timestamp_seconds": func(p truth) want { return want{"": p.middle()} },
		"dexcom_exporter_access_token_expiry_timestamp_seconds": unlessRevoked(func(p truth) want {
			return want{"": p.middle() + 2*3600}
		}),
	}
}
