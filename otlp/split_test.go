package otlp

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// Whatever a receiver refuses, all that it would take alone is delivered, unless the
// delivery says that nothing is settled.
func TestDeliveryFindsWhatIsRefused(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(3, 4))
	settled := 0
	for range 5000 {
		n := 1 + dice.IntN(60)
		bound := dice.IntN(2*n) - n // below it, all are too old
		bad := map[int]bool{}
		for range dice.IntN(4) {
			bad[dice.IntN(n)] = true
		}
		age := []age{tooOld, outOfBounds}[dice.IntN(2)]
		var items []int
		for i := range n {
			items = append(items, i)
		}
		taken := map[int]bool{}
		requests := 0
		d := delivery[int]{points: func(items []int) int { return len(items) }, send: func(items []int) answer {
			requests++
			if !slices.IsSorted(items) {
				t.Fatal("not in order")
			}
			if items[0] < bound {
				return answer{verdict: refused, age: age, err: errors.New("old")}
			}
			if slices.ContainsFunc(items, func(i int) bool { return bad[i] }) {
				return answer{verdict: refused, err: errors.New("bad")}
			}
			for _, i := range items {
				taken[i] = true
			}
			return answer{verdict: accepted}
		}}
		err := d.run(items)
		if requests > 40+2*16*len(bad) {
			t.Fatalf("%d requests for %d items, %d bad", requests, n, len(bad))
		}
		if err != nil {
			if !errors.Is(err, errAllRefused) || bound < n && bound <= 0 && len(bad) == 0 {
				t.Fatalf("bound %d of %d, bad %v: %v", bound, n, bad, err)
			}
			continue
		}
		settled++
		for i := range n {
			if want := i >= bound && !bad[i]; want != taken[i] {
				t.Fatalf("bound %d of %d (%v), bad %v: item %d is taken: %v", bound, n, age, bad, i, taken[i])
			}
		}
		if d.tally.accepted != len(taken) || d.tally.accepted+d.tally.refused != n {
			t.Fatalf("%d taken of %d, got %+v", len(taken), n, d.tally)
		}
	}
	if settled < 3000 {
		t.Errorf("only %d of 5000 settled", settled)
	}
}

// What is out of bounds in the future says nothing of what is older.
func TestFutureIsNotTooOld(t *testing.T) {
	t.Parallel()
	var taken []int
	d := delivery[int]{points: func(items []int) int { return len(items) }, send: func(items []int) answer {
		if slices.Max(items) >= 6 {
			return answer{verdict: refused, age: outOfBounds, err: errors.New("out of bounds: timestamp is too far in the future")}
		}
		taken = append(taken, items...)
		return answer{verdict: accepted}
	}}
	if err := d.run([]int{0, 1, 2, 3, 4, 5, 6, 7}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(taken)
	if !slices.Equal(taken, []int{0, 1, 2, 3, 4, 5}) || d.tally != (tally{accepted: 6, refused: 2}) {
		t.Errorf("got %v, %+v", taken, d.tally)
	}
}

// A failure ends the delivery wherever it happens.
func TestFailureEndsTheDelivery(t *testing.T) {
	t.Parallel()
	for failing := range 6 {
		requests := 0
		d := delivery[int]{points: func(items []int) int { return len(items) }, send: func(items []int) answer {
			requests++
			switch {
			case requests == failing+1:
				return answer{err: errPaused}
			case slices.Contains(items, 3):
				return answer{verdict: refused, err: errors.New("bad")}
			}
			return answer{verdict: accepted}
		}}
		if err := d.run([]int{0, 1, 2, 3, 4, 5, 6, 7}); !errors.Is(err, errPaused) || requests != failing+1 {
			t.Errorf("request %d: got %v after %d", failing, err, requests)
		}
	}
}

// A receiver that rejects a part of what it accepts has the last word on it.
func TestPartialSuccess(t *testing.T) {
	t.Parallel()
	for rejected, want := range map[int]tally{2: {accepted: 3, refused: 2}, 1 << 30: {refused: 5}} {
		d := delivery[int]{points: func(items []int) int { return len(items) }, send: func([]int) answer {
			return answer{verdict: accepted, rejected: rejected, err: errors.New("some")}
		}}
		if err := d.run([]int{1, 2, 3, 4, 5}); err != nil || d.tally != want || d.reason == nil {
			t.Errorf("got %v, %+v, %v", err, d.tally, d.reason)
		}
	}
}
