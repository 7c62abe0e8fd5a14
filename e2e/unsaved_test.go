package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// A disk that takes nothing must not cost the grant: the refresh waits while the
// access token serves, then goes on without a place for its result, readings keep
// coming, somebody is told, and what could not be saved is saved once it can be.
func TestDiskTakesNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		spoil, fix func(disk) error
		complaint  string
	}{
		{"full", disk.fill, disk.empty, "no space left on device"},
		{"read-only", disk.setReadOnly, disk.setWritable, "read-only file system"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := mountDisk(t)
			f := newFamily(t)
			f.stateDir, f.poll = d.dir, "{min_interval: 1s, max_interval: 1s}"
			f.cloud.SetTokens(simulator.TokenSettings{AccessLifetime: 8 * time.Second}) // always due to be renewed
			e := f.serve(t)
			f.link(t, "alice")
			expectSeries(t, e, persisted, 1)

			eventually(t, func() error { // what a refresh has open in this moment may spoil it
				if err := test.spoil(d); err != nil || strings.Contains(e.stderr.String(), noRoom) {
					return err
				}
				return errors.New("no refresh has found the disk " + test.name)
			})
			f.cloud.SetTokens(simulator.TokenSettings{}) // no further refresh is due, with which the saving could come
			f.expectToWait(t, e)
			f.expectToGoOn(t, e)
			expectLogged(t, e, "WARN", noRoom, test.complaint)
			expectLogged(t, e, "ERROR", notSaved, test.complaint)

			if err := test.fix(d); err != nil {
				t.Fatal(err)
			}
			expectSeries(t, e, persisted, 1)
			f.expectAlive(t, "alice")
			e.signal(t, syscall.SIGKILL) // nothing is left that only the memory knows
			e.exit(t, shutdown)
			expectSeries(t, f.serve(t), linked, 1)
			f.expectAlive(t, "alice")
		})
	}
}

const (
	accessExpiry = `dexcom_exporter_access_token_expiry_timestamp_seconds{account="alice"}`
	lastPoll     = `dexcom_exporter_last_poll_timestamp_seconds{account="alice",source="api"}`
	apiUp        = `dexcom_up{account="alice",source="api"}`

	noRoom   = "no room on the disk for a new refresh token"
	notSaved = "the new refresh token is not saved; it is lost if the program ends now"
)

// expectToWait watches until the grant is not saved any more, and expects that the
// refresh token was not spent before its time.
func (f *family) expectToWait(t *testing.T, e exporter) {
	t.Helper()
	metrics := readSeries(t, e.visitor().get(t, "/metrics", http.StatusOK))
	if saved := metrics[persisted]; saved != 1 {
		t.Errorf("%s is %v although nothing new had to be saved", persisted, saved)
	}
	expiry := time.Unix(0, int64(metrics[accessExpiry]*float64(time.Second)))
	spent := f.cloud.OAuthCounts().Tokens["ok"]
	eventually(t, func() error {
		now := time.Now()
		if again := f.cloud.OAuthCounts().Tokens["ok"]; again != spent {
			if now.Before(expiry.Add(-time.Second)) {
				t.Fatalf("the refresh did not wait: %v before the access token ends", expiry.Sub(now))
			}
			return nil
		}
		return fmt.Errorf("not refreshed %v after the access token ended", now.Sub(expiry))
	})
}

// expectToGoOn expects polls that succeed with tokens that are not on the disk.
func (f *family) expectToGoOn(t *testing.T, e exporter) {
	t.Helper()
	expectSeries(t, e, persisted, 0)
	unsavedSince := float64(time.Now().Unix())
	expectSeriesThat(t, e, lastPoll, func(at float64, _ bool) bool { return at > unsavedSince })
	metrics := readSeries(t, e.visitor().get(t, "/metrics", http.StatusOK))
	_, live := metrics[`dexcom_glucose_mg_dl{account="alice"}`]
	if metrics[apiUp] != 1 || metrics[linked] != 1 || !live {
		t.Errorf("up %v, linked %v, a live value %v", metrics[apiUp], metrics[linked], live)
	}
	if grant, err := readGrant(f.grantFile()); err != nil || f.cloud.Alive("alice", grant.RefreshToken) {
		t.Errorf("the token on the disk lives: nothing was unsaved (%v)", err)
	}
	b := newBrowser()
	b.open(t, "http://"+f.address+"/")
	b.expect(t, http.StatusOK, "not saved")
}

// expectLogged expects a line of the log that says what happened and why.
func expectLogged(t *testing.T, e exporter, level, message, cause string) {
	t.Helper()
	count := 0
	for line := range strings.Lines(e.stderr.String()) {
		if strings.Contains(line, message) {
			count++
			if !strings.Contains(line, "level="+level) || !strings.Contains(line, "account=alice") || !strings.Contains(line, cause) {
				t.Errorf("logged %s", line)
			}
		}
	}
	if count == 0 {
		t.Errorf("%q was not logged", message)
	}
}
