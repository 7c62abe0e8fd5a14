package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// veterans are three with a past: an ordinary one, one of version 2, and one who loses
// sensor and phone and has odd records.
func veterans(t *testing.T) []veteran {
	t.Helper()
	return []veteran{
		veteranOf(t, simulator.Person{Name: "steady", Seed: 1000, HoldBack: time.Hour, Mean: 150, Swing: 70}, false),
		veteranOf(t, simulator.Person{Name: "smooth", Seed: 2000, Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: time.Hour, Mean: 150, Swing: 50}, true),
		veteranOf(t, simulator.Person{Name: "astray", Seed: 3000, HoldBack: 3 * time.Hour, Quirks: true, AwayShare: 0.15, OfflineShare: 0.1, Mean: 160, Swing: 80}, false),
	}
}

// Sixty days of three people, written beside a running program and loaded by the lines
// of docs/backfill.md into servers that run, are there once, at their times and with
// their values; and what the servers scraped meanwhile is whole, after a restart of
// them too. One reading of the file that is put to now is found: it is missing where it
// was, nobody's where it is, and costs its server live data at the restart.
func TestBackfillIsLoadedIntoARunningServer(t *testing.T) {
	t.Parallel()
	docs := readRecipe(t)
	servers, victim := pastServers(t, docs)
	people := veterans(t)
	truth := samples{}
	for _, v := range people {
		maps.Copy(truth, v.truth(time.Now()))
	}
	c := docs.clinic(t, people)
	alone := docs.backfill(t, people)
	c.open(t)
	for _, s := range append(servers, victim) {
		s.scrape(t, c.run.job("scrape_interval: 1s"))
		s.expect(t, `count_over_time(up{job="dexcom"}[1m])`, func(scrapes float64, _ bool) bool { return scrapes > 3 })
	}
	if beside := docs.backfill(t, people); beside != alone {
		t.Error("the file is another one when no program runs")
	}
	docs.load(t, servers)
	docs.forged(t, alone).load(t, []*lateServer{victim})
	for _, s := range servers {
		s.expectPast(t, truth, tally{})
		if lost := s.lostByRestart(t); lost > 0 {
			t.Errorf("%s: %d samples are lost", s.name, lost)
		}
		s.expectPast(t, truth, tally{})
	}
	victim.expectPast(t, truth, tally{lost: 1, doubled: 1})
	if lost := victim.lostByRestart(t); lost == 0 {
		t.Errorf("%s: no sample is lost", victim.name)
	}
}

// pastServers keep what is old, and scrape nobody yet.
func pastServers(t *testing.T, docs recipe) (servers []*lateServer, victim *lateServer) {
	t.Helper()
	victim = &lateServer{name: "3.15-forged", binary: prometheus3(t)}
	victim.install(t)
	servers = lateServers(t, "")
	for _, s := range append(servers, victim) {
		s.startWith(t, docs.line(t, "--storage.tsdb.retention.time="))
	}
	return servers, victim
}

// clinic has people linked, and its configuration where the recipe wants it.
func (r recipe) clinic(t *testing.T, people []veteran) *clinic {
	t.Helper()
	var residents []*simulator.Person
	var names []string
	accounts := ""
	for _, v := range people {
		residents, names, accounts = append(residents, v.Person), append(names, v.Name), accounts+v.config()
	}
	c := newClinic(t, nil, residents...)
	c.linkAll(t, names)
	c.poll, c.accounts = "{}", accounts
	c.args = []string{"serve", "--config.file=" + writeInto(t, r.dir, "config.yaml", c.text()), "--web.listen-address=" + c.address}
	return c
}

// forged is the recipe with a file in which one reading stands at now, as the newest of
// its series: promtool drops what is out of order.
func (r recipe) forged(t *testing.T, text string) recipe {
	t.Helper()
	const series = egvs + `{account="steady"} `
	first := strings.Index(text, series)
	end := strings.LastIndex(text, series)
	end += strings.Index(text[end:], "\n") + 1
	readings := slices.Collect(strings.Lines(text[first:end]))
	i := len(readings) / 2
	moved := fmt.Sprintf("%s%s %d\n", series, strings.Fields(readings[i])[1], time.Now().Unix())
	readings = append(slices.Delete(readings, i, i+1), moved)
	forged := recipe{text: r.text, dir: t.TempDir()}
	writeInto(t, forged.dir, "alice.om", text[:first]+strings.Join(readings, "")+text[end:])
	return forged
}

// lostByRestart counts what a server has not any more of what it had scraped.
func (s *lateServer) lostByRestart(t *testing.T) (lost int) {
	t.Helper()
	s.expectUp(t, "dexcom")
	before, scrapes := s.live(t), len(s.stored(t, `up{job="dexcom"}`))
	restart(t, []*lateServer{s}, syscall.SIGTERM)
	s.ready(t)
	lost = missing(before, s.live(t))
	t.Logf("%-12s %d live series from %d scrapes, of which a restart lost %d samples", s.name, len(before), scrapes, lost)
	if len(before) < 200 || scrapes < 20 {
		t.Errorf("%s: only %d live series from %d scrapes", s.name, len(before), scrapes)
	}
	return lost
}
