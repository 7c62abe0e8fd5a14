package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// dashboard is what Grafana reads of a file, as far as it asks Prometheus.
type dashboard struct {
	Title      string
	Panels     []dashboardPanel
	Templating struct{ List []dashboardVariable }
	// The queries of annotations stand beside their names.
	Annotations struct {
		List []struct{ Name, Expr string }
	}
}

type dashboardPanel struct {
	Title   string
	Panels  []dashboardPanel // of a row that is closed
	Targets []struct {
		RefID, Expr    string
		Instant, Range bool
	}
}

// panelQuery is a query of a dashboard, before its variables have values.
type panelQuery struct {
	where   string // dashboard, panel and query
	expr    string
	overall bool // over the time that is shown, not at its end
}

// dashboards reads those of the repository, by file.
func dashboards(t *testing.T) map[string]dashboard {
	t.Helper()
	files, err := filepath.Glob("../dashboards/*.json")
	if err != nil || len(files) != 3 {
		t.Fatalf("%v, %v", files, err)
	}
	found := map[string]dashboard{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d dashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		found[filepath.Base(file)] = d
	}
	return found
}

// queries are all of a dashboard.
func (d dashboard) queries() (found []panelQuery) {
	for _, a := range d.Annotations.List {
		found = append(found, panelQuery{where: d.Title + ", annotation " + a.Name, expr: a.Expr, overall: true})
	}
	for rest := d.Panels; len(rest) > 0; rest = rest[1:] {
		rest = append(rest, rest[0].Panels...)
		for _, target := range rest[0].Targets {
			found = append(found, panelQuery{
				where: fmt.Sprintf("%s, %s, %s", d.Title, rest[0].Title, target.RefID), expr: target.Expr, overall: target.Range && !target.Instant,
			})
		}
	}
	return found
}

// span is how much time a dashboard shows, and step what Grafana asks it in.
const (
	span = 24 * time.Hour
	step = time.Minute
)

// values are those of the variables.
type values map[string]string

// in gives a query as Grafana sends it. A variable that nobody knows is an error.
func (v values) in(expr string) (string, error) {
	var unknown []string
	sent := regexp.MustCompile(`\$(?:([a-zA-Z_]\w*)|\{(\w+)\})`).ReplaceAllStringFunc(expr, func(use string) string {
		value, known := v[strings.Trim(use, "${}")]
		if !known {
			unknown = append(unknown, use)
		}
		return value
	})
	if unknown != nil {
		return "", fmt.Errorf("the variables %v of %s are unknown", unknown, expr)
	}
	return sent, nil
}

// answers tells whether a query brings a number; Grafana draws no NaN.
func (p prometheus) answers(expr string, overall bool) (bool, error) {
	now := time.Now()
	path := "/api/v1/query?" + url.Values{"query": {expr}, "time": {now.Format(time.RFC3339Nano)}}.Encode()
	if overall {
		path = "/api/v1/query_range?" + url.Values{
			"query": {expr}, "start": {now.Add(-span).Format(time.RFC3339Nano)}, "end": {now.Format(time.RFC3339Nano)}, "step": {step.String()},
		}.Encode()
	}
	got, err := p.ask(http.MethodGet, path)
	if err != nil || got.status != http.StatusOK {
		return false, fmt.Errorf("%d %s %w\n%s", got.status, got.body, err, expr)
	}
	var answer struct {
		Data struct {
			Result []struct {
				Value  *[2]any
				Values [][2]any
			}
		}
	}
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil {
		return false, fmt.Errorf("read the answer to %s: %w", expr, err)
	}
	for _, series := range answer.Data.Result {
		if series.Value != nil {
			series.Values = append(series.Values, *series.Value)
		}
		for _, pair := range series.Values {
			if pair[1] != "NaN" {
				return true, nil
			}
		}
	}
	return false, nil
}

// emptyByDesign are the queries that may find nothing in the demo, by the reason.
func emptyByDesign() map[string][]string {
	return map[string][]string{
		"nobody's device has a fixed low alert": {
			"Glucose, Alert levels, ${unit:text}, C", "Glucose, Snooze, C", "Glucose, Alarms that went off in 7 days, C",
		},
		"Dexcom has to send what nobody can read": {"Exporter, Records left out, and why, A"},
	}
}

// annotated are the annotations of what nobody of the demo does at every time of day or
// night, and the samples without which they are empty.
func annotated() map[string]string {
	return map[string]string{
		"Glucose, annotation Long-acting insulin": `dexcom_event_value{type="insulin", subtype="longActing"}`,
		"Glucose, annotation Exercise":            `dexcom_event_value{type="exercise"}`,
		"Glucose, annotation Carbohydrates":       `dexcom_event_value{type="carbs"}`,
		"Glucose, annotation Insulin":             `dexcom_event_value{type="insulin", subtype!="longActing"}`,
	}
}

