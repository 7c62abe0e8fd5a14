package simulator

// stamp is how a record that the person or the display makes tells its time.
type stamp struct {
	system   millis // what a careful client understands
	spelling spelling
}

// stamp draws the quirks of a record made at an instant. It is never ahead of
// it, and less than slack behind.
func (p *Person) stamp(at millis, key int64) stamp {
	s := p.spelling(key)
	switch {
	case s.minutes:
		at = at.slot(minute) * minute
	case !s.millis:
		at = at.wholeSeconds()
	}
	return stamp{at, s}
}
