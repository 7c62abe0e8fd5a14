package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

func TestConsent(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 1, 23, 59, 0, 0, time.FixedZone("", -3600))
	linked := &dexcom.GrantStatus{Linked: true, Persisted: true, Consented: day}
	const since = "Linked since 2026-03-02; the consent ends about 2027-03-02."
	for name, test := range map[string]struct {
		standing collector.Standing
		want     *consent
	}{
		"cannot be linked": {collector.Standing{}, nil},
		"never linked": {
			collector.Standing{Grant: &dexcom.GrantStatus{Persisted: true}},
			&consent{State: "alice is not linked yet.", Invites: true},
		},
		"linked": {collector.Standing{Grant: linked}, &consent{State: since, Given: true}},
		"ends soon": {
			collector.Standing{Grant: linked, Now: day.AddDate(1, 0, -29)},
			&consent{State: since, Given: true, Again: true},
		},
		"15 days before the end": {
			collector.Standing{Grant: linked, Now: day.AddDate(1, 0, -15)},
			&consent{State: since, Given: true, Again: true},
		},
		"14 days before the end": {
			collector.Standing{Grant: linked, Now: day.AddDate(1, 0, -14)},
			&consent{State: since, Given: true, Again: true, Warning: true},
		},
		"over, and still taken": {
			collector.Standing{Grant: linked, Now: day.AddDate(1, 0, 3)},
			&consent{State: "Linked since 2026-03-02; the consent ended about 2027-03-02.", Given: true, Again: true, Warning: true},
		},
		"refused by the region": {
			collector.Standing{Grant: linked, Sources: []collector.SourceStatus{{Name: "api", Result: dexcom.ReasonCredentials}}},
			&consent{State: since, Given: true, Again: true},
		},
		"a wrong password of Share is another thing": {
			collector.Standing{Grant: linked, Sources: []collector.SourceStatus{{Name: "share", Result: dexcom.ReasonCredentials}}},
			&consent{State: since, Given: true},
		},
		"two people": {collector.Standing{Grant: linked, Both: true, Mismatch: true}, &consent{State: since, Given: true, Again: true}},
		"not saved": {
			collector.Standing{Grant: &dexcom.GrantStatus{Linked: true, Consented: day}},
			&consent{
				State: "Linked, but the grant is not saved: see the log, and mend the state directory before the program ends, " +
					"else alice must be linked again.",
				Warning: true, Given: true,
			},
		},
		"refused": {
			collector.Standing{Grant: &dexcom.GrantStatus{Persisted: true, Consented: day}},
			&consent{
				State:   "Dexcom does not take the consent of 2026-03-02 any more: it was taken back, or the password was changed.",
				Invites: true, Given: true,
			},
		},
		"refused after a year": {
			collector.Standing{Grant: &dexcom.GrantStatus{Persisted: true, Consented: day}, Now: day.AddDate(1, 0, -14)},
			&consent{
				State:   "Dexcom does not take the consent of 2026-03-02 any more: it ended after a year, was taken back, or the password was changed.",
				Invites: true, Given: true,
			},
		},
	} {
		if test.standing.Now.IsZero() {
			test.standing.Now = day.AddDate(0, 1, 0)
		}
		test.standing.Account = "alice"
		got := consentOf(test.standing)
		if test.want != nil {
			test.want.Account = "alice"
		}
		if (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

// Who reads mmol/L goes on doing so in the pages of the linking.
func TestTheUnitIsKeptOnTheWayToTheLinking(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		expect := func(addresses ...string) {
			t.Helper()
			for unit, query := range map[string]string{"": "", "?unit=mg%2FdL": "", "?unit=mmol%2FL": "?unit=mmol%2fL"} {
				card := cardOn(pageAt(t, h.handler, "/"+unit), "alice")
				for _, address := range addresses {
					if !strings.Contains(card, `"/accounts/alice/`+address+query+`"`) {
						t.Errorf("%s: no %s%s in\n%s", unit, address, query, card)
					}
				}
			}
		}
		expect("link")
		h.mustLink(t, "alice", "alice")
		expect("unlink")
		time.Sleep(360 * 24 * time.Hour)
		expect("link", "unlink")
	})
}

func TestTheStatusOffersWhatHelps(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		const (
			link   = `<form method="post" action="/accounts/alice/link"><button>Link alice</button></form>`
			again  = `<form method="post" action="/accounts/alice/link"><button>Link alice again</button></form>`
			unlink = `<a href="/accounts/alice/unlink">Unlink alice</a>`
		)
		expect := func(state string, offers ...string) {
			t.Helper()
			all := page(t, h.handler)
			alice := cardOn(all, "alice")
			invited := strings.Contains(alice, "Log in as the person whose sensor alice is, not as a follower: with the login of the Dexcom app on that phone.")
			if !strings.Contains(alice, state) || invited != slices.Contains(offers, link) {
				t.Errorf("want %q:\n%s", state, alice)
			}
			for _, offer := range []string{link, again, unlink} {
				if strings.Contains(alice, offer) != slices.Contains(offers, offer) {
					t.Errorf("want the offers %q:\n%s", offers, alice)
				}
			}
			if strings.Contains(all, "/accounts/unlinkable/") {
				t.Errorf("who cannot be linked is offered to be:\n%s", all)
			}
		}
		expect("alice is not linked yet.", link)
		h.mustLink(t, "alice", "alice")
		expect("Linked since 2026-03-01; the consent ends about 2027-03-01.", unlink)

		go h.collector.Run(t.Context())
		h.cloud.Revoke("alice")
		time.Sleep(time.Hour)
		expect("Dexcom does not take the consent of 2026-03-01 any more", link, unlink)

		time.Sleep(24 * time.Hour)
		h.mustLink(t, "alice", "alice")
		expect("Linked since 2026-03-02", unlink)
		h.ask("POST", "/accounts/alice/unlink")
		expect("alice is not linked yet.", link)
	})
}
