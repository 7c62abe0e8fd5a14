package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

const (
	shareUser     = "alice-" + planted + "@example.org"
	sharePassword = "open-" + planted
	shareUp       = `dexcom_up{account="alice",source="share"}`
)

// sharer is a configuration with alice's login to Share, and the Dexcom behind it. It
// hears every id that Dexcom tells of her.
type sharer struct {
	*family

	person *simulator.Person
	file   string // the configuration
	secret string // the file of the password
	args   []string

	mu  sync.Mutex // guards ids
	ids map[string]bool
}

// newSharer writes the configuration of somebody whose next reading is published a
// time from now.
func newSharer(t *testing.T, next time.Duration, api bool) *sharer {
	t.Helper()
	s := &sharer{person: publishing(next), ids: map[string]bool{}}
	s.family = newFamily(t, s.person)
	s.cloud.Share(simulator.ShareAccount{Person: s.person.Name, Username: shareUser, Password: sharePassword})
	s.baseURL = listen(t, http.HandlerFunc(s.overhear))
	account := "  - name: alice\n"
	if api {
		account += "    api: {region: us}\n"
	}
	s.poll = "{min_interval: 1s}"
	s.accounts = account + fmt.Sprintf("    share: {region: us, username: %q, password_file: alice.pw, base_url: %q}\n", shareUser, s.baseURL)
	s.file = write(t, "config.yaml", s.text())
	s.secret = writeInto(t, filepath.Dir(s.file), "alice.pw", sharePassword+"\n")
	s.args = []string{"serve", "--config.file=" + s.file, "--web.listen-address=" + s.address, "--log.level=debug"}
	return s
}

// publishing is somebody whose phone publishes the next reading a time from now, 20 s
// after it was measured, as it did all the last hour.
func publishing(next time.Duration) *simulator.Person {
	now := time.Now()
	p := &simulator.Person{
		Name: "sharer", HoldBack: time.Hour, Since: now.Add(-30 * 24 * time.Hour),
		ShareDelay: 20 * time.Second, ShareJitter: time.Millisecond,
	}
	for ; ; p.Seed++ {
		soon := p.ShareReadings(now.Add(-time.Hour), now.Add(time.Minute), now.Add(next+time.Second))
		if len(soon) >= 12 && soon[len(soon)-1].Published.After(now.Add(next)) {
			return p
		}
	}
}

// overhear lets Dexcom answer, and keeps the ids of accounts and sessions.
func (s *sharer) overhear(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	s.cloud.ServeHTTP(answer, r)
	body := answer.Body.Bytes()
	if strings.HasPrefix(r.URL.Path, "/ShareWebServices/Services/General/") {
		s.mu.Lock()
		for _, id := range regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).FindAllString(string(body), -1) {
			s.ids[id] = true
		}
		s.mu.Unlock()
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body) // fails only if the client is gone
}

func (s *sharer) serve(t *testing.T) exporter {
	t.Helper()
	return startExporter(t, s.args...)
}

// logins are those that Dexcom saw until now.
func (s *sharer) logins() (right, wrong int) {
	counts := s.cloud.ShareCounts(s.person.Name)
	return counts.Logins, counts.FailedLogins + counts.LockedLogins
}

// expectLogins gives the program the time for one poll more than it needs, and then
// expects what Dexcom saw.
func (s *sharer) expectLogins(t *testing.T, right, wrong int) {
	t.Helper()
	eventually(t, func() error {
		if gotRight, gotWrong := s.logins(); gotRight < right || gotWrong < wrong {
			return fmt.Errorf("%d right and %d wrong logins, want %d and %d", gotRight, gotWrong, right, wrong)
		}
		return nil
	})
	time.Sleep(1500 * time.Millisecond)
	if gotRight, gotWrong := s.logins(); gotRight != right || gotWrong != wrong {
		t.Errorf("%d right and %d wrong logins, want %d and %d", gotRight, gotWrong, right, wrong)
	}
}

