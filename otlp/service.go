package otlp

import (
	"context"
	"fmt"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
)

// service is what the program calls itself. A Prometheus server makes the label
// job of service.name and instance of service.instance.id. Of all other attributes
// it makes a series target_info with samples at the times of the request's points,
// so that one of these on readings of five minutes ago makes a server without an
// out-of-order window refuse them: those have only what the environment adds.
type service struct{ live, late *resource.Resource }

// serviceOf reads OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, which stand above
// the program's own.
func serviceOf(version string) (service, error) {
	const list = "OTEL_RESOURCE_ATTRIBUTES"
	if text := os.Getenv(list); text != "" {
		// The SDK would tell its global error handler.
		if _, err := pairsOf(text); err != nil {
			return service{}, fmt.Errorf("%s: %w", list, err)
		}
	}
	attributes := []attribute.KeyValue{attribute.String("service.name", "dexcom_exporter")}
	late, err := resource.New(context.Background(), resource.WithAttributes(attributes...), resource.WithFromEnv())
	if err != nil {
		return service{}, fmt.Errorf("read %s: %w", list, err)
	}
	if version != "" {
		attributes = append(attributes, attribute.String("service.version", version))
	}
	live, err := resource.New(context.Background(), resource.WithAttributes(attributes...), resource.WithFromEnv())
	if err != nil {
		return service{}, fmt.Errorf("read %s: %w", list, err)
	}
	return service{live: live, late: late}, nil
}
