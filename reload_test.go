package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// asProgram makes the test binary the program itself, for what only a process of
// its own can show. It holds the arguments, one a line.
const asProgram = "DEXCOM_EXPORTER_ARGUMENTS"

func TestMain(m *testing.M) {
	if arguments, ok := os.LookupEnv(asProgram); ok {
		if order, ok := os.LookupEnv(profiled); ok {
			go func() {
				if err := profile(order); err != nil {
					fmt.Fprintln(os.Stderr, "profile:", err)
				}
			}()
		}
		os.Args = append(os.Args[:1], strings.Split(arguments, "\n")...)
		main()
		return
	}
	os.Exit(m.Run())
}

const (
	loaded   = "dexcom_exporter_config_last_reload_successful"
	loadedAt = "dexcom_exporter_config_last_reload_success_timestamp_seconds"
)

func TestWhoMayReload(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	text := configure(d.address, []string{us("alice")})
	file := configured(t, text)
	s := start(t, file, "--web.enable-lifecycle")
	at := scrapeOnce(t, s.address)[loadedAt][""]
	if age := time.Since(time.UnixMilli(int64(at * 1000))); age < 0 || age > time.Minute {
		t.Errorf("the configuration was loaded %v ago", age)
	}
	write(t, file, configure(d.address, []string{us("alice"), us("bob")}))
	for _, test := range []struct {
		method  string
		headers []string
		status  int
	}{
		{"GET", nil, http.StatusMethodNotAllowed},
		{"PUT", nil, http.StatusMethodNotAllowed},
		{"POST", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"POST", []string{"Origin", "https://evil.example"}, http.StatusForbidden},
		{"POST", []string{"Host", "evil.example"}, http.StatusForbidden},
		{"POST", []string{"X-Forwarded-For", "192.0.2.1"}, http.StatusForbidden},
	} {
		status, header, _ := s.ask(t, test.method, "/-/reload", test.headers...)
		seen := scrapeOnce(t, s.address)
		if status != test.status || seen[loadedAt][""] != at || len(seen.of("bob")) > 0 {
			t.Errorf("%s %v: status %d, want %d; loaded at %v", test.method, test.headers, status, test.status, seen[loadedAt])
		}
		if allowed := header.Get("Allow"); status == http.StatusMethodNotAllowed && allowed != "POST" {
			t.Errorf("%s: Allow is %q", test.method, allowed)
		}
	}
	if status, _, body := s.ask(t, "POST", "/-/reload"); status != http.StatusOK || body != "loaded again\n" {
		t.Errorf("status %d: %s", status, body)
	}
	if seen := scrapeOnce(t, s.address); seen[loadedAt][""] <= at || seen[loaded][""] != 1 || len(seen.of("bob")) == 0 {
		t.Errorf("not loaded: %v", seen[loadedAt])
	}

	off := start(t, configured(t, text))
	status, _, body := off.ask(t, "POST", "/-/reload")
	if status != http.StatusForbidden || !strings.Contains(body, "--web.enable-lifecycle") || strings.Contains(off.log.String(), "loaded again") {
		t.Errorf("it is off: status %d, %s", status, body)
	}
}

