package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// matter is one of the things that can be the matter with an account.
type matter struct {
	label string // on the card
	tone  tone
	needy bool // somebody should do something
	is    func(collector.Standing) bool
	// says continues a sentence that begins with the account's name.
	says func(collector.Standing) string
	// more is what the card says of it beside the label; nil for nothing.
	more func(collector.Standing, glucose.Unit) string
}

// tone is how loud a card is: a class of the style.
type tone string

const (
	alarm   tone = "alarm"
	caution tone = "caution"
	call    tone = "call" // for a person, without hurry
	calm    tone = "calm"
)

// matters lists them, the worst first, and all that are needy before the rest;
// every account has one.
func matters() []matter {
	return []matter{
		{"Urgent low", alarm, true, isUrgentLow, saysUrgentLow, moreUrgentLow},
		{"Low", alarm, true, isLow, beIt("low"), moreLow},
		{"Falling", caution, true, isFalling, always("may be low soon"), moreFalling},
		{"Very high", caution, true, within(glucose.VeryHigh), saysVeryHigh, moreVeryHigh},
		{"To be linked", call, true, needsConsent, always("must be linked"), nil},
		{"Refused", call, true, failsBy(dexcom.ReasonCredentials), always("is refused by Dexcom"), nil},
		{"Two people", call, true, isTwoPeople, always("has the sources of two people"), moreTwoPeople},
		{"Not saved", call, true, isUnsaved, always("has a grant that is not saved"), nil},
		{"No source", call, true, hasNoSource, always("has no source"), moreNoSource},
		{"Not asked", call, true, isNotAsked, always("has a source that is not asked"), nil},
		{"No answer", call, true, failsFor(patience), always("has a source that fails"), nil},
		{"No fresh reading", call, true, isOverdue, always("has no fresh reading"), moreOverdue},
		{"Interrupted", call, true, isCutOff, always("has no fresh reading, and a source that failed just now"), nil},
		{"Consent ends", call, true, isEnding, saysEnding, nil},
		{"High", caution, false, within(glucose.High), beIt("high"), moreHigh},
		{"Interrupted", calm, false, failsFor(0), always("has a source that failed just now"), nil},
		{"Waiting", calm, false, isWaiting, always("waits for the first answer"), nil},
		{"In range", calm, false, within(glucose.Target), beIt("in range"), nil},
	}
}

// urgentLow is where the alert DexcomUrgentLow begins, and Dexcom's own Urgent Low
// alarm, in mg/dL.
const urgentLow = 55

// patience is how long a source may fail before it needs somebody, as in the alert
// DexcomSourceDown: most failures pass by themselves.
const patience = 15 * time.Minute

// lowFor is how long a low counts when nothing comes after it, as in the alerts
// DexcomUrgentLow and DexcomLow: only a newer reading says that it is over.
const lowFor = 24 * time.Hour

// isUrgentLow tells whether the last that is known is an urgent low, live or not.
func isUrgentLow(s collector.Standing) bool { return isKnown(s) && s.Newest.MgDL <= urgentLow }

// isLow tells whether the last that is known is below the target range, live or not.
func isLow(s collector.Standing) bool {
	return isKnown(s) && slices.Contains([]glucose.Range{glucose.VeryLow, glucose.Low}, s.Bounds.Range(s.Newest.MgDL))
}

func isKnown(s collector.Standing) bool { return s.HasNewest && s.Newest.Age(s.Now) < lowFor }

func within(ranges ...glucose.Range) func(collector.Standing) bool {
	return func(s collector.Standing) bool {
		return s.Live() && slices.Contains(ranges, s.Bounds.Range(s.Newest.MgDL))
	}
}

// isFalling tells whether the target range is left downwards before long, at this
// rate.
func isFalling(s collector.Standing) bool {
	_, falling := untilLow(s)
	return falling
}

// untilLow is how long it takes to the target range's lower end at the rate of the
// last 20 minutes; false when that is more than 20 minutes away, or nobody knows.
func untilLow(s collector.Standing) (time.Duration, bool) {
	const soon = 20 * time.Minute
	if !isCurrent(s) || !s.HasSlope || s.Slope >= 0 || s.Newest.MgDL < s.Bounds.Low {
		return 0, false
	}
	wait := time.Duration((s.Newest.MgDL - s.Bounds.Low) / -s.Slope * float64(time.Minute))
	return wait, wait <= soon
}

