package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// inWindow selects what the exporter computed of the window that the reader chose.
const inWindow = `window="$window"`

func windowVariable() cog.Builder[dashboard.VariableModel] {
	return choose("window", "Statistics of",
		"The time up to the newest reading whose statistics are shown; 30 and 90 days where poll.history reaches", 2,
		choice{"24 hours", "24h"}, choice{"7 days", "7d"}, choice{"14 days", "14d"}, choice{"30 days", "30d"}, choice{"90 days", "90d"})
}
