package glucose

// gmi is the glucose management indicator of a mean in mg/dL, as a ratio: the
// laboratory's HbA1c that a mean like this one goes with (Bergenstal 2018,
// doi 10.2337/dc18-1581).
func gmi(mean float64) float64 { return (3.31 + 0.02392*mean) / 100 }
