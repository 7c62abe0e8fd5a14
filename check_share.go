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

// ask reads a day. It costs a login at most, and none while logins are stopped.
func (c checkedShare) ask(ctx context.Context) (ok bool, text string) {
	list, err := c.share.Readings(ctx, 24*time.Hour)
	switch {
	case dexcom.Reason(err) == dexcom.ReasonCredentials:
		return false, c.refused(err)
	case err != nil:
		return false, explain(err)
	case len(list.Records) == 0:
		return false, "logged in, but there is no reading of the last 24 h: is Share switched on in the app, with at least one follower? Is the phone online? Does the sensor warm up?"
	}
	now := time.Now()
	ok, text = flowing(list.Records[len(list.Records)-1], now)
	if clock, err := c.share.ServerTime(ctx); err == nil && clock.Sub(now).Abs() > time.Minute {
		text += fmt.Sprintf("; the clock of this machine is off by %s, set it", clock.Sub(now).Abs().Round(time.Second))
	}
	return ok, text
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
	}
	wait := time.Until(status.NextLogin)
	if wait <= 0 {
		return why
	}
	return fmt.Sprintf("%s; the next login is in %s (about %s), so that the account is not locked; other credentials are tried at once",
		why, web.AgeInWords(wait+time.Minute), status.NextLogin.UTC().Format("2006-01-02 15:04 UTC"))
}

// flowing says how fresh the newest reading is. A sensor has one every 5 minutes.
func flowing(newest dexcom.Reading, now time.Time) (ok bool, text string) {
	age := now.Sub(newest.Time)
	until := fmt.Sprintf("readings until %s, %s ago", newest.Time.UTC().Format("2006-01-02 15:04 UTC"), web.AgeInWords(age))
	switch {
	case age < -time.Minute:
		return true, fmt.Sprintf("readings until %s: the phone's clock is ahead by %s, set it", newest.Time.UTC().Format("2006-01-02 15:04 UTC"), (-age).Round(time.Second))
	case age <= 6*time.Minute:
		return true, fmt.Sprintf("%s: normal, the phone publishes within %s", until, min(age, 5*time.Minute).Round(time.Second))
	case age <= 15*time.Minute:
		return true, until + ": a reading or two are late"
	}
	return true, until + ": nothing was published since. Is the phone online and near the sensor, or does a new sensor warm up?"
}
