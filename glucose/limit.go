package glucose

import "strconv"

// Limit is where a figure should stay: over, under or at most some percentage. Its
// zero value is no limit.
type Limit struct {
	sign    string // as a person reads it
	percent int
}

func over(percent int) Limit   { return Limit{">", percent} }
func under(percent int) Limit  { return Limit{"<", percent} }
func atMost(percent int) Limit { return Limit{"≤", percent} }

// Exists says whether there is a limit at all.
func (l Limit) Exists() bool { return l != Limit{} }

// Ratio is the limit as a number from 0 to 1.
func (l Limit) Ratio() float64 { return float64(l.percent) / 100 }

// Met says whether a ratio keeps the limit. All do where there is none.
func (l Limit) Met(ratio float64) bool {
	switch l {
	case over(l.percent):
		return ratio > l.Ratio()
	case under(l.percent):
		return ratio < l.Ratio()
	case atMost(l.percent):
		return ratio <= l.Ratio()
	}
	return true
}

// String is the limit as people write it, such as >70 % or ≤36 %; empty for none.
func (l Limit) String() string {
	if !l.Exists() {
		return ""
	}
	return l.sign + strconv.Itoa(l.percent) + " %"
}
