package otlp

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

// lateMetrics makes a request of points, in their order. There is no unit: a server
// would put it into the name.
func lateMetrics(service *resource.Resource, points []Point) *metricdata.ResourceMetrics {
	byMetric := map[string][]metricdata.DataPoint[float64]{}
	var names []string
	for _, point := range points {
		if byMetric[point.Metric] == nil {
			names = append(names, point.Metric)
		}
		byMetric[point.Metric] = append(byMetric[point.Metric], metricdata.DataPoint[float64]{
			Attributes: attributesOf(point.Labels), Time: point.Time, Value: point.Value,
		})
	}
	scope := metricdata.ScopeMetrics{Scope: instrumentation.Scope{Name: "dexcom_exporter"}}
	for _, name := range names {
		scope.Metrics = append(scope.Metrics, metricdata.Metrics{Name: name, Data: metricdata.Gauge[float64]{DataPoints: byMetric[name]}})
	}
	return &metricdata.ResourceMetrics{Resource: service, ScopeMetrics: []metricdata.ScopeMetrics{scope}}
}

func attributesOf(labels []Label) attribute.Set {
	pairs := make([]attribute.KeyValue, 0, len(labels))
	for _, label := range labels {
		pairs = append(pairs, attribute.String(label.Name, label.Value))
	}
	return attribute.NewSet(pairs...)
}
