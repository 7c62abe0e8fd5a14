package main

import (
	"net/http"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// scene is a stretch of some of the demo's lives, for alerts/tests/NAME.yaml. What
// the simulator knows of the time is its truth; what only happens in the scene is in
// its cues.
type scene struct {
	name   string
	people []string
	from   time.Time
	length time.Duration
	cues   []cue // in order
	jobs   int   // that scrape the exporter, each a minute after the one before; 0 is 1
}

// cue is something that happens just before the scrape of a moment of a scene.
type cue struct {
	at      time.Duration
	happens func(*stage)
}

// scenes are those that the demo plays. What it cannot is in by_hand.yaml.
func scenes() []scene {
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, time.UTC)
	}
	const minute, hour = time.Minute, time.Hour
	return []scene{
		{name: "urgent_low", people: []string{"henry"}, from: at(time.July, 1, 1, 0), length: 4 * hour},
		{name: "own_low", people: []string{"gina"}, from: at(time.April, 9, 0, 30), length: 4 * hour},
		{name: "two_jobs", people: []string{"gina"}, from: at(time.April, 9, 0, 30), length: 4 * hour, jobs: 2},
		{name: "phone_offline_in_a_low", people: []string{"henry"}, from: at(time.November, 2, 3, 0), length: 7 * hour},
		{name: "exporter_down_in_a_low", people: []string{"gina"}, from: at(time.April, 9, 1, 30), length: 3 * hour, cues: []cue{
			{45 * minute, (*stage).stop},
			{140 * minute, (*stage).restart},
		}},
		{name: "consent_lost_in_a_low", people: []string{"gina"}, from: at(time.April, 9, 1, 30), length: 4 * hour, cues: []cue{
			{45 * minute, func(s *stage) { // another password ends both
				s.cloud().Revoke("gina")
				s.cloud().SetPassword("gina", "another")
			}},
		}},
		{name: "silence_of_a_day", people: []string{"henry"}, from: at(time.July, 1, 1, 30), length: 28 * hour, cues: []cue{
			{58 * minute, func(s *stage) { s.cloud().SetSharing("henry", false) }},
			{26 * hour, (*stage).restart}, // when Share has nothing of the last day
			{27 * hour, func(s *stage) { s.cloud().SetSharing("henry", true) }},
		}},
		{name: "high", people: []string{"gina", "henry"}, from: at(time.October, 4, 12, 0), length: 6 * hour},
		{name: "sustained_high", people: []string{"gina"}, from: at(time.September, 20, 6, 30), length: 6 * hour},
		{name: "falling", people: []string{"henry"}, from: at(time.November, 3, 18, 30), length: 4 * hour},
		{name: "own_fall", people: []string{"gina"}, from: at(time.December, 13, 13, 30), length: 3 * hour},
		{name: "late_readings", people: []string{"alice", "frank"}, from: at(time.June, 13, 0, 0), length: 14 * hour},
		{name: "consent_needed", people: []string{"alice", "dave"}, from: at(time.June, 1, 12, 0), length: 3 * hour},
		{name: "share_refused", people: []string{"gina"}, from: at(time.June, 1, 12, 0), length: 4 * hour, cues: []cue{
			{30 * minute, func(s *stage) { s.cloud().SetPassword("gina", "another") }},
		}},
		{name: "share_fails", people: []string{"gina", "henry"}, from: at(time.June, 1, 12, 0), length: 3 * hour, cues: []cue{
			{30 * minute, func(s *stage) { s.fail("gina", simulator.AnswerHTML(http.StatusServiceUnavailable)) }},
			{90 * minute, func(s *stage) { s.fail("gina") }},
		}},
		{name: "two_people_in_one_account", people: []string{"gina", "henry"}, from: at(time.June, 1, 12, 0), length: 8 * hour, cues: []cue{
			{30 * minute, func(s *stage) {
				s.cloud().Share(simulator.ShareAccount{Person: "gina", Username: "gina@example.org", Password: "demo", Data: "henry"})
			}},
		}},
		{name: "sensor_ending", people: []string{"gina"}, from: at(time.June, 14, 10, 0), length: 30 * hour},
		{name: "replay_missed", people: []string{"alice", "carol"}, from: at(time.June, 18, 16, 0), length: 27 * hour},
	}
}

// fail makes each request for a person's Share go wrong from now on; without faults
// none.
func (s *stage) fail(person string, faults ...simulator.Fault) {
	s.cloud().FailDataAtRandom(simulator.Target{Version: "share", Person: person}, 1, 1, faults...)
}
