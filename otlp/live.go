package otlp

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	bridge "go.opentelemetry.io/contrib/bridges/prometheus"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

// livePoints is how many points of the live table go in one request: some 250 kB
// before compression.
const livePoints = 5000

// live pushes the live table. What fails is not kept: the next table is newer.
type live struct {
	link

	service  *resource.Resource
	gatherer prometheus.Gatherer
	// refusing and ungathered are what was logged last.
	refusing, ungathered bool
}

// push gathers and sends, and gives the last failure. A part that the receiver does
// not want costs the others nothing.
func (l *live) push(ctx context.Context) error {
	families, err := l.gatherer.Gather()
	l.reportGather(err)
	var problem, reason error
	for _, part := range cut(families, livePoints) {
		d := delivery[*dto.MetricFamily]{points: pointsOf, send: func(families []*dto.MetricFamily) answer {
			metrics, err := liveMetrics(ctx, families)
			if err != nil {
				return answer{err: err}
			}
			return l.send(ctx, &metricdata.ResourceMetrics{Resource: l.service, ScopeMetrics: metrics})
		}}
		err := d.run(part)
		if errors.Is(err, errAllRefused) {
			d.tally.refused, d.reason, err = pointsOf(part), err, nil
		}
		l.counters.add(d.tally)
		if d.reason != nil {
			reason = d.reason
		}
		if err != nil {
			problem = err
			break // nothing is as late as what waits for a receiver that is gone
		}
	}
	l.report(ctx, "live table", problem)
	l.reportRefusal(reason, problem)
	return problem
}

// liveMetrics translates with OpenTelemetry's own bridge. It is given families that
// were gathered, because it hands an error of gathering to a global handler.
func liveMetrics(ctx context.Context, families []*dto.MetricFamily) ([]metricdata.ScopeMetrics, error) {
	gathered := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return families, nil })
	metrics, err := bridge.NewMetricProducer(bridge.WithGatherer(gathered)).Produce(ctx)
	if err != nil {
		return nil, fmt.Errorf("translate live table: %w", err)
	}
	return metrics, nil
}

// cut makes parts of up to so many points each; a family may be in several.
func cut(families []*dto.MetricFamily, points int) (parts [][]*dto.MetricFamily) {
	var part []*dto.MetricFamily
	room := points
	for _, family := range families {
		if family.GetType() == dto.MetricType_GAUGE_HISTOGRAM {
			continue // the bridge knows none, and nobody here makes one
		}
		for metrics := family.GetMetric(); len(metrics) > 0; {
			n := min(room, len(metrics))
			part = append(part, &dto.MetricFamily{Name: family.Name, Help: family.Help, Type: family.Type, Metric: metrics[:n]})
			if metrics, room = metrics[n:], room-n; room == 0 {
				parts, part, room = append(parts, part), nil, points
			}
		}
	}
	if len(part) > 0 {
		parts = append(parts, part)
	}
	return parts
}

// pointsOf counts the points of families.
func pointsOf(families []*dto.MetricFamily) (points int) {
	for _, family := range families {
		points += len(family.GetMetric())
	}
	return points
}

func (l *live) reportGather(err error) {
	if err != nil && !l.ungathered {
		l.log.Warn("a part of the live table cannot be gathered for OTLP", "err", err)
	}
	l.ungathered = err != nil
}

func (l *live) reportRefusal(reason, problem error) {
	switch {
	case reason != nil && !l.refusing:
		l.log.Warn("the OTLP receiver refused a part of the live table", "err", reason)
		l.refusing = true
	case reason == nil && problem == nil && l.refusing:
		l.log.Info("the OTLP receiver takes the whole live table again")
		l.refusing = false
	}
}
