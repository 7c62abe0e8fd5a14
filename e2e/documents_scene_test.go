package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// The documents on one source show an account with this one alone; the reader of
// some has linked nobody yet.
func withAPI(document string) bool   { return document != "docs/share.md" }
func withShare(document string) bool { return document != "docs/linking.md" }
func linkedYet(document string) bool { return document != "README.md" && document != "docs/linking.md" }

// ownServe is how the reader's own program serves, where a document does not say it.
const ownServe = "dexcom_exporter serve --config.file=config.yaml --web.enable-lifecycle"

// setScene gives what a document assumes: a configuration, its secrets beside it, a
// linked account with both sources, and a program that runs with it; servers where
// they are spoken to.
func setScene(t *testing.T, d document) *stage {
	t.Helper()
	person := publishing(time.Minute)
	f := newFamily(t, person)
	f.cloud.Share(simulator.ShareAccount{Person: person.Name, Username: shareUser, Password: sharePassword})
	if withAPI(d.name) && linkedYet(d.name) {
		f.linkHere(t, person.Name)
	}
	s := openStage(t, f)
	s.person = person.Name
	f.accounts = "  - name: alice\n"
	if withAPI(d.name) {
		f.accounts += "    api: {region: us}\n"
	}
	if withShare(d.name) {
		f.accounts += fmt.Sprintf("    share: {region: us, username: %q, password_file: alice.pw, base_url: %q}\n", shareUser, f.baseURL)
	}
	f.cloud.Register(ourApp(f.redirectURL))
	s.config = f.text()
	for _, dir := range []string{s.clone, s.root + "/etc/dexcom_exporter"} {
		writeInto(t, dir, "config.yaml", s.config)
		writeInto(t, dir, "secret-us", planted+"\n")
		writeInto(t, dir, "alice.pw", sharePassword+"\n")
	}
	s.serveOwn(t)
	speaks := func(of string) bool {
		return slices.ContainsFunc(d.all(), func(c command) bool { return strings.Contains(c.text, of) })
	}
	if speaks(":9090") {
		s.monitor(t)
	}
	if speaks("amtool") {
		s.begin(t, "prometheus-alertmanager --config.file=alerts/alertmanager.example.yaml --storage.path=alertmanager --cluster.listen-address=", "", true)
		s.answers(t, "http://localhost:9093/-/ready")
	}
	return s
}

// reset puts the reader's own configuration back, where the document has had it
// replaced: what the words mention stands for itself.
func (s *stage) reset(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.clone, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != s.config {
		writeInto(t, s.clone, "config.yaml", s.config)
		s.stop(t)
	}
	s.serveOwn(t)
}

// serveOwn has the reader's own program serve. It is not started again without need:
// too many logins to Share would stop them.
func (s *stage) serveOwn(t *testing.T) {
	t.Helper()
	if s.server == nil || s.server.text != ownServe {
		s.serve(t, ownServe)
	}
}

// monitor starts a Prometheus that scrapes the program as docs/late-data.md says, and
// evaluates the rules.
func (s *stage) monitor(t *testing.T) {
	t.Helper()
	page, err := os.ReadFile("../docs/late-data.md")
	rules, failed := os.ReadFile("../alerts/dexcom.rules.yaml")
	if err := errors.Join(err, failed); err != nil {
		t.Fatal(err)
	}
	writeInto(t, s.clone, "hurried.yaml", regexp.MustCompile(`(?m)^( +interval:).*$`).ReplaceAllString(string(rules), "$1 1s"))
	for _, b := range blocks(string(page)) {
		if strings.Contains(b.text, "\nscrape_configs:\n") {
			writeInto(t, s.clone, "prometheus.yml", "global: {evaluation_interval: 1s}\nrule_files: [hurried.yaml]\n"+
				strings.ReplaceAll(b.text, "scrape_interval: 1m", "scrape_interval: 1s"))
		}
	}
	s.begin(t, "prometheus --config.file=prometheus.yml --storage.tsdb.path=prometheus --web.enable-lifecycle", "", true)
	s.answers(t, "http://localhost:9090/-/ready")
}

// answers waits until an address does.
func (s *stage) answers(t *testing.T, address string) {
	t.Helper()
	wait := "curl --silent --show-error --fail --retry 100 --retry-delay 1 --retry-all-errors --retry-max-time 30 " + address
	if r := s.begin(t, wait, "", false); r.ends(t) != "0" {
		_, all := r.printed(t)
		t.Fatalf("%s does not answer: %s", address, all)
	}
}

// serve types a command that serves, in place of the one before, and waits until it
// listens.
func (s *stage) serve(t *testing.T, text string) *typing {
	t.Helper()
	s.stop(t)
	s.server = s.begin(t, text, "", true)
	eventuallyWithin(t, time.Minute, func() error {
		_, all := s.server.printed(t)
		if !strings.Contains(all, "Listening on") {
			return fmt.Errorf("%s: it does not listen: %s", text, all)
		}
		return nil
	})
	return s.server
}

// stop ends the program that serves, as Ctrl-C would.
func (s *stage) stop(t *testing.T) {
	t.Helper()
	if s.server == nil {
		return
	}
	s.begin(t, "kill $(pidof dexcom_exporter)", "", false).ends(t)
	if status := s.server.ends(t); status != "0" {
		_, all := s.server.printed(t)
		t.Errorf("%s: exit status %s: %s", s.server.text, status, all)
	}
	s.server = nil
}
