package collector

import (
	"slices"
	"time"
)

const (
	// longestGap is between readings that come one by one, a few of which are lost.
	longestGap = 16 * time.Minute
	// anyway is after how long readings are asked for although nothing announced any:
	// version 2 also changes those that are there.
	anyway = 75 * time.Minute
	// fresh is how old the last upload of a phone that uploads each reading can be.
	fresh = 6 * time.Minute
	// longestSpacing is between the uploads of phones that upload once an hour.
	longestSpacing = anyway
	// lateUpload is how long after the expected time to look for an upload, so that one
	// look finds it as a rule.
	lateUpload = 6 * time.Minute
	// emptyUpload is how long after an upload its readings are waited for at most.
	emptyUpload = 7 * time.Hour
	// clockError is how far a device's clock may be off before its readings seem to
	// belong to another upload.
	clockError = 10 * time.Minute
	// sulk is how long Dexcom's word on uploads does not count after it was wrong.
	sulk = 24 * time.Hour
)

// forecast learns when the official API can have new readings of a person.
//
// Phones of some apps upload each reading: they are asked in step with the sensor.
// Those of others upload once an hour, phones were offline, receivers are plugged in
// now and then. Dexcom tells of an upload at once and holds its readings back for one
// or three hours (developer.dexcom.com/docs/dexcomv3/endpoint-overview), so a look at
// the device's last upload foretells when to ask, and while there was none nothing new
// can be there. Where that turns out wrong, the person is asked every five minutes.
type forecast struct {
	rhythm rhythm
	newest time.Time // reading found last
	found  time.Time // when that was
	batch  bool      // more came with it than one by one
	asked  time.Time // when readings were asked for last

	begun   time.Time     // when Dexcom told of uploads for the first time
	looked  time.Time     // and for the last time
	upload  time.Time     // the newest of these
	spacing time.Duration // from one to the next, at most
	often   bool          // they follow each other like readings
	sulking time.Time     // until then they do not count

	hold    aim         // from an upload to its readings
	held    bool        // some readings were seen to be held back
	proven  bool        // the hold foretold some
	astray  bool        // the last ones came at quite another time
	pending []time.Time // uploads whose readings were not found yet, oldest first
	earlier time.Time   // the upload that was told before the first of these
	since   time.Time   // when Dexcom told of none of these yet
	tried   int         // polls for the first of these in vain
}

// newForecast begins with what Dexcom says of how long it holds readings back.
func newForecast(holdBack time.Duration) forecast {
	return forecast{rhythm: newRhythm(), hold: aim{holdBack + 45*time.Second, firstStep}}
}

// saw takes the newest reading that there was at a poll.
func (f *forecast) saw(newest, now time.Time) {
	before, quiet := f.newest, f.trusts(now) && !f.steady() && len(f.pending) == 0
	f.asked = now
	f.rhythm.saw(newest, now)
	if !newest.After(before) {
		f.inVain(now)
		return
	}
	f.newest, f.found, f.batch = newest, now, newest.Sub(before) > longestGap
	announced := f.attribute(newest, now)
	if !announced && quiet && now.After(f.begun.Add(f.hold.offset+clockError)) && now.Before(f.looked.Add(f.hold.offset-clockError)) {
		f.sulking = now.Add(sulk)
	}
}

// inVain takes a poll that found nothing new.
func (f *forecast) inVain(now time.Time) {
	if len(f.pending) == 0 {
		return
	}
	since := now.Sub(f.pending[0])
	switch {
	case since >= f.hold.offset:
		f.tried++
	case since > time.Minute:
		f.held = true
	}
	if since > emptyUpload {
		f.pass(1)
	}
}

// pass ends the wait for the readings of the first uploads that are pending.
func (f *forecast) pass(uploads int) {
	f.earlier = f.pending[uploads-1]
	f.since = latest(f.since, f.earlier) // nobody tells of an older one any more
	f.pending, f.tried = f.pending[uploads:], 0
}

// attribute finds the upload that brought the newest reading, learns how long it was
// held back, and tells whether there is one.
func (f *forecast) attribute(newest, now time.Time) (announced bool) {
	i := slices.IndexFunc(f.pending, func(upload time.Time) bool { return upload.Add(clockError).After(newest) })
	if i < 0 {
		f.pending, f.tried = nil, 0
		return false
	}
	if i > 0 {
		f.pass(i)
	}
	upload := f.pending[0]
	whole := upload.Sub(newest) <= clockError
	if !whole && newest.Sub(f.earlier).Abs() <= clockError { // the one before was held back for longer than this one is awaited
		f.inVain(now)
		return true
	}
	if !whole && (!f.proven || now.Before(upload.Add(f.hold.offset))) { // it is from an upload that nobody told of
		return true
	}
	if whole && f.batch && !f.often { // else the readings came one by one
		f.learn(now.Sub(upload))
	}
	f.pass(1)
	return true
}