func needsConsent(s collector.Standing) bool {
	return s.Grant != nil && !s.Grant.Linked || failsBy(dexcom.ReasonConsent)(s)
}

func failsBy(reason string) func(collector.Standing) bool {
	return func(s collector.Standing) bool {
		return slices.ContainsFunc(s.Sources, func(source collector.SourceStatus) bool { return source.Result == reason })
	}
}

// failsFor tells whether a source has failed for so long.
func failsFor(least time.Duration) func(collector.Standing) bool {
	return func(s collector.Standing) bool {
		return slices.ContainsFunc(s.Sources, func(source collector.SourceStatus) bool {
			return source.Result != "" && !source.Up() && s.Now.Sub(source.Since) >= least
		})
	}
}

func isTwoPeople(s collector.Standing) bool { return s.Both && s.Mismatch }

func isUnsaved(s collector.Standing) bool { return s.Grant != nil && !s.Grant.Persisted }

func hasNoSource(s collector.Standing) bool { return len(s.Sources) == 0 }

// isNotAsked tells whether a source is not asked any more, whatever it said before.
func isNotAsked(s collector.Standing) bool {
	return slices.ContainsFunc(s.Sources, func(source collector.SourceStatus) bool { return isForgotten(source, s.Now) })
}

// isOverdue tells whether Dexcom answers and has nothing new.
func isOverdue(s collector.Standing) bool {
	return !s.Live() && slices.ContainsFunc(s.Sources, func(source collector.SourceStatus) bool {
		return source.Up() && !isForgotten(source, s.Now)
	})
}

// isCutOff tells whether a source fails, and nothing of now is there in the meantime.
func isCutOff(s collector.Standing) bool { return !s.Live() && failsFor(0)(s) }

func isWaiting(s collector.Standing) bool { return !s.Live() }

func always(words string) func(collector.Standing) string {
	return func(collector.Standing) string { return words }
}

// beIt says that the value is so, or was, where it is not of now.
func beIt(so string) func(collector.Standing) string {
	return func(s collector.Standing) string {
		switch {
		case isCurrent(s):
			return "is " + so
		case s.Live():
			return "was " + so
		}
		return "was " + so + " and nothing has come since"
	}
}

func saysUrgentLow(s collector.Standing) string {
	if s.Newest.OutOfRange() < 0 {
		return beIt("LOW")(s)
	}
	return beIt("urgently low")(s)
}

func saysVeryHigh(s collector.Standing) string {
	if s.Newest.OutOfRange() > 0 {
		return beIt("HIGH")(s)
	}
	return beIt("very high")(s)
}

// judged is an account with what is the matter with it.
type judged struct {
	collector.Standing
	matter

	rank int // the worst is 0
}

// judge finds the worst that is the matter with an account.
func judge(s collector.Standing, all []matter) judged {
	rank := slices.IndexFunc(all, func(m matter) bool { return m.is(s) })
	return judged{s, all[rank], rank}
}

// phrase is what the matter is. What is said of one source is not all when two fail.
func (j judged) phrase() string {
	failing := 0
	for _, source := range j.Sources {
		if source.Result != "" && !source.Up() && j.Now.Sub(source.Since) >= patience {
			failing++
		}
	}
	if failing > 1 && slices.Contains([]string{"To be linked", "Refused", "No answer"}, j.label) {
		return j.says(j.Standing) + ", with another source that fails"
	}
	return j.says(j.Standing)
}

// title is the label, in the past for a value of the past.
func (j judged) title() string {
	if !isCurrent(j.Standing) && strings.HasPrefix(j.says(j.Standing), "was ") {
		return "Was " + strings.ToLower(j.label)
	}
	return j.label
}

// judgeAll gives the accounts in the order of what is the matter, then by name.
func judgeAll(standings []collector.Standing) []judged {
	matters := matters()
	all := make([]judged, 0, len(standings))
	for _, s := range standings {
		all = append(all, judge(s, matters))
	}
	slices.SortStableFunc(all, func(a, b judged) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.Account, b.Account))
	})
	return all
}
