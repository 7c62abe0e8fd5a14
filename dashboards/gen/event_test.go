package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"
)

// A step of the tests is ten minutes: (50, 60].
func TestEventsAreMarkedAtTheirTimesWithTheirAmounts(t *testing.T) {
	t.Parallel()
	event := func(kind, subtype, unit, values string) map[string]string {
		series := map[string]string{}
		for _, job := range []string{"a", "b"} {
			series[fmt.Sprintf("dexcom_event_value{account=%q,job=%q,type=%q,subtype=%q,unit=%q}", person, job, kind, subtype, unit)] = values
		}
		return series
	}
	series := map[string]string{}
	for _, more := range []map[string]string{
		event("carbs", "", "grams", "_x52 20 _x4 25.5"), // 52 and 57
		event("insulin", "fastActing", "units", "_x55 4.5"),
		event("insulin", "longActing", "units", "_x61 12"),
		event("insulin", "unknown", "units", "_x53 3"),
		event("exercise", "heavy", "minutes", "_x54 30"),
		event("health", "illness", "", "_x53 1"),
	} {
		maps.Copy(series, more)
	}
	asks := func(wanted ...map[string]float64) []question {
		var questions []question
		for i, m := range marks() {
			questions = append(questions, question{units()[0].in(m.expr()), wanted[i]})
		}
		return questions
	}
	check(t, []moment{
		{series, asks(
			map[string]float64{`{account="gina", amount="45.5", at="3420000"}`: 3420000},
			map[string]float64{
				`{account="gina", amount="4.5", at="3300000", subtype="fastActing"}`: 3300000,
				`{account="gina", amount="3", at="3180000", subtype="unknown"}`:      3180000,
			},
			nil, // after the end
			map[string]float64{`{account="gina", amount="30", at="3240000", subtype="heavy"}`: 3240000},
		)},
		{event("insulin", "longActing", "units", "_x60 12"), asks(nil, nil, map[string]float64{`{account="gina", amount="12", at="3600000", subtype="longActing"}`: 3600000}, nil)},
		{event("carbs", "", "grams", "_x48 20"), asks(nil, nil, nil, nil)}, // of the step before
		{nil, asks(nil, nil, nil, nil)},
	})
}

// A title with a label that the query has not got stays empty.
func TestMarksAreReadyForGrafana(t *testing.T) {
	t.Parallel()
	text, err := glucose().json()
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Annotations struct {
			List []struct {
				Name, Expr, TitleFormat, Placement string
				UseValueForTime, Enable            bool
				Datasource                         struct{ UID string }
				Target                             struct{ Expr, Interval string }
			}
		}
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Annotations.List) != len(marks()) {
		t.Fatalf("%d kinds of marks", len(d.Annotations.List))
	}
	for _, a := range d.Annotations.List {
		if a.Expr == "" || a.Expr != a.Target.Expr || !a.UseValueForTime || !a.Enable || a.Datasource.UID != "${datasource}" || a.Placement != "" {
			t.Errorf("%s: %+v", a.Name, a)
		}
		for _, label := range regexp.MustCompile(`{{(\w+)}}`).FindAllStringSubmatch(a.TitleFormat, -1) {
			if !strings.Contains(a.Expr, label[1]) {
				t.Errorf("%s: no label %s", a.Name, label[1])
			}
		}
		if got := len(regexp.MustCompile(`dexcom_event_value{account="\$account", type="`).FindAllString(a.Expr, -1)); got != 3 {
			t.Errorf("%s asks for %d of the account", a.Name, got)
		}
	}
}

// The kinds and their values are those of the exporter.
func TestMarksNameWhatIsDocumented(t *testing.T) {
	t.Parallel()
	documents, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range marks() {
		for _, value := range regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(strings.Join(m.matcher, ","), -1) {
			if !strings.Contains(string(documents), "`"+value[1]+"`") {
				t.Errorf("%s: docs/metrics.md has no %s", m.name, value[1])
			}
		}
	}
}

func TestWrittenEventsAreCounted(t *testing.T) {
	t.Parallel()
	series := map[string]string{}
	for _, job := range []string{"a", "b"} {
		series[fmt.Sprintf(`dexcom_event_carbs_grams{account="gina",window="24h",job=%q}`, job)] = held(120)
		series[fmt.Sprintf(`dexcom_event_insulin_units{account="gina",window="24h",subtype="fastActing",job=%q}`, job)] = held(14.5)
		series[fmt.Sprintf(`dexcom_event_exercise_seconds{account="gina",window="24h",subtype="light",job=%q}`, job)] = held(1800)
		series[fmt.Sprintf(`dexcom_event_value{account="gina",type="carbs",unit="grams",job=%q}`, job)] = "_x9 20 _x20 30"
		series[fmt.Sprintf(`dexcom_event_value{account="gina",type="insulin",unit="units",subtype="longActing",job=%q}`, job)] = "_x9 12"
	}
	check(t, []moment{
		{series, asks(writtenPanel(), units()[0],
			map[string]float64{`{account="gina"}`: 120},
			map[string]float64{`{account="gina", subtype="fastActing"}`: 14.5},
			map[string]float64{`{account="gina", subtype="light"}`: 1800})},
		{series, asks(markedPanel(), units()[0], map[string]float64{`{account="gina"}`: 3})},
		{nil, asks(markedPanel(), units()[0], nil)},
	})
}
