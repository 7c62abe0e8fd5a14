package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// faultyHome is a home with one linked account, and the arguments of a backfill of
// it into a file that is there already.
func faultyHome(t *testing.T) (h pastHome, args []string, path string) {
	t.Helper()
	h = newPastHome(t, "v3")
	file := configured(t, h.text)
	linkBefore(t, h.pretender, file, "alice")
	path = filepath.Join(t.TempDir(), "past.om")
	write(t, path, "what was there before")
	return h, []string{"backfill", "alice", "--config.file=" + file, "--from=60d", "--output=" + path}, path
}

// untouched checks that a failed run left what was there, and nothing beside it.
func untouched(t *testing.T, path string) {
	t.Helper()
	if text := read(t, path); text != "what was there before" {
		t.Errorf("the file holds %.100q", text)
	}
	if left := directory(t, filepath.Dir(path)); !slices.Equal(left, []string{"past.om"}) {
		t.Errorf("beside it is %v", left)
	}
}

// What passes is waited for, and costs nothing.
func TestBackfillOutlastsFaults(t *testing.T) {
	t.Parallel()
	h := newPastHome(t, "v3")
	file := configured(t, h.text)
	linkBefore(t, h.pretender, file, "bob")
	for endpoint, fault := range map[string]simulator.Fault{
		"dataRange": simulator.AnswerHTML(503), "egvs": simulator.RetryAfter(2 * time.Second), "events": simulator.AnswerJSON(500),
	} {
		h.FailData(simulator.Target{Endpoint: endpoint}, fault, 1)
	}
	h.FailData(simulator.Target{Endpoint: "events"}, simulator.AnswerInstead("<html>"), 1)
	now := time.Now()
	from, to := now.Add(-60*24*time.Hour).Truncate(time.Second), now.Add(-24*time.Hour).Truncate(time.Second)
	text, _ := h.backfill(t, file, from, to, "bob")
	h.want(from, to, now, "bob").check(t, text)
	if faults := h.FaultCounts(); len(faults) != 4 {
		t.Errorf("it met %v", faults)
	}
}

// What does not pass ends it: it says from when on the past is missing, and a file
// that is not whole does not take the place of one that is.
func TestBackfillThatFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fail func(h pastHome)
		want string
	}{
		"closed":      {func(h pastHome) { h.refuse(t, 2, http.StatusForbidden) }, "an answer that Dexcom does not give"},
		"revoked":     {func(h pastHome) { h.Revoke("alice") }, "consent needed"},
		"bad request": {func(h pastHome) { h.refuse(t, 3, http.StatusBadRequest) }, "HTTP 400"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, args, path := faultyHome(t)
			before := time.Now().UTC()
			test.fail(h)
			status, stdout, stderr := command(t, args...)
			if status != exitFailed || stdout != "" || !strings.Contains(stderr, test.want) || !strings.Contains(stderr, "nothing was written") {
				t.Errorf("status %d: %s", status, stderr)
			}
			day := before.Add(-60 * 24 * time.Hour)
			switch name {
			case "closed":
				day = day.Add(28 * 24 * time.Hour)
			case "bad request":
				day = day.Add(56 * 24 * time.Hour)
			}
			if missing := "alice from " + day.Format(time.DateOnly) + " on is missing"; !strings.Contains(stderr, missing) {
				t.Errorf("it does not say %q: %s", missing, stderr)
			}
			untouched(t, path)
		})
	}
}

// refuse makes the nth request for readings, and all after it, fail.
func (h pastHome) refuse(t *testing.T, nth, status int) {
	t.Helper()
	h.holding(func(endpoint string, count int) <-chan struct{} {
		if endpoint == "egvs" && count == nth {
			h.FailData(simulator.Target{Endpoint: "egvs"}, simulator.AnswerJSON(status), 1000)
		}
		return nil
	})
}

// On standard output there is no taking back: what is not whole has no end.
func TestBackfillThatFailsOnStandardOutput(t *testing.T) {
	t.Parallel()
	h, args, _ := faultyHome(t)
	h.refuse(t, 2, http.StatusForbidden)
	status, stdout, stderr := command(t, append(args[:4:4], "--output", "-")...)
	if _, err := readText(stdout); status != exitFailed || err == nil || !strings.Contains(stderr, "no # EOF") {
		t.Errorf("status %d, %v: %s", status, err, stderr)
	}
}

// Whoever is interrupted leaves nothing behind, and Dexcom is not asked further,
// whether the program runs or not.
func TestBackfillInterrupted(t *testing.T) {
	t.Parallel()
	for _, served := range []bool{false, true} {
		t.Run(strconv.FormatBool(served), func(t *testing.T) {
			t.Parallel()
			h, args, path := faultyHome(t)
			if served {
				s := serving(t, h.pretender, strings.Replace(h.text, "accounts:", "poll: {min_interval: 1h, max_interval: 1h}\naccounts:", 1), "alice")
				args[2] = "--config.file=" + s.file
				waitFor(t, func() bool { return h.count("alerts") > 0 })
			}
			ctx, interrupt := context.WithCancel(t.Context())
			asked := h.count("egvs")
			h.holding(func(endpoint string, count int) <-chan struct{} {
				if endpoint == "egvs" && count == asked+2 {
					interrupt()
				}
				return nil
			})
			var log lockedBuffer
			status := run(ctx, args, strings.NewReader(""), &log, &log)
			if status != exitFailed || !strings.Contains(log.String(), "interrupted, nothing was written") {
				t.Errorf("status %d: %s", status, &log)
			}
			untouched(t, path)
			time.Sleep(1500 * time.Millisecond)
			if asked := h.count("egvs") - asked; asked > 2 {
				t.Errorf("Dexcom was asked %d times", asked)
			}
		})
	}
}

// A process that is killed leaves no half file under the name either, and the next
// one finds the grant as it should be.
func TestBackfillKilled(t *testing.T) {
	t.Parallel()
	h, args, path := faultyHome(t)
	second := make(chan struct{})
	h.holding(func(endpoint string, count int) <-chan struct{} {
		if endpoint == "egvs" && count == 2 {
			close(second)
			return make(chan struct{})
		}
		return nil
	})
	program := exec.CommandContext(t.Context(), os.Args[0])
	program.Env = append(os.Environ(), asProgram+"="+strings.Join(args, "\n"))
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	<-second
	_ = program.Process.Kill()
	_ = program.Wait()
	if text := read(t, path); text != "what was there before" {
		t.Errorf("the file holds %.100q", text)
	}
	h.holding(nil)
	status, _, stderr := command(t, args...)
	if _, err := readText(read(t, path)); status != exitFine || err != nil {
		t.Errorf("afterwards: status %d, %v: %s", status, err, stderr)
	}
}

// The program that runs ends in the middle: what it gave so far is not taken for all.
func TestBackfillOfAProgramThatEnds(t *testing.T) {
	t.Parallel()
	h, args, path := faultyHome(t)
	s := serving(t, h.pretender, h.text, "alice")
	args[2] = "--config.file=" + s.file
	asked, stopped := h.count("egvs"), make(chan struct{})
	h.holding(func(endpoint string, count int) <-chan struct{} {
		if endpoint == "egvs" && count == asked+2 {
			go func() { s.stop(); close(stopped) }()
			return make(chan struct{})
		}
		return nil
	})
	status, _, stderr := command(t, args...)
	if status != exitFailed || !strings.Contains(stderr, "stopped in the middle of alice") {
		t.Errorf("status %d: %s", status, stderr)
	}
	<-stopped
	untouched(t, path)
}
