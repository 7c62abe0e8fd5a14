package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// document is a body of JSON cut at its records: the elements of the first list
// at the top, whatever its name. Where there is no list, the whole body is the
// only record.
type document struct {
	before, after string // around the records
	records       []json.RawMessage
	list          bool
}

// cutRecords never fails: what is no JSON object is one record.
func cutRecords(body []byte) document {
	body = bytes.TrimSpace(body)
	whole := document{records: []json.RawMessage{body}}
	fields, err := fieldsOf(body)
	if err != nil {
		return whole
	}
	for i, f := range fields {
		var records []json.RawMessage
		if f.kind() != '[' || json.Unmarshal(f.value, &records) != nil {
			continue
		}
		before, after := joinFields(fields[:i]), joinFields(fields[i+1:])
		if before != "" {
			before += ","
		}
		if after != "" {
			after = "," + after
		}
		return document{"{" + before + f.name() + "[", "]" + after + "}\n", records, true}
	}
	return whole
}

// text is the body again.
func (d document) text() string { return d.before + strings.Join(texts(d.records), ",") + d.after }

func texts(values []json.RawMessage) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}

// field is a key of a JSON object with the text of its value, as it was.
type field struct {
	key   string
	value json.RawMessage
}

// name is the key as JSON, with its colon.
func (f field) name() string {
	name, _ := json.Marshal(f.key) // never fails: a string
	return string(name) + ":"
}

// kind is how the value begins; all numbers are '0', all flags 't'.
func (f field) kind() byte {
	switch b := f.value[0]; b {
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return '0'
	case 'f':
		return 't'
	default:
		return b
	}
}

// fieldsOf reads an object in its own order.
func fieldsOf(object []byte) ([]field, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("read object: it is none")
	}
	var fields []field
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("read object: %w", err)
		}
		name, _ := key.(string) // all keys are
		f := field{key: name}
		if err := d.Decode(&f.value); err != nil {
			return nil, fmt.Errorf("read object: %w", err)
		}
		fields = append(fields, f)
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	return fields, nil
}

// joinFields is what stands between the braces of an object.
func joinFields(fields []field) string {
	var b bytes.Buffer
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(f.name())
		b.Write(f.value)
	}
	return b.String()
}
