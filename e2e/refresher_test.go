package e2e

import (
	"context"
	"fmt"
	"os"
)

// The environment variables that make this test binary a refresher: its state
// directory, and the address of Dexcom.
const (
	refresherState = "E2E_REFRESHER_STATE"
	refresherCloud = "E2E_REFRESHER_CLOUD"
)

// refresherRedirect is where the refresher's app would send people.
const refresherRedirect = "http://localhost:10180/oauth/callback"

// refresh asks alice's grant for tokens until somebody ends the process. It
// writes a line when it begins, and each new access token once it has it.
func refresh(stateDir, cloudURL string) error {
	h, err := openHome(stateDir, cloudURL, refresherRedirect)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "begun")
	for before := ""; ; {
		token, err := h.grant.Token(context.Background())
		if err != nil {
			return err
		}
		if token.AccessToken != before {
			fmt.Fprintln(os.Stdout, token.AccessToken)
		}
		before = token.AccessToken
	}
}