// learn takes how long after its upload a batch was found. What is far from all before
// counts when it comes again.
func (f *forecast) learn(after time.Duration) {
	late := after - f.hold.offset
	astray := f.astray
	f.astray = f.tried > retries || late < -punctual
	switch {
	case f.astray && (astray || !f.proven):
		f.hold = aim{after, firstStep}
	case f.astray:
	case f.tried > 0:
		f.hold.late(late)
	case late <= punctual: // else nobody asked in time
		f.hold.hit()
		f.proven = true
	}
	f.hold.offset = max(0, f.hold.offset)
}

// told takes the newest upload that Dexcom tells of; zero is none.
func (f *forecast) told(upload, now time.Time) {
	before, earlier := f.looked, f.upload
	if f.looked = now; before.IsZero() {
		f.begun = now
	}
	switch {
	case upload.IsZero() || !upload.After(f.upload):
		f.often = f.often && now.Sub(f.upload) < fresh
		return
	case !f.upload.IsZero():
		spacing := upload.Sub(f.upload)
		f.often = spacing < 2*fresh
		f.spacing = min(max(spacing, f.spacing-time.Minute), longestSpacing)
	}
	f.upload = upload
	if upload.Sub(f.newest) <= clockError {
		return // it brought what is there
	}
	if len(f.pending) == 0 {
		f.since, f.earlier = before, earlier
	}
	f.pending = append(f.pending, upload)
}

// steady tells whether readings come one by one.
func (f *forecast) steady() bool {
	return f.asked.Sub(f.found) < longestGap && (!f.batch || f.often)
}

// trusts tells whether what Dexcom told of uploads says what cannot be there yet.
func (f *forecast) trusts(now time.Time) bool {
	return !f.upload.IsZero() && now.After(f.sulking) && now.Before(f.looked.Add(max(f.hold.offset, anyway)))
}

// due is when to ask for readings again; usual is how long after the last time to do so
// where nothing is foretold.
func (f *forecast) due(usual time.Duration, pace pace) time.Time {
	switch {
	case f.steady():
		return f.asked.Add(f.rhythm.pause(f.asked, pace))
	case !f.trusts(f.asked):
		return latest(f.asked.Add(usual), earliest(f.habitual(), f.longest(pace)))
	}
	if f.since.IsZero() && f.looked.Sub(f.upload) < fresh {
		return f.asked.Add(usual) // nobody knows yet how often that one uploads
	}
	return latest(f.asked.Add(pace.min), earliest(f.announced(pace), f.longest(pace)))
}

// longest is when to ask for readings again at the latest.
func (f *forecast) longest(pace pace) time.Time {
	const patience = 5 // times the longest pause of whom nothing is foretold
	return f.asked.Add(min(anyway, patience*pace.max))
}

// habitual is when the next batch can be there if the uploads go on as they were, for
// when nobody could look: where the app's budget is short, polls go before looks. It is
// long ago where there is no habit.
func (f *forecast) habitual() time.Time {
	if f.spacing == 0 || f.often || f.asked.Before(f.sulking) {
		return time.Time{}
	}
	return f.newest.Add(cadence + f.spacing + f.hold.offset)
}

// announced is when the readings of the first upload that is pending can be there.
func (f *forecast) announced(pace pace) time.Time {
	switch {
	case len(f.pending) == 0 && f.looked.Before(f.habitual().Add(-f.hold.offset)):
		return latest(f.habitual(), f.asked.Add(usual)) // unless a look comes before
	case len(f.pending) == 0:
		return f.asked.Add(anyway)
	case f.since.IsZero(): // there may have been others before it
		return earliest(f.pending[0].Add(f.hold.offset), f.asked.Add(pace.max))
	case f.pending[0].Sub(f.since) > longestSpacing && f.asked.Before(f.pending[0].Add(f.hold.offset-f.spacing/2)):
		return earliest(f.pending[0].Add(f.hold.offset), f.asked.Add(pace.max)) // nobody looked for so long that there was another one
	case f.often: // the first one came after since
		return latest(f.since.Add(f.hold.offset), f.asked.Add(cadence))
	case !f.held, f.tried > 0 && f.tried <= retries:
		return f.asked
	case f.tried > 0:
		return f.asked.Add(pace.max)
	}
	return f.pending[0].Add(f.hold.offset)
}

// merit says which calls a look goes before when the app's budget is short: polls of
// who has a habit come in time without one. Where there is none, or where it failed, one
// look saves many polls.
func (f *forecast) merit() urgency {
	failed := f.asked.After(f.looked.Add(anyway)) && f.asked.After(f.habitual().Add(f.spacing))
	if f.spacing == 0 || failed {
		return urgent
	}
	return next
}

// look is when to ask for uploads again, an hour after the last time at most.
func (f *forecast) look(pace pace) time.Time {
	next := f.looked.Add(pace.max)
	switch expected := f.upload.Add(f.spacing + lateUpload); {
	case f.upload.IsZero() || f.steady() || f.looked.Before(f.sulking):
		return f.looked.Add(time.Hour)
	case f.looked.Sub(f.upload) < fresh && !f.often: // does another one follow at once?
		next = f.looked.Add(fresh)
	case f.hold.offset > pace.max:
		next = latest(next, expected)
	}
	return earliest(next, f.looked.Add(time.Hour))
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
