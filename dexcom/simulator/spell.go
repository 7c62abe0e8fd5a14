package simulator

import "math"

// spells are stretches of time in which something is broken: at most one in
// each slot, most of them short, and together the wanted share of all time.
type spells struct {
	seed                    uint64
	why                     purpose
	share                   float64
	slot, shortest, longest millis
}

type spell struct{ from, to millis }

// offline is when the display has no network.
func (p *Person) offline() spells {
	return spells{p.Seed, forOffline, p.OfflineShare, 13 * hour, 1 * hour, 12 * hour}
}

// away is when sensor and display are apart.
func (p *Person) away() spells {
	return spells{p.Seed, forAway, p.AwayShare, 37 * hour, 1 * hour, 36 * hour}
}

// silence is when the sensor itself gives nothing: pressed on in sleep, or in
// trouble. These readings never exist.
func (p *Person) silence() spells {
	return spells{p.Seed, forSilence, 0.004, 3 * day, 20 * minute, 4 * hour}
}

// at returns the spell that m lies in.
func (s spells) at(m millis) (spell, bool) {
	if s.share <= 0 {
		return spell{}, false
	}
	found, ok := s.in(m.slot(s.slot))
	return found, ok && found.from <= m && m < found.to
}

// in returns the spell of slot number n, if it has one.
func (s spells) in(n millis) (spell, bool) {
	probability, skew := s.odds()
	if fraction(draw(s.seed, s.why, 3*int64(n))) >= probability {
		return spell{}, false
	}
	u := math.Pow(fraction(draw(s.seed, s.why, 3*int64(n)+1)), skew)
	length := s.shortest + millis(u*float64(s.longest-s.shortest))
	offset := fraction(draw(s.seed, s.why, 3*int64(n)+2)) * float64(s.slot-length)
	from := n*s.slot + millis(offset)
	return spell{from.wholeSeconds(), (from + length).wholeSeconds()}, true
}

// odds says how probable a spell is in a slot, and how its length is skewed: a
// uniform number to that power, whose mean is 1/(skew+1). A small share makes
// spells rare, a large one makes them long.
func (s spells) odds() (probability, skew float64) {
	const usual = 3
	want := math.Min(s.share*float64(s.slot), float64(s.longest))
	shortest, width := float64(s.shortest), float64(s.longest-s.shortest)
	if mean := shortest + width/(usual+1); want < mean {
		return want / mean, usual
	}
	return 1, width/(want-shortest) - 1
}
