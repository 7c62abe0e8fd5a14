package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// reportOf runs the command and gives the page and its words.
func reportOf(t *testing.T, file, account string, flags ...string) (words, stderr string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), account+".html")
	args := append([]string{"report", account, "--config.file=" + file, "--output", path}, flags...)
	status, stdout, stderr := atLeisure(t, args...)
	if status != exitFine || stdout != "" || strings.Contains(stderr, planted) || strings.Contains(stderr, "mg/dL") {
		t.Fatalf("status %d\n%s\n%s", status, stdout, stderr)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file is %v %v", info, err)
	}
	if left := directory(t, filepath.Dir(path)); !slices.Equal(left, []string{account + ".html"}) {
		t.Errorf("beside it is %v", left)
	}
	return wordsOf(read(t, path)), stderr
}

// wordsOf is what a reader of a page sees.
func wordsOf(text string) string {
	text = regexp.MustCompile(`(?s)<style>.*</style>|<[^>]*>`).ReplaceAllString(text, " ")
	text = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}

// clinic is a simulated Dexcom with people of all kinds, and a configuration for it.
func clinic(t *testing.T) (d *pretender, text string, truths []pageTruth) {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	since := time.Now().Add(-200 * 24 * time.Hour)
	truths = []pageTruth{
		{person: &simulator.Person{Name: "alice", Seed: 1, Mean: 150, Swing: 55}, zone: london},
		{person: &simulator.Person{Name: "bob", Seed: 2, Sensor: simulator.G6, Rhythm: simulator.Hourly, OfflineShare: 0.1, AwayShare: 0.03, Quirks: true, Swing: 80}},
		{person: &simulator.Person{Name: "carol", Seed: 3, Sensor: simulator.G6, Display: simulator.Receiver, Rhythm: simulator.EveryTenDays}},
		{person: &simulator.Person{Name: "erin", Seed: 5, Sensor: simulator.G6, Rhythm: simulator.Hourly, Mean: 160}, version: "v2", zone: time.FixedZone("", 0)},
		{person: &simulator.Person{Name: "frank", Seed: 14, Sensor: simulator.G6, Zone: time.FixedZone("", -9*60*60)}},
		{person: &simulator.Person{Name: "gina", Seed: 15, AwayShare: 0.4, Since: since.Add(188 * 24 * time.Hour)}},
	}
	var accounts []string
	var people []*simulator.Person
	for i := range truths {
		tr := &truths[i]
		tr.low, tr.high, tr.stale = 70, 180, 5*time.Hour
		tr.person.HoldBack = time.Hour
		if tr.person.Since.IsZero() {
			tr.person.Since = since
		}
		account := us(tr.person.Name)
		switch tr.person.Name {
		case "alice":
			account = us("alice", "timezone: Europe/London", "target_range: pregnancy")
			tr.low, tr.high = 63, 140
		case "erin":
			account = strings.Replace(us("erin", "timezone: UTC"), "region: us}", "region: us, version: v2}", 1)
		}
		people, accounts = append(people, tr.person), append(accounts, account)
	}
	d = pretend(t, simulator.New(people...))
	return d, configure(d.address, accounts), truths
}

// What the page says is what the simulator's own functions give, whoever asks
// Dexcom, for a day and for a quarter of a year, in both units.
func TestReport(t *testing.T) {
	t.Parallel()
	for _, served := range []bool{false, true} {
		if testing.Short() && !served {
			continue
		}
		t.Run("served "+strconv.FormatBool(served), func(t *testing.T) {
			t.Parallel()
			d, text, truths := clinic(t)
			var names []string
			for _, tr := range truths {
				names = append(names, tr.person.Name)
			}
			var file string
			if served {
				s := serving(t, d, text, names...)
				file = s.file
			} else {
				file = configured(t, text)
				linkBefore(t, d, file, names...)
			}
			for _, tr := range truths {
				for days, unit := range map[int]string{1: "mg/dL", 14: "mmol/L", 15: "mg/dL", 90: "mg/dL"} {
					if testing.Short() && days != 15 {
						continue
					}
					tr.known, tr.days, tr.unit = served, days, unit
					before := time.Now()
					words, stderr := reportOf(t, file, tr.person.Name, fmt.Sprintf("--days=%d", days), "--unit="+unit)
					after := time.Now()
					// A reading may have come meanwhile.
					if missing := lacks(words, tr.at(before)); len(missing) > 0 && len(lacks(words, tr.at(after))) > 0 {
						t.Errorf("%s, %d days: it does not say %q:\n%s", tr.person.Name, days, missing, words)
					}
					if strings.Contains(stderr, "missing") || strings.Contains(words, "could not be read") {
						t.Errorf("%s, %d days: %s", tr.person.Name, days, stderr)
					}
				}
			}
		})
	}
}

