package otlp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"
)

const (
	// latePoints is how many points of one account go in one request.
	latePoints = 1000
	// windowPause is how long an account waits whose readings were all refused.
	windowPause = 10 * time.Minute
	// patience is how many accounts in a row may fail before a pass ends.
	patience = 3
	// future is how far a point may be ahead of the clock. A point of next year would
	// make a receiver refuse everything of today.
	future = 5 * time.Minute
)

// late pushes readings at their own times, one account a request.
type late struct {
	link

	service *resource.Resource
	source  func() []Account
	maxAge  time.Duration

	held   map[string]time.Time // accounts to leave alone until then
	behind map[string]bool      // accounts that failed last: they come after the others
	// windowless, refusing and expiring are what was logged last.
	windowless, refusing, expiring bool
}

func newLate(l link, service *resource.Resource, config Config) *late {
	return &late{
		link: l, service: service, source: config.Late, maxAge: or(config.MaxAge, 12*time.Hour),
		held: map[string]time.Time{}, behind: map[string]bool{},
	}
}

// pass is what happened to the accounts so far.
type pass struct {
	tally                  tally
	reason, window, failed error
	inARow                 int // failures
}

// push sends what is not settled, and gives the last failure.
func (l *late) push(ctx context.Context) error {
	accounts := l.inOrder(l.source())
	var p pass
	for _, account := range accounts {
		if time.Now().Before(l.held[account.Name]) || len(account.Points) == 0 {
			continue
		}
		if !l.take(&p, account, l.pushAccount(ctx, &p, account)) {
			break
		}
	}
	l.report(ctx, "late readings", p.failed)
	l.reportWindow(p)
	l.reportLosses(p)
	return p.failed
}

// inOrder puts the accounts that failed last behind the others, and forgets those
// that are gone.
func (l *late) inOrder(accounts []Account) []Account {
	isGone := map[string]bool{}
	for name := range l.behind {
		isGone[name] = true
	}
	for _, account := range accounts {
		delete(isGone, account.Name)
	}
	maps.DeleteFunc(l.behind, func(name string, _ bool) bool { return isGone[name] })
	maps.DeleteFunc(l.held, func(_ string, until time.Time) bool { return !time.Now().Before(until) })
	accounts = slices.Clone(accounts)
	slices.SortStableFunc(accounts, func(a, b Account) int {
		switch {
		case l.behind[a.Name] == l.behind[b.Name]:
			return 0
		case l.behind[b.Name]:
			return -1
		}
		return 1
	})
	return accounts
}

// take files how an account's push ended; false ends the pass.
func (l *late) take(p *pass, account Account, err error) bool {
	switch {
	case err == nil:
		delete(l.behind, account.Name)
		p.inARow = 0
		return true
	case errors.Is(err, errAllRefused):
		l.held[account.Name] = time.Now().Add(windowPause)
		p.window, p.inARow = err, 0
		return true
	}
	l.behind[account.Name] = true
	p.failed = fmt.Errorf("account %s: %w", account.Name, err)
	p.inARow++
	f, ok := errors.AsType[failure](err)
	return ok && f.alone && p.inARow < patience
}

// pushAccount sends an account's points in parts and settles each.
func (l *late) pushAccount(ctx context.Context, p *pass, account Account) error {
	for settled := 0; settled < len(account.Points); {
		part := account.Points[settled:min(settled+latePoints, len(account.Points))]
		t, reason, err := l.pushPart(ctx, part)
		if err != nil {
			return err
		}
		l.counters.add(t)
		p.tally.refused += t.refused
		p.tally.expired += t.expired
		if reason != nil {
			p.reason = reason
		}
		settled += len(part)
		account.Settled(settled)
	}
	return nil
}

// pushPart sends the points that are neither too old nor of the future, oldest
// first.
func (l *late) pushPart(ctx context.Context, points []Point) (t tally, reason, err error) {
	now := time.Now()
	var sent []Point
	d := delivery[Point]{
		points: func(points []Point) int { return len(points) },
		send:   func(points []Point) answer { return l.send(ctx, lateMetrics(l.service, points)) },
	}
	for _, point := range points {
		switch {
		case point.Time.After(now.Add(future)):
			d.tally.refused++
			d.reason = errors.New("a reading is in the future")
		case now.Sub(point.Time) > l.maxAge:
			d.tally.expired++
		default:
			sent = append(sent, point)
		}
	}
	slices.SortStableFunc(sent, func(a, b Point) int { return a.Time.Compare(b.Time) })
	err = d.run(sent)
	return d.tally, d.reason, err
}

// reportWindow logs whether the receiver takes late readings at all, when that is
// news.
func (l *late) reportWindow(p pass) {
	switch {
	case p.window != nil && !l.windowless:
		l.log.Warn("the OTLP receiver refuses late readings; they wait for a window until they are older than otlp.max_age (Prometheus: storage.tsdb.out_of_order_time_window)", "retry", windowPause, "err", p.window)
		l.windowless = true
	case p.window == nil && p.failed == nil && len(l.held) == 0 && l.windowless:
		l.log.Info("the OTLP receiver takes late readings again")
		l.windowless = false
	}
}

// reportLosses logs what will never arrive, when the losses begin.
func (l *late) reportLosses(p pass) {
	if p.tally.refused > 0 && !l.refusing {
		l.log.Warn("the OTLP receiver refused readings for good; where they are too old for it, a longer window keeps them (Prometheus: storage.tsdb.out_of_order_time_window)", "readings", p.tally.refused, "err", p.reason)
	}
	if p.tally.expired > 0 && !l.expiring {
		l.log.Warn("readings grew older than otlp.max_age before they could be pushed", "readings", p.tally.expired)
	}
	l.refusing, l.expiring = p.tally.refused > 0, p.tally.expired > 0
}
