package simulator

// calibrations are the finger-stick values the person enters from from until
// before to: about every third day, and only for a G6.
func (p *Person) calibrations(from, to millis) []moment {
	var ms []moment
	if p.product().variant != G6 {
		return ms
	}
	for n := from.slot(day); n <= to.slot(day); n++ {
		key := 2 * int64(n)
		at := n*day + p.spread(forCalibration, key+1, day)
		if p.chance(forCalibration, key) < 0.35 && from <= at && at < to {
			ms = append(ms, moment{at, p.sent(at)})
		}
	}
	return ms
}
