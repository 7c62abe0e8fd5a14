//go:build race

package main

// underRace says that the race detector watches, which makes everything ten times as
// slow. What simulates for long is shorter then: without the detector the tests run in
// full.
const underRace = true
