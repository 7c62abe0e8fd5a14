package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/web"
)

// checkedAPI is the official API of one account.
type checkedAPI struct {
	account string
	region  dexcom.Region
	version dexcom.Version
	app     *dexcom.App
	client  *dexcom.Client
}

// try asks for the range of the person's data: one small request that needs all
// that the others need.
func (c checkedAPI) try(ctx context.Context) finding {
	ok, text := c.ask(ctx)
	return finding{Account: c.account, Source: "api", OK: ok, Text: text}
}

func (c checkedAPI) ask(ctx context.Context) (ok bool, text string) {
	ranges, err := c.client.DataRange(ctx)
	switch dexcom.Reason(err) {
	case "":
		if ranges.EGVs.Ahead {
			return false, clockAhead
		}
		return dataUntil(ranges.EGVs.End, c.holdBack(), time.Now())
	case dexcom.ReasonConsent, dexcom.ReasonCredentials:
		return false, c.consent(ctx, err)
	}
	return false, c.explain(err)
}

// explain is explain for this source.
func (c checkedAPI) explain(err error) string {
	refused, ok := errors.AsType[*dexcom.Error](err)
	closed := ok && (refused.StatusCode == http.StatusForbidden || refused.StatusCode == http.StatusNotFound)
	if closed && c.version == dexcom.V2 {
		return fmt.Sprintf("HTTP %d: does Dexcom still let this app use version 2? New apps must use version: v3", refused.StatusCode)
	}
	return explain(err)
}

// consent finds out whether it is the app or the person that is missing.
func (c checkedAPI) consent(ctx context.Context, err error) string {
	appErr := c.app.Check(ctx)
	_, called := errors.AsType[*dexcom.Error](appErr)
	switch {
	case called:
		return explain(appErr)
	case appErr != nil:
		return fmt.Sprintf("apps.%s: %v", c.region, appErr)
	case dexcom.Reason(err) == dexcom.ReasonConsent:
		return fmt.Sprintf("consent needed: link the account on the status page or with `dexcom_exporter link %s`; the app itself is fine", c.account)
	}
	return fmt.Sprintf("Dexcom refuses the tokens of this account: is its person's account in another region than %s? Link it again", c.region)
}

// holdBack is how long Dexcom keeps an upload to itself, in words.
func (c checkedAPI) holdBack() string {
	if c.version.HoldBack(c.region) == time.Hour {
		return "an hour"
	}
	return "three hours"
}

// clockAhead is said of data that lies in the future.
const clockAhead = "Dexcom has readings of the future: the clock of the person's device is ahead, set it (or that of this machine is behind)"

// dataUntil says how far the data reaches, and whether that is normal.
func dataUntil(end time.Time, holdBack string, now time.Time) (ok bool, text string) {
	if end.IsZero() {
		return false, "linked, but Dexcom has no readings yet: does the person wear a sensor, and does the app or receiver upload?"
	}
	age := now.Sub(end).Round(time.Minute)
	if age < 0 {
		return false, clockAhead
	}
	until := fmt.Sprintf("readings until %s, %s ago", end.UTC().Format("2006-01-02 15:04 UTC"), web.AgeInWords(age))
	if age > 6*time.Hour {
		return true, until + ": nothing was uploaded since. Is the phone online? A receiver uploads when somebody plugs it in"
	}
	return true, until + ": normal, Dexcom releases readings " + holdBack + " after the upload"
}