// undone lists the annotations of what nobody did in the time that the demo offers.
func (p prometheus) undone(t *testing.T) (where []string) {
	t.Helper()
	for annotation, samples := range annotated() {
		done, err := p.answers("count_over_time("+samples+"[24h])", false)
		if err != nil {
			t.Error(err)
		}
		if !done {
			where = append(where, annotation)
		}
	}
	return where
}

// alternatives are panels of whose queries one at a time has an answer: a change is
// up, down or none, a sensor has a day left or less.
func alternatives() []string {
	return []string{"Glucose, Change, ${unit:text}, ", "Glucose, Sensor, "}
}

// arrival is how long it takes until polls, readings and changes of the demo have
// come that a rate or an increase can see: phones upload every five minutes.
const arrival = 6 * time.Minute

// Every query of every dashboard is understood, and brings something of somebody in
// the demo, in each unit, or in the one that it is for.
func TestDashboardsShowTheDemo(t *testing.T) {
	t.Parallel()
	server := startStack(t, startDemo(t).address, "127.0.0.1:1")
	server.expect(t, "count(count by (account) (count_over_time(dexcom_egv_mg_dl[12h])))", func(n float64, found bool) bool { return found && n >= 5 })
	server.expect(t, "count(count by (account) (dexcom_exporter_account_info))", func(n float64, found bool) bool { return found && n == 8 })
	all := asked(t, server)
	if len(all) < 300 {
		t.Fatalf("only %d queries", len(all))
	}
	waiting := all
	for deadline := time.Now().Add(arrival); ; time.Sleep(15 * time.Second) {
		waiting = slices.DeleteFunc(slices.Clone(waiting), func(a asking) bool {
			found, err := server.answersIn(a)
			if err != nil {
				t.Errorf("%s: %v", a.where, err)
			}
			return found || err != nil
		})
		if len(withoutReason(all, waiting, server.undone(t))) == 0 || time.Now().After(deadline) {
			break
		}
	}
	t.Logf("%d of %d queries are empty", len(waiting), len(all))
	for _, a := range withoutReason(all, waiting, server.undone(t)) {
		t.Errorf("%s is empty in unit %s:\n%s", a.where, a.scenes[0]["unit"], a.expr)
	}
	excused := 0
	for reason, queries := range emptyByDesign() {
		excused += len(queries)
		queries = append(queries, slices.Collect(maps.Keys(annotated()))...)
		for _, where := range queries {
			if !slices.ContainsFunc(all, func(a asking) bool { return a.where == where }) {
				t.Errorf("%s (%s) is not there", where, reason)
			}
		}
	}
	if excused > 4 {
		t.Errorf("%d queries may be empty", excused)
	}
}

// withoutReason are those of the queries without an answer that should have one.
func withoutReason(all, waiting []asking, undone []string) []asking {
	reasons := slices.Concat(append(slices.Collect(maps.Values(emptyByDesign())), undone)...)
	isWaiting := func(where, unit string) bool {
		return slices.ContainsFunc(waiting, func(a asking) bool { return a.where == where && a.scenes[0]["unit"] == unit })
	}
	return slices.DeleteFunc(slices.Clone(waiting), func(a asking) bool {
		unit := a.scenes[0]["unit"]
		other := slices.ContainsFunc(alternatives(), func(panel string) bool {
			return strings.HasPrefix(a.where, panel) && slices.ContainsFunc(all, func(b asking) bool {
				return strings.HasPrefix(b.where, panel) && b.scenes[0]["unit"] == unit && !isWaiting(b.where, unit)
			})
		})
		ofOtherUnit := strings.Contains(a.expr, "vector($unit) == ") && !strings.Contains(a.expr, "vector($unit) == "+unit+")")
		return other || ofOtherUnit || slices.Contains(reasons, a.where)
	})
}

// asking is a query with the scenes in one of which it must answer.
type asking struct {
	panelQuery

	scenes []values
}

// asked are the queries of all dashboards, in each unit.
func asked(t *testing.T, server prometheus) (all []asking) {
	t.Helper()
	for _, d := range dashboards(t) {
		for _, unit := range []string{"1", "18.0156"} {
			var scenes []values
			eventually(t, func() (err error) { scenes, err = d.scenes(server, unit); return err })
			for _, q := range d.queries() {
				all = append(all, asking{q, scenes})
			}
		}
	}
	return all
}

// answersIn tells whether a query answers in one of its scenes.
func (p prometheus) answersIn(a asking) (bool, error) {
	sent := map[string]bool{}
	for _, v := range a.scenes {
		expr, err := v.in(a.expr)
		if err != nil {
			return false, err
		}
		if sent[expr] {
			continue // it does not depend on what differs
		}
		sent[expr] = true
		if answered, err := p.answers(expr, a.overall); answered || err != nil {
			return answered, err
		}
	}
	return false, nil
}
