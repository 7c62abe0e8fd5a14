package e2e

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// judgedSample is a sample that left the program.
type judgedSample struct {
	value float64
	left  []leaving // the first time in each life
}

// leaving is when a sample left in one life.
type leaving struct {
	at   time.Time
	life int
	kept bool // the disk knew it before that life ended, and the next one could
}

func (l leaving) String() string {
	return fmt.Sprintf("at %s in life %d, kept %t", clock(l.at), l.life, l.kept)
}

func (s *judgedSample) String() string {
	var all []string
	for _, l := range s.left {
		all = append(all, l.String())
	}
	return strings.Join(all, ", ")
}

func (j *campaignJudge) sample(e campaignEntry) {
	s, known := j.samples[e.Account][e.Unix]
	switch {
	case !known:
		s = &judgedSample{value: e.Value}
		j.samples[e.Account][e.Unix] = s
	case s.value != e.Value:
		j.changed = append(j.changed, fmt.Sprintf("%s at %v was %v and became %v", e.Account, time.UnixMilli(e.Unix).UTC(), s.value, e.Value))
		s.value = e.Value
	}
	s.left = append(s.left, leaving{e.At, len(j.ends), e.Kept})
	if !e.Kept && j.takes() {
		j.unkept = append(j.unkept, fmt.Sprintf("%s at %v left at %s, disk good since %s", e.Account, time.UnixMilli(e.Unix).UTC(), clock(e.At), clock(j.turned)))
	}
}

// keep notes that the disk knows by now what left in this life.
func (s *judgedSample) keep() { s.left[len(s.left)-1].kept = true }

// close judges what an account left in the life that ends and the disk does not know.
func (j *campaignJudge) close(account string) {
	for at, s := range j.samples[account] {
		last := s.left[len(s.left)-1]
		if last.life == len(j.ends) && !last.kept && j.takes() {
			j.unkept = append(j.unkept, fmt.Sprintf("%s at %v: %v at the end, disk good since %s", account, time.UnixMilli(at).UTC(), s, clock(j.turned)))
		}
	}
}

// twice judges one measurement that left at two times. It is doubled if the program
// knew the one when it gave the other: in the same life or from the disk, and the
// account was not begun anew in between.
func (j *campaignJudge) twice(account string, one, other *judgedSample) (doubled, anew bool) {
	for _, l := range one.left {
		for _, m := range other.left {
			before, after := l, m
			if m.at.Before(l.at) {
				before, after = m, l
			}
			switch {
			case j.begunAnew(account, before.at, after.at):
				anew = true
			case before.kept || before.life == after.life:
				doubled = true
			}
		}
	}
	return doubled, anew
}

// begunAnew tells whether an account was begun anew between two moments. In the same
// moment people link after the scraper came.
func (j *campaignJudge) begunAnew(account string, from, to time.Time) bool {
	return slices.ContainsFunc(j.forgot[account], func(at time.Time) bool { return !at.Before(from) && at.Before(to) })
}

// clock is a moment as a person reads it in a journal.
func clock(at time.Time) string { return at.UTC().Format("01-02 15:04:05.000") }
