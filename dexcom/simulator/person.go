package simulator

import "time"

// Person describes one simulated wearer of a sensor. The zero value of every
// field is usable. A Person is read-only once it is in use, and then safe for
// concurrent use; its methods are pure functions of its fields and their
// arguments.
type Person struct {
	// Name finds the person in a Cloud. Only the login page shows it.
	Name string

	// Seed decides everything the other fields leave open. People who share a
	// seed share record ids and user id, as the same person would.
	Seed uint64

	// Sensor is the product worn; empty is G7.
	Sensor Sensor

	// Display is what shows the readings and uploads them; empty is IOS.
	Display Display

	// Rhythm is how often Display uploads; zero is EveryFiveMinutes.
	Rhythm Rhythm

	// HoldBack is how long Dexcom holds an upload back: one hour in the US,
	// three elsewhere, nothing for a receiver's upload over USB.
	HoldBack time.Duration

	// Zone is where the person lives; nil is UTC.
	Zone *time.Location

	// OfflineShare is the share of time, from 0 to 0.92, in which Display has
	// no network, in outages of 1 to 12 hours. It uploads all when it is back.
	OfflineShare float64

	// AwayShare is the share of time, from 0 to 0.97, in which sensor and
	// Display are apart, for 1 to 36 hours. When they meet again the newest
	// readings are back-filled, up to 3 hours (G5, G6) or 24 hours (others); older
	// ones are lost for ever.
	AwayShare float64

	// Quirks makes the bodies odd in the ways real ones are: spellings of
	// times and generations, nulls, absent keys, duplicates, any order, values
	// beyond the range, several records or alarms with one id. The truth stays
	// what a careful client should understand.
	Quirks bool

	// ShareDelay is how long after a measurement the phone publishes it to
	// Dexcom Share at least, and ShareJitter how much longer it may take. Zero
	// is drawn: together 10 to 30 s, for a G6 5 to 65 s. Rhythm does not
	// matter to Share; OfflineShare and AwayShare do.
	ShareDelay, ShareJitter time.Duration

	// ShareSkew is how far Share's times are ahead of the API's; zero is
	// drawn, up to 2 s either way.
	ShareSkew time.Duration

	// OldShare makes Share write the person's readings as in 2015: trends as
	// numbers, times between slashes, ST an hour ahead, DT some seconds behind WT.
	OldShare bool

	// Mean and Swing are about the average and the standard deviation of the
	// glucose in mg/dL; zero is 140 and 38. A Swing above half of Mean brings
	// LOW and HIGH.
	Mean, Swing float64

	// Since is the first instant with data. Zero is 1999-01-01 UTC, which is
	// before the first instant of every testing/synctest bubble.
	Since time.Time
}

// Display is the device that shows the readings, in Dexcom's spelling of
// displayDevice (developer.dexcom.com/docs/dexcomv3/operation/getDevicesV3).
type Display string

// The displays that exist. A Receiver sends times without a zone.
const (
	IOS      Display = "iOS"
	Android  Display = "android"
	Receiver Display = "receiver"
)

func (p *Person) display() Display {
	if p.Display == "" {
		return IOS
	}
	return p.Display
}

func (p *Person) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

func (p *Person) since() millis {
	if p.Since.IsZero() {
		return ceil(time.Date(1999, time.January, 1, 0, 0, 0, 0, time.UTC))
	}
	return ceil(p.Since)
}

// userID is stable per person, as Dexcom's is per account and app.
func (p *Person) userID() string { return hash64(p.Seed, forUser, 0) }

// odd decides a quirk of record number index that shows on the given share of records.
func (p *Person) odd(why purpose, index int64, share float64) bool {
	return p.Quirks && p.chance(why, index) < share
}
