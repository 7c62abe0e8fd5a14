package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// The cause of every state is found, alone and by the program that runs, which print
// what docs/share.md shows.
func TestCheckFindsTheCauseInShare(t *testing.T) {
	t.Parallel()
	cases := shareCases()
	said := make([]string, len(cases))
	t.Run("each", func(t *testing.T) {
		t.Parallel()
		for i, test := range cases {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				said[i] = test.find(t)
			})
		}
	})
	t.Cleanup(func() {
		for i, text := range said {
			t.Logf("%-40s %s", cases[i].name, text)
		}
		documented(t, said)
	})
}

// find has the cause found, and returns what was said. Of who is refused nobody sends
// the password again: not the next check, not a program that starts, and not the
// check of that one.
func (c shareCase) find(t *testing.T) string {
	t.Helper()
	h := newShareHome(t, c.person)
	if c.change != nil {
		c.change(t, h)
	}
	status, alone, logins := h.check(t)
	if (status == exitFine) != c.ok || !regexp.MustCompile(c.says).MatchString(alone) {
		t.Errorf("status %d: %s\nwant ok %t: %s", status, alone, c.ok, c.says)
	}
	if logins != c.logins {
		t.Errorf("%d logins, want %d", logins, c.logins)
	}
	before := h.logins()
	if _, again, _ := h.check(t); timeless(again) != timeless(alone) {
		t.Errorf("again: %s\nfirst: %s", again, alone)
	}
	start(t, h.file)
	if _, beside, _ := h.check(t); timeless(beside) != timeless(alone) {
		t.Errorf("beside a program that runs: %s\nalone: %s", beside, alone)
	}
	if c.refused && h.logins() != before {
		t.Errorf("%d logins that could lock the account", h.logins()-before)
	}
	return alone
}

// timeless leaves out what differs from one check to the next.
func timeless(text string) string {
	return regexp.MustCompile(`\S+ \S+ UTC|(\d+ (h|min) ?)+|[\dms]+s\b`).ReplaceAllString(text, "…")
}

// documented checks that each line which docs/share.md says check prints was printed.
func documented(t *testing.T, said []string) {
	t.Helper()
	text := read(t, "docs/share.md")
	shown := regexp.MustCompile("(?m)^alice share: (.*)$").FindAllStringSubmatch(text, -1)
	_, table, _ := strings.Cut(text, "| it says |")
	table, _, _ = strings.Cut(table, "\n\n")
	shown = append(shown, regexp.MustCompile("(?m)^\\| `([^`]*)`").FindAllStringSubmatch(table, -1)...)
	if len(shown) < 8 {
		t.Errorf("docs/share.md shows %d lines only", len(shown))
	}
	for _, line := range shown {
		pattern := regexp.MustCompile(` ?… ?`).ReplaceAllString(regexp.QuoteMeta(line[1]), ".*")
		pattern = regexp.MustCompile(`\d+m\d+s`).ReplaceAllString(pattern, "MINUTES")
		pattern = regexp.MustCompile(`\d+`).ReplaceAllString(pattern, `\d+`)
		printed := regexp.MustCompile(strings.ReplaceAll(pattern, "MINUTES", `(\d+m)?\d+s`))
		if !slices.ContainsFunc(said, printed.MatchString) {
			t.Errorf("docs/share.md shows %q, which nothing printed", line[1])
		}
	}
}

// How fresh a reading is, from a clock that is ahead to a phone that is off.
func TestFlowing(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 1, 12, 5, 10, 0, time.UTC)
	for age, want := range map[time.Duration]string{
		-26 * time.Hour:               "readings until 2026-03-02 14:05 UTC: the phone's clock is ahead by 26h0m0s, set it",
		-61 * time.Second:             "readings until 2026-03-01 12:06 UTC: the phone's clock is ahead by 1m1s, set it",
		-30 * time.Second:             "readings until 2026-03-01 12:05 UTC, 0 min ago: normal, the phone publishes within 0s",
		130 * time.Second:             "readings until 2026-03-01 12:03 UTC, 2 min ago: normal, the phone publishes within 2m10s",
		6 * time.Minute:               "readings until 2026-03-01 11:59 UTC, 6 min ago: normal, the phone publishes within 5m0s",
		6*time.Minute + time.Second:   "readings until 2026-03-01 11:59 UTC, 6 min ago: a reading or two are late",
		15 * time.Minute:              "readings until 2026-03-01 11:50 UTC, 15 min ago: a reading or two are late",
		15*time.Minute + time.Second:  "readings until 2026-03-01 11:50 UTC, 15 min ago: nothing was published since. Is the phone online and near the sensor, or does a new sensor warm up?",
		23*time.Hour + 50*time.Minute: "readings until 2026-02-28 12:15 UTC, 23 h 50 min ago: nothing was published since. Is the phone online and near the sensor, or does a new sensor warm up?",
	} {
		if text := flowing(dexcom.Reading{Time: now.Add(-age)}, now); text != want {
			t.Errorf("%v: %s, want %s", age, text, want)
		}
	}
}

