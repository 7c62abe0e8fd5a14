package simulator

// watch is a display that follows the readings it gets and sounds the alerts.
type watch struct {
	person     *Person
	thresholds Thresholds
	night      NightSchedule
	nights     bool
	curve      *curve
	since      millis
	sirens     []siren
	last       millis // the last reading, 0 for none
	rings      []ring
	onsets     map[string]int64 // of the alarms that go on, by alert
}

// watch begins in quiet.
func (p *Person) watch(since millis) *watch {
	w := &watch{person: p, thresholds: p.Thresholds(), curve: p.curve(), since: since, onsets: make(map[string]int64)}
	w.night, w.nights = p.NightSchedule()
	for _, alert := range p.valueAlerts() {
		w.sirens = append(w.sirens, siren{alert: alert, state: inactive})
	}
	return w
}

// reading follows one reading.
func (w *watch) reading(x sample) {
	w.silence(x.system)
	midnight := w.last == 0 || w.last.slot(day) != x.system.slot(day)
	w.last = x.system
	m := w.measure(x)
	for i := range w.sirens {
		s := &w.sirens[i]
		if midnight && w.renew(s, x.system) {
			continue
		}
		f := w.find(s.alert, m)
		if midnight { // no memory of yesterday, or a window's answer would depend on its start
			f.back = !f.beyond
		}
		s.hear(x.system, f, w.change(s.alert))
	}
}

// renew ends what lasted all day long, so that it begins anew.
func (w *watch) renew(s *siren, at millis) bool {
	lasted := !s.settled && s.state != inactive
	if lasted {
		s.rest(at, w.change(s.alert))
	}
	s.settled = false
	return lasted
}

// acknowledge snoozes an alarm before the instant until, as the person does
// after some minutes.
func (w *watch) acknowledge(s *siren, until millis) {
	if s.state != alarming {
		return
	}
	if at := w.hush(s.alert, s.since); at < until {
		s.turn(at, snoozed, w.change(s.alert))
	}
}

// hush is when the person reacts to an alarm.
func (w *watch) hush(alert string, since millis) millis {
	return since + minute + w.person.spread(forSnoozed, int64(since)*8+int64(len(alert)), 18*minute)
}

// silence is the time from the last reading until the instant until, if it is long.
func (w *watch) silence(until millis) {
	end := w.last + span(w.thresholds.NoReadings)
	for i := range w.sirens {
		w.acknowledge(&w.sirens[i], min(until, end))
	}
	if w.last == 0 || end >= until {
		return
	}
	for i := range w.sirens {
		w.sirens[i].rest(end, w.change(w.sirens[i].alert))
	}
	w.missing("noReadings", end, until, false)
	w.missing("outOfRange", w.last+span(w.thresholds.OutOfRange), until, true)
}

// missing sounds an alert for missing readings at the instant at, if they are
// missing because sensor and display are apart, or not. After a day nobody
// expects them any more.
func (w *watch) missing(alert string, at, until millis, apart bool) {
	p := w.person
	s := p.session(p.sessionSlot(at))
	_, away := p.away().at(at)
	if at >= until || away != apart || at < s.warm || s.end <= at || p.Silenced(at.time()) {
		return
	}
	change, end := w.change(alert), min(until, at+day)
	change(at, alarming)
	if hush := w.hush(alert, at); hush < end {
		change(hush, snoozed)
	}
	change(end, inactive)
}

// change notes each change of an alert's state.
func (w *watch) change(alert string) func(at millis, state string) {
	return func(at millis, state string) {
		r := ring{key: ringKey(at, alert, state), at: at, alert: alert, state: state}
		if _, on := w.onsets[alert]; !on {
			w.onsets[alert] = r.key
		}
		r.onset = w.onsets[alert]
		if state == inactive {
			delete(w.onsets, alert)
		}
		w.rings = append(w.rings, r)
	}
}
