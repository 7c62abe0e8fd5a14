package main

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// stored is what Prometheus stores of a text: values by metric and labels, and by
// time in milliseconds.
type stored map[string]map[int64]float64

func (s stored) put(series string, unixMilli int64, value float64) {
	if s[series] == nil {
		s[series] = map[int64]float64{}
	}
	if _, there := s[series][unixMilli]; !there { // of two with one time the first
		s[series][unixMilli] = value
	}
}

// differs lists what one has and the other has not.
func (s stored) differs(got stored) []string {
	var found []string
	for series, samples := range s {
		for at, value := range samples {
			if is, there := got[series][at]; !there {
				found = append(found, fmt.Sprintf("%s %d %v is lost", series, at, value))
			} else if is != value {
				found = append(found, fmt.Sprintf("%s %d is %v, want %v", series, at, is, value))
			}
		}
	}
	for series, samples := range got {
		for at, value := range samples {
			if _, there := s[series][at]; !there {
				found = append(found, fmt.Sprintf("%s %d %v came from nowhere", series, at, value))
			}
		}
	}
	slices.Sort(found)
	return found
}

// textReader reads OpenMetrics as strictly as its specification, as far as gauges
// with times go (github.com/prometheus/OpenMetrics, specification 1.0).
type textReader struct {
	stored stored
	metric string
	series string
	last   int64
	described,
	metrics, allSeries map[string]bool
}

func readText(text string) (stored, error) {
	r := textReader{stored: stored{}, described: map[string]bool{}, metrics: map[string]bool{}, allSeries: map[string]bool{}}
	body, whole := strings.CutSuffix(text, "# EOF\n")
	if !whole {
		return nil, errors.New("there is no # EOF at the end")
	}
	for line := range strings.Lines(body) {
		if err := r.read(strings.TrimSuffix(line, "\n")); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
	}
	return r.stored, nil
}

func (r *textReader) read(line string) error {
	help := regexp.MustCompile(`^# HELP ([a-z_]+) \S.*$`).FindStringSubmatch(line)
	kind := regexp.MustCompile(`^# TYPE ([a-z_]+) gauge$`).FindStringSubmatch(line)
	switch {
	case len(help) > 0 && !r.described[help[1]]:
		r.described[help[1]] = true
		return nil
	case len(kind) > 0 && r.described[kind[1]] && !r.metrics[kind[1]]:
		r.metrics[kind[1]], r.metric = true, kind[1]
		return nil
	case strings.HasPrefix(line, "#"):
		return errors.New("a comment out of place")
	}
	return r.sample(line)
}

func (r *textReader) sample(line string) error {
	labels, numbers, _ := strings.Cut(line, "} ")
	name, _, _ := strings.Cut(labels, "{")
	value, at, timed := strings.Cut(numbers, " ")
	v, err := strconv.ParseFloat(value, 64)
	seconds, err2 := strconv.ParseFloat(at, 64)
	if err != nil || err2 != nil || !timed || !regexp.MustCompile(`^[a-z_]+\{([a-z]+="[^"]*",?)+$`).MatchString(labels) {
		return errors.New("no sample")
	}
	unixMilli := int64(seconds * 1000) // as Prometheus does it
	switch {
	case name != r.metric:
		return fmt.Errorf("a sample of %s among those of %s", name, r.metric)
	case labels != r.series && r.allSeries[labels]:
		return errors.New("a series in two pieces")
	case labels == r.series && unixMilli <= r.last:
		return errors.New("a time that does not go up")
	}
	r.series, r.last, r.allSeries[labels] = labels, unixMilli, true
	r.stored.put(labels+"}", unixMilli, v)
	return nil
}

// The reader that judges backfills finds what is wrong with one.
func TestTheReaderOfBackfillsIsStrict(t *testing.T) {
	t.Parallel()
	const good = "# HELP a A.\n# TYPE a gauge\na{account=\"x\"} 1.0 1.7e+09\na{account=\"x\"} 2.0 1.700000000001e+09\n" +
		"# HELP b B.\n# TYPE b gauge\nb{account=\"x\"} 1.0 1.7e+09\n# EOF\n"
	want, err := readText(good)
	if err != nil || len(want) != 2 || want[`a{account="x"}`][1_700_000_000_001] != 2 {
		t.Fatal(want, err)
	}
	for name, change := range map[string][2]string{
		"not whole":            {"# EOF\n", ""},
		"two ends":             {"# EOF\n", "# EOF\n# EOF\n"},
		"no newline":           {"# EOF\n", "# EOF"},
		"an end in the middle": {"# HELP b", "# EOF\n# HELP b"},
		"no time":              {" 1.7e+09", ""},
		"twice":                {"a{account=\"x\"} 2.0 1.700000000001e+09", "a{account=\"x\"} 2.0 1.7e+09"},
		"back in time":         {"1.700000000001e+09", "1.6e+09"},
		"metrics mixed":        {"# EOF\n", "a{account=\"y\"} 1.0 1.7e+09\n# EOF\n"},
		"a metric twice":       {"# EOF\n", "# HELP a A.\n# TYPE a gauge\n# EOF\n"},
		"a series in pieces":   {"a{account=\"x\"} 2.0", "a{account=\"y\"} 3.0 1.7e+09\na{account=\"x\"} 2.0"},
		"no type":              {"# TYPE b gauge\n", ""},
		"an empty line":        {"# HELP b", "\n# HELP b"},
	} {
		if _, err := readText(strings.Replace(good, change[0], change[1], 1)); err == nil {
			t.Errorf("%s: taken for good", name)
		}
	}
	for name, change := range map[string][2]string{
		"dropped":       {"a{account=\"x\"} 2.0 1.700000000001e+09\n", ""},
		"another value": {" 2.0 ", " 3.0 "},
		"another time":  {"000001e+09", "000002e+09"},
		"one more":      {"# HELP b", "a{account=\"x\"} 2.0 1.8e+09\n# HELP b"},
	} {
		got, err := readText(strings.Replace(good, change[0], change[1], 1))
		if err != nil || len(want.differs(got)) == 0 {
			t.Errorf("%s: not seen: %v", name, err)
		}
	}
	if found := want.differs(maps.Clone(want)); len(found) > 0 {
		t.Error(found)
	}
}
