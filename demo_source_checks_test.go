package main

// sourceChecks are about the sources of an account and how their polls went: one
// poll each, which fails for who ended the consent.
func sourceChecks() map[string]check {
	ok := func(p truth) float64 { return map[bool]float64{false: 1}[p.revoked] }
	return map[string]check{
		"dexcom_exporter_account_info":        func(truth) want { return want{" api=true share=false": 1} },
		"dexcom_exporter_stale_after_seconds": func(truth) want { return want{"": 5 * 3600} },
		"dexcom_up":                           func(p truth) want { return want{" source=api": ok(p)} },
		"dexcom_exporter_last_poll_timestamp_seconds": func(p truth) want {
			return want{" source=api": p.middle()}
		},
		"dexcom_exporter_next_poll_timestamp_seconds": func(p truth) want {
			if p.revoked {
				return want{" source=api": p.middle() + 75} // a minute, and up to half as much again
			}
			return want{" source=api": p.middle() + 300} // less or more a tenth
		},
		"dexcom_exporter_polls_total": func(p truth) want {
			polls := want{" result=ok source=api": ok(p), " result=consent source=api": 1 - ok(p)}
			for _, result := range []string{"credentials", "rate_limited", "server", "network", "decode", "other"} {
				polls[" result="+result+" source=api"] = 0
			}
			return polls
		},
	}
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
