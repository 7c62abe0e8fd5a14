package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// errEmpty marks a file without a YAML document.
var errEmpty = errors.New("is empty, copy config.example.yaml to start from")

// value is a value of the file, or the place where one is missing. It is read by methods named for the type expected;
// each reports a fault and returns a harmless value when it finds something else.
type value struct {
	doc *document
	// node is nil when the value is missing or null, which mean the same: the default.
	node *yaml.Node
	path string
	line int
	// commented is whether a comment follows the key on its line.
	commented bool
}

// parse returns the root of the only YAML document in text; file is the name for faults.
//
// The tree is read by hand, not decoded into structs: yaml.v3 names Go types, echoes values and forgets the path.
func parse(file string, text []byte) (value, error) {
	root := value{doc: &document{file: file}, line: 1}
	var first, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	switch err := decoder.Decode(&first); {
	case errors.Is(err, io.EOF):
		root.fail("%w", errEmpty)
	case err != nil:
		root.failSyntax(text, err)
	default:
		root.node = target(first.Content[0])
	}
	if root.node == nil {
		return root, root.doc.err()
	}
	switch err := decoder.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		root.failSyntax(text, err)
	default:
		root.line = second.Line
		root.fail("a second document begins, keep everything in one")
	}
	return root, root.doc.err()
}

// fail reports a fault at the value.
func (v value) fail(format string, args ...any) {
	v.doc.faults = append(v.doc.faults, &fault{file: v.doc.file, line: v.line, path: v.path, err: fmt.Errorf(format, args...)})
}

// failMissing reports that something is not there.
func (v value) failMissing(format string, args ...any) {
	v.fail(format, args...)
	v.doc.faults[len(v.doc.faults)-1].missing = true
}

// failUnknown reports a key that nobody knows.
func (v value) failUnknown(format string, args ...any) {
	v.fail(format, args...)
	v.doc.faults[len(v.doc.faults)-1].unknown = true
}

// missing reports whether the file has no value here, or null.
func (v value) missing() bool {
	return v.node == nil
}

// scalar returns the text of a scalar exactly as written. Numbers, booleans and dates are texts too, because a password
// such as 12345678 or a phone number needs no quotes. It reports whether there is one, with a fault for other kinds.
func (v value) scalar(expected string) (string, bool) {
	if v.missing() {
		return "", false
	}
	if v.node.Kind != yaml.ScalarNode || v.kind() == "a tagged value" {
		v.fail("expected %s, got %s", expected, v.kind())
		return "", false
	}
	return v.node.Value, true
}

// kind names what the file has here, in the words of YAML.
func (v value) kind() string {
	switch v.node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch v.node.ShortTag() {
	case "!!str":
		return "a string"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "a boolean"
	case "!!timestamp":
		return "a date"
	}
	return "a tagged value"
}

// list returns the elements of a list, none when it is missing.
func (v value) list() []value {
	if v.missing() {
		return nil
	}
	if v.node.Kind != yaml.SequenceNode {
		v.fail("expected a list, got %s", v.kind())
		return nil
	}
	if !v.affordable() {
		return nil
	}
	elements := make([]value, len(v.node.Content))
	for i, node := range v.node.Content {
		elements[i] = value{doc: v.doc, node: target(node), path: fmt.Sprintf("%s[%d]", v.path, i), line: node.Line}
	}
	return elements
}

// affordable reports whether the contents of v may be read. A file has fewer nodes than bytes: more come from aliases.
func (v value) affordable() bool {
	v.doc.nodes += len(v.node.Content)
	if v.doc.nodes > maxFileBytes {
		v.fail("aliases (*) make the file too large, use fewer")
	}
	return v.doc.nodes <= maxFileBytes
}

// mapping is a mapping of the file. After all keys were asked for with get, finish reports those that nobody knows.
type mapping struct {
	value
	// keys are in the order of the file.
	keys    []string
	entries map[string]value
	known   []string
}

// mapping returns the mapping at v, an empty one when it is missing.
func (v value) mapping() *mapping {
	m := &mapping{value: v, entries: map[string]value{}}
	if v.missing() {
		return m
	}
	if v.node.Kind != yaml.MappingNode {
		v.fail("expected a mapping, got %s", v.kind())
		return m
	}
	if !v.affordable() {
		return m
	}
	for pair := range slices.Chunk(v.node.Content, 2) {
		m.add(target(pair[0]), value{v.doc, target(pair[1]), v.path, pair[0].Line, pair[0].LineComment != ""})
	}
	return m
}

// add puts one entry into the mapping. The path of v shows the key only if it cannot well be something else.
func (m *mapping) add(key *yaml.Node, v value) {
	switch {
	case key == nil || key.Kind != yaml.ScalarNode:
		v.fail("a key is not a string, write it as key: value")
		return
	case key.ShortTag() == "!!merge":
		v.fail("merge keys (<<) are not supported, write the settings out")
		return
	case isKey(key.Value) && !v.missing():
		v.path = join(m.path, key.Value)
	}
	if first, ok := m.entries[key.Value]; ok {
		v.fail("doubled key, remove it here or on line %d", first.line)
		return
	}
	m.keys = append(m.keys, key.Value)
	m.entries[key.Value] = v
}

// get returns the value of a known key.
func (m *mapping) get(key string) value {
	m.known = append(m.known, key)
	v, ok := m.entries[key]
	if !ok {
		v = value{doc: m.doc, line: m.line}
	}
	v.path = join(m.path, key)
	return v
}

// all yields the entries of a mapping with free keys, in the order of the file.
func (m *mapping) all() iter.Seq2[string, value] {
	return func(yield func(string, value) bool) {
		for _, key := range m.keys {
			if !yield(key, m.entries[key]) {
				return
			}
		}
	}
}

// finish reports the keys that get was never asked for.
func (m *mapping) finish() {
	for key, v := range m.all() {
		if !slices.Contains(m.known, key) {
			v.failUnknown("unknown key, expected one of %s", strings.Join(m.known, ", "))
		}
	}
}

// target follows an alias to its anchor. It returns nil for null.
func target(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null" {
		return nil
	}
	return node
}

// join appends a key to a YAML path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// isKey reports whether a key looks like a name and may be shown; {password:hunter2}, without a space, is a key too.
func isKey(key string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	return key != "" && len(key) <= 40 && strings.Trim(key, letters) == ""
}
