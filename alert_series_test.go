package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// beginsSeries is the line of a test below which everything is generated.
const beginsSeries = "    # The rest is written by `UPDATE=1 go test -run TestSeriesOfTheAlertTests .`.\n    input_series:\n"

// samples are the values of one series, one a minute; NaN where it has none.
type samples []float64

// used are the metrics that the rules read.
func used(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, name := range regexp.MustCompile(`(?:^|[^:\w])(dexcom_\w+)`).FindAllStringSubmatch(read(t, "alerts/dexcom.rules.yaml"), -1) {
		found[name[1]] = true
	}
	return found
}

// seriesOf gives the series that the rules read, as Prometheus would name them. The
// times in them count from the beginning of the scene, because promtool's clock
// begins at 0.
func seriesOf(scrapes [][]*dto.MetricFamily, used map[string]bool, from time.Time, jobs int) map[string]samples {
	found := map[string]samples{}
	for i, families := range scrapes {
		for _, family := range families {
			if !used[family.GetName()] {
				continue
			}
			for _, metric := range family.GetMetric() {
				value := metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
				if strings.HasSuffix(family.GetName(), "_timestamp_seconds") {
					value -= float64(from.Unix())
				}
				for job := range max(jobs, 1) {
					if i+job < len(scrapes) {
						name := nameOf(family.GetName(), metric, job)
						if found[name] == nil {
							found[name] = slices.Repeat(samples{math.NaN()}, len(scrapes))
						}
						found[name][i+job] = math.Round(value*1e4) / 1e4
					}
				}
			}
		}
	}
	maps.DeleteFunc(found, func(name string, values samples) bool {
		return unread(name) || strings.Contains(name, "_polls_total") && slices.Max(values) == 0
	})
	return found
}

// unread tells of series that no rule selects, or that say nothing of a few people:
// their calls are far from any limit.
func unread(name string) bool {
	return regexp.MustCompile(`result="ok"|range="(target|high)"|alert="(urgentLow|urgentLowSoon|unknown|outOfRange|noReadings)"|` +
		`^dexcom_exporter_(api_requests_total|rate_limit_\w+)\{`).MatchString(name)
}

// nameOf writes a series as a job finds it. What differs between two builds is left
// out.
func nameOf(metric string, m *dto.Metric, job int) string {
	labels := []string{fmt.Sprintf("instance=%q", "localhost:10180"), fmt.Sprintf("job=%q", []string{"dexcom", "dexcom-too"}[job])}
	for _, label := range m.GetLabel() {
		if metric != "dexcom_exporter_build_info" {
			labels = append(labels, fmt.Sprintf("%s=%q", label.GetName(), label.GetValue()))
		}
	}
	slices.Sort(labels)
	return metric + "{" + strings.Join(labels, ", ") + "}"
}

// notation writes samples as promtool reads them. Where a series goes Prometheus
// marks it as stale.
func (s samples) notation() string {
	var words []string
	for i := 0; i < len(s); {
		n := 1
		for i+n < len(s) && same(s[i], s[i+n]) {
			n++
		}
		switch value := strconv.FormatFloat(s[i], 'f', -1, 64); {
		case !math.IsNaN(s[i]) && n > 1:
			words = append(words, fmt.Sprintf("%sx%d", value, n-1))
		case !math.IsNaN(s[i]):
			words = append(words, value)
		case i > 0:
			words = append(words, "stale")
			if n > 1 {
				words = append(words, fmt.Sprintf("_x%d", n-1))
			}
		default:
			words = append(words, fmt.Sprintf("_x%d", n))
		}
		i += n
	}
	return strings.Join(words, " ")
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// samplesOf reads what notation wrote.
func samplesOf(t *testing.T, text string) (s samples) {
	t.Helper()
	for word := range strings.FieldsSeq(text) {
		value, times, repeated := strings.Cut(word, "x")
		n, err := strconv.Atoi(cmp.Or(times, "0"))
		if err != nil {
			t.Fatalf("%q: %v", word, err)
		}
		parsed := math.NaN()
		switch {
		case value == "_" && repeated:
			n--
		case value != "_" && value != "stale":
			if parsed, err = strconv.ParseFloat(value, 64); err != nil {
				t.Fatal(err)
			}
		}
		s = append(s, slices.Repeat(samples{parsed}, n+1)...)
	}
	return s
}

// listed are series as they stand in a test, wrapped at 120 characters.
func listed(series map[string]samples) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(series)) {
		fmt.Fprintf(&text, "      - series: '%s'\n        values: >-\n", name)
		const indent = "         "
		line := indent
		for word := range strings.FieldsSeq(series[name].notation()) {
			if len(line)+1+len(word) > 120 {
				text.WriteString(line + "\n")
				line = indent
			}
			line += " " + word
		}
		text.WriteString(line + "\n")
	}
	return text.String()
}

