package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// built is the program as releases have it.
func built(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "dexcom_exporter")
	command := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-o", path, ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// oneAccount is a configuration of one linked account with both sources, of a person
// of a simulated Dexcom.
func oneAccount(b *testing.B) (file string) {
	b.Helper()
	d := pretend(b, simulator.New(&simulator.Person{Name: "alice", Seed: 1, HoldBack: time.Hour}))
	d.Share(simulator.ShareAccount{Person: "alice", Username: "alice", Password: planted})
	share := fmt.Sprintf("share: {region: us, username: alice, password: %s, base_url: %q}", planted, d.address)
	file = configured(b, configure(d.address, []string{us("alice", share)}))
	linkBefore(b, d, file, "alice")
	return file
}

// process is the program as a process of its own.
type process struct {
	*exec.Cmd

	address string
}

// startProcess runs the program on a free port.
func startProcess(b *testing.B, program, file string) *process {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	_ = l.Close() // a moment later the program takes it
	p := &process{address: l.Addr().String()}
	p.Cmd = exec.CommandContext(b.Context(), program, "--config.file="+file, "--web.listen-address="+p.address, "--log.level=error")
	if err := p.Start(); err != nil {
		b.Fatal(err)
	}
	return p
}

// end stops the program as systemd does.
func (p *process) end(b *testing.B) {
	b.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		b.Error(err)
	}
	if err := p.Wait(); err != nil {
		b.Error(err)
	}
}

// awaitScrape scrapes until an answer will do.
func (p *process) awaitScrape(b *testing.B, will func(text string) bool) {
	b.Helper()
	const longest = 2 * time.Minute
	for began := time.Now(); time.Since(began) < longest; time.Sleep(2 * time.Millisecond) {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://"+p.address+"/metrics", nil)
		if err != nil {
			b.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			continue // not yet
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err == nil && will(string(text)) {
			return
		}
	}
	b.Fatal("no scrape is complete")
}

// isComplete tells whether a scrape has the time of the newest reading, the devices, and
// the statistics of two weeks.
func isComplete(text string) bool {
	for _, series := range []string{
		`dexcom_glucose_timestamp_seconds{account="alice"}`, `dexcom_device_info{account="alice"`, `dexcom_glucose_gmi_ratio{account="alice",window="14d"}`,
	} {
		if !strings.Contains(text, "\n"+series) {
			return false
		}
	}
	return true
}

// BenchmarkStart measures the time from the start of the process to the first scrape
// that has all: of one account all that is known, of 5,000 that they are there, for their
// readings come as fast as Dexcom's limits let them. A first start writes a state file
// for each account, durably; later ones find them.
func BenchmarkStart(b *testing.B) {
	program := built(b)
	one := oneAccount(b)
	b.Run("accounts=1", func(b *testing.B) { startAgain(b, program, isComplete, func() string { return one }) })
	const many = 5000
	var accounts []string
	for i := range many {
		accounts = append(accounts, fmt.Sprintf("{name: p%04d, share: {region: us, username: u%d, password: x, base_url: 'http://127.0.0.1:1'}}", i, i))
	}
	text := "accounts:\n  - " + strings.Join(accounts, "\n  - ") + "\n"
	all := func(text string) bool { return strings.Count(text, "\ndexcom_exporter_account_info{") == many }
	known := ""
	b.Run("accounts=5000,first", func(b *testing.B) {
		startAgain(b, program, all, func() string { known = configured(b, text); return known })
	})
	b.Run("accounts=5000", func(b *testing.B) {
		if known == "" {
			b.Skip("goes on where the first start ended")
		}
		startAgain(b, program, all, func() string { return known })
	})
}

// startAgain starts the program on a file each time until a scrape will do.
func startAgain(b *testing.B, program string, will func(text string) bool, file func() string) {
	b.Helper()
	for b.Loop() {
		b.StopTimer()
		configuration := file()
		b.StartTimer()
		p := startProcess(b, program, configuration)
		p.awaitScrape(b, will)
		b.StopTimer()
		p.end(b)
		b.StartTimer()
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/start")
}

// BenchmarkIdle measures the memory and the processor time of the program with one
// account that it polls and nobody but Prometheus asks for, over a minute.
func BenchmarkIdle(b *testing.B) {
	p := startProcess(b, built(b), oneAccount(b))
	p.awaitScrape(b, isComplete)
	for b.Loop() {
		before := p.processorTime(b)
		for range 4 { // each 15 s, as Prometheus is told to here
			time.Sleep(15 * time.Second)
			p.awaitScrape(b, isComplete)
		}
		b.ReportMetric((p.processorTime(b)-before).Seconds()*1000, "CPU-ms/min")
		b.ReportMetric(p.status(b, "VmRSS")/1024, "RSS-MB")
		b.ReportMetric(p.status(b, "RssAnon")/1024, "RSS-anonymous-MB")
	}
	b.ReportMetric(0, "ns/op")
	p.end(b)
}

// status is a number of the process's status, memory in kB.
func (p *process) status(b *testing.B, name string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	if err != nil {
		b.Skipf("only Linux tells: %v", err)
	}
	found := regexp.MustCompile(name + `:\s+(\d+)`).FindSubmatch(text)
	if found == nil {
		b.Fatalf("no %s in the process's status", name)
	}
	number, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return number
}

// processorTime is what the process has used so far, to a hundredth of a second.
func (p *process) processorTime(b *testing.B) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Process.Pid))
	if err != nil {
		b.Skipf("only Linux tells: %v", err)
	}
	_, after, _ := strings.Cut(string(text), ") ") // the name may hold anything
	fields := strings.Fields(after)
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}
