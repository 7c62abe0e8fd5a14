package main

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"
)

func TestSourcesAreShownWithTheirCause(t *testing.T) {
	t.Parallel()
	const polls = `dexcom_exporter_polls_total{account="gina",job="a",`
	series := map[string]string{
		`dexcom_up{account="gina",source="api",job="a"}`:                               held(0),
		`dexcom_up{account="gina",source="api",job="b"}`:                               held(0),
		`dexcom_up{account="gina",source="share",job="a"}`:                             held(1),
		`dexcom_exporter_account_info{account="gina",api="true",share="true",job="a"}`: held(1),
		`dexcom_exporter_linked{account="gina",job="a"}`:                               held(1),
		`dexcom_exporter_consent_timestamp_seconds{account="gina",job="a"}`:            held(end - 86400),
		`dexcom_exporter_grant_persisted{account="gina",job="a"}`:                      held(1),
		`dexcom_exporter_grant_persisted{account="gina",job="b"}`:                      held(0),
		`dexcom_exporter_source_mismatch{account="gina",job="a"}`:                      held(0),
		polls + `source="api",result="server"}`:                                        "0+0.2x60",
		polls + `source="api",result="ok"}`:                                            held(7),
		polls + `source="share",result="ok"}`:                                          "0+0.2x60",
	}
	u := units()[0]
	gina := func(value float64) map[string]float64 { return map[string]float64{`{account="gina"}`: value} }
	bySource := map[string]float64{`{account="gina", source="api"}`: 0, `{account="gina", source="share"}`: 1}
	unlinked := with(series, map[string]string{`dexcom_exporter_linked{account="gina",job="a"}`: held(0)})
	check(t, []moment{
		{series, asks(upPanel(), u, bySource)},
		{series, asks(linkPanel(), u, gina(1))},
		{series, asks(consentPanel(), u, gina(364*86400))},
		{unlinked, asks(consentPanel(), u, nil)},
		{series, asks(savedPanel(), u, gina(0))}, // the worse of the two counts
		{series, asks(mismatchPanel(), u, gina(0))},
		{series, asks(upOverTimePanel(), u, gina(1), bySource)},
		{nil, asks(upOverTimePanel(), u, gina(0), nil)},
		{series, []question{{u.in(pollQuery().expr), map[string]float64{
			`{account="gina", result="server", source="api"}`: 12, `{account="gina", result="ok", source="share"}`: 12,
		}}}},
	})
}

// Whatever docs/metrics.md says that a label can be is shown in words.
func TestLabelsHaveWords(t *testing.T) {
	t.Parallel()
	documents, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string][]shown{"result": results(), "source": sourceNames(), "generation": generations(), "display_device": displays(), "reason": reasons()}
	for label, known := range words {
		list := regexp.MustCompile("(?ms)^- `" + label + "`:(.*?)(^- |^$)").FindSubmatch(documents)
		if list == nil {
			t.Fatalf("docs/metrics.md does not list the values of %s", label)
		}
		values := map[string]bool{"unknown": true}
		for _, value := range regexp.MustCompile("`([^`]+)`").FindAllSubmatch(list[1], -1) {
			values[string(value[1])] = true
		}
		said := map[string]bool{"unknown": true}
		for _, word := range known {
			said[word.value] = true
		}
		if !maps.Equal(values, said) {
			t.Errorf("%s: documented %v, in words %v", label, slices.Sorted(maps.Keys(values)), slices.Sorted(maps.Keys(said)))
		}
	}
}
