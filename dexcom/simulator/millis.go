package simulator

import "time"

// millis is an instant as Unix time in milliseconds, or a span between two.
// Integers make the grids of sensors, uploads and outages exact and cheap.
type millis int64

const (
	second millis = 1000
	minute        = 60 * second
	hour          = 60 * minute
	day           = 24 * hour
)

// floor is the last millisecond not after t.
func floor(t time.Time) millis { return millis(t.UnixMilli()) }

// ceil is the first millisecond not before t.
func ceil(t time.Time) millis {
	m := t.UnixMilli()
	if t.After(time.UnixMilli(m)) {
		m++
	}
	return millis(m)
}

func span(d time.Duration) millis { return millis(d.Milliseconds()) }

func (m millis) time() time.Time { return time.UnixMilli(int64(m)).UTC() }

func (m millis) duration() time.Duration { return time.Duration(m) * time.Millisecond }

// wholeSeconds cuts the fraction off.
func (m millis) wholeSeconds() millis { return m.slot(second) * second }

// slot is the index of the slot of the given length that holds m.
// Unlike a division it rounds down before 1970 too.
func (m millis) slot(length millis) millis {
	n := m / length
	if m%length < 0 {
		n--
	}
	return n
}
