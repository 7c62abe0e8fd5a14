package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// silent is why panels about the exporter itself are empty.
const silent = "unknown: the exporter does not answer Prometheus"

// sourceRow is whether data comes, and if not, why.
func sourceRow() row {
	return row{title: "Sources", panels: []cog.Builder[dashboard.Panel]{
		bySource(figure(upPanel())).Mappings(mapping(upWords()...)),
		figure(linkPanel()).Mappings(mapping(
			shown{value: "1", text: "linked", colour: "green"},
			shown{value: "0", text: "must be linked", colour: "red"},
		)),
		figure(consentPanel()).Unit("s").Decimals(0),
		figure(savedPanel()).Mappings(mapping(
			shown{value: "1", text: "saved", colour: "green"},
			shown{value: "0", text: "not saved", colour: "red"},
		)),
		figure(mismatchPanel()).Mappings(mapping(
			shown{value: "0", text: "one person", colour: "green"},
			shown{value: "1", text: "two people", colour: "red"},
		)),
		upOverTime(),
		pollPanel(),
	}}
}

func upWords() []shown {
	return []shown{{value: "1", text: "works", colour: "green"}, {value: "0", text: "fails", colour: "red"}}
}

func sourceNames() []shown {
	return []shown{{value: "api", text: "official API"}, {value: "share", text: "Dexcom Share"}}
}

// bySource calls series that are named for a source by its full name.
func bySource[B interface {
	OverrideByName(name string, properties []dashboard.DynamicConfigValue) B
}](b B) B {
	for _, name := range sourceNames() {
		b = b.OverrideByName(name.value, named(name.text))
	}
	return b
}

func upPanel() about {
	return about{
		title: "Last poll", width: 6, height: 5,
		description: "Whether the last poll of each source succeeded. The table below says why one did not.",
		empty:       silent,
		queries:     []query{{expr: by("account, source", of("dexcom_up")), legend: "{{source}}"}},
	}
}

func linkPanel() about {
	return about{
		title: "Link", width: 5, height: 5,
		description: "Whether the person's consent to the official API stands. If not: open the exporter's status page and link the account again.",
		empty:       "needs none: Dexcom Share alone (or the exporter does not answer)",
		queries:     []query{{expr: latest("dexcom_exporter_linked"), legend: "official API"}},
	}
}

func consentPanel() about {
	const year = "365 * 24 * 3600"
	return about{
		title: "Consent", width: 5, height: 5,
		description: "Time until Dexcom ends the consent, a year after it was given. Linking again starts a new year.",
		empty:       "no consent that stands, or none needed with Dexcom Share alone",
		queries: []query{{
			expr:   both(latest("dexcom_exporter_consent_timestamp_seconds")+" + "+year+" - time()", latest("dexcom_exporter_linked")+" == 1"),
			legend: "left",
		}},
	}
}

func savedPanel() about {
	return about{
		title: "Grant", width: 4, height: 5,
		description: "Whether the newest refresh token is on the disk. If not, a restart would lose the link: look at the log and at the state directory.",
		empty:       "not linked, or none needed with Dexcom Share alone",
		queries:     []query{{expr: "min by (account) (" + of("dexcom_exporter_grant_persisted") + ")", legend: "on the disk"}},
	}
}

func mismatchPanel() about {
	return about{
		title: "Two sources", width: 4, height: 5,
		description: "Whether the official API and Dexcom Share show the same person. If not, one of the two logins is somebody else's, and only Share is shown.",
		empty:       "the account has one source, or the two were not compared yet",
		queries:     []query{{expr: latest("dexcom_exporter_source_mismatch"), legend: "they show"}},
	}
}

func upOverTimePanel() about {
	answers := first(latest("dexcom_exporter_account_info"), dead()+" * 0")
	return about{
		title: "Sources over time", width: 12, height: 7,
		description: "When the polls of each source succeeded, and when the exporter answered Prometheus.",
		empty:       "no value: the data source does not answer",
		queries: []query{
			{expr: answers, legend: "exporter", overall: true},
			{expr: by("account, source", of("dexcom_up")), legend: "{{source}}", overall: true},
		},
	}
}

func upOverTime() cog.Builder[dashboard.Panel] {
	b := tell(statetimeline.NewPanelBuilder(), upOverTimePanel()).
		Interval("1m").Mappings(mapping(upWords()...)).ShowValue(common.VisibilityModeAuto).MergeValues(true).
		Legend(common.NewVizLegendOptionsBuilder().ShowLegend(false).DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom)).
		Tooltip(tooltip(common.TooltipDisplayModeSingle))
	return bySource(b)
}

func pollQuery() query {
	return query{expr: "round(" + counted("account, source, result", of("dexcom_exporter_polls_total")) + ") > 0", table: true}
}

func pollPanel() cog.Builder[dashboard.Panel] {
	b := tell(table.NewPanelBuilder(), about{
		title: "Polls and why they failed", width: 12, height: 7,
		description: "Polls in the time shown above right, by how they ended, and what to do.",
		empty:       "no poll in this time, or Prometheus scraped less than twice",
		queries:     []query{pollQuery()},
	})
	return columns(b, "source", "result", "Value", "account").
		OverrideByName("source", named("Source", sourceNames()...)).
		OverrideByName("result", named("Result", results()...)).
		OverrideByName("Value", append(named("Polls"), dashboard.DynamicConfigValue{Id: "decimals", Value: 0}))
}

func results() []shown {
	return []shown{
		{value: "ok", text: "succeeded"},
		{value: "credentials", text: "the login or token was refused: check user name, password and region"},
		{value: "consent", text: "no consent: link the account on the exporter's status page"},
		{value: "rate_limited", text: "too many requests: wait; poll less often if it stays"},
		{value: "server", text: "Dexcom or something before it answered with a fault: wait"},
		{value: "network", text: "no answer: check the network and the proxy"},
		{value: "decode", text: "not what Dexcom sends: a proxy's page, or Dexcom changed it"},
		{value: "other", text: "something else: look at the exporter's log"},
	}
}
