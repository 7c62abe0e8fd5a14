package simulator

import "time"

// v2Times writes m in UTC and as a clock in the zone shows it, both without an
// offset. What is odd in version 3 is odd here too, only that a Z is all that
// ever stands for a zone. It then follows both, the display's clock as well.
func (s spelling) v2Times(m millis, zone *time.Location) (system, display string) {
	zulu := s.plusZero
	s.zoneless, s.plusZero = true, false
	system, display = s.systemTime(m), s.displayTime(m, zone)
	if zulu {
		return system + "Z", display + "Z"
	}
	return system, display
}
