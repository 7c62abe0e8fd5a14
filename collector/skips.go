package collector

// skips remembers the bad records of one person, so that a record that every
// poll reads again counts once. Keys are hashes of whole records.
type skips struct{ seen map[uint64]struct{} }

// mostSkips bounds the memory; past it the oldest doubts are forgotten with the
// rest, and a record may count twice.
const mostSkips = 4096

// first tells whether the key was not there, and remembers it.
func (s *skips) first(key uint64) bool {
	if _, known := s.seen[key]; known {
		return false
	}
	if s.seen == nil || len(s.seen) >= mostSkips {
		s.seen = map[uint64]struct{}{}
	}
	s.seen[key] = struct{}{}
	return true
}
