package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/text"
)

// share is that of the readings of the window in some bands, which are a regular
// expression of the label range.
func share(bands string) string {
	return "sum by (account) (" + by("account, range", of("dexcom_time_in_range_ratio", inWindow, fmt.Sprintf("range=~%q", bands))) + ")"
}

// target is what the consensus asks a share of readings to be.
// (Battelino 2019, Diabetes Care 42:1593)
type target struct {
	name   string
	bands  string
	limit  string // in words
	met    string // how the share compares when it is met
	missed string
}

// standardTargets are those of most adults. They hold in pregnancy too, where none is
// known for very high.
func standardTargets() []target {
	return []target{
		{"very low", "very_low", "below 1 %", "< 0.01", ">= 0.01"},
		{"low and very low", "low|very_low", "below 4 %", "< 0.04", ">= 0.04"},
		{"in range", "target", "above 70 %", "> 0.7", "<= 0.7"},
		{"high and very high", "high|very_high", "below 25 %", "< 0.25", ">= 0.25"},
		{"very high", "very_high", "below 5 %", "< 0.05", ">= 0.05"},
	}
}

// inPregnancy is there where the account's target_range is pregnancy, whose range ends
// lower.
func inPregnancy() string {
	value := latest("dexcom_exporter_account_info")
	return "(" + highBound().now(value) + ") < " + highBound().usual
}

func targetPanel() about {
	var queries []query
	for _, t := range standardTargets() {
		expr := share(t.bands)
		if t.bands == "very_high" {
			expr = "(" + without(expr, inPregnancy()) + ")"
		}
		queries = append(queries, query{
			expr:   spoken(expr, "met", []word{{t.met, "met"}, {t.missed, "not met"}}),
			legend: t.name + " · " + t.limit + ": {{met}}",
		})
	}
	return about{
		title: "Targets in the window", width: 24, height: 5,
		description: "Which targets of the international consensus of 2019 are met in the window? Those of most adults, in the ranges of the account. " +
			"The share that is very high has none in pregnancy. Older people and others at risk have other ones: see the table above, and ask the diabetes team.",
		empty:   tooLittle,
		queries: queries,
	}
}

func targetFigures() cog.Builder[dashboard.Panel] {
	return figure(targetPanel()).Unit("percentunit").Decimals(0).
		OverrideByRegexp("/: met$/", []dashboard.DynamicConfigValue{fixedColour("green")}).
		OverrideByRegexp("/: not met$/", []dashboard.DynamicConfigValue{fixedColour("orange")})
}

// targets are the consensus's in words.
// (Battelino 2019, Diabetes Care 42:1593)
func targets() cog.Builder[dashboard.Panel] {
	return text.NewPanelBuilder().Title("Targets of the consensus").Span(6).Height(7).
		Description("What the international consensus of 2019 asks for. Children and others have other targets: ask the diabetes team.").
		Mode(text.TextModeMarkdown).Content(`| share | most adults | older, at risk | pregnancy |
|---|---|---|---|
| very high | < 5 % | < 10 % | |
| all high | < 25 % | | < 25 % |
| **in range** | **> 70 %** | **> 50 %** | **> 70 %** |
| all low | < 4 % | < 1 % | < 4 % |
| very low | < 1 % | | < 1 % |
`)
}
