package web

import (
	_ "embed" // for the style
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
)

//go:embed style.css
var style []byte

// statusPage shows in words how each account is doing. It shows no glucose.
type statusPage struct {
	collector   *collector.Collector
	metricsPath string
	layout      *layout
}

// line is an account on the page.
type line struct {
	Account, Source, Reading string
	Good                     bool
}

func (p statusPage) show(w http.ResponseWriter, _ *http.Request) {
	standings := p.collector.Standings()
	var lines []line
	for _, s := range standings {
		lines = append(lines, describe(s))
	}
	p.layout.show(w, http.StatusOK, "status", map[string]any{
		"Lines": lines, "Consents": consents(standings), "MetricsPath": p.metricsPath,
	})
}

// describe puts a snapshot into words.
func describe(s collector.Standing) line {
	l := line{Account: s.Account, Source: "no source", Reading: "no reading yet", Good: len(s.Sources) > 0}
	var sources []string
	for _, source := range s.Sources {
		words := state(source)
		if len(s.Sources) > 1 {
			words = source.Name + ": " + words
		}
		sources = append(sources, words)
		l.Good = l.Good && source.Up()
	}
	if len(sources) > 0 {
		l.Source = strings.Join(sources, "; ")
	}
	if s.HasNewest {
		l.Reading = AgeInWords(s.Newest.Age(s.Now)) + " old"
		if !s.Live() {
			l.Reading += ", too old to show as the value of now"
		}
	}
	return l
}

// state puts a source into words.
func state(source collector.SourceStatus) string {
	switch {
	case source.Result == "":
		return "waiting for the first answer"
	case source.Up():
		return "connected"
	}
	return "failing: " + source.Result
}

// AgeInWords writes an age for people: rounded down to minutes, or to hours after
// two days.
func AgeInWords(age time.Duration) string {
	hours, minutes := int(age.Hours()), int(age.Minutes())%60
	switch {
	case hours >= 48:
		return fmt.Sprintf("%d days %d h", hours/24, hours%24)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	}
	return fmt.Sprintf("%d min", minutes)
}

func serveStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(style) // a reader who left sees nothing
}
