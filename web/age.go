package web

import (
	"fmt"
	"time"
)

// AgeInWords writes an age for people: rounded down to minutes, or to hours after
// two days.
func AgeInWords(age time.Duration) string {
	hours, minutes := int(age.Hours()), int(age.Minutes())%60
	switch {
	case hours >= 48:
		return fmt.Sprintf("%d days %d h", hours/24, hours%24)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	}
	return fmt.Sprintf("%d min", minutes)
}

// ago says how long something is past.
func ago(age time.Duration) string {
	if age < time.Minute {
		return "just now"
	}
	return AgeInWords(age) + " ago"
}

// in says how long something is ahead: rounded up, so that nobody waits in vain.
func in(wait time.Duration) string { return "in " + AgeInWords(wait+time.Minute-1) }
