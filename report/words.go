package report

import (
	"fmt"
	"math"
	"strconv"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// absent stands where a figure would rest on too little.
const absent = "–"

// words writes for people, in their unit.
type words struct{ unit glucose.Unit }

// with is a value or a difference in mg/dL with its unit.
func (w words) with(mgdl float64) string { return w.unit.Format(mgdl) + " " + w.unit.String() }

// step is the smallest difference that people see, in mg/dL.
func (w words) step() float64 {
	if w.unit == glucose.MmolL {
		return w.unit.ToMgDL(0.1)
	}
	return 1
}

// percent writes a ratio.
func percent(ratio float64, decimals int) string {
	return strconv.FormatFloat(100*ratio, 'f', decimals, 64) + " %"
}

// share writes a ratio so exactly that it keeps its limit, or breaks it, as written
// too.
func share(ratio float64, limit glucose.Limit) string {
	const usual, most = 1, 4
	decimals := usual
	for ; decimals < most; decimals++ {
		scale := math.Pow10(decimals + 2)
		if limit.Met(math.Round(ratio*scale)/scale) == limit.Met(ratio) {
			break
		}
	}
	if text := percent(ratio, decimals); ratio <= 0 || ratio >= 0.0005 {
		return text
	}
	return "<0.1 %"
}

// verdict says in words how a ratio stands to its limit: colours do not print.
func verdict(ratio float64, limit glucose.Limit) string {
	switch {
	case !limit.Exists():
		return ""
	case limit.Met(ratio):
		return "met"
	}
	return "not met"
}

// ofDay writes a share of a day as hours and minutes.
func ofDay(ratio float64) string {
	minutes := int(math.Round(ratio * 24 * 60))
	if minutes < 60 {
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
}

// counted writes a number of things with thousands apart.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return grouped(n) + " " + thing
}

// grouped writes a number below a million with thousands apart.
func grouped(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
