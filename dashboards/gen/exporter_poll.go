package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// pollRow is what became of the polls.
func pollRow() row {
	return row{title: "Polls", panels: []cog.Builder[dashboard.Panel]{pollsOverTime(), failedPolls()}}
}

func pollsAbout() about {
	return about{
		title: "Polls by result, in 15 minutes", width: 12, height: 9,
		description: "How many polls ended how, in the 15 minutes before each moment. All of one cause at once is Dexcom's or the network's; " +
			"a few all the time are single people, see beside.",
		empty: "no poll in this time, or no exporter",
		queries: []query{{
			expr:   grew("result", "15m", "account, source, result", ours("dexcom_exporter_polls_total")) + " > 0",
			legend: "{{result}}", overall: true,
		}},
	}
}

func pollsOverTime() cog.Builder[dashboard.Panel] {
	return stacked(lines(pollsAbout())).Decimals(0).
		OverrideByRegexp("/^ok$/", []dashboard.DynamicConfigValue{fixedColour("green")})
}

func failedAbout() about {
	failed := grew("account, source, result", "$__range", "account, source, result", ours("dexcom_exporter_polls_total", `result!="ok"`))
	return about{
		title: "Whose polls failed, and why", width: 12, height: 9,
		description: "The fifty worst in the time shown above right: polls that failed, by how they ended, and what to do.",
		empty:       "no poll failed in this time, or no exporter",
		queries:     []query{{expr: "topk(50, round(" + failed + ") > 0)", table: true}},
	}
}

func failedPolls() cog.Builder[dashboard.Panel] {
	b := tell(table.NewPanelBuilder(), failedAbout())
	return arranged(b, map[string]bool{"Time": true}, "account", "source", "result", "Value").
		OverrideByName("account", named("Name")).
		OverrideByName("source", named("Source", sourceNames()...)).
		OverrideByName("result", named("Result", results()...)).
		OverrideByName("Value", append(named("Polls"), dashboard.DynamicConfigValue{Id: "decimals", Value: 0}))
}
