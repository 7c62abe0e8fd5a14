package simulator

import "testing"

// sharesIDs tells whether the changes of an alarm have one id, by looking at them.
func sharesIDs(alarms []Alarm) bool {
	ids := make(map[string]bool)
	for _, a := range alarms {
		ids[a.RecordID] = true
	}
	return len(ids) < len(alarms)
}

func TestSomeOddPeopleShareIDsOfAlarms(t *testing.T) {
	t.Parallel()
	shared := map[bool]int{}
	for seed := range uint64(20) {
		for _, quirks := range []bool{false, true} {
			p := &Person{Seed: seed, Quirks: quirks, Swing: 70}
			if sharesIDs(p.Alarms(noon(), noon().AddDate(0, 0, 5), late())) {
				shared[quirks]++
			}
		}
	}
	if shared[false] > 0 || shared[true] < 5 || shared[true] > 15 {
		t.Errorf("of 20 each share ids, by quirks: %v", shared)
	}
}

// An id begins with the alarm and ends with it, however often it goes off again.
func TestSharedIDsAreOfOneAlarm(t *testing.T) {
	t.Parallel()
	p := &Person{Quirks: true, Mean: 260, Swing: 70}
	for !p.odd(forAlarmSharing, 0, 0.5) {
		p.Seed++
	}
	current, ended := make(map[string]string), make(map[string]bool) // by alert, and ids
	again := 0
	for _, x := range p.alarms(floor(noon()), floor(noon())+60*day) {
		a := p.alarm(x)
		id, on := current[x.alert]
		if on && a.RecordID != id || ended[a.RecordID] {
			t.Fatalf("%+v, though %s goes on and %d alarms ended", a, id, len(ended))
		}
		if on && x.state == alarming {
			again++
		}
		current[x.alert] = a.RecordID
		if x.state == inactive {
			delete(current, x.alert)
			ended[a.RecordID] = true
		}
	}
	if len(ended) < 50 || again < 50 {
		t.Errorf("%d alarms ended, %d went off again", len(ended), again)
	}
}
