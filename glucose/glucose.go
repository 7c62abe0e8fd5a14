// Package glucose is the clinical arithmetic on glucose values: pure functions
// of their arguments, in mg/dL. It knows nothing of where the values come from.
package glucose

import "time"

// Sample is a glucose value at an instant.
type Sample struct {
	Time time.Time
	MgDL float64
}