// An account with both sources has a line for each, in the same order always: tried
// by the program that runs or unknown to it.
func TestCheckOfBothSources(t *testing.T) {
	t.Parallel()
	alice, bob := steady(20*time.Second), steady(20*time.Second)
	alice.HoldBack, bob.Name = 2*time.Hour, "bob"
	d := pretend(t, simulator.New(&alice, &bob))
	share := ""
	for _, name := range []string{"alice", "bob"} {
		d.Share(simulator.ShareAccount{Person: name, Username: name, Password: planted})
		share += "share: {region: us, username: " + name + ", password: " + planted + ", base_url: '" + d.address + "'}\n"
	}
	of := strings.Split(share, "\n")
	file := configured(t, configure(d.address, []string{us("alice")}))
	linkBefore(t, d, file, "alice")
	start(t, file)
	const unknown = "not ok: the running program does not know this source: reload or restart it"
	write(t, file, configure(d.address, []string{us("alice", of[0]), us("bob", of[1])}))
	for range 8 {
		status, stdout, _ := command(t, "check", "--config.file="+file)
		want := "(?s)ok, 2 account.*\nalice api: ok: .*\nalice share: " + unknown + "\nbob api: " + unknown + "\nbob share: " + unknown + "\n$"
		if status != exitFailed || !regexp.MustCompile(want).MatchString(stdout) {
			t.Fatalf("status %d: %s", status, stdout)
		}
	}
	after := start(t, configured(t, configure(d.address, []string{us("alice", of[0]), us("bob", of[1])})))
	status, stdout, _ := command(t, "check", "--config.file="+after.file)
	want := "(?s)alice api: not ok: consent.*\nalice share: ok: .*\nbob api: not ok: consent.*\nbob share: ok: "
	if status != exitFailed || !regexp.MustCompile(want).MatchString(stdout) {
		t.Errorf("status %d: %s", status, stdout)
	}
}

// shareHome is a simulated Dexcom Share and a configuration of ours for it: alice's
// right one, until something is changed.
type shareHome struct {
	*pretender

	file                                string
	region, username, password, baseURL string
}

const (
	shareUsername = "alice-" + planted + "@example.org"
	sharePassword = "open " + planted
)

func newShareHome(t *testing.T, person simulator.Person) *shareHome {
	t.Helper()
	person.Name = "alice"
	d := pretend(t, simulator.New(&person))
	d.Share(simulator.ShareAccount{Person: "alice", Username: shareUsername, Password: sharePassword})
	return &shareHome{
		pretender: d, file: filepath.Join(t.TempDir(), "config.yaml"),
		region: "us", username: shareUsername, password: sharePassword, baseURL: d.address,
	}
}

// check writes the configuration and runs the command. It fails the test when there
// was more than one login, or a secret is in what is said or kept.
func (h *shareHome) check(t *testing.T) (status int, says string, logins int) {
	t.Helper()
	h.write(t)
	before := h.logins()
	status, stdout, stderr := command(t, "check", "--config.file="+h.file)
	if logins = h.logins() - before; logins > 1 {
		t.Errorf("%d logins in one check", logins)
	}
	if complaint := "check: 1 of 1 sources are not ok\n"; (status == exitFailed) != strings.HasSuffix(stderr, complaint) {
		t.Errorf("status %d, and stderr %q", status, stderr)
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(h.file), "data", "*.json"))
	if err != nil {
		t.Error(err)
	}
	for _, file := range files {
		stdout += read(t, file)
	}
	if strings.Contains(stdout+stderr, planted) {
		t.Errorf("a secret is seen: %s%s", stdout, stderr)
	}
	line := regexp.MustCompile(`(?m)^alice share: (.*)$`).FindStringSubmatch(stdout)
	if line == nil {
		t.Fatalf("nothing is said of alice: %d %q %q", status, stdout, stderr)
	}
	return status, line[1], logins
}

func (h *shareHome) write(t *testing.T) {
	t.Helper()
	write(t, h.file, fmt.Sprintf("accounts:\n  - {name: alice, share: {region: %s, username: %q, password: %q, base_url: %q}}\n",
		h.region, h.username, h.password, h.baseURL))
}

// logins is how often somebody asked for a session or, with the name in place of the
// id, for what it takes to ask.
func (h *shareHome) logins() int {
	return max(h.count("AuthenticatePublisherAccount"), h.count("LoginPublisherAccountById"))
}

// behind puts a handler before this Dexcom; what it leaves to others it says.
func (h *shareHome) behind(t *testing.T, answers func(http.ResponseWriter, *http.Request) bool) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !answers(w, r) {
			h.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	h.baseURL = server.URL
}

// failLogin fails a login from elsewhere.
func (h *shareHome) failLogin(t *testing.T) {
	t.Helper()
	elsewhere, err := dexcom.NewShare(dexcom.ShareConfig{Region: dexcom.ShareUS, BaseURL: h.baseURL, Username: h.username, Password: "wrong"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := elsewhere.Readings(t.Context(), time.Hour); !errors.Is(err, dexcom.ErrShareCredentials) {
		t.Fatal(err)
	}
}

// breakOff leaves the state file as a program does that is killed during a login.
func (h *shareHome) breakOff(t *testing.T) {
	t.Helper()
	file := filepath.Join(filepath.Dir(h.file), "data", "alice.state.json")
	var state map[string]map[string]any
	if err := json.Unmarshal([]byte(read(t, file)), &state); err != nil {
		t.Fatal(err)
	}
	state["share"]["attempt"] = time.Now()
	text, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, string(text))
}
