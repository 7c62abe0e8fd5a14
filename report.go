package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
	"github.com/dexcom-exporter/dexcom_exporter/report"
)

func addReport(app *kingpin.Application) (string, action) {
	command := app.Command("report", "Make the page for the doctor: one printable HTML file.")
	account := command.Arg("account", "The account's name in the configuration file.").Required().String()
	configFile := addConfigFlag(command)
	days := command.Flag("days", "How many whole days, until the last midnight: 1 to 90.").Default("14").String() // Int would round
	unit := command.Flag("unit", "mg/dL or mmol/L.").Default(glucose.MgDL.String()).String()
	path := command.Flag("output", "The file to write, such as alice.html; - is standard output.").Required().String()
	return command.FullCommand(), func(ctx context.Context, p program) error {
		r := reporting{path: *path, now: time.Now(), stderr: p.stderr}
		if err := cmp.Or(r.readDays(*days), r.readUnit(*unit)); err != nil {
			return usageError{fmt.Errorf("report: %w", err)}
		}
		plan, err := planOf(*configFile)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(plan.accounts, func(a plannedAccount) bool { return a.name == *account })
		if at < 0 {
			return usageError{fmt.Errorf("report: the configuration has no account %q", *account)}
		}
		r.account = plan.accounts[at]
		return p.report(ctx, plan, r)
	}
}

// report makes the page of what the running program knows, or of what Dexcom has
// where none runs.
func (p program) report(ctx context.Context, plan *plan, r reporting) error {
	out, err := openOutput(r.path, p.stdout)
	if err != nil {
		return usageError{fmt.Errorf("report: --output: %w", err)}
	}
	defer out.drop()
	past, leave, err := p.past(ctx, plan, "report", func(h *house) past { return knownPast{house: h} })
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	defer leave()
	switch err := r.run(ctx, past, out); {
	case ctx.Err() != nil:
		return errors.New("report: interrupted, nothing was written")
	case err != nil:
		return fmt.Errorf("report: %w; nothing was written", err)
	}
	if err := out.keep(); err != nil {
		return fmt.Errorf("report: write %s: %w", r.path, err)
	}
	return nil
}

// reporting is one run of the command.
type reporting struct {
	account plannedAccount
	days    int
	unit    glucose.Unit
	path    string
	now     time.Time
	stderr  io.Writer
}

func (r *reporting) readDays(days string) (err error) {
	if r.days, err = strconv.Atoi(days); err != nil || r.days < 1 || r.days > 90 {
		return fmt.Errorf("--days: %q is no whole number from 1 to 90", days)
	}
	return nil
}

func (r *reporting) readUnit(unit string) (err error) {
	if r.unit, err = glucose.ParseUnit(unit); err != nil {
		return fmt.Errorf("--unit: %w", err)
	}
	return nil
}

func (r *reporting) run(ctx context.Context, past past, out io.Writer) error {
	found := gathered{reporting: r}
	switch err := past.read(ctx, r.stretch(), found.take); {
	case errors.Is(err, errOnlyShare): // and no program runs, which would say so in its own words
		return fmt.Errorf("%w, or a running serve, which keeps what it reads", err)
	case err != nil:
		return err
	}
	days := report.LastDays(r.days, found.end())
	page := report.Page{
		Account: r.account.name, Unit: r.unit, TargetRange: r.account.target, Days: days,
		Samples: found.samples, Remarks: found.remarks(days),
	}
	for _, m := range found.missingOf(days) {
		r.say("%s: what is between %s and %s is missing: %s", r.account.name, m.From.Format(time.RFC3339), m.To.Format(time.RFC3339), m.Why)
	}
	if r.account.timezone != nil {
		page.Zone = r.account.timezone.String()
	}
	if err := page.Write(out); err != nil {
		return err
	}
	r.say("%s: %s", r.account.name, days)
	return nil
}

// say prints a line for the person who waits.
func (r *reporting) say(format string, args ...any) {
	_, _ = fmt.Fprintf(r.stderr, format+"\n", args...)
}
