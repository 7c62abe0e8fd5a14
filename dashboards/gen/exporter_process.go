package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// processRow is what the program takes of its machine, and of Prometheus.
func processRow() row {
	return row{title: "Process", panels: []cog.Builder[dashboard.Panel]{
		lines(memoryPanel()).Unit("bytes"),
		lines(cpuPanel()).Decimals(3),
		lines(goroutinePanel()).Decimals(0),
		lines(pausePanel()).Unit("s"),
		lines(filePanel()).Decimals(0).OverrideByRegexp("/^allowed/", []dashboard.DynamicConfigValue{fixedColour("red"), dashedLine()}),
		lines(scrapePanel()).Unit("s"),
	}}
}

// processLine is a value of each exporter's process over time.
func processLine(expr, legend string) query {
	return query{expr: by("instance", expr), legend: legend, overall: true}
}

// foreign is why what the Go library counts may be missing.
const foreign = "no exporter answers, or its system does not tell (process metrics are of Linux and Windows)"

func memoryPanel() about {
	return about{
		title: "Memory", width: 8, height: 7,
		description: "How much memory does it take, and how much of that is its heap? It should stay level for days.",
		empty:       foreign,
		queries: []query{
			processLine(process("process_resident_memory_bytes"), "resident, {{instance}}"),
			processLine(process("go_memstats_heap_inuse_bytes"), "heap, {{instance}}"),
		},
	}
}

func cpuPanel() about {
	return about{
		title: "CPU", width: 8, height: 7,
		description: "How many processor cores does it use, on average of five minutes?",
		empty:       foreign,
		queries:     []query{processLine("rate("+ours("process_cpu_seconds_total")+"[5m]) and on (job, instance) "+ours("dexcom_exporter_build_info"), "cores, {{instance}}")},
	}
}

func goroutinePanel() about {
	return about{
		title: "Goroutines", width: 8, height: 7,
		description: "How much does it do at once? A number that only grows is a leak: please report it.",
		empty:       silent,
		queries:     []query{processLine(process("go_goroutines"), "{{instance}}")},
	}
}

// pausePanel asks for the highest of all quantiles: the last is named 1 or 1.0,
// depending on what Prometheus scrapes.
func pausePanel() about {
	return about{
		title: "Garbage collection", width: 8, height: 7,
		description: "How long did the garbage collector stop the program at most, of the last pauses?",
		empty:       silent,
		queries:     []query{processLine(process("go_gc_duration_seconds"), "longest pause, {{instance}}")},
	}
}

func filePanel() about {
	return about{
		title: "Open files", width: 8, height: 7,
		description: "How many files and connections are open, and how many may be? At the limit it can ask Dexcom no more.",
		empty:       foreign,
		queries: []query{
			processLine(process("process_open_fds"), "open, {{instance}}"),
			processLine(process("process_max_fds"), "allowed, {{instance}}"),
		},
	}
}

func scrapePanel() about {
	return about{
		title: "Scrapes", width: 8, height: 7,
		description: "How long does Prometheus take to scrape it, by job? It must stay below the job's scrape_timeout, 10 s unless configured.",
		empty:       "Prometheus scrapes no exporter; what is pushed by OTLP is not scraped",
		queries: []query{{
			expr: by("job, instance", process("scrape_duration_seconds")), legend: "{{job}}, {{instance}}", overall: true,
		}},
	}
}
