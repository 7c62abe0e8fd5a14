package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	lastReload = `dexcom_exporter_config_last_reload_successful{job="dexcom"}`
	bobLinked  = `dexcom_exporter_linked{account="bob"}`
	bobGlucose = `dexcom_glucose_mg_dl{account="bob"}`

	aliceStaleAfter = `dexcom_exporter_stale_after_seconds{account="alice"}`

	// alsoBob is the list of accounts of a family with two people.
	alsoBob = onlyAlice + "  - name: bob\n    api: {region: us}\n"
)

// reloadable is a running exporter whose configuration file changes.
type reloadable struct {
	exporter
	*family

	file string
}

// serveReloadable starts one that may be told over HTTP, too.
func (f *family) serveReloadable(t *testing.T) reloadable {
	t.Helper()
	flag := f.config(t)
	return reloadable{
		startExporter(t, "serve", flag, "--web.listen-address="+f.address, "--web.enable-lifecycle"),
		f, strings.TrimPrefix(flag, "--config.file="),
	}
}

// write puts a list of accounts into the file.
func (r reloadable) write(t *testing.T, accounts string) {
	t.Helper()
	r.accounts = accounts
	writeInto(t, filepath.Dir(r.file), filepath.Base(r.file), r.text())
}

// ask tells it over HTTP to load the file, and expects that it answers so.
func (r reloadable) ask(t *testing.T, status int, says string) {
	t.Helper()
	got, err := r.visitor().ask(http.MethodPost, "/-/reload")
	if err != nil || got.status != status || !strings.Contains(got.body, says) {
		t.Errorf("/-/reload: %d %q %v, want %d %q", got.status, got.body, err, status, says)
	}
}

// Accounts come and go while the program runs. Those that stay notice nothing,
// and a mistake in the file changes nothing.
func TestReload(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	g := f.behindGate(t)
	f.linkHere(t, "alice")
	r := f.serveReloadable(t)
	server := startPrometheus(t, r.job("scrape_interval: 1s"))
	server.expect(t, glucose, present)
	server.expect(t, lastReload, func(successful float64, _ bool) bool { return successful == 1 })
	asked := g.expectNoMore(t, f)

	r.write(t, alsoBob)
	r.signal(t, syscall.SIGHUP)
	server.expect(t, bobLinked, func(linked float64, found bool) bool { return found && linked == 0 })
	b := newBrowser()
	b.open(t, "http://"+f.address+"/")
	b.press(t, "Link bob")
	b.decide(t, "bob", "Allow")
	b.expect(t, http.StatusOK, "bob is linked")
	server.expect(t, bobGlucose, present)

	r.expectMistake(t, server)

	r.write(t, strings.Replace(onlyAlice, "alice", "alice\n    stale_after: 7h", 1))
	r.ask(t, http.StatusOK, "loaded again")
	server.expect(t, lastReload, func(successful float64, _ bool) bool { return successful == 1 })
	server.expect(t, `count({account="bob"})`, func(_ float64, found bool) bool { return !found })
	server.expect(t, aliceStaleAfter, func(age float64, _ bool) bool {
		return age == (7 * time.Hour).Seconds()
	})
	if again := len(g.of(t, f)); again != asked {
		t.Errorf("Dexcom was asked %d times more for alice, who stayed", again-asked)
	}
	expectUninterrupted(t, server)
}

// of are the questions for the data of alice.
func (g *gate) of(t *testing.T, f *family) []question {
	t.Helper()
	grant, err := readGrant(f.grantFile())
	if err != nil {
		t.Fatal(err)
	}
	return g.questions(func(q question) bool { return q.token == "Bearer "+grant.AccessToken })
}

// expectNoMore waits until the last question of a start was asked and answered,
// and returns how many there were.
func (g *gate) expectNoMore(t *testing.T, f *family) (asked int) {
	t.Helper()
	eventually(t, func() error {
		metrics, err := visitor{base: "http://" + f.address}.ask(http.MethodGet, "/metrics")
		if err != nil {
			return err
		}
		asked = len(g.of(t, f))
		answered := readSeries(t, metrics)[`dexcom_exporter_api_requests_total{code="200",endpoint="egvs",source="api"}`]
		if answered != 2 { // the newest, and last of all the history
			return fmt.Errorf("%v answers of readings after %d questions", answered, asked)
		}
		return nil
	})
	return asked
}