// readSeries reads what listed wrote.
func readSeries(t *testing.T, text string) map[string]samples {
	t.Helper()
	series := map[string]samples{}
	for _, part := range strings.Split(text, "      - series: '")[1:] {
		name, values, ok := strings.Cut(part, "'\n        values: >-\n")
		if !ok {
			t.Fatalf("no series: %q", part)
		}
		series[name] = samplesOf(t, values)
	}
	return series
}

// apart counts the samples that the others have at no time within luck minutes.
func (s samples) apart(others samples, counter bool, luck int) (n int) {
	for i, value := range s {
		if !slices.ContainsFunc(others[max(0, i-luck):min(len(others), i+luck+1)], func(other float64) bool {
			return same(value, other) || counter && math.Abs(value-other) <= 3
		}) {
			n++
		}
	}
	return n
}

// near tells whether two runs show the same at about the same time. A quarter may be
// different: a poll of the API that comes a little later misses a reading that was
// the newest for a short time.
func (s samples) near(others samples, counter bool, luck int) bool {
	return 4*max(s.apart(others, counter, luck), others.apart(s, counter, luck)) <= len(s)
}

// The series of the rules' tests are what the demo's people live through and the
// program shows of it.
func TestSeriesOfTheAlertTests(t *testing.T) {
	if testing.Short() {
		t.Skip("days of simulation: the shorter tests show the race detector the same code")
	}
	t.Parallel()
	used := used(t)
	for _, scene := range scenes() {
		t.Run(scene.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				series := seriesOf(scene.film(t), used, scene.from, scene.jobs)
				file := filepath.Join("alerts", "tests", scene.name+".yaml")
				byHand, generated, ok := strings.Cut(read(t, file), beginsSeries)
				if !ok {
					t.Fatalf("%s has no line %q", file, beginsSeries)
				}
				if os.Getenv("UPDATE") != "" {
					text := byHand + beginsSeries + listed(series)
					if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
					return
				}
				compare(t, readSeries(t, generated), series, scene.luck())
			})
		})
	}
}

// luck is for how many minutes it decides: polls of the API are spread by a little,
// and those that fail are tried again after a while.
func (sc scene) luck() int {
	if len(sc.cues) > 0 {
		return 25
	}
	return 5
}

func compare(t *testing.T, committed, series map[string]samples, luck int) {
	t.Helper()
	if got, want := slices.Sorted(maps.Keys(committed)), slices.Sorted(maps.Keys(series)); !slices.Equal(got, want) {
		t.Fatalf("the series are\n%s\nwant\n%s\n(UPDATE=1 writes them)", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for name, values := range committed {
		if len(values) != len(series[name]) {
			t.Errorf("%s has %d values, want %d (UPDATE=1 writes them)", name, len(values), len(series[name]))
			continue
		}
		if !values.near(series[name], strings.Contains(name, "_total{"), luck) {
			t.Errorf("%s is not current (UPDATE=1 writes it):\n%s\nwant\n%s", name, values.notation(), series[name].notation())
		}
	}
}

// The comparison must be able to fail, and the notation lose nothing.
func TestSeriesOfTheAlertTestsNotice(t *testing.T) {
	t.Parallel()
	none := math.NaN()
	whole := samples{none, none, 1, 1, 1, none, none, -2.5, none}
	if got := whole.notation(); got != "_x2 1x2 stale _x1 -2.5 stale" {
		t.Errorf("notation %q", got)
	}
	if back := samplesOf(t, whole.notation()); !slices.EqualFunc(back, whole, same) {
		t.Errorf("%v was read as %v", whole, back)
	}
	series := map[string]samples{`a{b="c"}`: whole, "d_total{}": {1, 2}}
	if back := readSeries(t, listed(series)); len(back) != 2 || !slices.EqualFunc(back[`a{b="c"}`], whole, same) {
		t.Errorf("%v was read as %v", series, back)
	}
	long := append(slices.Repeat(samples{100}, 60), slices.Repeat(samples{52}, 60)...)
	off := append(slices.Repeat(samples{100}, 60), slices.Repeat(samples{53}, 60)...)
	missed := slices.Clone(long)
	missed[90] = 53
	late := append(slices.Repeat(samples{100}, 115), slices.Repeat(samples{52}, 5)...)
	for name, test := range map[string]struct {
		other samples
		near  bool
	}{"itself": {long, true}, "one": {missed, true}, "off": {off, false}, "late": {late, false}} {
		if got := long.near(test.other, false, 20); got != test.near {
			t.Errorf("%s: near %v, want %v", name, got, test.near)
		}
	}
}
