package config

import (
	"strings"
	"time"
	"unicode"
)

// Readings bounds the /readings outlet.
type Readings struct {
	// Window is the age above which a reading is not offered; never longer than Poll.History.
	Window time.Duration
}

// OTLP is the push outlet.
type OTLP struct {
	// Endpoint is the base URL of the receiver; empty means the standard OTEL_EXPORTER_OTLP_* variables decide.
	Endpoint string
	// Headers go with each push, by name; nil when there are none.
	Headers map[string]Secret
	// Interval is the time between two pushes.
	Interval time.Duration
	// MaxAge is the age above which a reading is not pushed; never longer than Poll.History.
	MaxAge time.Duration
}

// readReadings reads the section readings.
func readReadings(v value, history time.Duration) Readings {
	m := v.mapping()
	defer m.finish()
	return Readings{Window: m.get("window").within(history)}
}

// readOTLP reads the section otlp.
func readOTLP(v value, history time.Duration) *OTLP {
	if v.missing() {
		return nil
	}
	m := v.mapping()
	defer m.finish()
	return &OTLP{
		Endpoint: m.get("endpoint").webAddress(""),
		Headers:  readHeaders(m.get("headers")),
		// The upper bound is the lower one of max_age: no reading grows too old between two pushes.
		Interval: m.get("interval").duration(time.Minute, time.Second, time.Hour),
		MaxAge:   m.get("max_age").within(history),
	}
}

// readHeaders reads HTTP headers with one value each, nil when there are none.
func readHeaders(v value) map[string]Secret {
	var headers map[string]Secret
	for name, entry := range v.mapping().all() {
		if headers == nil {
			headers = map[string]Secret{}
		}
		headers[name] = NewSecret(entry.header(name))
	}
	return headers
}

// header reads the value of an HTTP header.
func (v value) header(name string) string {
	text := v.written().unspoilt()
	switch {
	case !isKey(name):
		v.fail("not the name of an HTTP header, write it as in X-Scope-OrgID: value")
	case strings.ContainsFunc(text, unicode.IsControl):
		v.fail("contains a control character, write it on one line")
	}
	return text
}

// within reads the age up to which an outlet delivers: 12 hours by default, at least the hour that the slowest phone
// takes between two uploads, and at most what is remembered.
func (v value) within(history time.Duration) time.Duration {
	age := v.duration(12*time.Hour, time.Hour, 90*day)
	if age > history {
		v.fail("longer than poll.history, shorten it or remember more")
	}
	return age
}
