package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

// NestLists answers what was asked for with a list of n empty objects in its first
// record: a device's schedules of alerts, elsewhere a field "nested" that nobody
// knows. In the memory of a client that makes something of each, the three bytes
// that it takes become many. An answer without records gets one. The list is not
// built in memory.
func NestLists(n int) Fault {
	return Fault{name: "lists nested", serve: func(w http.ResponseWriter, r *http.Request, endpoint http.Handler) {
		a := record(endpoint, r)
		a.stream(w, nest(cutRecords(a.body.Bytes()), nestKey(r.URL.Path), n))
	}}
}

// nestKey is the field for the list in an answer to a request for a path.
func nestKey(path string) string {
	switch {
	case !strings.HasSuffix(path, "/devices"):
		return "nested"
	case strings.HasPrefix(path, "/v2/"):
		return "alertScheduleList"
	default:
		return "alertSchedules"
	}
}

// nest is a document with the list in its first record that is an object.
func nest(d document, key string, n int) io.Reader {
	at := slices.IndexFunc(d.records, func(r json.RawMessage) bool { return strings.HasPrefix(string(r), "{") })
	if at < 0 {
		d.records, at = append([]json.RawMessage{json.RawMessage("{}")}, d.records...), 0
	}
	fields, err := fieldsOf(d.records[at])
	if err != nil {
		fields = nil // no JSON: the list will do
	}
	fields = slices.DeleteFunc(fields, func(f field) bool { return f.key == key })
	fields = append(fields, field{key, json.RawMessage("[")})
	before := append(texts(d.records[:at]), "{"+joinFields(fields))
	after := append([]string{"]}"}, texts(d.records[at+1:])...)
	return io.MultiReader(
		strings.NewReader(d.before+strings.Join(before, ",")),
		emptyObjects(n),
		strings.NewReader(strings.Join(after, ",")+d.after),
	)
}

// emptyObjects are the elements of a list of n empty objects.
func emptyObjects(n int) io.Reader {
	const one = "{},"
	return io.LimitReader(repeat(one), max(int64(n)*int64(len(one))-1, 0))
}
