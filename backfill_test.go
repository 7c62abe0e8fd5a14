package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// pastHome is a simulated Dexcom with some past, and a configuration for it.
type pastHome struct {
	*pretender

	text   string
	names  []string
	truths []pastTruth
}

// newPastHome has people of one version of the API, with all that is odd.
func newPastHome(t *testing.T, version string) pastHome {
	t.Helper()
	since := time.Now().Add(-100 * 24 * time.Hour)
	people := []*simulator.Person{
		{Name: "alice", Seed: 1, Sensor: simulator.G6, HoldBack: time.Hour, Since: since, Mean: 150, Swing: 80},
		{Name: "bob", Seed: 2, Sensor: simulator.G6, Rhythm: simulator.Hourly, HoldBack: time.Hour, Since: since, OfflineShare: 0.1, AwayShare: 0.05, Quirks: true, Swing: 90},
		{Name: "carol", Seed: 3, Sensor: simulator.G6, Display: simulator.Receiver, HoldBack: time.Hour, Since: since.Add(60 * 24 * time.Hour), Quirks: true},
	}
	h := pastHome{pretender: pretend(t, simulator.New(people...))}
	kinds := [][]string{{"carbs", "insulin", "exercise"}, {"carbs", "insulin", "exercise", "health", "blood_glucose"}, nil}
	var accounts []string
	for i, person := range people {
		account := us(person.Name, "events: ["+strings.Join(kinds[i], ", ")+"]")
		accounts = append(accounts, strings.Replace(account, "region: us}", "region: us, version: "+version+"}", 1))
		h.names = append(h.names, person.Name)
		h.truths = append(h.truths, pastTruth{person, version, kinds[i]})
	}
	h.text = configure(h.address, accounts)
	return h
}

// backfill runs the command and gives what it wrote.
func (h pastHome) backfill(t *testing.T, file string, from, to time.Time, accounts ...string) (text, stderr string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "past.om")
	args := append([]string{"backfill", "--config.file=" + file, "--output", path, "--from=" + from.Format(time.RFC3339), "--to=" + to.Format(time.RFC3339)}, accounts...)
	status, stdout, stderr := atLeisure(t, args...)
	if status != exitFine || stdout != "" || strings.Contains(stderr, planted) {
		t.Fatalf("status %d\n%s\n%s", status, stdout, stderr)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file is %v %v", info, err)
	}
	if left := directory(t, filepath.Dir(path)); !slices.Equal(left, []string{"past.om"}) {
		t.Errorf("beside it is %v", left)
	}
	return read(t, path), stderr
}

// atLeisure is command for what takes as long as it takes.
func atLeisure(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, log lockedBuffer
	status = run(t.Context(), args, strings.NewReader(""), &out, &log)
	return status, out.String(), log.String()
}

// want is what the file has to hold of accounts.
func (h pastHome) want(from, to, now time.Time, accounts ...string) stored {
	want := stored{}
	for _, tr := range h.truths {
		if slices.Contains(accounts, tr.person.Name) {
			tr.stored(want, from, to, now)
		}
	}
	return want
}

func directory(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// check compares a text with the truth, and returns how many samples it has.
func (s stored) check(t *testing.T, text string) (samples int) {
	t.Helper()
	got, err := readText(text)
	if err != nil {
		t.Fatal(err)
	}
	if found := s.differs(got); len(found) > 0 {
		t.Errorf("%d differences, such as\n%s", len(found), strings.Join(found[:min(len(found), 10)], "\n"))
	}
	for _, series := range s {
		samples += len(series)
	}
	return samples
}

// Every reading and event that Dexcom has is in the file once, with its time and
// value, whoever asks Dexcom; and again the same bytes.
func TestBackfill(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v3", "v2"} {
		for _, served := range []bool{false, true} {
			if testing.Short() && (version == "v2" || !served) {
				continue
			}
			t.Run(fmt.Sprintf("%s %t", version, served), func(t *testing.T) {
				t.Parallel()
				h := newPastHome(t, version)
				var file string
				if served {
					file = serving(t, h.pretender, h.text, h.names...).file
				} else {
					file = configured(t, h.text)
					linkBefore(t, h.pretender, file, h.names...)
				}
				now := time.Now()
				days, least := 62, 70_000
				if testing.Short() {
					days, least = 20, 20_000
				}
				from, to := now.AddDate(0, 0, -days).Truncate(time.Second), now.Add(-24*time.Hour).Truncate(time.Second)
				text, stderr := h.backfill(t, file, from, to, h.names...)
				if samples := h.want(from, to, now, h.names...).check(t, text); samples < least {
					t.Errorf("only %d samples", samples)
				}
				for _, said := range []string{"alice: ", "bob: ", "carol: ", fmt.Sprintf("retention.time=%dd", days+1), "promtool tsdb create-blocks-from openmetrics --max-block-duration=744h " + filepath.Dir(strings.Split(stderr, "744h ")[1])} {
					if !strings.Contains(stderr, said) {
						t.Errorf("it does not say %q:\n%s", said, stderr)
					}
				}
				once, _ := h.backfill(t, file, from, to, "bob")
				if again, _ := h.backfill(t, file, from, to, "bob"); again != once {
					t.Error("other bytes the second time")
				}
			})
		}
	}
}

// Two stretches that meet hold together what one does.
func TestBackfillsMeet(t *testing.T) {
	t.Parallel()
	h := newPastHome(t, "v3")
	file := configured(t, h.text)
	linkBefore(t, h.pretender, file, h.names...)
	now := time.Now()
	from, middle, to := now.Add(-40*24*time.Hour), now.Add(-20*24*time.Hour), now.Add(-48*time.Hour)
	from, middle, to = from.Truncate(time.Second), middle.Truncate(time.Second), to.Truncate(time.Second)
	first, _ := h.backfill(t, file, from, middle, "bob")
	second, _ := h.backfill(t, file, middle, to, "bob")
	h.want(from, middle, now, "bob").check(t, first)
	h.want(middle, to, now, "bob").check(t, second)
}

// What it takes by itself is all there is, until four hours ago.
func TestBackfillOfAll(t *testing.T) {
	if testing.Short() {
		t.Skip("years of simulation: the shorter tests show the race detector the same code")
	}
	t.Parallel()
	for _, version := range []string{"v3", "v2"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			h := newPastHome(t, version)
			file := configured(t, h.text)
			linkBefore(t, h.pretender, file, h.names...)
			before := time.Now()
			status, text, stderr := atLeisure(t, "backfill", "alice", "--from=2000-01-01", "--output", "-", "--config.file="+file)
			after := time.Now()
			if status != exitFine {
				t.Fatalf("status %d: %s", status, stderr)
			}
			got, err := readText(text)
			if err != nil {
				t.Fatal(err)
			}
			// While it ran a reading may have become final.
			least := h.want(time.Time{}, before.Add(-4*time.Hour-time.Second), before, "alice")
			most := h.want(time.Time{}, after.Add(-4*time.Hour), after, "alice")
			for _, line := range least.differs(got) {
				if !strings.Contains(line, "from nowhere") {
					t.Error(line)
				}
			}
			for _, line := range most.differs(got) {
				if strings.Contains(line, "from nowhere") {
					t.Error(line)
				}
			}
			if calls := h.count("egvs") + h.count("events"); calls > 2*5 {
				t.Errorf("%d calls for 100 days", calls)
			}
		})
	}
}
