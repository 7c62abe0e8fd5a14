package simulator

import (
	"iter"
	"time"
)

// Calibration is the truth about one finger-stick value that the person has
// given the sensor to go by.
type Calibration struct {
	RecordID   string    // a UUID, unique per person; version 2 sends none
	SystemTime time.Time // UTC by the device's clock
	Value      int       // mg/dL, within a tenth of Glucose
	Uploaded   time.Time // when the display gave it to Dexcom
	Available  time.Time // the first instant at which the API returns it
}

// Calibrations returns the calibrations with from <= SystemTime < to that the
// API returns at the instant now, in ascending order. Only a G5, about twice
// a day, and a G6, about every third day, have any.
func (p *Person) Calibrations(from, to, now time.Time) []Calibration {
	c := p.curve()
	var truth []Calibration
	for x := range p.availableCalibrations(from, to, now) {
		truth = append(truth, p.calibration(x, c))
	}
	return truth
}

// availableCalibrations yields those that the API returns at the instant now.
func (p *Person) availableCalibrations(from, to, now time.Time) iter.Seq[stick] {
	return func(yield func(stick) bool) {
		for _, x := range p.calibrations(ceil(from), ceil(to)) {
			if x.sent+p.lag() <= floor(now) && !yield(x) {
				return
			}
		}
	}
}

// stick is a calibration before anybody asks for its value.
type stick struct {
	stamp
	key        int64
	made, sent millis
}

func (p *Person) calibrates() bool { return p.Sensor == G5 || p.Sensor == G6 }

// routine is how often the person thinks of a calibration, how much the moment
// varies, and the share of times it is made. A G5 needs two a day.
func (p *Person) routine() (every, spread millis, share float64) {
	if p.Sensor == G5 {
		return day / 2, 4 * hour, 0.97
	}
	return day, day, 0.35
}

// calibrations are those that the person makes from from until before to, only
// while the sensor measures.
func (p *Person) calibrations(from, to millis) []stick {
	var sticks []stick
	if !p.calibrates() {
		return sticks
	}
	every, spread, share := p.routine()
	from = max(from, p.since())
	for n := from.slot(every); n <= (to + slack).slot(every); n++ {
		key := 2 * int64(n)
		made := n*every + p.spread(forCalibration, key+1, spread) + millis(draw(p.Seed, forMillis, key)%1000)
		x := stick{p.stamp(made, key), key, made, p.sent(made)}
		s := p.session(p.sessionSlot(made))
		worn := s.warm <= made && made < s.end
		if p.chance(forCalibration, key) < share && worn && from <= x.system && x.system < to {
			sticks = append(sticks, x)
		}
	}
	return sticks
}

func (p *Person) calibration(x stick, c *curve) Calibration {
	return Calibration{
		RecordID:   uuid(p.Seed, forCalibrationID, x.key),
		SystemTime: x.system.time(),
		Value:      min(max(estimate(c.at(x.made)*p.between(forCalibrationError, x.key, 0.9, 1.1)), Low+1), High-1),
		Uploaded:   x.sent.time(),
		Available:  (x.sent + p.lag()).time(),
	}
}
