package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
)

// written is the text of accounts that each have one chapter.
func written(t *testing.T, add func(m *openMetrics) error) (string, error) {
	t.Helper()
	var text bytes.Buffer
	out, err := openOutput(standardOutput, &text)
	if err != nil {
		t.Fatal(err)
	}
	m, err := newOpenMetrics(out)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	if err := add(m); err != nil {
		return "", err
	}
	if err := m.finish(); err != nil {
		t.Fatal(err)
	}
	if err := out.keep(); err != nil {
		t.Fatal(err)
	}
	return text.String(), nil
}

func carbs(unixMilli int64, grams float64) collector.Sample {
	return collector.Sample{Series: collector.Series{Metric: collector.Event, Type: "carbs", Unit: "grams"}, Time: time.UnixMilli(unixMilli), Value: grams}
}

func TestOpenMetrics(t *testing.T) {
	t.Parallel()
	up := -0.5
	want := `# HELP dexcom_egv_mg_dl Each reading in mg/dL, at its own time; 39 is LOW, 401 is HIGH.
# TYPE dexcom_egv_mg_dl gauge
dexcom_egv_mg_dl{account="alice"} 39.0 1.7e+09
dexcom_egv_mg_dl{account="alice"} 401.0 1.700000300123e+09
dexcom_egv_mg_dl{account="alice"} 99.086 1.7000006e+09
dexcom_egv_mg_dl{account="bob"} 100.0 1.7e+09
# HELP dexcom_egv_rate_mg_dl_per_minute Trend rate of each reading that Dexcom gave one, at the reading's own time.
# TYPE dexcom_egv_rate_mg_dl_per_minute gauge
dexcom_egv_rate_mg_dl_per_minute{account="alice"} -0.5 1.700000300123e+09
dexcom_egv_rate_mg_dl_per_minute{account="bob"} -0.5 1.7e+09
# HELP dexcom_event_value Each event that the person wrote down, of the configured kinds, at its own time, in its unit; 1 where its kind has no value.
# TYPE dexcom_event_value gauge
dexcom_event_value{account="alice",type="carbs",unit="grams"} 45.0 1.7e+09
dexcom_event_value{account="alice",type="carbs",unit="grams"} 20.0 1.7000006e+09
dexcom_event_value{account="alice",subtype="stress",type="health"} 1.0 1.7e+09
dexcom_event_value{account="bob",type="carbs",unit="grams"} 5.0 1.699999e+09
# EOF
`
	got, err := written(t, func(m *openMetrics) error {
		for _, c := range []chapter{
			{
				Readings: []pastReading{{UnixMilli: 1_700_000_000_000, MgDL: 39}, {UnixMilli: 1_700_000_300_123, MgDL: 401, Rate: &up}, {UnixMilli: 1_700_000_300_123, MgDL: 7}},
				Events: []collector.Sample{
					carbs(1_700_000_000_000, 45),
					{Series: collector.Series{Metric: collector.Event, Type: "health", Subtype: "stress"}, Time: time.UnixMilli(1_700_000_000_000), Value: 1},
					carbs(1_700_000_000_000, 46),
				},
			},
			{},
			{Readings: []pastReading{{UnixMilli: 1_700_000_600_000, MgDL: 99.086}}, Events: []collector.Sample{carbs(1_700_000_600_000, 20)}},
		} {
			if err := m.add("alice", c); err != nil {
				return err
			}
		}
		if err := m.endAccount("alice"); err != nil {
			return err
		}
		if err := m.add("bob", chapter{
			Readings: []pastReading{{UnixMilli: 1_700_000_000_000, MgDL: 100, Rate: &up}},
			Events:   []collector.Sample{carbs(1_699_999_000_000, 5)},
		}); err != nil {
			return err
		}
		if want := time.UnixMilli(1_699_999_000_000); !m.oldest.Equal(want) {
			t.Errorf("the oldest is %v", m.oldest)
		}
		return m.endAccount("bob")
	})
	if err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
	if samples, err := readText(got); err != nil || len(samples) != 7 {
		t.Errorf("%v %v", samples, err)
	}
	if empty, err := written(t, func(m *openMetrics) error { return m.endAccount("alice") }); err != nil || empty != "# EOF\n" {
		t.Errorf("nothing is %q, %v", empty, err)
	}
}

// What would break the order that Prometheus wants is an error, not a lost sample.
func TestOpenMetricsThatGoBackInTime(t *testing.T) {
	t.Parallel()
	_, err := written(t, func(m *openMetrics) error {
		if err := m.add("alice", chapter{Readings: []pastReading{{UnixMilli: 1_700_000_000_000, MgDL: 100}}}); err != nil {
			return err
		}
		return m.add("alice", chapter{Readings: []pastReading{{UnixMilli: 1_699_999_999_999, MgDL: 100}}})
	})
	if err == nil || !strings.Contains(err.Error(), "older than the one before") {
		t.Error(err)
	}
}

// Milliseconds survive the way through seconds as Prometheus reads them.
func TestOpenMetricsKeepMilliseconds(t *testing.T) {
	t.Parallel()
	const first, last, step = 1_136_073_600_000, 2_147_000_000_000, 76_543_211 // 2006 to 2038
	var c chapter
	for at := int64(first); at < last; at += step {
		c.Readings = append(c.Readings, pastReading{UnixMilli: at, MgDL: 100})
	}
	text, err := written(t, func(m *openMetrics) error { return m.add("alice", c) })
	if err != nil {
		t.Fatal(err)
	}
	samples, err := readText(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Readings {
		if _, there := samples[`dexcom_egv_mg_dl{account="alice"}`][r.UnixMilli]; !there {
			t.Fatalf("%d is lost", r.UnixMilli)
		}
	}
}
