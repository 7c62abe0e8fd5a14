package simulator

import (
	"encoding/json"
	"strconv"
)

// figure is a glucose value in a body. For people with quirks LOW and HIGH are at
// times what the sensor computed beyond its range, as clients have seen, and some
// values have a point, which a number in JSON may.
func (p *Person) figure(mgdl int, key int64) any {
	switch beyond := p.odd(forBeyond, key, 0.4); {
	case beyond && mgdl <= Low:
		mgdl = 1 + int(p.between(forBeyond, -key, 0, Low-1))
	case beyond && mgdl >= High:
		mgdl = High + 1 + int(p.between(forBeyond, -key, 0, 500-High))
	}
	if p.odd(forPoint, key, 0.06) {
		return json.Number(strconv.FormatFloat(float64(mgdl), 'f', 1, 64))
	}
	return mgdl
}
