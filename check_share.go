package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/web"
)

// checkedShare is Dexcom Share of one account.
type checkedShare struct {
	account string
	share   *dexcom.Share
}

func (c checkedShare) try(ctx context.Context) finding {
	ok, text := c.ask(ctx)
	return finding{Account: c.account, Source: "share", OK: ok, Text: text}
}

// ask reads a day. It costs a login at most, and none while logins are stopped. Ages
// are by Share's clock where this machine's is off.
func (c checkedShare) ask(ctx context.Context) (ok bool, text string) {
	list, err := c.share.Readings(ctx, 24*time.Hour)
	switch {
	case dexcom.Reason(err) == dexcom.ReasonCredentials, errors.Is(err, dexcom.ErrShareStopped):
		return false, c.refused(err)
	case dexcom.Reason(err) == dexcom.ReasonRateLimited:
		return false, "Share wants fewer calls (HTTP 429): does another program ask it for this account, or from this address? It passes"
	case errors.Is(err, dexcom.ErrShareState):
		return false, dexcom.ErrShareState.Error() + ": mend the state directory"
	case err != nil:
		return false, explain(err)
	}
	now, note := time.Now(), ""
	if clock, err := c.share.ServerTime(ctx); err == nil && clock.Sub(now).Abs() > time.Minute {
		note = fmt.Sprintf("; the clock of this machine is off by %s, set it", clock.Sub(now).Abs().Round(time.Second))
		now = clock
	}
	if len(list.Records) == 0 {
		return false, "logged in, but there is no reading of the last 24 h: is Share switched on in the app, with at least one follower? Is the phone online? Does the sensor warm up?" + note
	}
	return true, flowing(list.Records[len(list.Records)-1], now) + note
}

// refused says why logins do not work and when the next one may be tried.
func (c checkedShare) refused(err error) string {
	status := c.share.Status()
	why := "Dexcom refused a login"
	switch {
	case errors.Is(err, dexcom.ErrShareLocked), errors.Is(status.Refusal, dexcom.ErrShareLocked):
		why = dexcom.ErrShareLocked.Error()
	case status.Refusal != nil:
		why = status.Refusal.Error()
	case errors.Unwrap(err) != nil: // logins broke off
		why = errors.Unwrap(err).Error()
	}
	wait := time.Until(status.NextLogin)
	if wait <= 0 {
		return why
	}
	until := fmt.Sprintf("%s; the next login is in %s (about %s), so that the account is not locked",
		why, web.AgeInWords(wait+time.Minute), status.NextLogin.UTC().Format("2006-01-02 15:04 UTC"))
	if errors.Is(status.Refusal, dexcom.ErrShareCredentials) {
		until += "; other credentials are tried at once"
	}
	return until
}

// flowing says how fresh the newest reading is. A sensor has one every 5 minutes.
func flowing(newest dexcom.Reading, now time.Time) string {
	age, until := now.Sub(newest.Time), "readings until "+newest.Time.UTC().Format("2006-01-02 15:04 UTC")
	switch {
	case age < -time.Minute:
		return fmt.Sprintf("%s: the phone's clock is ahead by %s, set it", until, (-age).Round(time.Second))
	case age <= 6*time.Minute:
		return fmt.Sprintf("%s, %s ago: normal, the phone publishes within %s", until, web.AgeInWords(age), min(max(0, age), 5*time.Minute).Round(time.Second))
	case age <= 15*time.Minute:
		return fmt.Sprintf("%s, %s ago: a reading or two are late", until, web.AgeInWords(age))
	}
	return fmt.Sprintf("%s, %s ago: nothing was published since. Is the phone online and near the sensor, or does a new sensor warm up?", until, web.AgeInWords(age))
}
