package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// What a load is, by environment variables. Without them it is a small and short one,
// which shows that the means work.
const (
	loadSizes   = "E2E_LOAD"         // numbers of accounts, one run each: "100 1000 5000"
	loadLength  = "E2E_LOAD_FOR"     // of each run, as 20m
	loadProfile = "E2E_LOAD_PROFILE" // a directory for profiles, or no profiles
)

const (
	loadInterval = 15 * time.Second // between two scrapes
	loadWindow   = 3 * time.Hour    // readings.window
)

// load is a number of accounts for a time.
type load struct {
	people      []campaigner
	born, began time.Time
	ready       time.Duration // after it began, until every account was asked
	length      time.Duration
	stateDir    string
	address     string
	redirectURL string

	moments         []loadMoment
	gauges          [2]loadGauges
	left            [2]loadReadings
	pages, readings [2]*loadScraper
}

// Of hundreds and thousands of accounts, with two scrapers of both pages, every reading
// leaves once, and goroutines, files and memory do not grow.
func TestLoad(t *testing.T) {
	sizes, length := []string{"40"}, 45*time.Second
	if text, given := os.LookupEnv(loadSizes); given {
		sizes = strings.Fields(text)
	}
	if text, given := os.LookupEnv(loadLength); given {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatalf("%s: %v", loadLength, err)
		}
	}
	t.Parallel()
	for _, size := range sizes {
		n, err := strconv.Atoi(size)
		if err != nil {
			t.Fatalf("%s: %v", loadSizes, err)
		}
		t.Run(size, func(t *testing.T) { bear(t, n, length) })
	}
}

// bear runs the program with n accounts.
func bear(t *testing.T, n int, length time.Duration) {
	t.Helper()
	address := freeAddress(t)
	l := &load{
		people: loadPeople(n, time.Now()), born: time.Now(), length: length, address: address,
		stateDir: filepath.Join(t.TempDir(), "state"), redirectURL: "http://" + address + "/oauth/callback",
	}
	l.people = loadPeople(n, l.born)
	cloudURL := startLoadCloud(t, l)
	config := write(t, "config.yaml", fmt.Sprintf(`state_dir: %q
apps:
  us: {client_id: planted-id, client_secret: %q, base_url: %q, redirect_url: %q}
readings: {window: %s}
accounts:
%s`, l.stateDir, planted, cloudURL, l.redirectURL, loadWindow, loadConfig(l.people, cloudURL)))
	l.began = time.Now()
	program := l.start(t, "serve", "--config.file="+config, "--web.listen-address="+address)
	l.scrape(t, program.cmd.Process.Pid)
	l.report(t)
	l.judge(t)
	l.steady(t)
}

// start starts the program, or its tests as the program, which write profiles.
func (l *load) start(t *testing.T, args ...string) exporter {
	t.Helper()
	dir, given := os.LookupEnv(loadProfile)
	if !given {
		return startExporter(t, args...)
	}
	binary := filepath.Join(t.TempDir(), "profiled")
	if output, err := exec.Command("go", "test", "-C", "..", "-c", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build the program with profiles: %v\n%s", err, output)
	}
	p := start(t, "env", "DEXCOM_EXPORTER_ARGUMENTS="+strings.Join(args, "\n"),
		fmt.Sprintf("DEXCOM_EXPORTER_PROFILE=%s %v", filepath.Join(dir, strconv.Itoa(len(l.people))), l.length/2), binary)
	p.says(t, &p.stderr, `msg="Listening on" address=(\S+)`)
	return exporter{process: p, address: l.address}
}

