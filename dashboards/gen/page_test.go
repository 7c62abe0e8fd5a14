package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// drawn is what Grafana reads of a dashboard, as far as the tests look at it.
type drawn struct {
	UID           string       `json:"uid"`
	Title         string       `json:"title"`
	SchemaVersion int          `json:"schemaVersion"`
	Panels        []drawnPanel `json:"panels"`
	Templating    struct {
		List []struct {
			Name       string `json:"name"`
			Multi      bool   `json:"multi"`
			IncludeAll bool   `json:"includeAll"`
		} `json:"list"`
	} `json:"templating"`
	Links []struct {
		Type string   `json:"type"`
		URL  string   `json:"url"`
		Tags []string `json:"tags"`
	} `json:"links"`
	Tags []string `json:"tags"`
}

type drawnPanel struct {
	ID          int    `json:"id"`
	Type        string `json:"type"`
	Title       string `json:"title"`
	Description string `json:"description"`
	GridPos     struct{ X, Y, W, H int }
	Datasource  struct{ UID string }
	Targets     []struct {
		RefID        string `json:"refId"`
		Expr         string `json:"expr"`
		LegendFormat string `json:"legendFormat"`
		Format       string `json:"format"`
		Instant      bool   `json:"instant"`
		Range        bool   `json:"range"`
		Datasource   struct{ UID string }
	}
	FieldConfig struct {
		Defaults struct {
			NoValue string `json:"noValue"`
		} `json:"defaults"`
		Overrides []struct {
			Matcher struct {
				ID      string `json:"id"`
				Options string `json:"options"`
			} `json:"matcher"`
			Properties []struct {
				ID    string `json:"id"`
				Value any    `json:"value"`
			} `json:"properties"`
		} `json:"overrides"`
	} `json:"fieldConfig"`
}

// draw builds every dashboard.
func draw(t *testing.T) map[string]drawn {
	t.Helper()
	all := map[string]drawn{}
	for name, page := range pages() {
		text, err := page.json()
		if err != nil {
			t.Fatal(err)
		}
		var d drawn
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		if len(d.Panels) < 5 {
			t.Fatalf("%s has %d panels", name, len(d.Panels))
		}
		all[name] = d
	}
	return all
}

func TestCommittedDashboardsAreCurrent(t *testing.T) {
	t.Parallel()
	committed, err := filepath.Glob("../*.json")
	if err != nil || len(committed) != len(pages()) {
		t.Errorf("%d dashboards are committed, want %d: %v", len(committed), len(pages()), err)
	}
	directory := t.TempDir()
	if err := write(directory); err != nil {
		t.Fatal(err)
	}
	for name := range pages() {
		want, err := os.ReadFile(filepath.Join(directory, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join("..", name)); err != nil || string(got) != string(want) {
			t.Errorf("dashboards/%s is not what the generator writes (%v): run `go run .` in dashboards/gen", name, err)
		}
	}
}

func TestWriteNamesTheDirectoryThatIsNotThere(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	if err := write(missing); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("got %v", err)
	}
}

func TestEveryPanelSaysWhatItShowsAndWhyItMayBeEmpty(t *testing.T) {
	t.Parallel()
	for name, d := range draw(t) {
		for _, p := range d.Panels {
			if p.Type == "row" {
				continue
			}
			if len(p.Description) < 20 {
				t.Errorf("%s: panel %d %q has the description %q", name, p.ID, p.Title, p.Description)
			}
			if p.Type == "text" { // it asks nothing, so it is never empty
				continue
			}
			if p.Title == "" || len(p.FieldConfig.Defaults.NoValue) < 10 {
				t.Errorf("%s: panel %d %q has the no-value text %q", name, p.ID, p.Title, p.FieldConfig.Defaults.NoValue)
			}
			if len(p.Targets) == 0 {
				t.Errorf("%s: %q asks nothing", name, p.Title)
			}
		}
	}
}

// aggregated tells whether what follows an expression's beginning is inside an
// aggregation by account or instance, and perhaps more.
func aggregated(beginning string) bool {
	for _, start := range regexp.MustCompile(`(max|min|group) by \((account|instance|job, instance)(, \w+)*\) \(`).FindAllStringIndex(beginning, -1) {
		depth := 1
		for _, r := range beginning[start[1]:] {
			switch r {
			case '(':
				depth++
			case ')':
				depth--
			}
			if depth == 0 {
				break
			}
		}
		if depth > 0 {
			return true
		}
	}
	return false
}

func TestAggregationIsFound(t *testing.T) {
	t.Parallel()
	for beginning, want := range map[string]bool{
		"max by (account) (": true, "max by (account) (a and (b == on (account) group_left () ": true, "max by (account) (a) > ": false,
		"min by (account, source) (increase(": true, "max by (instance, le) (": true, "sum by (instance) (": false, "": false, "max(": false, "max by (job) (": false, "max by (account) (a) and on (account) (": false,
	} {
		if got := aggregated(beginning); got != want {
			t.Errorf("after %q: %v", beginning, got)
		}
	}
}

// chosen is what each dashboard selects by.
func chosen() map[string]string {
	return map[string]string{"glucose.json": `{account="$account"`, "everyone.json": "{" + everybody, "exporter.json": `{instance=~"$instance"`}
}

