package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"golang.org/x/sync/errgroup"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/web"
)

func addCheck(app *kingpin.Application) (string, action) {
	command := app.Command("check", "Load the configuration, try each source of each account once, and say what is wrong.")
	configFile := addConfigFlag(command)
	configOnly := command.Flag("config-only", "Stop after the configuration; contact nobody.").Bool()
	return command.FullCommand(), func(ctx context.Context, p program) error {
		plan, err := planOf(*configFile)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(p.stdout, "%s: ok, %d account(s)\n", *configFile, len(plan.accounts)) // no reader, no loss
		if *configOnly {
			return nil
		}
		findings, err := p.check(ctx, plan)
		if err != nil {
			return err
		}
		return report(p.stdout, findings)
	}
}

// check asks the running program, which alone may use the grants, or does it
// itself where none runs.
func (p program) check(ctx context.Context, plan *plan) ([]finding, error) {
	var findings []finding
	err := control{plan.stateDir}.ask(ctx, "check", nil, &findings)
	if !errors.Is(err, errNotRunning) {
		return append(findings, plan.unknownTo(findings)...), err
	}
	h, err := plan.open(p.log)
	if err != nil {
		return nil, err
	}
	defer h.close()
	return h.checker().run(ctx), nil
}

// unknownTo gives the accounts of the file that the running program did not try.
func (p *plan) unknownTo(tried []finding) []finding {
	var unknown []finding
	for _, account := range p.accounts {
		if !slices.ContainsFunc(tried, func(f finding) bool { return f.Account == account.name }) {
			unknown = append(unknown, finding{account.name, "api", false, "the running program does not know this account: reload or restart it"})
		}
	}
	return unknown
}

// finding is what came of trying one source of one account.
type finding struct {
	Account string `json:"account"`
	Source  string `json:"source"`
	OK      bool   `json:"ok"`
	Text    string `json:"text"`
}

func report(w io.Writer, findings []finding) error {
	bad := 0
	for _, f := range findings {
		verdict := "ok"
		if !f.OK {
			verdict, bad = "not ok", bad+1
		}
		_, _ = fmt.Fprintf(w, "%s %s: %s: %s\n", f.Account, f.Source, verdict, f.Text) // no reader, no loss
	}
	if bad > 0 {
		return fmt.Errorf("check: %d of %d sources are not ok", bad, len(findings))
	}
	return nil
}

// checker tries the sources of the accounts.
type checker struct{ sources []checked }

// checked is the official API of one account.
type checked struct {
	account string
	region  dexcom.Region
	version dexcom.Version
	app     *dexcom.App
	grant   *dexcom.Grant
	client  *dexcom.Client
}

// run tries each source once, a few at a time.
func (c checker) run(ctx context.Context) []finding {
	findings := make([]finding, len(c.sources))
	var group errgroup.Group
	group.SetLimit(8)
	for i, source := range c.sources {
		group.Go(func() error {
			ok, text := source.try(ctx)
			findings[i] = finding{Account: source.account, Source: "api", OK: ok, Text: text}
			return nil
		})
	}
	_ = group.Wait() // failures are findings
	return findings
}

// try asks for the range of the person's data: one small request that needs all
// that the others need.
func (c checked) try(ctx context.Context) (ok bool, text string) {
	ranges, err := c.client.DataRange(ctx)
	switch dexcom.Reason(err) {
	case "":
		return dataUntil(ranges.EGVs.End, c.holdBack(), time.Now())
	case dexcom.ReasonConsent, dexcom.ReasonCredentials:
		return false, c.consent(ctx, err)
	}
	return false, c.explain(err)
}

// explain is explain for this source.
func (c checked) explain(err error) string {
	refused, ok := errors.AsType[*dexcom.Error](err)
	closed := ok && (refused.StatusCode == http.StatusForbidden || refused.StatusCode == http.StatusNotFound)
	if closed && c.version == dexcom.V2 {
		return fmt.Sprintf("HTTP %d: does Dexcom still let this app use version 2? New apps must use version: v3", refused.StatusCode)
	}
	return explain(err)
}

// consent finds out whether it is the app or the person that is missing.
func (c checked) consent(ctx context.Context, err error) string {
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

// explain says what a call that failed means, and where to look.
func explain(err error) string {
	switch dexcom.Reason(err) {
	case dexcom.ReasonRateLimited:
		return "Dexcom wants fewer calls (HTTP 429): is somebody else using this app, or is rate_limit too high?"
	case dexcom.ReasonServer:
		return fmt.Sprintf("Dexcom, or something before it, has a fault of its own (%v): it passes, try again later", err)
	case dexcom.ReasonDecode:
		return fmt.Sprintf("somebody else answers in Dexcom's place (%v): look at base_url and at proxies", err)
	case dexcom.ReasonNetwork:
		return fmt.Sprintf("no answer (%v): look at the network, the proxy and base_url", err)
	}
	return fmt.Sprintf("an answer that makes no sense (%v): look at base_url", err)
}

// holdBack is how long Dexcom keeps an upload to itself
// (developer.dexcom.com/docs/dexcomv3/endpoint-overview; clients).
func (c checked) holdBack() string {
	if c.version == dexcom.V3 && (c.region == dexcom.US || c.region == dexcom.Sandbox) {
		return "an hour"
	}
	return "three hours"
}

// dataUntil says how far the data reaches, and whether that is normal.
func dataUntil(end time.Time, holdBack string, now time.Time) (ok bool, text string) {
	if end.IsZero() {
		return false, "linked, but Dexcom has no readings yet: does the person wear a sensor, and does the app or receiver upload?"
	}
	age := now.Sub(end).Round(time.Minute)
	until := fmt.Sprintf("readings until %s, %s ago", end.UTC().Format("2006-01-02 15:04 UTC"), web.AgeInWords(age))
	if age > 6*time.Hour {
		return true, until + ": nothing was uploaded since. Is the phone online? A receiver uploads when somebody plugs it in"
	}
	return true, until + ": normal, Dexcom releases readings " + holdBack + " after the upload"
}
