package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// shape maps each path of a JSON document to the types that values have there.
// Elements of an array share one path.
type shape map[string]map[string]bool

func (s shape) add(path string, value any) {
	if s[path] == nil {
		s[path] = make(map[string]bool)
	}
	switch v := value.(type) {
	case nil:
		s[path]["null"] = true
	case map[string]any:
		s[path]["object"] = true
		for key, x := range v {
			s.add(path+"."+key, x)
		}
	case []any:
		s[path]["array"] = true
		for _, x := range v {
			s.add(path+"[]", x)
		}
	default:
		s[path][fmt.Sprintf("%T", v)] = true
	}
}

func (s shape) merge(text []byte) error {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	s.add("", value)
	return nil
}

// shapes are the paths and types of several documents together.
func shapes(t testing.TB, texts ...[]byte) shape {
	t.Helper()
	s := make(shape)
	for _, text := range texts {
		if err := s.merge(text); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// shapeOf is one document's shape as text.
func shapeOf(t testing.TB, text []byte) string {
	t.Helper()
	var lines []string
	for path, types := range shapes(t, text) {
		for name := range types {
			lines = append(lines, path+" "+name)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// within reports each path and type that the samples do not have.
func (s shape) within(t *testing.T, samples shape) {
	t.Helper()
	for path, types := range s {
		for name := range types {
			if !samples[path][name] {
				t.Errorf("%s is %s, in the samples %v", path, name, samples[path])
			}
		}
	}
}

// covers reports each path of the samples that is missing.
func (s shape) covers(t *testing.T, samples shape) {
	t.Helper()
	for path := range samples {
		if s[path] == nil {
			t.Errorf("%s is missing", path)
		}
	}
}

func compact(t testing.TB, to *bytes.Buffer, text []byte) {
	t.Helper()
	if err := json.Compact(to, text); err != nil {
		t.Fatal(err)
	}
}
