package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

func TestConsents(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 1, 23, 59, 0, 0, time.FixedZone("", -3600))
	for name, test := range map[string]struct {
		grant *dexcom.GrantStatus
		want  []consent
	}{
		"cannot be linked": {nil, nil},
		"never linked":     {&dexcom.GrantStatus{Persisted: true}, []consent{{State: "consent needed"}}},
		"linked": {
			&dexcom.GrantStatus{Linked: true, Persisted: true, Consented: day},
			[]consent{{State: "linked since 2026-03-02", Good: true, Linked: true, Given: true}},
		},
		"not saved": {
			&dexcom.GrantStatus{Linked: true, Consented: day},
			[]consent{{
				State:  "linked since 2026-03-02, but not saved: see the log, and mend the state directory before the program ends",
				Linked: true, Given: true,
			}},
		},
		"refused": {
			&dexcom.GrantStatus{Persisted: true, Consented: day},
			[]consent{{State: "consent needed, Dexcom refuses the one of 2026-03-02", Given: true}},
		},
	} {
		if got := consents([]collector.Standing{{Grant: test.grant}}); !slices.Equal(got, test.want) {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestTheStatusOffersWhatHelps(t *testing.T) {
	living(t, func(t *testing.T, h *home) {
		const link, again, unlink = "<button>Link alice</button>", "<button>Link alice again</button>", `<a href="/accounts/alice/unlink">`
		expect := func(state string, offers ...string) {
			t.Helper()
			text := page(t, h.handler)
			_, alice, _ := strings.Cut(text, "<li>alice: ")
			alice, _, _ = strings.Cut(alice, "</li>")
			if !strings.HasPrefix(alice, state+"\n") || !strings.Contains(alice, `<form method="post" action="/accounts/alice/link">`) {
				t.Errorf("want %q:\n%s", state, alice)
			}
			for _, offer := range []string{link, again, unlink} {
				if strings.Contains(alice, offer) != slices.Contains(offers, offer) {
					t.Errorf("want the offers %q:\n%s", offers, alice)
				}
			}
			if strings.Contains(text, "<li>unlinkable") || !strings.Contains(text, "Log in as the person whose sensor this is") {
				t.Errorf("the page is\n%s", text)
			}
		}
		expect("✗ consent needed", link)
		h.mustLink(t, "alice", "alice")
		expect("✓ linked since 2026-03-01", again, unlink)

		go h.collector.Run(t.Context())
		h.cloud.Revoke("alice")
		time.Sleep(time.Hour)
		expect("✗ consent needed, Dexcom refuses the one of 2026-03-01", link, unlink)

		time.Sleep(24 * time.Hour)
		h.mustLink(t, "alice", "alice")
		expect("✓ linked since 2026-03-02", again, unlink)
		h.ask("POST", "/accounts/alice/unlink")
		expect("✗ consent needed", link)
	})
}
