package simulator

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestDocumentsAreCutAtTheirRecords(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		body    string
		records []string
		list    bool
	}{
		{`{"a":1,"records":[{"b":2},{"c":[3]}],"d":null}`, []string{`{"b":2}`, `{"c":[3]}`}, true},
		{`{"egvs":[{}]}`, []string{`{}`}, true},
		{`{"records":[]}`, nil, true},
		{`{"a":[],"b":[1]}`, nil, true},
		{`{"errors":["x","y"]}`, []string{`"x"`, `"y"`}, true},
		{`{"a":{"list":[1]}}`, []string{`{"a":{"list":[1]}}`}, false},
		{`{}`, []string{`{}`}, false},
		{`[{"a":1}]`, []string{`[{"a":1}]`}, false},
		{`null`, []string{`null`}, false},
		{``, []string{``}, false},
		{`<html>`, []string{`<html>`}, false},
		{`{"a":[1,`, []string{`{"a":[1,`}, false},
		{`{"a":[1]`, []string{`{"a":[1]`}, false},
	} {
		d := cutRecords([]byte(x.body + "\n"))
		if got := texts(d.records); d.list != x.list || !slices.Equal(got, x.records) {
			t.Errorf("%s: %q, a list: %v", x.body, got, d.list)
		}
		if got := strings.TrimSpace(d.text()); got != x.body {
			t.Errorf("%s became %s", x.body, got)
		}
	}
}

func FuzzDocumentsAreWholeAgain(f *testing.F) {
	for _, name := range []string{"egvs_edge.json", "devices.json", "dataRange.json", "egvs_empty.json", "error_data_400_ASSUMED.json"} {
		f.Add(string(file(f, name)))
	}
	f.Add(`{"a":[],"a":{}, "\u0041":-0.0e5}`)
	f.Fuzz(func(t *testing.T, body string) {
		text := cutRecords([]byte(body)).text()
		if !json.Valid([]byte(body)) {
			return
		}
		var before, after any
		if json.Unmarshal([]byte(body), &before) != nil || json.Unmarshal([]byte(text), &after) != nil {
			t.Skip("a number too large to compare")
		}
		a, _ := json.Marshal(before)
		b, _ := json.Marshal(after)
		if !bytes.Equal(a, b) {
			t.Errorf("%s became %s", body, text)
		}
		records := cutRecords([]byte(body)).records
		for n, how := range spoilings() {
			s := spoiler{how: how, seed: uint64(n), share: 1}
			for _, r := range records {
				if worse := s.worse(r, draw(1, forFault, int64(n))); worse != nil && !json.Valid(worse) {
					t.Errorf("%s with %s is %s", r, how, worse)
				}
			}
		}
	})
}
