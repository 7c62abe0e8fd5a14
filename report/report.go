// Package report makes the page for the doctor: one self-contained HTML file in the
// spirit of the consensus one-page report (Battelino 2019, doi 10.2337/dci19-0028),
// which prints on one sheet of A4 and is read on a phone as well. It has
// no script and loads nothing.
//
// Fill in a [Page] and call [Page.Write]. What rests on too little data is left
// out, and the page says why. The package fetches nothing and knows no clock.
package report

import (
	"embed"
	"fmt"
	"html/template"
	"io"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

//go:embed page.html style.css
var files embed.FS

// Page is what one page shows. It is only read.
type Page struct {
	Account string
	Unit    glucose.Unit
	// TargetRange names the targets: standard, older_adult or pregnancy.
	TargetRange string
	Days        Days
	// Zone names the clock of the days and times in words; empty when it is that of
	// the person's own device.
	Zone string
	// Samples are the readings in order of time, each in the location of the person's
	// clock. Those of other days are left out.
	Samples []glucose.Sample
	// Remarks are what else there is to say of the data, each a sentence.
	Remarks []string
}

// Write writes the page. The error is the writer's own, or that TargetRange is
// unknown.
func (p Page) Write(w io.Writer) error {
	targets, known := glucose.TargetsOf(p.TargetRange)
	if !known {
		return fmt.Errorf("write the report: unknown target range %q", p.TargetRange)
	}
	page, err := template.ParseFS(files, "page.html", "style.css")
	if err != nil {
		return fmt.Errorf("write the report: parse the page: %w", err)
	}
	if err := page.Execute(w, p.view(targets)); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// view is the page in the words and the geometry that it shows.
type view struct {
	Account, Targets, Zone string
	Dates, ShortDates      string
	Unit                   glucose.Unit
	Capture                capture
	Figures                []figure
	Ranges                 rangeBar
	Profile                profile
	Daily                  daily
	Remarks                []string
}

func (p Page) view(targets glucose.Targets) view {
	samples := p.Days.of(p.Samples)
	c := newCapture(samples, p.Days)
	summary := glucose.Summarize(samples, targets.Bounds, nil)
	w := words{p.Unit}
	shown := glucose.ProfileOf(samples, nil)
	return view{
		Account: p.Account, Unit: p.Unit, Zone: p.Zone, Targets: targetsInWords(p.TargetRange),
		Dates: p.Days.String(), ShortDates: p.Days.short(),
		Capture: c,
		Figures: w.figures(summary, c, targets),
		Ranges:  w.rangeBar(summary, c, targets),
		Profile: w.profile(shown, targets.Bounds),
		Daily:   dailyOf(samples, p.Days, targets.Bounds),
		Remarks: append(w.remarks(samples, c, shown), p.Remarks...),
	}
}

func targetsInWords(targetRange string) string {
	switch targetRange {
	case "older_adult":
		return "older or high-risk adults"
	case "pregnancy":
		return "pregnancy with type 1 diabetes"
	}
	return "adults with type 1 or type 2 diabetes"
}
