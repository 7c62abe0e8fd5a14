package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Wrong usage is refused before anybody is asked, with what to change.
func TestBackfillUsage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "config.yaml")
	write(t, file, smallConfig+"  - {name: sam, share: {region: us, username: sam, password: x}}\n")
	out := "--output=" + filepath.Join(dir, "out")
	link := filepath.Join(dir, "link")
	if err := os.Symlink("/dev/null", link); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ args, want string }{
		{"alice --from=90d", "--output"},
		{"alice " + out, "--from"},
		{"--from=90d " + out, "account"},
		{"alice --from=90d --output=", "--output: name a file, or -"},
		{"alice --from=90d --output=" + dir, "no regular file"},
		{"alice --from=90d --output=/dev/null", "no regular file"},
		{"alice --from=90d --output=" + link, "no regular file"},
		{"alice --from=90d --output=" + dir + "/no/such", "--output: cannot write into"},
		{"bob --from=90d " + out, `no account "bob"`},
		{"alice alice --from=90d " + out, `"alice" is named twice`},
		{"alice sam --from=90d " + out, `account "sam" has Dexcom Share alone`},
		{"alice --from=yesterday " + out, `--from: "yesterday" is no time: write 2026-01-31`},
		{"alice --from=2026-02-30 " + out, "--from: \"2026-02-30\" is no time"},
		{"alice --from=-3d " + out, "--from"},
		{"alice --from=90d --to=31.1.2026 " + out, `--to: "31.1.2026" is no time`},
		{"alice --from=1999-12-31 " + out, "--from: 1999-12-31 is before 2000"},
		{"alice --from=90y " + out, "--from: 90y is before 2000"},
		{"alice --from=2099-01-01 " + out, "--from: 2099-01-01 lies in the future"},
		{"alice --from=90d --to=2099-01-01 " + out, "--to: 2099-01-01 lies in the future"},
		{"alice --from=90d --to=2099-01-01 --unsafe-until-now " + out, "--to: 2099-01-01 lies in the future"},
		{"alice --from=90d --to=3h " + out, "--to: blocks that reach into the last 4 hours cost Prometheus live data: end it at 4h"},
		{"alice --from=90d --to=0s " + out, "--unsafe-until-now"},
		{"alice --from=30d --to=60d " + out, "--from: "},
		{"alice --from=30d --to=30d " + out, "choose an earlier --from or a later --to"},
		{"alice --from=3h " + out, "is not before the end"},
	} {
		args := append([]string{"backfill", "--config.file=" + file}, strings.Fields(test.args)...)
		status, stdout, stderr := command(t, args...)
		if status != exitUsage || stdout != "" || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: status %d: %s%s", test.args, status, stdout, stderr)
		}
	}
	if left := directory(t, dir); len(left) != 2 {
		t.Errorf("it left %v", left)
	}
}

func TestTimesOfTheCommandLine(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 1, 12, 0, 0, 5, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-01-31":                time.Date(2026, time.January, 31, 0, 0, 0, 0, time.UTC),
		"2026-01-31T08:00:00Z":      time.Date(2026, time.January, 31, 8, 0, 0, 0, time.UTC),
		"2026-01-31T08:00:00+02:00": time.Date(2026, time.January, 31, 6, 0, 0, 0, time.UTC),
		"30d":                       time.Date(2026, time.January, 30, 12, 0, 0, 0, time.UTC),
		"1d12h":                     time.Date(2026, time.February, 28, 0, 0, 0, 0, time.UTC),
		"2000-01-01":                time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC),
	} {
		if got, err := timeOf(text, now); err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: %v %v, want %v", text, got, err, want)
		}
	}
	read := func(from, to string, unsafe bool) (time.Time, time.Time) {
		a, b, err := stretchFlags{&from, &to, &unsafe}.read(now)
		if err != nil {
			t.Fatal(err)
		}
		return a, b
	}
	if _, to := read("30d", "", false); !to.Equal(now.Add(-4 * time.Hour)) {
		t.Errorf("it ends at %v", to)
	}
	if _, to := read("30d", "", true); !to.Equal(now) {
		t.Errorf("unsafe, it ends at %v", to)
	}
	if from, to := read("30d", "4h", false); from.After(to) || !to.Equal(now.Truncate(time.Second).Add(-4*time.Hour)) {
		t.Errorf("it is %v to %v", from, to)
	}
}

