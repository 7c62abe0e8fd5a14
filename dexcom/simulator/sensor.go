package simulator

import "time"

// Sensor is a product that Dexcom sells, in the spelling of
// transmitterGenerationVariant (developer.dexcom.com/docs/dexcomv3/operation/getDevicesV3).
type Sensor string

// The sensors that exist. A G5 or G6 transmitter outlives several sensors; the
// others are sensor and transmitter in one. The G5 is in older revisions of the
// documentation only, which do not know that field yet.
const (
	G5           Sensor = "g5"
	G6           Sensor = "g6"
	G7           Sensor = "g7"
	G7FifteenDay Sensor = "g715day"
	OnePlus      Sensor = "d1+"
)

// product is what one kind of sensor can do and how Dexcom names it.
type product struct {
	variant    Sensor
	generation string // transmitterGeneration
	app        string // displayApp
	life       millis // of one sensor session
	warmUp     millis // without readings, from the insertion
	memory     millis // how far back readings are kept for a display that is away
	sensors    millis // sessions per transmitter
}

func (p *Person) product() product {
	switch p.Sensor {
	case G5:
		// Twelve sensors and their changes stay within the 90 days of the battery.
		return product{G5, "g5", "G5", 7 * day, 2 * hour, 3 * hour, 12}
	case G6:
		// Eight sensors and their changes stay within the 90 days of the battery.
		return product{G6, "g6", "G6", 10 * day, 2 * hour, 3 * hour, 8}
	case G7FifteenDay:
		return product{G7FifteenDay, "g7", "G7", 15 * day, 30 * minute, 24 * hour, 1}
	case OnePlus:
		return product{OnePlus, "g7", "D1G7", 10 * day, 30 * minute, 24 * hour, 1}
	default:
		return product{G7, "g7", "G7", 10 * day, 30 * minute, 24 * hour, 1}
	}
}

// variantWord is the transmitterGenerationVariant, empty for the G5.
func (k product) variantWord() Sensor {
	if k.variant == G5 {
		return ""
	}
	return k.variant
}

// Session is the life of one sensor. All times are UTC with whole seconds.
type Session struct {
	Start            time.Time // the insertion
	WarmUpEnd        time.Time // no reading before
	End              time.Time // no reading from here on
	TransmitterStart time.Time // where ticks count from; equals Start except for a G5 or G6
	TransmitterID    string    // 64 hexadecimal digits
}

// Session returns the sensor session that t lies in, and false in the pause
// between two sensors (10 minutes to some 6 hours) and before Since. The session of
// the first day may have started before Since.
func (p *Person) Session(t time.Time) (Session, bool) {
	m := floor(t)
	s := p.session(p.sessionSlot(m))
	return Session{
		Start:            s.start.time(),
		WarmUpEnd:        s.warm.time(),
		End:              s.end.time(),
		TransmitterStart: s.transmitterStart.time(),
		TransmitterID:    p.transmitterID(s),
	}, p.since() <= m && s.start <= m && m < s.end
}

// session is number index of the person's sensor sessions.
type session struct {
	index            millis
	start, warm, end millis
	transmitter      millis // number of the transmitter
	transmitterStart millis
}

const (
	insertionSpread = 3 * hour // how much the moment of the change varies
	shortestPause   = 10 * minute
)

// Sessions lie in slots of equal length, so that any can be found without
// counting from the first. The origin differs between people: they must not
// all change their sensors on one day.
func (p *Person) sessionSlot(m millis) millis {
	return (m - p.sessionOrigin()).slot(p.product().slot())
}

func (k product) slot() millis { return k.life + insertionSpread + shortestPause }

func (p *Person) sessionOrigin() millis {
	k := p.product()
	return p.since() - p.spread(forOrigin, 0, k.slot()*k.sensors)
}

func (p *Person) session(index millis) session {
	k := p.product()
	start := p.insertion(index)
	transmitter := index.slot(k.sensors)
	return session{
		index:            index,
		start:            start,
		warm:             start + k.warmUp,
		end:              start + k.life,
		transmitter:      transmitter,
		transmitterStart: p.insertion(transmitter * k.sensors),
	}
}

func (p *Person) insertion(index millis) millis {
	begin := (p.sessionOrigin() + index*p.product().slot()).wholeSeconds()
	return begin + p.spread(forInsertion, int64(index), insertionSpread)
}

func (p *Person) transmitterID(s session) string {
	return hash64(p.Seed, forTransmitter, int64(s.transmitter))
}
