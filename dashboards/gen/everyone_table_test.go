package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// column asks for a column by its headline.
func column(t *testing.T, headline string, u unit, want map[string]float64) question {
	t.Helper()
	for i, c := range everyoneColumns() {
		if c.headline == headline {
			return question{expr: u.in(everyoneAbout().queries[i+1].expr), want: want}
		}
	}
	t.Fatalf("no column %q", headline)
	return question{}
}

func gina(value float64) map[string]float64 { return map[string]float64{`{account="gina"}`: value} }

// An old value must never stand where a fresh one does, nor one unit under the other.
func TestColumnsTellFreshFromLateInTheChosenUnit(t *testing.T) {
	t.Parallel()
	late := reading(112, 4020, false)
	var moments []moment
	for i, u := range units() {
		other := units()[1-i]
		ask := func(series map[string]string, fresh, late map[string]float64) {
			moments = append(moments, moment{series, []question{
				column(t, u.name, u, fresh), column(t, other.name, u, nil),
				column(t, "late "+u.name, u, late), column(t, "late "+other.name, u, nil),
			}})
		}
		ask(reading(112, 185, true), gina(112/u.mgdl), nil)
		ask(reading(112, 900, true), gina(112/u.mgdl), nil)
		ask(reading(112, 901, true), nil, nil)
		ask(late, nil, gina(112/u.mgdl))
		ask(with(late, map[string]string{ginaTime: held(end - 18001)}), nil, nil)
		ask(reading(39, 185, true), gina(0), nil)
		ask(reading(401, 185, true), gina(9999), nil)
		ask(reading(40, 185, true), gina(40/u.mgdl), nil)
		ask(reading(400, 185, true), gina(400/u.mgdl), nil)
		ask(hidden(112), nil, nil)
	}
	moments = append(moments,
		moment{reading(112, 185, true), []question{column(t, "Trend", units()[0], gina(1)), column(t, "Age", units()[0], gina(185))}},
		moment{late, []question{column(t, "Trend", units()[0], nil), column(t, "Age", units()[0], gina(4020))}},
		moment{died(reading(112, 185, true)), []question{column(t, "Age", units()[0], gina(185))}})
	check(t, moments)
}

func TestColumnsOfCare(t *testing.T) {
	t.Parallel()
	const info = `dexcom_exporter_account_info{account="gina",api="%s",share="true",job="a"}`
	cared := map[string]string{
		`dexcom_time_in_range_ratio{account="gina",window="24h",range="target",job="a"}`: held(0.7),
		`dexcom_time_in_range_ratio{account="gina",window="24h",range="target",job="b"}`: held(0.7),
		`dexcom_time_in_range_ratio{account="gina",window="7d",range="target",job="a"}`:  held(0.9),
		`dexcom_time_in_range_ratio{account="gina",window="24h",range="high",job="a"}`:   held(0.8),
		ginaExpiry: held(end + 2.5*86400),
		ginaLinked: held(1),
		`dexcom_exporter_consent_timestamp_seconds{account="gina"}`: held(end - 351*86400),
		fmt.Sprintf(info, "true"):                                   held(1),
	}
	u := units()[0]
	unlinked := with(cared, map[string]string{ginaLinked: held(0)})
	shareAlone := map[string]string{fmt.Sprintf(info, "false"): held(1)}
	check(t, []moment{
		{cared, []question{
			column(t, "In range, 24 h", u, gina(0.7)), column(t, "Sensor left", u, gina(2.5)),
			column(t, "Link", u, gina(1)), column(t, "Consent's age", u, gina(351)),
		}},
		{unlinked, []question{column(t, "Link", u, gina(0)), column(t, "Consent's age", u, nil)}},
		{shareAlone, []question{column(t, "Link", u, gina(2)), column(t, "Sensor left", u, nil), column(t, "In range, 24 h", u, nil)}},
	})
}

// Whatever shows glucose has the decimals of the unit that its headline names.
func TestGlucoseColumnsHaveTheirDecimals(t *testing.T) {
	t.Parallel()
	for _, u := range units() {
		for _, c := range everyoneColumns() {
			if strings.HasSuffix(c.headline, u.name) != strings.Contains(c.expr, "vector($unit) == "+u.value()+")") {
				t.Errorf("%q asks %s", c.headline, c.expr)
			}
			if !strings.HasSuffix(c.headline, u.name) {
				continue
			}
			var decimals any
			for _, property := range c.look {
				if property.Id == "decimals" {
					decimals = property.Value
				}
			}
			if decimals != u.decimals {
				t.Errorf("%q has %v decimals", c.headline, decimals)
			}
		}
	}
}

// The age turns grey where a value is fresh no more.
func TestAgeOfTheTableTurnsGrey(t *testing.T) {
	t.Parallel()
	panel, err := everyoneTable().Build()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(panel.FieldConfig.Overrides)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"value":900,"color":"` + grey + `"}]`
	if age := regexp.MustCompile(`"value":"Age"}.*?"steps":(\[.*?\])`).FindSubmatch(text); len(age) != 2 || !strings.HasSuffix(string(age[1]), want) || live != " <= 15 * 60" {
		t.Errorf("the steps of the age are %s, want %s in the end", age, want)
	}
}

// What Grafana is told about columns must be of columns that are there: it says
// nothing when they are not.
func TestTransformationsAreOfTheColumns(t *testing.T) {
	t.Parallel()
	panel, err := everyoneTable().Build()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, transformation := range panel.Transformations {
		ids = append(ids, transformation.Id)
	}
	if !slices.Equal(ids, []string{"filterFieldsByName", "joinByField", "filterByValue", "sortBy", "organize"}) {
		t.Errorf("the transformations are %v", ids)
	}
	text, err := json.Marshal(panel.Transformations)
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{"Value.": true}
	for i := range everyoneAbout().queries {
		asked["Value #"+refID(i)] = true
	}
	named := map[string]bool{"Value.": true}
	for _, name := range regexp.MustCompile(`Value( #[A-Z]|\.)`).FindAllString(string(text), -1) {
		named[name] = true
	}
	for name := range asked {
		if !named[name] {
			t.Errorf("no transformation names %s: %s", name, text)
		}
	}
	if len(named) != len(asked) {
		t.Errorf("the transformations name %v, asked are %v", named, asked)
	}
}

// A name must lead to the dashboard that is there, and to its variable.
func TestNamesLeadToTheGlucoseDashboard(t *testing.T) {
	t.Parallel()
	links, err := json.Marshal(toGlucose().Value)
	if err != nil {
		t.Fatal(err)
	}
	url := regexp.MustCompile(`/d/([\w-]+)\?var-(\w+)=`).FindSubmatch(links)
	if len(url) != 3 || string(url[1]) != glucose().uid || string(url[2]) != "account" {
		t.Fatalf("the link is %s", links)
	}
	var offered []string
	for _, v := range draw(t)["glucose.json"].Templating.List {
		offered = append(offered, v.Name)
	}
	for _, name := range []string{"account", "datasource", "unit"} {
		if !slices.Contains(offered, name) {
			t.Errorf("Glucose has the variables %v, without %s", offered, name)
		}
	}
}