// Who asks for the danger is told what it is.
func TestBackfillUntilNowWarns(t *testing.T) {
	t.Parallel()
	h := newPastHome(t, "v2")
	file := configured(t, h.text)
	linkBefore(t, h.pretender, file, "alice")
	now := time.Now()
	path := filepath.Join(t.TempDir(), "past.om")
	status, _, stderr := command(t, "backfill", "alice", "--from=2d", "--unsafe-until-now", "--output="+path, "--config.file="+file)
	if status != exitFine || !strings.Contains(stderr, "may lose live data") || !strings.Contains(stderr, "may still smooth") {
		t.Errorf("status %d: %s", status, stderr)
	}
	got, err := readText(read(t, path))
	if err != nil {
		t.Fatal(err)
	}
	newest := int64(0)
	for at := range got[`dexcom_egv_mg_dl{account="alice"}`] {
		newest = max(newest, at)
	}
	if age := now.Sub(time.UnixMilli(newest)); age > 2*time.Hour {
		t.Errorf("the newest reading is %v old", age)
	}
}

// What the running program does not know it says; so it is when it is too old to
// know the command.
func TestBackfillBesideAnotherConfiguration(t *testing.T) {
	t.Parallel()
	h := newPastHome(t, "v3")
	s := serving(t, h.pretender, strings.Replace(h.text, "name: bob", "name: robert", 1), "alice")
	write(t, s.file, h.text)
	for account, want := range map[string]string{
		"bob":   "the running program does not know the account bob: reload or restart it",
		"carol": "carol from 2", // nobody consented
	} {
		status, stdout, stderr := command(t, "backfill", account, "--from=60d", "--output=-", "--config.file="+s.file)
		if status != exitFailed || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d: %s", account, status, stderr)
		}
	}
	err := control{filepath.Join(filepath.Dir(s.file), "data")}.ask(t.Context(), "dance", nil, nil)
	if err == nil || !strings.Contains(err.Error(), "another version, which knows no dance") {
		t.Error(err)
	}
}

// FuzzTimesOfTheCommandLine reads any --from and --to: what is taken is a stretch of
// the past, and reads the same again.
func FuzzTimesOfTheCommandLine(f *testing.F) {
	for _, text := range []string{
		"", "90d", "0s", "-3d", "4h", "290y", "99999999999999999999y", "2026-01-31", "2026-02-30", "2099-01-01", "1970-01-01", "0000-01-01", "9999-12-31T23:59:59-23:59", "2026-01-31T08:00:00.999999999+14:00",
		"2000-01-01T00:00:00+23:59", "1d1d", "\xff", "<b>", "NaN", "2026-01-31T08:00:00Z\n",
	} {
		f.Add(text, "", false)
		f.Add("2000-01-01", text, true)
	}
	now := time.Date(2026, time.November, 22, 12, 0, 0, 123, time.UTC)
	f.Fuzz(func(t *testing.T, from, to string, unsafe bool) {
		begin, end, err := stretchFlags{from: &from, to: &to, unsafe: &unsafe}.read(now)
		latest := now.Add(-liveHead)
		if unsafe {
			latest = now
		}
		switch {
		case err != nil && strings.Contains(err.Error(), "\n"):
			t.Errorf("%q %q: %v", from, to, err)
		case err == nil && (begin.Year() < 2000 || !begin.Before(end) || end.After(latest)):
			t.Errorf("%q %q, unsafe %t: %v to %v", from, to, unsafe, begin, end)
		case err == nil:
			if again, err := timeOf(begin.Format(time.RFC3339Nano), now); err != nil || !again.Equal(begin) {
				t.Errorf("%q is %v, which is read again as %v, %v", from, begin, again, err)
			}
		}
	})
}
