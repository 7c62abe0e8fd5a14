package dexcom

import (
	"testing"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// A proxy that blows an answer up must not cost the grant: the token was spent.
func TestTokensInAHugeAnswer(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulator.Fault{simulator.PadWithSpace(4), simulator.PadWithField(4)} {
		t.Run(fault.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T, h *household) {
				h.mustLink(t, "alice", "alice")
				grant := h.grant("alice")
				before, err := grant.Token(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				grant.Reject(before)
				h.cloud.FailTokens(fault, 1)
				if after, err := grant.Token(t.Context()); err != nil || after.AccessToken == before.AccessToken {
					t.Errorf("the grant is lost: %v", err)
				}
			})
		})
	}
}
