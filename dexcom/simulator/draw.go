package simulator

import (
	"encoding/binary"
	"encoding/hex"
)

// purpose keeps draws that share an index apart.
// The order is part of every person's life: append, never insert.
type purpose uint64

const (
	forUser purpose = iota + 1
	forToken
	forRecord
	forTransmitter
	forOrigin
	forInsertion
	forPhase
	forJitter
	forLoss
	forSilence
	forAway
	forOffline
	forUpload
	forUploadPhase
	forServer
	forDrift
	forSpelling
	forTrend
	forWord
	forStatus
	forVariant
	forApp
	forGeneration
	forTransmitterID
	forDuplicate
	forOrder
	forDays
	forHours
	forTides
	forRipples
	forMeal
	forMealTime
	forMealSize
	forDip
	forDipTime
	forCalibration
	forThresholds
	forSchedules
	forOldDevice
	forCode
	forAccess
	forRefresh
	forSession
	forFault
	forFaultKind
	forNoise
	forSmoothing
	forSmoothingDelay
	forCalibrationError
	forCalibrationID
	forMillis
	forWriting
	forCarbs
	forInsulin
	forExercise
	forHealth
	forFingerStick
	forNote
	forEvent
	forEventID
	forChange
	forRevision
	forEventQuirk
	forValueQuirk
	forAlarmID
	forSnoozed
	forAlarmQuirk
	forRecordType
	forShareAccount
	forShareSession
	forShareException
	forShareDelay
	forShareJitter
	forShareSkew
	forShareMillis
	forShareTrail
	forShareTimes
	forShareHour
	forShareSlashes
	forShareNonsense
	forShareNumbers
	forShareWord
	forShareCode
	forSharePlaceholder
	forSecondChange
	forSecondRevision
	forMove
	forSideBySide
	forAlarmSharing
	forBeyond
	forPoint
	forNullValue
	forClockWord
)

// draw is the random number of (seed, purpose, index), all bits equally good.
func draw(seed uint64, why purpose, index int64) uint64 {
	return mix(mix(seed+uint64(why)*0x9e3779b97f4a7c15) + uint64(index)*0x9e3779b97f4a7c15)
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// seeded is a seed of its own for each text.
func seeded(seed uint64, text string) uint64 {
	for _, b := range []byte(text) {
		seed = mix(seed + uint64(b) + 1)
	}
	return seed
}

// fraction maps a draw to [0, 1).
func fraction(x uint64) float64 { return float64(x>>11) / (1 << 53) }

// chance is the person's draw as a number in [0, 1).
func (p *Person) chance(why purpose, index int64) float64 {
	return fraction(draw(p.Seed, why, index))
}

// between is the person's draw as a number in [low, high).
func (p *Person) between(why purpose, index int64, low, high float64) float64 {
	return low + (high-low)*p.chance(why, index)
}

// spread is the person's draw as whole seconds in [0, width).
func (p *Person) spread(why purpose, index int64, width millis) millis {
	return millis(p.chance(why, index) * float64(width)).wholeSeconds()
}

// pick is the person's draw of one of the choices.
func pick[T any](p *Person, why purpose, index int64, choices ...T) T {
	return choices[draw(p.Seed, why, index)%uint64(len(choices))]
}

// hash64 is 64 hexadecimal digits, as Dexcom's salted hashes of users and transmitters.
func hash64(seed uint64, why purpose, index int64) string {
	var b [32]byte
	x := draw(seed, why, index)
	for i := 0; i < len(b); i += 8 {
		x = mix(x + 0x9e3779b97f4a7c15)
		binary.BigEndian.PutUint64(b[i:], x)
	}
	return hex.EncodeToString(b[:])
}

// uuid is a record id in the form of RFC 9562, version 5.
func uuid(seed uint64, why purpose, index int64) string {
	var b [16]byte
	x := draw(seed, why, index)
	binary.BigEndian.PutUint64(b[:8], x)
	binary.BigEndian.PutUint64(b[8:], mix(x+0x9e3779b97f4a7c15))
	b[6] = b[6]&0x0f | 0x50
	b[8] = b[8]&0x3f | 0x80

	var s [36]byte
	hex.Encode(s[:8], b[:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:], b[10:])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}
