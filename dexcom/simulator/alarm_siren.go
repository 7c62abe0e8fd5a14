package simulator

// siren is the state of one alert that goes by the value of readings.
type siren struct {
	alert   string
	state   string
	since   millis // of the state
	beyond  millis // the first reading beyond the threshold, 0 if the last is well back
	settled bool   // some reading since midnight was well back
}

// finding is what a reading means for an alert.
type finding struct {
	beyond, back  bool // neither in the band between
	delay, snooze millis
	quiet         bool // nothing may go off
}

// hear follows a reading at m, and reports each change of state.
func (s *siren) hear(m millis, f finding, change func(at millis, state string)) {
	if f.back {
		s.rest(m, change)
		return
	}
	if f.beyond && s.beyond == 0 {
		s.beyond = m
	}
	if !f.beyond || f.quiet {
		return
	}
	again := s.state == snoozed && f.snooze > 0 && m >= s.since+f.snooze
	if again || s.state == inactive && m >= s.beyond+f.delay {
		s.turn(m, alarming, change)
	}
}

// rest ends what goes on.
func (s *siren) rest(m millis, change func(at millis, state string)) {
	s.settled, s.beyond = true, 0
	if s.state != inactive {
		s.turn(m, inactive, change)
	}
}

func (s *siren) turn(m millis, state string, change func(at millis, state string)) {
	s.state, s.since = state, m
	change(m, state)
}
