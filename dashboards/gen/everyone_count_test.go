package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestPeopleAreCounted(t *testing.T) {
	t.Parallel()
	series, inState := crowd()
	all, low, silent := 0, 1, 0 // one is low and soon urgently so
	for words, names := range inState {
		all += len(names)
		switch {
		case words == "urgent low" || words == "low":
			low += len(names)
		case strings.HasPrefix(words, "no data"):
			silent += len(names)
		case words == "was low, nothing newer":
			silent += len(names)
		}
	}
	is := func(n int) map[string]float64 { return map[string]float64{"{}": float64(n)} }
	nobodys := with(reading(119, 185, true), map[string]string{ginaLinked: ""})
	u := units()[0]
	check(t, []moment{{series, slices.Concat(
		asks(everyones(peopleAbout()), u, is(all)),
		asks(everyones(lowAbout()), u, is(low)),
		asks(everyones(silentAbout()), u, is(silent)),
		asks(everyones(unlinkedAbout()), u, is(5)),
		asks(everyones(failingAbout()), u, is(4)),
	)}, {nobodys, slices.Concat(
		asks(everyones(peopleAbout()), u, is(1)),
		asks(everyones(lowAbout()), u, is(0)),
		asks(everyones(silentAbout()), u, is(0)),
		asks(everyones(unlinkedAbout()), u, is(0)),
		asks(everyones(failingAbout()), u, is(0)),
	)}, {nil, slices.Concat(
		asks(everyones(peopleAbout()), u, nil),
		asks(everyones(lowAbout()), u, nil),
		asks(everyones(silentAbout()), u, nil),
		asks(everyones(unlinkedAbout()), u, nil),
		asks(everyones(failingAbout()), u, nil),
	)}})
}

// The filter is a beginning of names, or a regular expression.
func TestPeopleAreFoundByName(t *testing.T) {
	t.Parallel()
	series := map[string]string{}
	for _, name := range []string{"alice", "alan", "bob", "carol"} {
		maps.Copy(series, called(name, reading(119, 185, true)))
	}
	found := func(words string, n float64) question {
		expr := strings.ReplaceAll(everyones(peopleAbout()).queries[0].expr, "$find", words)
		return question{expr: expr, want: map[string]float64{"{}": n}}
	}
	check(t, []moment{{series, []question{found("", 4), found("al", 2), found("alice|bob", 2), found(".*ol", 1)}}})
}
