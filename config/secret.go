package config

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is what a Secret shows instead of its text, the spelling Prometheus uses.
const redacted = "<secret>"

// Secret is a text that fmt, slog and the JSON, YAML and text encoders cannot print: all of them show "<secret>", or an
// address where they reach it through an unexported field. Reveal is the only way out. The zero value holds no text.
//
// Secrets are immutable, safe for concurrent use, and compare by text under reflect.DeepEqual, but not under ==.
type Secret struct {
	// fmt calls no methods on values in unexported fields, but it does not follow pointers there either.
	text *string
}

// NewSecret returns a Secret that holds text.
func NewSecret(text string) Secret {
	return Secret{text: &text}
}

// Reveal returns the text of the secret, for the one request that needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether the secret holds no text or an empty one.
func (s Secret) IsZero() bool {
	return s.Reveal() == ""
}

// String returns "<secret>".
func (Secret) String() string {
	return redacted
}

// GoString returns "<secret>".
func (Secret) GoString() string {
	return redacted
}

// Format writes "<secret>" for every verb and flag of fmt.
func (Secret) Format(f fmt.State, _ rune) {
	// fmt.State has no way to report a failed write, and its writer never fails.
	_, _ = io.WriteString(f, redacted)
}

// LogValue returns "<secret>" to slog.
func (Secret) LogValue() slog.Value {
	return slog.StringValue(redacted)
}

// MarshalText returns "<secret>".
func (Secret) MarshalText() ([]byte, error) {
	return []byte(redacted), nil
}

// MarshalJSON returns "<secret>" as a JSON string, without escaping its angle brackets.
func (Secret) MarshalJSON() ([]byte, error) {
	return []byte(`"` + redacted + `"`), nil
}

// MarshalYAML returns "<secret>".
func (Secret) MarshalYAML() (any, error) {
	return redacted, nil
}