// scrape has two scrapers ask for both pages, all by themselves, until the time is over.
func (l *load) scrape(t *testing.T, pid int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var all sync.WaitGroup
	run := func(s *loadScraper) { all.Go(func() { s.run(ctx, loadInterval) }) }
	for i := range 2 {
		name := fmt.Sprintf("load/%d", i)
		l.left[i] = loadReadings{}
		l.pages[i] = &loadScraper{url: "http://" + l.address + "/metrics", name: name, line: l.gauges[i].line}
		l.readings[i] = &loadScraper{url: "http://" + l.address + "/readings", name: name, line: l.left[i].line}
		run(l.pages[i])
		run(l.readings[i])
	}
	all.Go(func() {
		if err := watchLoad(ctx, pid, l.length/40, &l.gauges[0], &l.moments); err != nil {
			t.Error(err)
		}
	})
	eventuallyWithin(t, l.length, func() error {
		answer, err := exporter{address: l.address}.visitor().ask(http.MethodGet, "/-/ready")
		if err == nil && answer.status != http.StatusOK {
			err = fmt.Errorf("/-/ready: %d %s", answer.status, answer.body)
		}
		return err
	})
	l.ready = time.Since(l.began)
	time.Sleep(l.length - l.ready)
	stop()
	all.Wait()
}

// report says what it took.
func (l *load) report(t *testing.T) {
	t.Helper()
	half, last := l.moments[len(l.moments)/2], l.moments[len(l.moments)-1]
	minutes := last.at.Sub(half.at).Minutes()
	n := float64(len(l.people))
	t.Logf("accounts            %d", len(l.people))
	t.Logf("ready after         %v", l.ready.Round(100*time.Millisecond))
	t.Logf("resident            %.0f MiB at half time, %.0f at the end, %.0f at most; %.0f KiB an account", half.rss, last.rss, l.most(), last.rss*1024/n)
	t.Logf("resident, quarters  %.0f, %.0f, %.0f, %.0f MiB on average", l.meanMemory(0, 1), l.meanMemory(1, 2), l.meanMemory(2, 3), l.meanMemory(3, 4))
	t.Logf("processor           %.1f s a minute in the second half, %.2f ms an account and minute", (last.cpu-half.cpu)/minutes, (last.cpu-half.cpu)/minutes/n*1000)
	t.Logf("goroutines, files   %.0f, %d at half time; %.0f, %d at the end", half.goroutines, half.files, last.goroutines, last.files)
	t.Logf("calls to Dexcom     %.0f in all, %.0f an hour in the second half, %.1f an account and hour", last.calls, (last.calls-half.calls)/minutes*60, (last.calls-half.calls)/minutes*60/n)
	for i := range 2 {
		t.Logf("/metrics            %s", l.pages[i].scraped())
		t.Logf("/readings           %s", l.readings[i].scraped())
	}
}

// most is the highest resident memory in MiB.
func (l *load) most() float64 {
	most := 0.0
	for _, m := range l.moments {
		most = max(most, m.rss)
	}
	return most
}

// meanMemory is the mean of the resident memory in MiB between two quarters of the time:
// how much is garbage at one moment is luck.
func (l *load) meanMemory(from, to int) float64 {
	between, sum := l.moments[len(l.moments)*from/4:len(l.moments)*to/4], 0.0
	for _, m := range between {
		sum += m.rss
	}
	return sum / float64(max(1, len(between)))
}

// steady fails when something grows.
func (l *load) steady(t *testing.T) {
	t.Helper()
	for _, s := range []*loadScraper{l.pages[0], l.pages[1], l.readings[0], l.readings[1]} {
		for _, err := range s.faults {
			t.Errorf("a scrape failed: %v", err)
		}
	}
	half, last := l.moments[len(l.moments)/2], l.moments[len(l.moments)-1]
	const connections = 20 // come and go
	if last.goroutines > 1.1*half.goroutines+connections || last.files > half.files+connections+len(l.people)/20 {
		t.Errorf("goroutines and files grew from %.0f and %d to %.0f and %d", half.goroutines, half.files, last.goroutines, last.files)
	}
	third, fourth := l.meanMemory(2, 3), l.meanMemory(3, 4)
	if l.length >= 20*time.Minute && fourth > 1.05*third {
		t.Errorf("memory grew from %.0f MiB in the third quarter to %.0f in the last one", third, fourth)
	}
}
