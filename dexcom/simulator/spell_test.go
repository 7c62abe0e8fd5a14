package simulator

import (
	"math"
	"testing"
)

func TestSpellsTakeTheirShare(t *testing.T) {
	t.Parallel()
	for _, want := range []float64{0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 0.9} {
		p := &Person{Seed: 8, OfflineShare: want, AwayShare: want}
		for name, s := range map[string]spells{"offline": p.offline(), "away": p.away()} {
			const slots = 20000
			var total millis
			for n := range millis(slots) {
				if found, ok := s.in(n); ok {
					total += found.to - found.from
				}
			}
			got := float64(total) / float64(slots*s.slot)
			if math.Abs(got-want) > 0.1*want {
				t.Errorf("%s %v: share is %v", name, want, got)
			}
		}
	}
}

func TestSpellsKeepTheirLimits(t *testing.T) {
	t.Parallel()
	for _, wanted := range []float64{0.001, 0.1, 0.6, 1, 7} {
		s := (&Person{Seed: 8, OfflineShare: wanted}).offline()
		for n := range millis(5000) {
			found, ok := s.in(n)
			if !ok {
				continue
			}
			if length := found.to - found.from; length < s.shortest || length > s.longest {
				t.Fatalf("share %v: a spell of %v", wanted, length.duration())
			}
			if found.from < n*s.slot || found.to > (n+1)*s.slot {
				t.Fatalf("share %v: spell %v leaves slot %d", wanted, found, n)
			}
		}
	}
}

func TestSpellEdges(t *testing.T) {
	t.Parallel()
	s := (&Person{Seed: 8, OfflineShare: 0.5}).offline()
	found, ok := s.in(40000)
	if !ok {
		t.Fatal("no spell at a share of one half")
	}
	for m, want := range map[millis]bool{
		found.from - 1: false, found.from: true, found.to - 1: true, found.to: false,
	} {
		if _, got := s.at(m); got != want {
			t.Errorf("at %d of %v: got %v", m, found, got)
		}
	}
	if _, ok := new(Person).offline().at(found.from); ok {
		t.Error("a spell at share zero")
	}
}