// A configuration that cannot be put to work changes nothing: not what is shown, not
// who is asked, and nobody reads a secret in why.
func TestABadConfigurationChangesNothing(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	good := configure(d.address, []string{us("alice")})
	s := serving(t, d, good, "alice")
	before, asked := scrapeOnce(t, s.address), d.count("")
	_, header, _ := s.ask(t, "GET", "/")
	policy := header.Get("Content-Security-Policy")
	// What would show if a part of it were taken.
	bad := strings.Replace(configure(d.address, []string{us("bob"), us("alice", "stale_after: 3h")}, "poll: {mode: scrape}"),
		"base_url", "redirect_url: https://glucose.example.org/oauth/callback, rate_limit: 1, base_url", 1)
	for _, test := range []struct{ name, text, want string }{
		{"an unknown key", bad + "nonsense: " + planted + "\n", "unknown key"},
		{"an unknown value", strings.Replace(bad, "mode: scrape", "mode: "+planted, 1), "poll.mode"},
		{"no such secret file", strings.Replace(bad, "client_secret:", "client_secret_file:", 1), "apps.us.client_secret_file"},
		{"no YAML", bad + "\t{" + planted, "config.yaml:"},
		{"empty", "", "config.yaml"},
		{"a second document", bad + "---\n" + bad, "document"},
		{"another state_dir", bad + "state_dir: " + planted + "\n", "state_dir cannot change"},
		{"a receiver without an address", bad + "otlp: {endpoint: 'localhost:4318', headers: {a: " + planted + "}}\n", "otlp.endpoint"},
		{"a proxy's password", bad + "http: {proxy_url: 'http://user:" + planted + "@[::1'}\n", "proxy_url"},
		{"no certificate", bad + "http: {tls_config: {ca_file: " + planted + "}}\n", "ca_file"},
		{"an address that is no origin", strings.Replace(bad, "glucose.example.org", "a'b.example.org", 1), "config.yaml"},
		{"no app", strings.Replace(bad, "api: {region: us}", "api: {region: eu}", 1), "apps.eu"},
		{"the same name twice", strings.Replace(bad, "name: bob", "name: alice", 1), "same name"},
	} {
		write(t, s.file, test.text)
		s.refuses(t, test.name, test.want)
	}
	if err := os.Remove(s.file); err != nil {
		t.Fatal(err)
	}
	s.refuses(t, "no file", "no such file")
	after := scrapeOnce(t, s.address)
	if found := differences(before.of("alice"), after.of("alice")); len(found) > 0 || len(after.of("bob")) > 0 {
		t.Errorf("a bad configuration was taken in part: %v %s", after.of("bob"), strings.Join(found, "\n"))
	}
	for _, metric := range []string{"dexcom_exporter_rate_limit_calls_per_hour", loadedAt} {
		if found := differences(before[metric], after[metric]); len(found) > 0 {
			t.Errorf("%s: %v", metric, found)
		}
	}
	if _, header, _ = s.ask(t, "GET", "/"); header.Get("Content-Security-Policy") != policy {
		t.Errorf("the policy was %s, is %s", policy, header.Get("Content-Security-Policy"))
	}
	if status, _, _ := s.ask(t, "GET", "/", "Host", "glucose.example.org"); status != http.StatusForbidden {
		t.Errorf("the guard changed: %d", status)
	}

	s.adopt(t, good)
	if after = scrapeOnce(t, s.address); after[loaded][""] != 1 || after[loadedAt][""] <= before[loadedAt][""] {
		t.Errorf("good again: %v %v", after[loaded], after[loadedAt])
	}
	if again := d.count("") - asked; again != 0 {
		t.Errorf("%d requests", again)
	}
}

// refuses checks that the file as it is cannot be loaded, and why.
func (s *server) refuses(t *testing.T, name, want string) {
	t.Helper()
	said := len(s.log.String())
	status, _, body := s.ask(t, "POST", "/-/reload")
	log := s.log.String()[said:]
	if status != http.StatusInternalServerError || !strings.Contains(body, want) || strings.Count(body, "\n") != 1 {
		t.Errorf("%s: status %d: %s", name, status, body)
	}
	if !strings.Contains(log, "level=ERROR") || !strings.Contains(log, want) {
		t.Errorf("%s: the log says %q", name, log)
	}
	if strings.Contains(body+log, planted) {
		t.Errorf("%s: a secret leaves:\n%s\n%s", name, body, log)
	}
	if seen := scrapeOnce(t, s.address); seen[loaded][""] != 0 {
		t.Errorf("%s: the metric says %v", name, seen[loaded])
	}
}

// Polls move from the background to scrapes and back, without a restart.
func TestReloadChangesTheMode(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	background := configure(d.address, []string{us("alice")}, "poll: {min_interval: 1s, max_interval: 1s}")
	onScrape := strings.Replace(background, "{min", "{mode: scrape, min", 1)
	s := serving(t, d, background, "alice")
	asked := d.count("egvs")
	waitFor(t, func() bool { return d.count("egvs") > asked }) // by itself
	s.adopt(t, onScrape)
	time.Sleep(200 * time.Millisecond) // what was on its way
	asked = d.count("egvs")
	time.Sleep(1300 * time.Millisecond)
	if again := d.count("egvs") - asked; again != 0 {
		t.Errorf("%d requests without a scrape", again)
	}
	s.polls(t)
	if d.count("egvs") == asked {
		t.Error("a scrape asks nobody")
	}
	s.adopt(t, background)
	asked = d.count("egvs")
	waitFor(t, func() bool { return d.count("egvs") >= asked+2 }) // nobody scrapes
}

// A link that was begun is finished under the next configuration.
func TestALinkOutlastsAReload(t *testing.T) {
	t.Parallel()
	const replaced = "REPLACED-" + planted
	d := town(t, "alice", "bob")
	text := configure(d.address, []string{us("alice"), us("bob")})
	file := configured(t, text)
	s := start(t, file, "--web.enable-lifecycle")
	login := s.begin(t, "alice")
	s.adopt(t, strings.Replace(text, "base_url", "rate_limit: 3600, base_url", 1))
	back := consent(t, d, login, "alice")
	d.register(replaced)
	s.adopt(t, strings.Replace(text, planted, replaced, 1))
	if status, body := s.finish(t, back); status != http.StatusOK {
		t.Errorf("alice: status %d %s", status, body)
	}
	waitFor(t, func() bool { return scrapeOnce(t, s.address).hasReading("alice") })

	// One whose account is gone by then links nobody.
	back = consent(t, d, s.begin(t, "bob"), "bob")
	s.adopt(t, strings.Replace(configure(d.address, []string{us("alice")}), planted, replaced, 1))
	if status, body := s.finish(t, back); status != http.StatusNotFound {
		t.Errorf("bob: status %d %s", status, body)
	}
	if _, err := os.Stat(s.grantFile("bob")); err == nil {
		t.Error("bob has a grant, and no account")
	}
	alive(t, d, s, "alice")
}

