package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/alecthomas/kingpin/v2"
	"golang.org/x/sync/errgroup"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
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
		return tell(p.stdout, findings)
	}
}

// check asks the running program, which alone may use the grants, or does it
// itself where none runs.
func (p program) check(ctx context.Context, plan *plan) ([]finding, error) {
	var findings []finding
	err := control{plan.stateDir}.ask(ctx, "check", plan.marked(rand.Text()), &findings)
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
		for _, source := range account.sources() {
			known := func(f finding) bool { return f.Account == account.name && f.Source == source }
			if !slices.ContainsFunc(tried, known) {
				unknown = append(unknown, finding{
					Account: account.name, Source: source, Text: "the running program does not know this source: reload or restart it",
				})
			}
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
	// Other tells that the running program was configured otherwise when it tried
	// than the file says by now.
	Other bool `json:"other,omitempty"`
}

func tell(w io.Writer, findings []finding) error {
	bad := 0
	for _, f := range findings {
		verdict := "ok"
		if !f.OK {
			verdict, bad = "not ok", bad+1
		}
		_, _ = fmt.Fprintf(w, "%s %s: %s: %s\n", f.Account, f.Source, verdict, f.Text) // no reader, no loss
		if f.Other {
			_, _ = fmt.Fprintf(w, "%s %s: that was the configuration of before, which the running program still uses: reload or restart it\n", f.Account, f.Source)
		}
	}
	if bad > 0 {
		return fmt.Errorf("check: %d of %d sources are not ok", bad, len(findings))
	}
	return nil
}

// checker tries the sources of the accounts.
type checker struct{ sources []checked }

// checked is one source of one account.
type checked interface {
	// try asks the source once and says in words what came of it.
	try(ctx context.Context) finding
}

// run tries each source once, a few at a time.
func (c checker) run(ctx context.Context) []finding {
	findings := make([]finding, len(c.sources))
	var group errgroup.Group
	group.SetLimit(8)
	for i, source := range c.sources {
		group.Go(func() error {
			findings[i] = source.try(ctx)
			return nil
		})
	}
	_ = group.Wait() // failures are findings
	return findings
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
	return fmt.Sprintf("an answer that Dexcom does not give (%v): look at base_url and at proxies", err)
}
