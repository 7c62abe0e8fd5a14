package main

import (
	"bytes"
	"encoding/json"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// oldest is the first Grafana that shows our dashboards, and schemaVersion how it
// writes them; later ones bring older dashboards up to their own.
const (
	oldest        = "10.4.0"
	schemaVersion = 39
)

// tag is on every dashboard of ours, so that they can link to each other.
const tag = "dexcom"

// page is a dashboard.
type page struct {
	uid         string
	title       string
	description string
	from        string // start of the time that is shown, as Grafana writes it
	variables   []cog.Builder[dashboard.VariableModel]
	annotations []cog.Builder[dashboard.AnnotationQuery]
	rows        []row
}

// row is a headline and the panels below it, from left to right.
type row struct {
	title  string
	panels []cog.Builder[dashboard.Panel]
}

// json gives the page as Grafana imports it.
func (p page) json() ([]byte, error) {
	//nolint:staticcheck // its successor is unknown before Grafana 12
	b := dashboard.NewDashboardBuilder(p.title).
		Uid(p.uid).Description(p.description).Tags([]string{tag}).
		Timezone("browser").Time(p.from, "now").Refresh("1m").Editable().
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Variables(p.variables).Annotations(p.annotations).Links(links())
	for _, row := range p.rows {
		b.WithRow(dashboard.NewRowBuilder(row.title))
		for _, panel := range row.panels {
			b.WithPanel(panel)
		}
	}
	built, err := b.Build()
	if err != nil {
		return nil, err
	}
	settle(&built)
	number(built.Panels)
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // PromQL is full of < and >
	encoder.SetIndent("", "  ")
	err = encoder.Encode(built)
	return text.Bytes(), err
}

// settle is what the library does not let us choose.
func settle(d *dashboard.Dashboard) { //nolint:staticcheck // its successor is unknown before Grafana 12
	d.SchemaVersion = schemaVersion
	for i, v := range d.Templating.List {
		if v.Hide != nil && *v.Hide == dashboard.VariableHideHideVariable {
			d.Templating.List[i].SkipUrlSync = new(true) // nobody chooses it
		}
	}
	// Above the panels, not in a menu of Grafana 12.
	for i := range d.Links {
		d.Links[i].Placement = nil
	}
	for i := range d.Annotations.List {
		d.Annotations.List[i].Placement = nil
	}
}

// number gives panels and rows their identity within the dashboard, and panels the
// version that they are written for.
func number(panels []dashboard.PanelOrRowPanel) {
	for i, p := range panels {
		id := uint32(i) + 1
		if p.RowPanel != nil {
			p.RowPanel.Id = id
		} else {
			p.Panel.Id = &id
			p.Panel.PluginVersion = new(oldest)
		}
	}
}

// links lead to the other dashboards of ours, about the same person and time, and
// to what the metrics mean.
func links() []cog.Builder[dashboard.DashboardLink] {
	return []cog.Builder[dashboard.DashboardLink]{
		dashboard.NewDashboardLinkBuilder("Dexcom").Type(dashboard.DashboardLinkTypeDashboards).
			Tags([]string{tag}).AsDropdown(true).IncludeVars(true).KeepTime(true),
		dashboard.NewDashboardLinkBuilder("What the metrics mean").Type(dashboard.DashboardLinkTypeLink).Icon("doc").TargetBlank(true).
			Url("https://github.com/dexcom-exporter/dexcom_exporter/blob/main/docs/metrics.md"),
	}
}
