package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// nobody is why there is nobody to count.
const nobody = "nobody: no such name, or no exporter has answered for a day"

// countOf is how many people an expression has: 0, if an exporter names any.
func countOf(expr string) string {
	return "count(" + expr + ") or on () 0 * count(" + answered() + ")"
}

func peopleCount() cog.Builder[dashboard.Panel] { return figure(everyones(peopleAbout())).Decimals(0) }

func peopleAbout() about {
	return about{
		title: "People", width: 4, height: 4,
		description: "How many people are followed, of those whose names were looked for. Whoever is in the configuration of an exporter counts, " +
			"for a day also when the exporter does not answer.",
		empty:   nobody,
		queries: []query{{expr: "count(" + people() + ")", legend: "followed"}},
	}
}

func lowCount() cog.Builder[dashboard.Panel] { return alarmed(everyones(lowAbout()), "dark-red") }

func lowAbout() about {
	return about{
		title: "Low now", width: 5, height: 4,
		description: "How many people have a reading of the last 15 minutes that is low: below the low level of their own Dexcom app, or below " +
			"70 mg/dL (3.9 mmol/L). Who has no fresh reading is not counted here, but beside.",
		empty:   nobody,
		queries: []query{{expr: countOf(fresh() + " < on (account) " + lowLevel(answered())), legend: "low"}},
	}
}

func silentCount() cog.Builder[dashboard.Panel] { return alarmed(everyones(silentAbout()), "blue") }

func silentAbout() about {
	return about{
		title: "Without fresh data", width: 5, height: 4,
		description: "How many people nobody watches here: their newest reading is older than dexcom_exporter_stale_after_seconds (15 minutes with " +
			"Dexcom Share, 5 hours with the official API alone), there is none, or the exporter does not answer.",
		empty:   nobody,
		queries: []query{{expr: countOf(first(unanswered(), noData())), legend: "no data"}},
	}
}

func unlinkedCount() cog.Builder[dashboard.Panel] {
	return alarmed(everyones(unlinkedAbout()), "purple")
}

func unlinkedAbout() about {
	return about{
		title: "Must be linked", width: 5, height: 4,
		description: "How many people must consent to the official API, for the first time or again: on the exporter's status page.",
		empty:       nobody,
		queries:     []query{{expr: countOf(unlinkedPeople()), legend: "not linked"}},
	}
}

func failingCount() cog.Builder[dashboard.Panel] { return alarmed(everyones(failingAbout()), "purple") }

func failingAbout() about {
	return about{
		title: "With a source that fails", width: 5, height: 4,
		description: "How many people have a source whose last poll failed. The Exporter dashboard says whose and why.",
		empty:       nobody,
		queries:     []query{{expr: countOf(failingPeople()), legend: "failing"}},
	}
}
