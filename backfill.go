package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"
)

func addBackfill(app *kingpin.Application) (string, action) {
	command := app.Command("backfill", "Write the past of accounts as OpenMetrics text, for promtool to load into Prometheus.")
	accounts := command.Arg("account", "The accounts' names in the configuration file.").Required().Strings()
	configFile := addConfigFlag(command)
	asked := stretchFlags{
		from:   command.Flag("from", "The oldest time: 2026-01-31, 2026-01-31T08:00:00Z, or so long ago: 90d. 2000-01-01 is all there is.").Required().String(),
		to:     command.Flag("to", "The time before which it ends, written likewise (default: 4h).").String(),
		unsafe: command.Flag("unsafe-until-now", "Let it end later than 4 hours ago, although Prometheus may lose live data of that time.").Bool(),
	}
	path := command.Flag("output", "The file to write; - is standard output.").Required().String()
	return command.FullCommand(), func(ctx context.Context, p program) error {
		from, to, err := asked.read(time.Now())
		if err != nil {
			return usageError{fmt.Errorf("backfill: %w", err)}
		}
		plan, err := planOf(*configFile)
		if err != nil {
			return err
		}
		if err := plan.backfillable(*accounts); err != nil {
			return usageError{err}
		}
		b := backfill{accounts: *accounts, from: from, to: to, unsafe: *asked.unsafe, path: *path, stderr: p.stderr}
		return p.backfill(ctx, plan, b)
	}
}

// standardOutput is the file name that means it.
const standardOutput = "-"

// joinDashes writes "--output -" as one argument: the parser of flags takes the
// dash for nothing.
func joinDashes(args []string) []string {
	args = slices.Clone(args)
	for i := 1; i < len(args); i++ {
		if args[i] == standardOutput && args[i-1] == "--output" {
			args = slices.Replace(args, i-1, i+1, "--output="+standardOutput)
		}
	}
	return args
}

// backfillable refuses accounts that have no past to read.
func (p *plan) backfillable(accounts []string) error {
	for i, name := range accounts {
		at := slices.IndexFunc(p.accounts, func(a plannedAccount) bool { return a.name == name })
		switch {
		case at < 0:
			return fmt.Errorf("backfill: the configuration has no account %q", name)
		case !p.accounts[at].api:
			return fmt.Errorf("backfill: %w", onlyShare(name))
		case slices.Contains(accounts[:i], name):
			return fmt.Errorf("backfill: account %q is named twice", name)
		}
	}
	return nil
}

// onlyShare says why an account without the official API has no past.
func onlyShare(account string) error { return fmt.Errorf("account %q %w", account, errOnlyShare) }

var errOnlyShare = errors.New("has Dexcom Share alone, which knows the last 24 hours only: the past needs the official API (api: in the configuration)")

// backfill does it in the program that runs, which alone may use the grants, or
// here where none runs.
func (p program) backfill(ctx context.Context, plan *plan, b backfill) error {
	out, err := openOutput(b.path, p.stdout)
	if err != nil {
		return usageError{fmt.Errorf("backfill: --output: %w", err)}
	}
	defer out.drop()
	past, leave, err := p.past(ctx, plan, "backfill", func(h *house) past { return localPast{h} })
	if err != nil {
		return err
	}
	defer leave()
	b.past = past
	return b.run(ctx, out)
}

// past is told by the program that runs, or here where none runs. The caller leaves
// when it has read it.
func (p program) past(ctx context.Context, plan *plan, command string, here func(*house) past) (_ past, leave func(), err error) {
	running := control{plan.stateDir}
	err = running.ask(ctx, "healthy", nil, nil)
	if err == nil {
		return remotePast{running, command}, func() {}, nil
	}
	if !errors.Is(err, errNotRunning) {
		return nil, nil, err
	}
	h, err := plan.open(p.log)
	if err != nil {
		return nil, nil, err
	}
	return here(h), h.close, nil
}

// backfill is one run of the command.
type backfill struct {
	past     past
	accounts []string
	from, to time.Time
	unsafe   bool
	path     string
	stderr   io.Writer
}

func (b backfill) run(ctx context.Context, out *output) error {
	if b.unsafe {
		b.say("Prometheus may lose live data of all series when it restarts after it loaded blocks that reach into the last 4 hours.")
	}
	text, err := newOpenMetrics(out)
	if err != nil {
		return fmt.Errorf("backfill: %w", err)
	}
	defer text.close()
	for _, account := range b.accounts {
		if err := b.write(ctx, account, text); err != nil {
			return b.failed(ctx, err)
		}
	}
	if err := errors.Join(text.finish(), ctx.Err()); err != nil {
		return b.failed(ctx, err)
	}
	if err := out.keep(); err != nil {
		return fmt.Errorf("backfill: write %s: %w", b.path, err)
	}
	b.sayWhatIsNext(text.oldest)
	return nil
}

// write adds one account to the text.
func (b backfill) write(ctx context.Context, account string, text *openMetrics) error {
	progress := newProgress(b.stderr, account)
	defer progress.end()
	err := b.past.read(ctx, stretch{Account: account, From: b.from, To: b.to}, func(c chapter) error {
		if err := text.add(account, c); err != nil {
			return err
		}
		progress.show(c)
		return nil
	})
	if err == nil {
		err = text.endAccount(account)
	}
	if err == nil {
		progress.end()
		b.say("%s: %s", account, progress.sum())
	}
	return err
}

// failed says what is left of a run that failed.
func (b backfill) failed(ctx context.Context, err error) error {
	left := "nothing was written"
	if b.path == standardOutput {
		left = "what was written is not whole and has no # EOF at its end"
	}
	if ctx.Err() != nil {
		return fmt.Errorf("backfill: interrupted, %s", left)
	}
	return fmt.Errorf("backfill: %w; %s", err, left)
}

// say prints a line for the person who waits.
func (b backfill) say(format string, args ...any) { _, _ = fmt.Fprintf(b.stderr, format+"\n", args...) }

// sayWhatIsNext names what loads the file, in the order in which it must be done.
func (b backfill) sayWhatIsNext(oldest time.Time) {
	if oldest.IsZero() {
		b.say("There is nothing to load: Dexcom has no readings of that time.")
		return
	}
	file := b.path
	if file == standardOutput {
		file = "FILE"
	}
	days := int(time.Since(oldest)/(24*time.Hour)) + 2
	b.say("To load it:\n"+
		"  1. Let Prometheus keep data that old, before anything else: --storage.tsdb.retention.time=%dd or more, and restart it.\n"+
		"  2. promtool tsdb create-blocks-from openmetrics --max-block-duration=744h %s OUTDIR\n"+
		"  3. Move what is in OUTDIR into Prometheus's data directory: it is there a minute later.", days, file)
}
