package report

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// A plot is from midnight to midnight, a unit a minute, and from 400 mg/dL at its
// top, where y is 0, to 40 at its foot. What the sensor cannot measure, LOW and
// HIGH, is drawn at the edge.
const (
	plotWidth  = 24 * 60
	plotTop    = 400
	plotFoot   = 40
	plotHeight = plotTop - plotFoot
)

// number is a coordinate: it writes itself with one decimal at most.
type number float64

// String implements fmt.Stringer.
func (n number) String() string {
	return strconv.FormatFloat(math.Round(float64(n)*10)/10+0, 'f', -1, 64)
}

// height is the y of a value in mg/dL.
func height(mgdl float64) number { return number(plotTop - min(max(mgdl, plotFoot), plotTop)) }

// minute is the x of a time of day, in t's own location.
func minute(t time.Time) number {
	hour, minute, second := t.Clock()
	return number(60*hour+minute) + number(second)/60
}

// point is a place in a plot.
type point struct{ x, y number }

// path draws a line through points, each move and step relative to the one before:
// that is short.
func path(points []point) string {
	var text strings.Builder
	var at point // as it was written
	for i, p := range points {
		command := "l"
		if i == 0 {
			command = "M"
		}
		dx, dy := round(p.x-at.x), round(p.y-at.y)
		text.WriteString(command + dx.String() + "," + dy.String())
		at.x, at.y = at.x+dx, at.y+dy
	}
	if len(points) == 1 {
		text.WriteString("h0") // else it is not drawn
	}
	return text.String()
}

func round(n number) number { return number(math.Round(float64(n)*10) / 10) }

// area draws what lies between two lines with the same x.
func area(upper, lower []point) string {
	outline := make([]point, 0, len(upper)+len(lower))
	outline = append(outline, upper...)
	for _, p := range slices.Backward(lower) {
		outline = append(outline, p)
	}
	return path(outline) + "z"
}

// band is the target range in a plot.
type band struct{ Y, Height number }

func bandOf(b glucose.Bounds) band { return band{height(b.High), height(b.Low) - height(b.High)} }