// By itself it is 14 days in mg/dL, and a dash is standard output. The same days are
// the same bytes.
func TestReportToStandardOutput(t *testing.T) {
	t.Parallel()
	d, text, _ := clinic(t)
	file := configured(t, text)
	linkBefore(t, d, file, "alice")
	status, once, stderr := atLeisure(t, "report", "alice", "--output", "-", "--config.file="+file)
	if status != exitFine || !strings.HasPrefix(once, "<!DOCTYPE html>") || !strings.HasSuffix(once, "</html>\n") {
		t.Fatalf("status %d: %s", status, stderr)
	}
	if missing := lacks(wordsOf(once), []string{"Days with readings 14 of 14", "Unit mg/dL", "Clock Europe/London", "pregnancy with type 1 diabetes"}); missing != nil {
		t.Errorf("it does not say %q:\n%s", missing, wordsOf(once))
	}
	if _, again, _ := atLeisure(t, "report", "alice", "--output=-", "--days=14", "--unit=mg/dL", "--config.file="+file); again != once {
		t.Error("other bytes the second time")
	}
}

// With Share alone there are the days that the running program has seen, and
// without one there is nothing to make a page of.
func TestReportOfShareAlone(t *testing.T) {
	t.Parallel()
	h := newShareHome(t, steady(10*time.Second))
	h.write(t)
	status, stdout, stderr := command(t, "report", "alice", "--output=-", "--config.file="+h.file)
	if status != exitFailed || stdout != "" || !strings.Contains(stderr, "Dexcom Share alone, which knows the last 24 hours only") || !strings.Contains(stderr, "a running serve") {
		t.Errorf("status %d: %s", status, stderr)
	}
	s := start(t, h.file)
	waitFor(t, func() bool { return scrapeOnce(t, s.address).hasValue("alice") })
	words, stderr := reportOf(t, h.file, "alice", "--days=3")
	if missing := lacks(words, []string{"Days with readings 1 of 3", "could not be read", "Mean glucose –"}); missing != nil {
		t.Errorf("it does not say %q:\n%s", missing, words)
	}
	if !strings.Contains(stderr, "is missing: account \"alice\" has Dexcom Share alone") || strings.Contains(stderr+s.log.String(), planted) {
		t.Errorf("it says %s", stderr)
	}
}

// What both sources have is on the page once, and each reading of the time before
// the history too.
func TestReportOfBothSources(t *testing.T) {
	t.Parallel()
	person := steady(10 * time.Second)
	person.HoldBack = time.Hour
	d := pretend(t, simulator.New(&person))
	d.Share(simulator.ShareAccount{Person: "alice", Username: shareUsername, Password: sharePassword})
	share := fmt.Sprintf("share: {region: us, username: %q, password: %q, base_url: %q}", shareUsername, sharePassword, d.address)
	s := serving(t, d, configure(d.address, []string{us("alice", share)}, "poll: {history: 7d}"), "alice")
	waitFor(t, func() bool { return scrapeOnce(t, s.address)["dexcom_up"]["alice source=share"] == 1 })
	tr := pageTruth{person: &person, days: 14, stale: 15 * time.Minute, low: 70, high: 180, unit: "mg/dL", published: true}
	var missing []string
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Second) {
		words, _ := reportOf(t, s.file, "alice")
		if missing = lacks(words, tr.at(time.Now())); missing == nil {
			return
		}
	}
	t.Errorf("it does not say %q", missing)
}