// Refresh tokens serve once. A reload in the middle of a refresh waits for the new
// one, whatever it does with the account.
func TestAReloadDuringARefreshLosesNoGrant(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	d.SetTokens(simulator.TokenSettings{AccessLifetime: time.Second})
	pace := "poll: {min_interval: 1s, max_interval: 1s}"
	text := configure(d.address, []string{us("alice")}, pace)
	proxy := pretend(t, d.Cloud)
	s := serving(t, d, text, "alice")
	for _, next := range []string{
		strings.Replace(text, "base_url", "rate_limit: 50000, base_url", 1),
		strings.Replace(text, "base_url", "redirect_url: https://glucose.example.org/oauth/callback, base_url", 1),
		configure(proxy.address, []string{us("alice")}, pace),
		configure(d.address, []string{us("bob")}, pace), // she is gone, and comes back
		text,
		strings.Replace(text, "{min", "{mode: scrape, min", 1),
		text,
	} {
		if strings.Contains(read(t, s.file), "alice") && !strings.Contains(read(t, s.file), "mode") {
			d.FailTokens(simulator.DelayAnswer(400*time.Millisecond), 1)
			asked := d.count("token") + proxy.count("token")
			waitFor(t, func() bool { return d.count("token")+proxy.count("token") > asked })
		}
		s.adopt(t, next)
	}
	waitFor(t, func() bool { return scrapeOnce(t, s.address)["dexcom_up"]["alice source=api"] == 1 })
	time.Sleep(1500 * time.Millisecond) // one more refresh
	s.stop()
	if counts := d.OAuthCounts(); counts.Tokens["invalid_grant"] > 0 || counts.Logins != 1 || counts.Faults["answer delayed"] < 5 {
		t.Errorf("%+v", counts)
	}
	alive(t, d, s, "alice")
}

// Reloads, scrapes, pages and links at once: every answer is one of a whole
// configuration, every link works, and at the end nothing is left running. It runs
// alone, to count what is left.
func TestManyReloads(t *testing.T) {
	d := town(t, "alice", "bob", "carol")
	more := "poll: {history: 7d}"
	texts := []string{
		configure(d.address, []string{us("alice"), us("bob")}),
		configure(d.address, []string{us("alice"), us("carol", "stale_after: 3h"), us("bob")}, more),
		strings.Replace(configure(d.address, []string{us("bob"), us("alice", "events: []")}), "base_url", "rate_limit: 50000, base_url", 1),
		configure(d.address, []string{us("alice"), us("bob")}, "poll: {mode: scrape}", "http: {enable_http2: false}"),
		"nonsense: " + planted,
	}
	s := serving(t, d, texts[0], "alice")
	done, stop := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	for range 2 {
		busy.Go(func() {
			for done.Err() == nil {
				seen, took := s.timed(t)
				if took > 8*time.Second { // it waited for a poll that does not come
					t.Errorf("a scrape took %v", took)
				}
				if len(seen.of("alice")) < 20 || seen["dexcom_exporter_linked"]["alice"] != 1 {
					t.Errorf("a scrape without alice: %v", seen.of("alice"))
				}
				if status, _, page := s.ask(t, "GET", "/"); status != http.StatusOK || !strings.Contains(page, ">alice<") {
					t.Errorf("a page without alice: %d", status)
				}
			}
		})
	}
	busy.Go(func() {
		for range 5 {
			if status, body := s.finish(t, consent(t, d, s.begin(t, "bob"), "bob")); status != http.StatusOK {
				t.Errorf("link bob: %d %s", status, body)
			}
		}
	})
	for i := range 50 {
		write(t, s.file, texts[i%len(texts)])
		want := http.StatusOK
		if i%len(texts) == len(texts)-1 {
			want = http.StatusInternalServerError
		}
		if status, _, body := s.ask(t, "POST", "/-/reload"); status != want {
			t.Errorf("reload %d: %d %s", i, status, body)
		}
		time.Sleep(20 * time.Millisecond) // some of them while people link
	}
	stop()
	busy.Wait()
	s.adopt(t, texts[0])
	waitFor(t, func() bool {
		seen := scrapeOnce(t, s.address)
		return seen.hasReading("alice") && seen.hasReading("bob")
	})
	alive(t, d, s, "alice")
	alive(t, d, s, "bob")
	s.stop()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		left := leftovers(t)
		if len(left) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left:\n%s", len(left), strings.Join(left, "\n\n"))
		}
	}
}

