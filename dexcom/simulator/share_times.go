package simulator

import "strconv"

// shareTimes are how a record of Share writes its instant three times. The zero
// value is the way of today: alike, but for the offset of DT.
type shareTimes struct {
	slashes bool   // around the dates
	ahead   bool   // ST by an hour
	behind  millis // DT, than the phone published it
	noWT    bool   // missing, or nonsense
	noDT    bool
}

// shareTimes draws the quirks of record number key. They never spoil all that a
// careful client can go by.
func (p *Person) shareTimes(key int64) shareTimes {
	t := shareTimes{
		slashes: p.OldShare || p.odd(forShareSlashes, key, 0.1),
		ahead:   p.OldShare || p.odd(forShareHour, key, 0.1),
		noWT:    p.odd(forShareTimes, key, 0.12),
		noDT:    p.odd(forShareTimes, key, 0.03), // the same draw: where noWT is
	}
	if p.OldShare && !t.noWT {
		t.behind = 5*second + p.spread(forShareTrail, key, 25*second)
	}
	t.ahead = t.ahead && !t.noDT
	return t
}

// writeTimes writes the times of a record.
func (p *Person) writeTimes(r *shareRecord, x published) {
	t := p.shareTimes(x.key)
	dt, st := x.at-t.behind, x.at
	if t.ahead {
		st += hour
	}
	write := shareDate
	if t.slashes {
		write = slashedDate
	}
	wt, local := write(x.at, ""), write(dt, dt.time().In(p.zone()).Format("-0700"))
	r.WT, r.ST, r.DT = &wt, write(st, ""), &local
	if t.noWT {
		r.WT = p.nonsense(2 * x.key)
	}
	if t.noDT {
		r.DT = p.nonsense(2*x.key + 1)
	}
}

// nonsense is what stands where a time should; nil is no key at all.
func (p *Person) nonsense(n int64) *string {
	empty, none, word := "", "Date()", "Date(NaN)"
	return pick(p, forShareNonsense, n, nil, &empty, &none, &word)
}

// shareDate writes an instant as Share does today.
func shareDate(m millis, offset string) string {
	return "Date(" + strconv.FormatInt(int64(m), 10) + offset + ")"
}

// slashedDate is how it did before.
func slashedDate(m millis, offset string) string { return "/" + shareDate(m, offset) + "/" }
