package simulator

import "time"

// spelling is how a record writes its times. The zero value is the usual way
// of a phone: "2025-02-06T17:12:35Z" and "2025-02-06T09:12:35-08:00".
type spelling struct {
	zoneless    bool // receivers send no offsets
	space       bool // instead of the T
	minutes     bool // no seconds
	millis      bool // three decimals
	plusZero    bool // +00:00 instead of Z
	zoneSeconds bool // offsets like -06:59:58, still the same instant
}

// spelling draws the quirks of record number key.
func (p *Person) spelling(key int64) spelling {
	s := spelling{zoneless: p.display() == Receiver}
	if !p.Quirks {
		return s
	}
	switch u := p.chance(forSpelling, key); {
	case u < 0.06:
		s.space = true
	case u < 0.12:
		s.minutes = true
	case u < 0.18:
		s.millis = true
	case u < 0.24:
		s.plusZero = true
	case u < 0.30:
		s.zoneSeconds = true
	case u < 0.32:
		s.millis, s.plusZero = true, true
	}
	return s
}

// layout is the wall clock part.
func (s spelling) layout() string {
	switch {
	case s.space:
		return "2006-01-02 15:04:05"
	case s.minutes:
		return "2006-01-02T15:04"
	case s.millis:
		return "2006-01-02T15:04:05.000"
	default:
		return "2006-01-02T15:04:05"
	}
}

// systemTime writes m in UTC.
func (s spelling) systemTime(m millis) string {
	text := m.time().AppendFormat(make([]byte, 0, 32), s.layout())
	switch {
	case s.zoneless:
	case s.plusZero:
		text = append(text, "+00:00"...)
	default:
		text = append(text, 'Z')
	}
	return string(text)
}

// displayTime writes m as a clock in the zone shows it.
func (s spelling) displayTime(m millis, zone *time.Location) string {
	local, offset := m.time().In(zone), "-07:00"
	switch {
	case s.zoneless:
		offset = ""
	case s.zoneSeconds:
		_, seconds := local.Zone()
		local, offset = local.In(time.FixedZone("", seconds+2)), "-07:00:00"
	}
	text := local.AppendFormat(make([]byte, 0, 32), s.layout())
	return string(local.AppendFormat(text, offset))
}
