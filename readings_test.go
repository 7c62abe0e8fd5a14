package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
)

// The demo offers at its start what each person measured in the last twelve hours,
// the oldest first, each at its own time and with its value.
func TestTheDemoOffersReadings(t *testing.T) {
	t.Parallel()
	address := startDemo(t)
	settled(t, address, time.Now())
	people, now := demoPeople(), time.Now()
	wanted := map[string]map[int64]float64{}
	for _, p := range people {
		wanted[p.Name] = map[int64]float64{}
		for _, r := range p.Readings(now.Add(-13*time.Hour), now) {
			wanted[p.Name][r.SystemTime.UnixMilli()] = float64(r.Value)
		}
		if p.share {
			for _, r := range p.ShareReadings(now.Add(-13*time.Hour), now, now) {
				wanted[p.Name][r.Time.Truncate(time.Second).UnixMilli()] = float64(r.Value)
			}
		}
	}
	families := readingsAt(t, address, "")
	counts := map[string]int{}
	for _, m := range families["dexcom_egv_mg_dl"].GetMetric() {
		account := m.GetLabel()[0].GetValue()
		value, known := wanted[account][m.GetTimestampMs()]
		if !known || account != "erin" && value != m.GetGauge().GetValue() { // erin's are smoothed
			t.Errorf("%s at %v is %v, want %v", account, time.UnixMilli(m.GetTimestampMs()), m.GetGauge().GetValue(), value)
		}
		counts[account]++
	}
	for _, p := range people {
		switch count := counts[p.Name]; p.Name {
		case "carol", "dave": // ten days ago, and not at all
			if count > 0 {
				t.Errorf("%d readings of %s", count, p.Name)
			}
		default:
			if count == 0 || count > 24 || p.Name == "alice" && count < 24 {
				t.Errorf("%d readings of %s", count, p.Name)
			}
		}
	}
	for _, name := range []string{"dexcom_egv_rate_mg_dl_per_minute", "dexcom_event_value"} {
		if len(families[name].GetMetric()) == 0 {
			t.Errorf("no %s", name)
		}
	}
	// Another scraper begins at the beginning, and the first one sees the same again.
	first := families["dexcom_egv_mg_dl"].String()
	for _, scraper := range []string{"?scraper=other", ""} {
		if again := readingsAt(t, address, scraper)["dexcom_egv_mg_dl"].String(); again != first {
			t.Errorf("scraper %q is offered something else", scraper)
		}
	}
}

// readingsAt scrapes /readings once.
func readingsAt(t *testing.T, address, query string) map[string]*dto.MetricFamily {
	t.Helper()
	_, text := get(t, address+"/readings"+query)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return families
}

func TestScrapersAreToldApart(t *testing.T) {
	t.Parallel()
	name := func(target, address, agent string) string {
		r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
		r.RemoteAddr = address
		r.Header.Set("User-Agent", agent)
		return scraperOf(r)
	}
	prometheus := name("/readings", "10.0.0.1:1234", "Prometheus/3.15.0")
	for what, other := range map[string]string{
		"another program": name("/readings", "10.0.0.1:1234", "curl/8"),
		"another address": name("/readings", "10.0.0.2:1234", "Prometheus/3.15.0"),
		"one with a name": name("/readings?scraper=10.0.0.1+Prometheus/3.15.0", "10.0.0.1:1234", "Prometheus/3.15.0"),
	} {
		if other == prometheus {
			t.Errorf("%s is the same scraper", what)
		}
	}
	for what, same := range map[string][2]string{
		"another port":        {prometheus, name("/readings", "10.0.0.1:999", "Prometheus/3.15.0")},
		"a name from far":     {name("/readings?scraper=a", "10.0.0.1:1", "x"), name("/readings?scraper=a", "[::1]:2", "y")},
		"very long, cut off":  {name("/readings", "10.0.0.1:1", strings.Repeat("x", 1000)), name("/readings", "10.0.0.1:1", strings.Repeat("x", 2000))},
		"no address, no name": {name("/readings", "@", ""), name("/readings", "", "")},
	} {
		if same[0] != same[1] {
			t.Errorf("%s: %q and %q", what, same[0], same[1])
		}
	}
}

// A browser's page elsewhere is refused, whichever way the browser says so; nobody
// else is.
func TestWhoMayScrapeReadings(t *testing.T) {
	t.Parallel()
	for want, all := range map[int][]http.Header{
		http.StatusOK: {
			{"User-Agent": {"Prometheus/3.15.0"}},
			{"Sec-Fetch-Site": {"none"}},
			{"Sec-Fetch-Site": {"same-origin"}, "Origin": {"http://glucose.example"}},
			{"Origin": {"http://localhost:10180"}},
		},
		http.StatusForbidden: {
			{"Sec-Fetch-Site": {"cross-site"}},
			{"Sec-Fetch-Site": {"same-site"}},
			{"Origin": {"https://evil.example"}},
			{"Origin": {"http://localhost:9999"}},
			{"Origin": {"null"}},
		},
	} {
		for _, header := range all {
			r := httptest.NewRequest(http.MethodGet, "http://localhost:10180/readings", http.NoBody)
			r.Header = header
			answer := httptest.NewRecorder()
			readingsHandler(collector.New(collector.NewCalls(), nil).NewReadings(), time.Hour, slog.New(slog.DiscardHandler)).ServeHTTP(answer, r)
			if answer.Code != want || r.Method != http.MethodGet {
				t.Errorf("%v: status %d, want %d", header, answer.Code, want)
			}
		}
	}
}

// FuzzScraper scrapes with any name, address, program and timeout: what it
// is told apart by is bounded, and no scrape waits longer than the server lets it.
func FuzzScraper(f *testing.F) {
	for _, text := range []string{"", "10", "-1", "NaN", "Inf", "1e400", "0x1p-1074", "\xff", strings.Repeat("ä", 200), "named x", "%zz", "a;b"} {
		f.Add("scraper="+text, "127.0.0.1:1", text, text)
		f.Add(text, text, "Prometheus/3.5.0", text)
	}
	f.Fuzz(func(t *testing.T, query, remote, agent, timeout string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readings", http.NoBody)
		r.URL.RawQuery, r.RemoteAddr = query, remote
		r.Header.Set("User-Agent", agent)
		r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", timeout)
		if name := scraperOf(r); len(name) > 200 || r.URL.Query().Has("scraper") && !strings.HasPrefix(name, "named ") {
			t.Errorf("%q %q %q: %q", query, remote, agent, name)
		}
		for _, lasts := range []time.Duration{0, time.Second, 1 << 61} {
			if patience := scrapePatience(r, lasts); patience < 0 || patience > longestPatience {
				t.Errorf("%q: %v", timeout, patience)
			}
		}
	})
}