// A page that lacks days says which, and without any reading there is none.
func TestReportWithoutConsent(t *testing.T) {
	t.Parallel()
	d, text, _ := clinic(t)
	s := serving(t, d, text, "alice")
	words, _ := reportOf(t, s.file, "alice", "--days=3")
	if strings.Contains(words, "could not be read") {
		t.Errorf("it says %s", words)
	}
	d.Revoke("alice")
	words, stderr := reportOf(t, s.file, "alice", "--days=30")
	if missing := lacks(words, []string{"could not be read", " of 30"}); missing != nil || !strings.Contains(stderr, "consent needed") {
		t.Errorf("it does not say %q:\n%s\n%s", missing, words, stderr)
	}
	path := filepath.Join(t.TempDir(), "bob.html")
	write(t, path, "an older page")
	status, stdout, stderr := command(t, "report", "bob", "--output="+path, "--config.file="+s.file)
	if status != exitFailed || stdout != "" || !strings.Contains(stderr, "consent needed") || !strings.Contains(stderr, "nothing was written") {
		t.Errorf("status %d: %s", status, stderr)
	}
	if left := directory(t, filepath.Dir(path)); !slices.Equal(left, []string{"bob.html"}) || read(t, path) != "an older page" {
		t.Errorf("it left %v", left)
	}
}

// Beside a program that polls and has nothing yet, it is not a program that is missing.
func TestReportOfShareWithoutReadings(t *testing.T) {
	t.Parallel()
	h := newShareHome(t, steady(20*time.Second))
	h.password = "wrong " + planted
	h.write(t)
	args := []string{"report", "alice", "--config.file=" + h.file, "--output", filepath.Join(t.TempDir(), "alice.html")}
	expect := func(want, others string) {
		t.Helper()
		status, _, stderr := command(t, args...)
		if status != exitFailed || !strings.Contains(stderr, want) || strings.Contains(stderr, others) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("status %d: %s", status, stderr)
		}
	}
	const missing, refused = "or a running serve, which keeps what it reads", `the running program has no readings of account "alice" in these days`
	expect(missing, refused)
	s := start(t, h.file)
	waitFor(t, func() bool { return strings.Contains(s.log.String(), "reason=credentials") })
	expect(refused, missing)
}

// Wrong usage is refused before anybody is asked, with what to change.
func TestReportUsage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "config.yaml")
	write(t, file, smallConfig)
	out := "--output=" + filepath.Join(dir, "out.html")
	for _, test := range []struct{ args, want string }{
		{"alice", "--output"},
		{out, "account"},
		{"alice bob " + out, "bob"},
		{"bob " + out, `no account "bob"`},
		{"alice --output=", "--output: name a file, or -"},
		{"alice --output=" + dir, "no regular file"},
		{"alice --output=/dev/null", "no regular file"},
		{"alice --output=" + dir + "/no/such.html", "--output: cannot write into"},
		{"alice --days=0 " + out, `--days: "0" is no whole number from 1 to 90`},
		{"alice --days=-1 " + out, `--days: "-1" is no whole number`},
		{"alice --days=91 " + out, `--days: "91" is no whole number`},
		{"alice --days=14d " + out, `--days: "14d" is no whole number`},
		{"alice --days=14.5 " + out, `--days: "14.5" is no whole number`},
		{"alice --days=1e1 " + out, `--days: "1e1" is no whole number`},
		{"alice --days= " + out, `--days: "" is no whole number`},
		{"alice --days=99 --unit=x " + out, "--days: "},
		{"alice --unit=mgdl " + out, `--unit: unit "mgdl" is neither mg/dL nor mmol/L`},
		{"alice --unit= " + out, `--unit: unit "" is neither`},
		{"alice --config.file=/does/not/exist.yaml " + out, "/does/not/exist.yaml"},
	} {
		args := append([]string{"report"}, strings.Fields(test.args)...)
		if !strings.Contains(test.args, "--config.file") {
			args = append(args, "--config.file="+file)
		}
		status, stdout, stderr := command(t, args...)
		if status != exitUsage || stdout != "" || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: status %d: %s%s", test.args, status, stdout, stderr)
		}
	}
	if left := directory(t, dir); len(left) != 1 {
		t.Errorf("it left %v", left)
	}
}
