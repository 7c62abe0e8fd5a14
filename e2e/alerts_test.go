package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// notice is an alert as a webhook is told of it.
type notice struct {
	Status              string
	Labels, Annotations map[string]string

	at time.Time
}

// webhook keeps what Alertmanager tells.
type webhook struct {
	url string

	mu      sync.Mutex // guards notices
	notices []notice
}

func newWebhook(t *testing.T) *webhook {
	t.Helper()
	w := &webhook{}
	w.url = listen(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var told struct{ Alerts []notice }
		if err := json.NewDecoder(r.Body).Decode(&told); err != nil {
			told.Alerts = []notice{{Status: err.Error()}}
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, n := range told.Alerts {
			n.at = time.Now()
			w.notices = append(w.notices, n)
		}
	}))
	return w
}

// of gives the first notice of an alert of an account.
func (w *webhook) of(alert, account string) (notice, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var names []string
	for _, n := range w.notices {
		if n.Labels["alertname"] == alert && n.Labels["account"] == account && n.Status == "firing" {
			return n, nil
		}
		names = append(names, n.Labels["alertname"]+" of "+n.Labels["account"])
	}
	return notice{}, fmt.Errorf("no %s of %s among %v", alert, account, names)
}

// startAlertmanager starts one with the example's configuration, where it is some hour
// now, and which tells a webhook everything.
func startAlertmanager(t *testing.T, hour int, told *webhook) (address string) {
	t.Helper()
	example, err := os.ReadFile("../alerts/alertmanager.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(example)
	for before, after := range map[string]string{
		"location: Europe/London":      "location: " + zoneWhereItIs(hour),
		"http://127.0.0.1:9095/dexcom": told.url,
		"http://127.0.0.1:9096/ping":   told.url,
	} {
		if !strings.Contains(text, before) {
			t.Fatalf("the example has no %q", before)
		}
		text = strings.ReplaceAll(text, before, after)
	}
	file := write(t, "alertmanager.yml", text)
	p := start(t, "prometheus-alertmanager", "--config.file="+file, "--storage.path="+filepath.Join(filepath.Dir(file), "data"),
		"--web.listen-address=127.0.0.1:0", "--cluster.listen-address=")
	return p.says(t, &p.stderr, `msg="Listening on" address=(\S+)`)
}

// inhibited tells whether an Alertmanager hides an alert of an account behind another.
func inhibited(address, alert, account string) error {
	response, err := http.Get(fmt.Sprintf("http://%s/api/v2/alerts?filter=alertname=%s&filter=account=%s", address, alert, account))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var alerts []struct {
		Status struct{ InhibitedBy []string }
	}
	if err := json.NewDecoder(response.Body).Decode(&alerts); err != nil {
		return err
	}
	if len(alerts) != 1 || len(alerts[0].Status.InhibitedBy) == 0 {
		return fmt.Errorf("%s of %s is not inhibited: %+v", alert, account, alerts)
	}
	return nil
}

// zoneWhereItIs names a time zone in which the hour of now is another one.
func zoneWhereItIs(hour int) string {
	ahead := (hour - time.Now().UTC().Hour() + 24) % 24
	if ahead > 12 {
		ahead -= 24
	}
	return fmt.Sprintf("Etc/GMT%+d", -ahead) // the sign is that of POSIX
}

// about finds somebody whose next reading, published a time from now or half a minute
// later, is within bounds, and none of the half hour before is so low.
func about(t *testing.T, name string, next time.Duration, lowest, highest int) *simulator.Person {
	t.Helper()
	now := time.Now()
	p := &simulator.Person{
		Name: name, HoldBack: time.Hour, Since: now.Add(-24 * time.Hour), Mean: 80, Swing: 60,
		ShareDelay: 20 * time.Second, ShareJitter: time.Millisecond,
	}
	fits := func(r simulator.ShareReading) bool {
		return r.Published.After(now.Add(next)) && r.Value >= lowest && r.Value <= highest
	}
	for ; p.Seed < 1_000_000; p.Seed++ {
		last := p.ShareReadings(now.Add(-5*time.Minute), now.Add(time.Minute), now.Add(next+30*time.Second))
		if len(last) == 0 || !fits(last[len(last)-1]) {
			continue
		}
		before := p.ShareReadings(now.Add(-30*time.Minute), now, now)
		if len(before) >= 5 && !slices.ContainsFunc(before, func(r simulator.ShareReading) bool { return r.Value <= highest }) {
			return p
		}
	}
	t.Fatalf("nobody has a next reading from %d to %d", lowest, highest)
	return nil
}

// A low of the running program wakes who sleeps, at three in the night too, and nobody
// else's alert is in its way.
func TestALowReachesTheWebhook(t *testing.T) {
	t.Parallel()
	const next = 12 * time.Second
	begun := time.Now()
	alice, bob := about(t, "alice", next, 40, 55), about(t, "bob", next, 56, 69)
	cloud := simulator.New(alice, bob)
	address := listen(t, cloud)
	var accounts strings.Builder
	for _, p := range []*simulator.Person{alice, bob} {
		cloud.Share(simulator.ShareAccount{Person: p.Name, Username: p.Name, Password: p.Name})
		fmt.Fprintf(&accounts, "  - {name: %s, share: {region: us, username: %s, password: %s, base_url: %q}}\n", p.Name, p.Name, p.Name, address)
	}
	e := startExporter(t, "serve", "--web.listen-address=127.0.0.1:0",
		"--config.file="+write(t, "config.yaml", "poll: {min_interval: 1s}\naccounts:\n"+accounts.String()))
	night, day := newWebhook(t), newWebhook(t)
	managers := map[string]string{"03:00": startAlertmanager(t, 3, night), "12:00": startAlertmanager(t, 12, day)}
	server := startPrometheus(t)
	rules, err := filepath.Abs("../alerts/dexcom.rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	server.load(t, fmt.Sprintf("global: {scrape_interval: 1s}\nrule_files: [%q]\nalerting: {alertmanagers: [{static_configs: [{targets: [%s]}]}]}\nscrape_configs:\n  - %s\n  - %s",
		rules, strings.Join(slices.Collect(maps.Values(managers)), ", "), server.job(), e.job("scrape_interval: 1s")))
	if late := time.Since(begun); late > next {
		t.Logf("the low was published %v before all was ready", late-next)
	}
	for hour, told := range map[string]*webhook{"03:00": night, "12:00": day} {
		for account, alert := range map[string]string{"alice": "DexcomUrgentLow", "bob": "DexcomLow"} {
			var n notice
			eventuallyWithin(t, 2*time.Minute, func() (err error) { n, err = told.of(alert, account); return err })
			t.Logf("at %s %s of %s came %v after its reading was published", hour, alert, account, n.at.Sub(publicationOf(cloud.Person(account), begun)).Round(100*time.Millisecond))
			words := fmt.Sprint(n.Annotations)
			for _, word := range []string{"mg/dL", "mmol/L", "ago", "Not a medical device, not for treatment decisions"} {
				if !strings.Contains(words, word) {
					t.Errorf("%s of %s does not say %q: %s", alert, account, word, words)
				}
			}
		}
		eventually(t, func() error { return inhibited(managers[hour], "DexcomLow", "alice") })
		if inhibited(managers[hour], "DexcomLow", "bob") == nil {
			t.Errorf("at %s alice's urgent low hides bob's low", hour)
		}
		eventuallyWithin(t, 2*time.Minute, func() error { _, err := told.of("Watchdog", ""); return err })
	}
	// The low stays although nobody answers any more.
	e.signal(t, os.Interrupt)
	e.exit(t, patience)
	server.expect(t, `up{job="dexcom"}`, func(up float64, found bool) bool { return found && up == 0 })
	time.Sleep(35 * time.Second) // an evaluation of the rules
	if firing, found, err := server.query(`count(ALERTS{alertname="DexcomUrgentLow",alertstate="firing",account="alice"})`); err != nil || !found || firing != 1 {
		t.Errorf("the low is over (%v, %v) because the exporter is gone", firing, err)
	}
}

// publicationOf is when the person's first reading after a moment was published.
func publicationOf(p *simulator.Person, after time.Time) time.Time {
	for _, r := range p.ShareReadings(after.Add(-10*time.Minute), after.Add(10*time.Minute), after.Add(10*time.Minute)) {
		if r.Published.After(after) {
			return r.Published
		}
	}
	return time.Time{}
}
