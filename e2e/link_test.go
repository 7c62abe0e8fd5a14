package e2e

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"syscall"
	"testing"
)

// The series that tell how an account is linked.
const (
	linked    = `dexcom_exporter_linked{account="alice"}`
	persisted = `dexcom_exporter_grant_persisted{account="alice"}`
	newest    = `dexcom_glucose_timestamp_seconds{account="alice"}`
)

// expectSeries waits until a series has a value.
func expectSeries(t *testing.T, e exporter, name string, want float64) {
	t.Helper()
	expectSeriesThat(t, e, name, func(value float64, found bool) bool { return found && value == want })
}

// expectSeriesThat waits until a series is as it should be.
func expectSeriesThat(t *testing.T, e exporter, name string, holds func(value float64, found bool) bool) {
	t.Helper()
	eventually(t, func() error {
		metrics, err := e.visitor().ask(http.MethodGet, "/metrics")
		if err != nil {
			return err
		}
		value, found := readSeries(t, metrics)[name]
		if !holds(value, found) {
			return fmt.Errorf("%s is %v (found: %v)", name, value, found)
		}
		return nil
	})
}

// present is for series that only have to be there.
func present(_ float64, found bool) bool { return found }

func TestLinkInTheBrowser(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	e := f.serve(t)
	expectSeries(t, e, linked, 0)
	b := newBrowser()
	b.open(t, "http://"+f.address+"/")
	b.expect(t, http.StatusOK, "alice is not linked yet.")

	b.press(t, "Link alice")
	if !slices.Equal(b.hops, []int{http.StatusSeeOther}) || b.address.Path != "/v3/oauth2/login" {
		t.Errorf("the button led over %v to %s", b.hops, b.address.Redacted())
	}
	b.decide(t, "alice", "Refuse")
	b.expect(t, http.StatusOK, "Dexcom was told not to share alice")
	expectSeries(t, e, linked, 0)
	f.expectNoGrant(t)

	b.press(t, "Link alice")
	b.decide(t, "alice", "Allow")
	b.expect(t, http.StatusOK, "alice is linked")
	expectSeries(t, e, linked, 1)
	expectSeries(t, e, persisted, 1)
	expectSeriesThat(t, e, newest, present)
	f.expectAlive(t, "alice")
	f.expectToStayLinked(t, e)
}

// expectToStayLinked ends the exporter in both ways there are, and unlinks the
// account then.
func (f *family) expectToStayLinked(t *testing.T, e exporter) {
	t.Helper()
	logins := f.cloud.OAuthCounts().Logins
	for _, end := range []os.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		e.signal(t, end)
		e.exit(t, shutdown)
		e = f.serve(t)
		expectSeries(t, e, linked, 1)
		expectSeriesThat(t, e, newest, present)
	}
	f.expectAlive(t, "alice")
	if again := f.cloud.OAuthCounts().Logins; again != logins {
		t.Errorf("%d logins were needed to stay linked", again-logins)
	}

	b := newBrowser()
	b.open(t, "http://"+f.address+"/accounts/alice/unlink")
	b.press(t, "Unlink alice")
	b.expect(t, http.StatusOK, "alice is unlinked")
	expectSeries(t, e, linked, 0)
	expectSeriesThat(t, e, newest, func(_ float64, found bool) bool { return !found })
	f.expectNoGrant(t)
}

// Dave of the demo ended his consent. The demo's own redirect address leads back.
func TestLinkDaveOfTheDemo(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	const up, linked = `dexcom_up{account="dave",source="api"}`, `dexcom_exporter_linked{account="dave"}`
	expectSeries(t, demo, linked, 0)
	expectSeries(t, demo, up, 0)
	b := newBrowser()
	b.open(t, "http://"+demo.address+"/")
	b.press(t, "Link dave")
	b.decide(t, "dave", "Allow")
	b.expect(t, http.StatusOK, "dave is linked")
	expectSeries(t, demo, linked, 1)
	expectSeries(t, demo, up, 1)
	expectSeriesThat(t, demo, `dexcom_glucose_mg_dl{account="dave"}`, present)
}

// What was linked to one person goes to another only when somebody says so.
func TestAnotherPersonInTheBrowser(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	e := f.serve(t)
	b := newBrowser()
	b.open(t, "http://"+f.address+"/") // who is linked gets no button any more, but has it open
	f.link(t, "alice")
	expectSeriesThat(t, e, newest, present)
	b.press(t, "Link alice")
	b.decide(t, "bob", "Allow")
	b.expect(t, http.StatusOK, "Another person for alice?")
	f.expectAlive(t, "alice")
	b.press(t, "Replace the person of alice")
	b.expect(t, http.StatusOK, "alice is linked")
	f.expectAlive(t, "bob")
	expectSeries(t, e, linked, 1)
	expectSeriesThat(t, e, newest, present)
}