// leftovers are the goroutines of ours beside those of tests and simulated Dexcoms.
func leftovers(t *testing.T) []string {
	t.Helper()
	var stacks bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&stacks, 2); err != nil {
		t.Fatal(err)
	}
	var found []string
	for stack := range strings.SplitSeq(stacks.String(), "\n\n") {
		ours := strings.Contains(stack, "dexcom-exporter/dexcom_exporter")
		test := strings.Contains(stack, "testing.tRunner") || strings.Contains(stack, "httptest.(*Server)") || strings.Contains(stack, "(*pretender)")
		if ours && !test {
			found = append(found, stack)
		}
	}
	return found
}

// A hangup reaches every program of the process that serves a file. It runs alone:
// the programs of other tests would load theirs.
func TestAHangupReloads(t *testing.T) {
	unless := make(chan os.Signal, 1) // the process dies of a hangup that nobody takes
	signal.Notify(unless, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(unless) })
	d := town(t, "alice")
	one, both := configure(d.address, []string{us("alice")}), configure(d.address, []string{us("alice"), us("bob")})
	first, second := start(t, configured(t, one), "--web.enable-lifecycle"), start(t, configured(t, one))
	hangUp := func(want float64, servers ...*server) {
		t.Helper()
		at := map[*server]int{}
		for _, s := range servers {
			at[s] = strings.Count(s.log.String(), "loaded again")
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		for _, s := range servers {
			waitFor(t, func() bool { return strings.Count(s.log.String(), "loaded again") > at[s] })
			if got := scrapeOnce(t, s.address)[loaded][""]; got != want {
				t.Errorf("the metric says %v, want %v", got, want)
			}
		}
	}
	for _, s := range []*server{first, second} {
		write(t, s.file, both)
	}
	hangUp(1, first, second)
	for _, s := range []*server{first, second} {
		if len(scrapeOnce(t, s.address).of("bob")) == 0 {
			t.Error("a hangup loads nothing")
		}
		write(t, s.file, "nonsense: "+planted)
	}
	hangUp(0, first, second)
	for _, s := range []*server{first, second} {
		if len(scrapeOnce(t, s.address).of("bob")) == 0 {
			t.Error("a hangup loads what is bad")
		}
		write(t, s.file, one)
	}
	first.stop()
	hangUp(1, second)
	if len(scrapeOnce(t, second.address).of("bob")) > 0 {
		t.Error("the second hangup loads nothing")
	}
}

// A terminal that closes, and systemd with SendSIGHUP, hang up on a program that
// stops already: what it still has to save must not die of it.
func TestAHangupDoesNotCutTheEndShort(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	d.SetTokens(simulator.TokenSettings{AccessLifetime: time.Second})
	file := configured(t, configure(d.address, []string{us("alice")}, "poll: {min_interval: 1s, max_interval: 1s}"))
	linkBefore(t, d, file, "alice")
	time.Sleep(time.Second)
	d.FailTokens(simulator.DelayAnswer(2*time.Second), 1)
	asked := d.count("token")
	var log lockedBuffer
	program := exec.CommandContext(t.Context(), os.Args[0])
	program.Env = append(os.Environ(), asProgram+"=serve\n--config.file="+file+"\n--web.listen-address=127.0.0.1:0")
	program.Stderr = &log
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return d.count("token") > asked }) // the new token is on its way
	for _, signal := range []os.Signal{syscall.SIGHUP, syscall.SIGTERM} {
		if err := program.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
	}
	_ = program.Process.Signal(syscall.SIGHUP) // it may have ended
	if err := program.Wait(); err != nil {
		t.Errorf("it ended with %v: %s", err, log.String())
	}
	if !strings.Contains(log.String(), "loaded again") {
		t.Errorf("the first hangup loads nothing: %s", log.String())
	}
	alive(t, d, &server{file: file}, "alice")
}

// Whoever has no file to load has nothing to do.
func TestTheDemoIgnoresHangups(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	program := exec.CommandContext(t.Context(), os.Args[0])
	program.Env = append(os.Environ(), asProgram+"=demo\n--web.listen-address=127.0.0.1:0", "TMPDIR="+t.TempDir())
	program.Stderr = &log
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	listening := regexp.MustCompile(`msg="Listening on" address=(\S+)`)
	waitFor(t, func() bool { return listening.MatchString(log.String()) })
	address := "http://" + listening.FindStringSubmatch(log.String())[1]
	for range 3 {
		if err := program.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if status, body := get(t, address+"/-/healthy"); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	if err := program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil || strings.Contains(log.String(), "configuration") {
		t.Errorf("%v: %s", err, log.String())
	}
}