func TestEveryQueryAsksOncePerAccountAtTheChosenDataSource(t *testing.T) {
	t.Parallel()
	selected := regexp.MustCompile(`dexcom_\w+(\{[^}]*\})?`)
	ofTheExporter := regexp.MustCompile(`^dexcom_exporter_reading_delay_seconds_bucket`) // of all accounts in one
	for name, d := range draw(t) {
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				if q.Datasource.UID != "${datasource}" || p.Datasource.UID != "${datasource}" {
					t.Errorf("%s: %q %s asks %+v", name, p.Title, q.RefID, q.Datasource)
				}
				if q.Instant == q.Range {
					t.Errorf("%s: %q %s is instant %t, range %t", name, p.Title, q.RefID, q.Instant, q.Range)
				}
				places := selected.FindAllStringIndex(q.Expr, -1)
				if len(places) == 0 {
					t.Errorf("%s: %q %s selects nothing: %s", name, p.Title, q.RefID, q.Expr)
				}
				for _, at := range places {
					if selection := q.Expr[at[0]:at[1]]; !strings.Contains(selection, chosen()[name]) && !ofTheExporter.MatchString(selection) && selection != "dexcom_exporter_build_info" {
						t.Errorf("%s: %q %s: %s is not of what was chosen", name, p.Title, q.RefID, selection)
					}
					if !aggregated(q.Expr[:at[0]]) {
						t.Errorf("%s: %q %s: not aggregated by account before: %s", name, p.Title, q.RefID, q.Expr[at[0]:])
					}
				}
			}
		}
	}
}

func TestDashboardsNameOnlyMetricsThatAreDocumented(t *testing.T) {
	t.Parallel()
	documents, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range pages() {
		text, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, metric := range regexp.MustCompile(`\bdexcom_[a-z0-9_]+\b`).FindAllString(string(text), -1) {
			if metric != "dexcom_exporter" && !strings.Contains(string(documents), "| `"+strings.TrimSuffix(metric, "_bucket")+"` |") {
				t.Errorf("%s names %s, which docs/metrics.md does not have", name, metric)
			}
		}
	}
}

func TestPanelsHaveAPlaceAndANumberOfTheirOwn(t *testing.T) {
	t.Parallel()
	for name, d := range draw(t) {
		ids := map[int]string{}
		taken := map[[2]int]string{}
		for _, p := range d.Panels {
			if other, double := ids[p.ID]; double || p.ID == 0 {
				t.Errorf("%s: %q and %q have the number %d", name, p.Title, other, p.ID)
			}
			ids[p.ID] = p.Title
			if p.GridPos.W < 1 || p.GridPos.H < 1 || p.GridPos.X+p.GridPos.W > 24 {
				t.Errorf("%s: %q is at %+v", name, p.Title, p.GridPos)
			}
			for x := range p.GridPos.W {
				for y := range p.GridPos.H {
					place := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
					if other, there := taken[place]; there {
						t.Fatalf("%s: %q lies over %q at %v", name, p.Title, other, place)
					}
					taken[place] = p.Title
				}
			}
		}
	}
}

func TestDashboardsAreForGrafana104(t *testing.T) {
	t.Parallel()
	uids := map[string]bool{}
	offered := map[string][]string{
		"glucose.json":  {"datasource", "account", "unit", "window", "trace", "lag"},
		"everyone.json": {"datasource", "find", "rows", "unit"},
		"exporter.json": {"datasource", "instance"},
	}
	for name, d := range draw(t) {
		if d.SchemaVersion != 39 || d.UID == "" || len(d.UID) > 40 || uids[d.UID] {
			t.Errorf("%s: schema %d, uid %q", name, d.SchemaVersion, d.UID)
		}
		uids[d.UID] = true
		var variables []string
		for _, v := range d.Templating.List {
			variables = append(variables, v.Name)
			if (v.Multi || v.IncludeAll) && v.Name != "instance" {
				t.Errorf("%s: more than one %s can be chosen", name, v.Name)
			}
		}
		if !slices.Equal(variables, offered[name]) {
			t.Errorf("%s has the variables %v", name, variables)
		}
	}
}

// The library writes what was not chosen as an empty word or null, which Grafana does
// not know.
func TestEveryOptionIsChosen(t *testing.T) {
	t.Parallel()
	for name, page := range pages() {
		text, err := page.json()
		if err != nil {
			t.Fatal(err)
		}
		if unchosen := regexp.MustCompile(`"(sort|orientation|mode|displayMode|placement|stacking)": ""|"\w+": null|"xTickLabelMaxLength": 0`).FindAllString(string(text), -1); unchosen != nil {
			t.Errorf("%s has %q", name, unchosen)
		}
	}
}

func TestDashboardsCarryTheDisclaimerAndLinks(t *testing.T) {
	t.Parallel()
	for name, d := range draw(t) {
		text, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), `"content": "**`+disclaimer+`**"`) {
			t.Errorf("%s does not show the disclaimer", name)
		}
		if !slices.Contains(d.Tags, tag) {
			t.Errorf("%s has the tags %v", name, d.Tags)
		}
		for _, link := range d.Links {
			byTag := link.Type == "dashboards" && slices.Equal(link.Tags, []string{tag})
			document, ours := strings.CutPrefix(link.URL, "https://github.com/dexcom-exporter/dexcom_exporter/blob/main/")
			if _, err := os.Stat(filepath.Join("..", "..", document)); !byTag && (!ours || err != nil) {
				t.Errorf("%s has the link %+v, %v", name, link, err)
			}
		}
	}
}
