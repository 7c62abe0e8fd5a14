package collector

import (
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// sharing gives the accounts of a setup Dexcom Share beside what they have. Every
// person shares; the name is the user name and the password.
func (w world) sharing(t *testing.T, s setup) setup {
	t.Helper()
	for i, a := range s.Accounts {
		w.cloud.Share(simulator.ShareAccount{Person: a.Name, Username: a.Name, Password: a.Name})
		s.Accounts[i].Share, s.Accounts[i].StaleAfter = w.shareClient(t, s.calls, a.Name, a.Name, a.State), 15*time.Minute
	}
	return s
}

func (w world) shareClient(t testing.TB, calls *Calls, user, password string, state *dexcom.StateFile) *dexcom.Share {
	t.Helper()
	share, err := dexcom.NewShare(dexcom.ShareConfig{
		Region: dexcom.ShareUS, BaseURL: w.baseURL, Username: user, Password: password,
		State: state, Transport: calls.ShareTransport(w.transport),
	})
	if err != nil {
		t.Fatal(err)
	}
	return share
}

// onlyShare takes the official API away.
func (s setup) onlyShare() setup {
	for i := range s.Accounts {
		s.Accounts[i].API = nil
	}
	return s
}
