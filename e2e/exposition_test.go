package e2e

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// series are the values of a scrape by name and labels, as the text format writes
// them: `dexcom_up{account="alice",source="api"}`. Buckets are left out: formats
// write their bounds differently.
type series map[string]float64

// readSeries reads an answer in any format that Prometheus knows.
func readSeries(t *testing.T, metrics answer) series {
	t.Helper()
	text := metrics.body
	if format := expfmt.ResponseFormat(metrics.header); format.FormatType() == expfmt.TypeProtoDelim {
		text = protobufToText(t, metrics.body, format)
	}
	found := series{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		space := strings.LastIndexByte(line, ' ')
		if strings.HasPrefix(line, "#") || strings.Contains(line, "_bucket{") {
			continue
		}
		value, err := strconv.ParseFloat(line[space+1:], 64)
		if _, doubled := found[line[:max(space, 0)]]; err != nil || doubled {
			t.Fatalf("no sample, or a second one of its series: %q", line)
		}
		found[line[:space]] = value
	}
	return found
}

func protobufToText(t *testing.T, body string, format expfmt.Format) string {
	t.Helper()
	decoder := expfmt.NewDecoder(strings.NewReader(body), format)
	var text bytes.Buffer
	for {
		var family dto.MetricFamily
		err := decoder.Decode(&family)
		if errors.Is(err, io.EOF) {
			return text.String()
		}
		if err == nil {
			_, err = expfmt.MetricFamilyToText(&text, &family)
		}
		if err != nil {
			t.Fatalf("read protobuf: %v", err)
		}
	}
}

// of keeps the series whose names begin with a prefix.
func (s series) of(prefix string) series {
	kept := series{}
	for name, value := range s {
		if strings.HasPrefix(name, prefix) {
			kept[name] = value
		}
	}
	return kept
}
