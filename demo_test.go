package main

import (
	"bufio"
	"context"
	"io"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// startDemo runs the demo as a user does and returns where it answers.
func startDemo(t *testing.T) (address string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, output := io.Pipe()
	var log lockedBuffer
	status := make(chan int)
	go func() {
		status <- run(ctx, []string{"demo", "--web.listen-address=127.0.0.1:0"}, strings.NewReader(""), output, &log)
		_ = output.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if got := <-status; got != exitFine {
			t.Errorf("the demo ended with status %d: %s", got, log.String())
		}
	})
	lines := bufio.NewScanner(stdout)
	for address == "" && lines.Scan() {
		address, _ = strings.CutPrefix(lines.Text(), "Status   ")
		if !strings.HasPrefix(address, "http") {
			address = ""
		}
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	if address == "" {
		t.Fatalf("the demo printed no address: %s", log.String())
	}
	return strings.TrimSuffix(address, "/")
}

type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func get(t *testing.T, address string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// scrape is one answer of /metrics: series by name and labels.
type scrape map[string]map[string]float64

func scrapeOnce(t *testing.T, address string) scrape {
	t.Helper()
	_, text := get(t, address+"/metrics")
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return scrapeOf(slices.Collect(maps.Values(families)))
}

func scrapeOf(families []*dto.MetricFamily) scrape {
	found := scrape{}
	for _, family := range families {
		series := map[string]float64{}
		for _, metric := range family.GetMetric() {
			series[labels(metric)] = metric.GetGauge().GetValue() + metric.GetCounter().GetValue() + float64(metric.GetHistogram().GetSampleCount())
		}
		found[family.GetName()] = series
	}
	return found
}

// labels writes a series' labels in a fixed order, the account first.
func labels(metric *dto.Metric) string {
	var account string
	var others []string
	for _, label := range metric.GetLabel() {
		if label.GetName() == "account" {
			account = label.GetValue()
			continue
		}
		others = append(others, label.GetName()+"="+label.GetValue())
	}
	return strings.Join(append([]string{account}, others...), " ")
}

// settled scrapes until what the first round brings is there for every account.
func settled(t *testing.T, address string, began time.Time) observation {
	t.Helper()
	var o observation
	waitFor(t, func() bool {
		before := time.Now()
		o = observation{people: demoPeople(), history: 14 * 24 * time.Hour, scrape: scrapeOnce(t, address), began: began, before: before, after: time.Now()}
		return o.complete()
	})
	return o
}

// complete tells whether every account had its first round: the newest readings,
// what else there is, and last of all the history, which is counted before it is
// read and all that brings carol a reading. One that is not linked any more has none.
func (o observation) complete() bool {
	linked, shared := 0, 0
	for _, person := range o.people {
		shown, there := o.scrape["dexcom_exporter_linked"][person.Name]
		if there != (person.version != "") || there && (shown == 0) != person.revoked {
			return false
		}
		if person.share {
			shared++
		}
		if person.revoked {
			continue
		}
		if there {
			linked++
		}
		if _, read := o.scrape["dexcom_glucose_timestamp_seconds"][person.Name]; !read {
			return false
		}
		readings := o.scrape["dexcom_readings"]
		if there && readings[person.Name+" window=14d"] <= 2*readings[person.Name+" window=24h"] {
			return false // carol's are 10 days old
		}
	}
	answered := o.scrape["dexcom_exporter_api_requests_total"]
	return answered[" code=200 endpoint=egvs source=api"] == float64(2*linked) &&
		answered[" code=200 endpoint=ReadPublisherLatestGlucoseValues source=share"] == float64(shared)
}

// The whole program against the simulator's own functions: HTTP, decoding,
// history, snapshot, exposition. Nothing here asks our history.
func TestDemoShowsTheTruth(t *testing.T) {
	t.Parallel()
	began := time.Now()
	settled(t, startDemo(t), began).check(t)
}

func TestEveryMetricOfTheDemoIsChecked(t *testing.T) {
	t.Parallel()
	began := time.Now()
	o := settled(t, startDemo(t), began)
	registered, people, own := exposed(t), checks(), ownChecks()
	for metric := range registered {
		if people[metric] == nil && own[metric] == nil {
			t.Errorf("%s is checked nowhere", metric)
		}
		if len(o.scrape[metric]) == 0 {
			t.Errorf("%s has no series in the demo", metric)
		}
	}
	for metric, check := range own {
		if found := check(o, o.scrape[metric]); found != "" {
			t.Errorf("%s is %v: %s", metric, o.scrape[metric], found)
		}
	}
	for _, known := range []iter.Seq[string]{maps.Keys(o.scrape), maps.Keys(people), maps.Keys(own)} {
		for metric := range known {
			if _, there := registered[metric]; strings.HasPrefix(metric, "dexcom_") && !there {
				t.Errorf("%s is not registered", metric)
			}
		}
	}
}

func TestDemoAnswers(t *testing.T) {
	t.Parallel()
	address := startDemo(t)
	for path, want := range map[string]string{"/": "alice", "/metrics": "dexcom_", "/-/healthy": "healthy"} {
		if status, body := get(t, address+path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
}

// The status page names both sources where there are two, and says how each is.
func TestTheDemosPageNamesTheSources(t *testing.T) {
	t.Parallel()
	began := time.Now()
	address := startDemo(t)
	settled(t, address, began)
	_, page := get(t, address+"/")
	const api, share, connected, consent = "<strong>Official API:</strong> ", "<strong>Dexcom Share:</strong> ", "connected", "consent needed"
	for account, states := range map[string][]string{
		"alice": {api + connected},
		"dave":  {api + consent},
		"gina":  {api + connected, share + connected},
		"henry": {share + connected},
	} {
		_, card, _ := strings.Cut(page, "<h2>"+account+"</h2>")
		card, _, _ = strings.Cut(card, "</article>")
		for _, state := range states {
			if !strings.Contains(card, state) || strings.Count(card, "</strong> "+connected)+strings.Count(card, "</strong> "+consent) != len(states) {
				t.Errorf("the card of %s does not say %s:\n%s", account, state, card)
			}
		}
	}
	for account, may := range map[string]bool{"gina": true, "henry": false} {
		if strings.Contains(page, `href="/accounts/`+account+`/unlink"`) != may {
			t.Errorf("%s may be unlinked on the page: want %t", account, may)
		}
	}
}