// expectNothingSecret looks for the login and for what Dexcom gave for it, in all that
// the program shows, logs and keeps. The account's id may be in the state file, which
// only its owner reads.
func (s *sharer) expectNothingSecret(t *testing.T, runs ...exporter) {
	t.Helper()
	running := runs[len(runs)-1]
	seen := map[string]string{}
	for _, path := range []string{"/", "/metrics", "/-/ready", "/-/healthy", "/style.css", "/readings", "/config", "/debug/vars"} {
		got, err := running.visitor().ask(http.MethodGet, path)
		if err != nil {
			t.Fatal(err)
		}
		seen[path] = got.body
	}
	for i, e := range runs {
		seen[fmt.Sprintf("output of run %d", i)] = e.stdout.String() + e.stderr.String()
	}
	files, err := filepath.Glob(filepath.Join(s.stateDir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			continue // the socket
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		seen[filepath.Base(file)] = string(text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	state, known := "alice.state.json", 0
	for place, text := range seen {
		if strings.Contains(text, planted) {
			t.Errorf("%s has the login: %.2000s", place, text)
		}
		for id := range s.ids {
			switch {
			case place == state && strings.Contains(text, id):
				known++
			case strings.Contains(text, id):
				t.Errorf("%s has an id", place)
			}
		}
	}
	if len(s.ids) < 2 || known != 1 {
		t.Errorf("Dexcom told %d ids, the state file has %d: want the account's alone", len(s.ids), known)
	}
	if info, err := os.Stat(filepath.Join(s.stateDir, state)); err != nil || info.Mode() != 0o600 {
		t.Errorf("the state file: %v, %v", info, err)
	}
}

// A value is in Prometheus within a minute after the phone published it.
func TestShareIsNearRealTime(t *testing.T) {
	t.Parallel()
	s := newSharer(t, 9*time.Second, false)
	e := s.serve(t)
	server := startPrometheus(t, e.job("scrape_interval: 1s"))
	now := time.Now()
	coming := s.person.ShareReadings(now.Add(-2*time.Minute), now.Add(time.Minute), now.Add(20*time.Second))
	next := coming[len(coming)-1]
	if !next.Published.After(now) {
		t.Fatalf("it began too late: %v was published at %v", next.Time, next.Published)
	}
	server.expect(t, newest, func(at float64, found bool) bool { return found && at == float64(next.Time.Unix()) })
	var shown time.Time
	for _, sample := range server.stored(t, newest) {
		if shown.IsZero() && sample.value == float64(next.Time.Unix()) {
			shown = sample.at
		}
	}
	delay := shown.Sub(next.Published)
	t.Logf("published at %v, in Prometheus %v later", next.Published.Format(time.TimeOnly), delay.Round(time.Millisecond))
	if delay < 0 || delay > time.Minute {
		t.Errorf("%v after it was published", delay)
	}
	server.expect(t, glucose, func(mgdl float64, found bool) bool { return found && mgdl == float64(next.Value) })
	if right, wrong := s.logins(); right != 1 || wrong != 0 {
		t.Errorf("%d right and %d wrong logins, want one", right, wrong)
	}
	s.expectNothingSecret(t, e)
}

// Dexcom locks accounts after a few failed logins. A password that is refused is tried
// once, however often the program is killed and started; one that replaces it at once.
func TestSharePasswordIsTriedOnce(t *testing.T) {
	t.Parallel()
	s := newSharer(t, time.Minute, false)
	mend := func(password string) { writeInto(t, filepath.Dir(s.file), "alice.pw", password+"\n") }
	mend("wrong-" + planted)
	var runs []exporter
	for _, end := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGKILL} {
		e := s.serve(t)
		runs = append(runs, e)
		expectSeriesThat(t, e, shareUp, func(up float64, found bool) bool { return found && up == 0 })
		e.says(t, &e.stderr, `(reason=credentials)`)
		s.expectLogins(t, 0, 1)
		e.signal(t, end)
		e.exit(t, patience)
	}
	e := s.serve(t)
	runs = append(runs, e)
	e.says(t, &e.stderr, `(reason=credentials)`)
	e.signal(t, syscall.SIGHUP) // the file is as it was
	e.says(t, &e.stderr, `(loaded again)`)
	s.expectLogins(t, 0, 1)

	mend(sharePassword)
	e.signal(t, syscall.SIGHUP)
	expectSeries(t, e, shareUp, 1)
	expectSeriesThat(t, e, glucose, present)
	s.expectLogins(t, 1, 1)
	s.expectNothingSecret(t, runs...)
}
