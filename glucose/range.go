package glucose

// Range is one of the five disjoint ranges that clinicians sort glucose values
// into (Battelino 2019, Diabetes Care 42:1593).
type Range uint8

// The ranges, from the lowest values to the highest.
const (
	VeryLow Range = iota
	Low
	Target
	High
	VeryHigh
)

// Ranges lists all ranges in ascending order.
func Ranges() []Range { return []Range{VeryLow, Low, Target, High, VeryHigh} }

// String gives the name as labels have it: very_low, low, target, high or
// very_high.
func (r Range) String() string {
	return [...]string{"very_low", "low", "target", "high", "very_high"}[min(r, VeryHigh)]
}

// Bounds are where the ranges meet, in mg/dL. The target range includes both of
// its bounds.
type Bounds struct {
	VeryLow  float64 // very low is below it
	Low      float64 // the target range begins here
	High     float64 // and ends here
	VeryHigh float64 // very high is above it
}

// StandardBounds are those for people with type 1 or type 2 diabetes, older
// people included (Battelino 2019, Diabetes Care 42:1593).
func StandardBounds() Bounds { return Bounds{VeryLow: 54, Low: 70, High: 180, VeryHigh: 250} }

// PregnancyBounds are those for pregnancies with type 1 diabetes (Battelino 2019,
// Diabetes Care 42:1593; Murphy 2019, Lancet Diabetes Endocrinol 7:75).
func PregnancyBounds() Bounds { return Bounds{VeryLow: 54, Low: 63, High: 140, VeryHigh: 250} }

// Range sorts a value in mg/dL into exactly one range. LOW (39) and HIGH (401)
// fall into the outermost ones.
func (b Bounds) Range(mgdl float64) Range {
	switch {
	case mgdl < b.VeryLow:
		return VeryLow
	case mgdl < b.Low:
		return Low
	case mgdl <= b.High:
		return Target
	case mgdl <= b.VeryHigh:
		return High
	}
	return VeryHigh
}