// expectMistake expects that a file with a mistake is refused, however it is to be
// loaded, and that Prometheus learns of it and keeps everybody.
func (r reloadable) expectMistake(t *testing.T, server prometheus) {
	t.Helper()
	otherwise := strings.Replace(alsoBob, "alice", "alice\n    stale_after: 9h", 1) // what must not come half
	for name, broken := range map[string]string{
		"not YAML":      otherwise + "  - name: [",
		"unknown key":   strings.Replace(otherwise, "name: bob", "nam: bob", 1),
		"unknown app":   strings.Replace(otherwise, "name: bob\n    api: {region: us}", "name: bob\n    api: {region: eu}", 1),
		"doubled names": otherwise + onlyAlice,
		"nobody":        "  []\n",
	} {
		r.write(t, broken)
		r.ask(t, http.StatusInternalServerError, r.file+":")
		metrics := readSeries(t, r.visitor().get(t, "/metrics", http.StatusOK))
		_, bob := metrics[bobGlucose]
		if metrics[aliceStaleAfter] != staleAfter.Seconds() || !bob {
			t.Errorf("%s: alice is stale after %v s, bob is there: %v", name, metrics[aliceStaleAfter], bob)
		}
	}
	server.expect(t, lastReload, func(successful float64, _ bool) bool { return successful == 0 })
	r.write(t, alsoBob)
	r.ask(t, http.StatusOK, "loaded again")
	server.expect(t, lastReload, func(successful float64, _ bool) bool { return successful == 1 })

	if err := os.Remove(r.file); err != nil {
		t.Fatal(err)
	}
	r.signal(t, syscall.SIGHUP)
	server.expect(t, lastReload, func(successful float64, _ bool) bool { return successful == 0 })
	r.says(t, &r.stderr, `(level=ERROR .*msg="the configuration is not loaded again, the one before stays" err=.*no such file)`)
	server.expect(t, bobGlucose, present)
}

// expectUninterrupted expects that Prometheus saw one process, always up, whose
// counters for alice never fell, and her readings at every scrape.
func expectUninterrupted(t *testing.T, server prometheus) {
	t.Helper()
	server.expect(t, `min_over_time(up{job="dexcom"}[10m])`, func(up float64, _ bool) bool { return up == 1 })
	for _, name := range []string{`process_start_time_seconds{job="dexcom"}`, `dexcom_glucose_timestamp_seconds{account="alice"}`} {
		server.expect(t, "changes("+name+"[10m])", func(changes float64, found bool) bool { return found && changes == 0 })
	}
	server.expect(t, `sum(resets({__name__=~"dexcom_egvs_total|dexcom_exporter_polls_total",account="alice"}[10m]))`, func(resets float64, found bool) bool {
		return found && resets == 0
	})
	shown, scrapes := server.stored(t, newest), server.stored(t, targetUp)
	since := shown[0].at
	missed := 0
	for _, scrape := range scrapes {
		if !scrape.at.Before(since) {
			missed++
		}
	}
	if missed -= len(shown); missed > 1 { // one may come between the two questions
		t.Errorf("%d scrapes without the readings of alice", missed)
	}
}

// A terminal that closes sends SIGHUP, and the demo has no file to load.
func TestHangupDoesNotEndTheDemo(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	demo.signal(t, syscall.SIGHUP)
	demo.visitor().get(t, "/-/healthy", http.StatusOK)
	expectSeries(t, demo, `dexcom_up{account="alice",source="api"}`, 1)
	expectSeries(t, demo, `dexcom_exporter_config_last_reload_successful`, 1)
	if reload, err := demo.visitor().ask(http.MethodPost, "/-/reload"); err != nil || reload.status != http.StatusForbidden {
		t.Errorf("/-/reload: %+v, %v", reload, err)
	}
}

// Without its flag the reload over HTTP is refused, whatever the file holds.
func TestReloadByHTTPIsOff(t *testing.T) {
	t.Parallel()
	config, _ := writeConfig(t)
	e := startExporter(t, "serve", config, loopback)
	writeInto(t, filepath.Dir(strings.TrimPrefix(config, "--config.file=")), "config.yaml", "broken")
	got, err := e.visitor().ask(http.MethodPost, "/-/reload")
	if err != nil || got.status != http.StatusForbidden || !strings.Contains(got.body, "--web.enable-lifecycle") {
		t.Errorf("/-/reload: %+v, %v", got, err)
	}
	expectSeries(t, e, `dexcom_exporter_config_last_reload_successful`, 1)
}
