package collector

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// What a disk did not take is saved within a minute after it does, or at the end, and
// no poll has to come for it.
func TestAStateIsSavedOnceTheDiskTakesIt(t *testing.T) {
	for name, save := range map[string]func(context.Context, *Collector){
		"while it runs": func(ctx context.Context, c *Collector) {
			go c.keepSaving(ctx)
			time.Sleep(time.Minute + time.Second)
		},
		"at the end": func(ctx context.Context, c *Collector) {
			ctx, end := context.WithCancel(ctx)
			end()
			c.Run(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "state")
				file, stop := stateIn(t, dir)
				defer stop()
				c, log := started(file, glucose.StandardBounds())
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
				newest := ago(0, 100)
				c.accounts[0].brought(newestFetch, newest)
				c.saveAgain()
				if got := strings.Count(log.String(), "is not saved"); got != 1 {
					t.Errorf("said %d times that it is not saved: %s", got, log)
				}
				if err := os.MkdirAll(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				save(t.Context(), c)
				text, err := os.ReadFile(filepath.Join(dir, "alice.state.json"))
				if err != nil || !strings.Contains(string(text), newest.Time.Format(time.RFC3339)) {
					t.Errorf("saved %q, %v; want the newest reading's time", text, err)
				}
			})
		})
	}
}

// The grants of its accounts are saved again too.
func TestAGrantIsSavedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "state")
		grant := spent(t, dir)
		c, a := alone(t)
		a.settings.API = &API{Grant: grant}
		c.saveAgain()
		if grant.Status().Persisted {
			t.Fatal("saved where nothing can be")
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		c.saveAgain()
		text, err := os.ReadFile(filepath.Join(dir, "alice.grant.json"))
		if err != nil || !strings.Contains(string(text), `"second"`) || !grant.Status().Persisted {
			t.Errorf("saved %q, %v", text, err)
		}
	})
}

// spent is a grant whose newest tokens could not be saved, for want of its directory.
func spent(t *testing.T, dir string) *dexcom.Grant {
	t.Helper()
	state, err := dexcom.OpenState(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	if err := os.WriteFile(filepath.Join(dir, "alice.grant.json"), []byte(`{"refresh_token":"first"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	cloud := simulator.New()
	cloud.FailTokens(simulator.Answer(200, "application/json", `{"access_token":"a","refresh_token":"second","expires_in":7200}`), 1)
	app, err := dexcom.NewApp(dexcom.AppConfig{ClientID: "id", ClientSecret: "s", BaseURL: "http://dexcom.test", Transport: cloud})
	if err != nil {
		t.Fatal(err)
	}
	grant := dexcom.OpenGrant(state, "alice", app, slog.New(slog.DiscardHandler))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := grant.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	return grant
}
