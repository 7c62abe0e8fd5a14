package config

import (
	"fmt"
	"testing"

	"gopkg.in/yaml.v3"
)

// encodeYAML returns v in YAML, or why it cannot be encoded: yaml.v3 panics on what it does not know.
func encodeYAML(t *testing.T, v any) (out string) {
	t.Helper()
	defer func() {
		if problem := recover(); problem != nil {
			out = fmt.Sprint(problem)
		}
	}()
	text, err := yaml.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
