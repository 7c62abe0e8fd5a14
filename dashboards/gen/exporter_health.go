package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// healthRow is what must be right at any time.
func healthRow() row {
	return row{title: "Is it well?", panels: []cog.Builder[dashboard.Panel]{
		disclaimerText(),
		versionPanel(),
		figure(configPanel()).Mappings(mapping(
			shown{value: "1", text: "loaded", colour: "green"},
			shown{value: "0", text: "refused: the one before holds", colour: "red"},
		)),
		figure(loadedPanel()).Unit("s").Decimals(0),
		alarmed(overduePanel(), "red"),
		alarmed(unsavedPanel(), "red"),
		alarmed(endedTokensPanel(), "orange"),
		figure(nextTokenPanel()).Unit("s").Decimals(0),
	}}
}

func versionPanel() cog.Builder[dashboard.Panel] {
	b := tell(table.NewPanelBuilder(), versionAbout())
	return columns(b, "instance", "version", "goversion", "Value").
		OverrideByName("instance", named("Exporter")).
		OverrideByName("version", named("Version")).
		OverrideByName("goversion", named("Go")).
		OverrideByName("Value", append(named("Started"), dashboard.DynamicConfigValue{Id: "unit", Value: "dateTimeFromNow"}))
}

func versionAbout() about {
	started := by("instance", process("process_start_time_seconds"))
	return about{
		title: "Exporters", width: 8, height: 6,
		description: "Which exporters answer, in which version, and since when each runs. A start that nobody made is a crash: look at its log.",
		empty:       "no exporter answers Prometheus: is it running, and in scrape_configs?",
		queries: []query{{
			expr:  "1000 * " + by("instance, version, goversion", ours("dexcom_exporter_build_info")) + " * on (instance) group_left () " + started,
			table: true,
		}},
	}
}

func configPanel() about {
	return about{
		title: "Configuration", width: 4, height: 6,
		description: "Whether the configuration file was loaded when that was last tried. If not, its log names the line; the one before still holds.",
		empty:       silent,
		queries:     []query{{expr: "min by (instance) (" + ours("dexcom_exporter_config_last_reload_successful") + ")", legend: "{{instance}}"}},
	}
}

func loadedPanel() about {
	return about{
		title: "Loaded", width: 4, height: 6,
		description: "Time since the configuration in force was loaded. Shorter than you think? Somebody reloaded it.",
		empty:       silent,
		queries: []query{{
			expr: "time() - " + by("instance", ours("dexcom_exporter_config_last_reload_success_timestamp_seconds")), legend: "{{instance}}",
		}},
	}
}

// counting is how many series an expression has: 0, where the exporter answers and
// has none.
func counting(expr string) string {
	return "count(" + expr + ") or on () 0 * count(" + by("instance", ours("dexcom_exporter_build_info")) + ")"
}

func overduePanel() about {
	late := "time() - " + by("account, source", ours("dexcom_exporter_next_poll_timestamp_seconds")) + " > 120"
	return about{
		title: "Polls overdue", width: 4, height: 6,
		description: "How many polls were due two minutes ago or earlier. Not 0: the rate limit holds them back, Dexcom is slow, or the program is stuck. " +
			"With poll.mode: scrape, polls wait for the next scrape.",
		empty:   silent,
		queries: []query{{expr: counting(late), legend: "of all sources"}},
	}
}

func unsavedPanel() about {
	return about{
		title: "Grants not saved", width: 4, height: 6,
		description: "Of how many people the newest refresh token is not on the disk. A restart would lose their links: look at the log and at the state directory.",
		empty:       silent,
		queries:     []query{{expr: counting("min by (account) (" + ours("dexcom_exporter_grant_persisted") + ") == 0"), legend: "people"}},
	}
}

// tokenLeft is the time until access tokens end, of those who are linked.
func tokenLeft() string {
	return "(" + by("account", ours("dexcom_exporter_access_token_expiry_timestamp_seconds")) + " - time() and on (account) " +
		by("account", ours("dexcom_exporter_linked")) + " == 1)"
}

func endedTokensPanel() about {
	return about{
		title: "Access tokens ended", width: 6, height: 4,
		description: "How many linked people have an access token that has ended. It is renewed five minutes before its end, so not 0 means that Dexcom " +
			"could not be asked since.",
		empty:   silent,
		queries: []query{{expr: counting(tokenLeft() + " < 0"), legend: "people"}},
	}
}

func nextTokenPanel() about {
	return about{
		title: "Next token to end", width: 6, height: 4,
		description: "Time until the first of the access tokens ends: below five minutes one is about to be renewed.",
		empty:       "no token that holds: nobody is linked, or Dexcom Share alone",
		queries:     []query{{expr: "min(" + tokenLeft() + " > 0)", legend: "of all people"}},
	}
}
