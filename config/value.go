package config

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// day is the largest unit of the bounds below.
const day = 24 * time.Hour

// required reports a fault when the value is missing or an empty string.
func (v value) required() value {
	if v.missing() {
		v.failMissing("is missing, add it")
	} else if v.node.Value == "" && v.kind() == "a string" {
		v.fail("is empty, fill it in")
	}
	return v
}

// text reads a string.
func (v value) text(fallback string) string {
	if text, ok := v.scalar("a string"); ok {
		return text
	}
	return fallback
}

// oneOf reads a string out of a closed set; the first is the default.
func (v value) oneOf(choices ...string) string {
	text, ok := v.scalar("a string")
	if !ok {
		return choices[0]
	}
	if !slices.Contains(choices, text) {
		v.fail("unknown value, choose one of %s", strings.Join(choices, ", "))
		return choices[0]
	}
	return text
}

// boolean reads true or false.
func (v value) boolean(fallback bool) bool {
	if v.missing() {
		return fallback
	}
	if v.kind() != "a boolean" {
		v.fail("expected true or false, got %s", v.kind())
		return fallback
	}
	return strings.EqualFold(v.node.Value, "true")
}

// integer reads a whole number from lowest to highest.
func (v value) integer(fallback, lowest, highest int) int {
	text, ok := v.scalar("a whole number")
	if !ok {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < lowest || n > highest {
		v.fail("must be a whole number from %d to %d", lowest, highest)
		return fallback
	}
	return n
}

// duration reads a Prometheus duration from lowest to highest.
func (v value) duration(fallback, lowest, highest time.Duration) time.Duration {
	text, ok := v.scalar("a duration such as 15m")
	if !ok {
		return fallback
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		v.fail("has no unit, add one: ms, s, m, h, d, w or y")
		return fallback
	}
	parsed, err := model.ParseDuration(text)
	if err != nil {
		v.fail("not a duration, write it as in 90s, 15m, 1h30m or 14d")
		return fallback
	}
	if d := time.Duration(parsed); lowest <= d && d <= highest {
		return d
	}
	v.fail("out of bounds, choose from %s to %s", model.Duration(lowest), model.Duration(highest))
	return fallback
}

// webAddress reads an absolute http or https URL without user, query and fragment. An empty string means the default.
func (v value) webAddress(fallback string) string {
	text := v.text(fallback)
	if text == "" || v.missing() {
		return fallback
	}
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", !hasHost(u):
		v.fail("not a web address, write it as in https://host.example:8443/path")
	case u.User != nil:
		v.fail("contains a user, remove everything before the @")
	case strings.ContainsAny(text, "?#"):
		v.fail("contains a query or fragment, remove everything from the ? or # on")
	}
	return text
}

// hasHost reports whether a URL has a host of the characters that names and addresses have, and a port that exists if it
// has one.
func hasHost(u *url.URL) bool {
	const inHosts = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%"
	if u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		if err != nil || port < 1 || port > 65535 {
			return false
		}
	}
	return u.Hostname() != "" && strings.Trim(u.Hostname(), inHosts) == ""
}

// location reads the name of a time zone; nil when it is missing.
func (v value) location() *time.Location {
	text, ok := v.scalar("a string")
	if !ok {
		return nil
	}
	zone, err := time.LoadLocation(text)
	// Go's "Local" and "" would mean another zone on another machine.
	if err != nil || text == "" || zone == time.Local {
		v.fail("unknown time zone, choose a name of the IANA database such as Europe/London")
		return nil
	}
	return zone
}
