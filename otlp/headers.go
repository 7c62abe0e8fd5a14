package otlp

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// redacted is what is shown in place of a secret.
const redacted = "<secret>"

// Headers are HTTP headers by name. Their values are taken for secrets: fmt, slog
// and the encoders of JSON and YAML show "<secret>" for all of them.
type Headers map[string]string

// Format writes "<secret>" for every verb and flag of fmt.
func (Headers) Format(f fmt.State, _ rune) {
	// fmt.State has no way to report a failed write, and its writer never fails.
	_, _ = io.WriteString(f, redacted)
}

// LogValue returns "<secret>" to slog.
func (Headers) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "<secret>".
func (Headers) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// scrub takes the values out of a text that a receiver wrote, and the words they
// consist of: a gateway may quote the token and not the scheme before it.
func (h Headers) scrub(text string) string {
	const shortest = 6 // a shorter word is found in any text
	for _, value := range h {
		for _, secret := range append([]string{value}, strings.Fields(value)...) {
			if len(secret) >= shortest {
				text = strings.ReplaceAll(text, secret, redacted)
			}
		}
	}
	return text
}
