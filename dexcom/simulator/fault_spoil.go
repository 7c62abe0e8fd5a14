package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
)

// Spoiling is what takes the place of a field's value.
type Spoiling string

// The ways to spoil a field. A number in place of a number, and so on, would
// spoil nothing and is never put.
const (
	AsNull       Spoiling = "null"
	AsNumber     Spoiling = "a number"
	AsText       Spoiling = "a text"
	AsList       Spoiling = "a list"
	AsObject     Spoiling = "an object"
	AsHugeNumber Spoiling = "a huge number" // more than any type holds, or than makes sense
	AsMissing    Spoiling = "a key missing" // neither value nor key
	AsYear1970   Spoiling = "times of 1970" // in texts that begin with a year
	AsYear2099   Spoiling = "times of 2099" // in texts that begin with a year
)

// spoilings are all ways, in the order above.
func spoilings() []Spoiling {
	return []Spoiling{AsNull, AsNumber, AsText, AsList, AsObject, AsHugeNumber, AsMissing, AsYear1970, AsYear2099}
}

// SpoilRecords answers what was asked for with a share of the records spoiled,
// from 0 to 1. The others stay as they are, byte by byte. An answer without a
// list, such as dataRange, is one record.
//
// Seed and text of a record decide whether and where it is spoiled, so that it
// is the same each time it is asked for. Of the fields named, all are spoiled; if
// none is named, one that the seed picks among those that can be. Times are
// spoiled wherever they are in the record, and if none is named, all of
// systemTime, displayTime and lastUploadDate. [Fault.SpoiledRecords] counts the
// records in which something was spoiled.
func SpoilRecords(how Spoiling, seed uint64, share float64, fields ...string) Fault {
	s := spoiler{how: how, seed: seed, share: share, fields: slices.Clone(fields)}
	count := new(atomic.Int64)
	serve := func(w http.ResponseWriter, r *http.Request, endpoint http.Handler) {
		a := record(endpoint, r)
		d := cutRecords(a.body.Bytes())
		count.Add(int64(s.spoil(d.records)))
		a.body.Reset()
		a.body.WriteString(d.text())
		a.replay(w)
	}
	return Fault{name: "records with " + string(how), serve: serve, spoiled: count}
}

// spoiler spoils some of the records it is given.
type spoiler struct {
	how    Spoiling
	seed   uint64
	share  float64
	fields []string
}

// spoil spoils in place, and tells how many.
func (s spoiler) spoil(records []json.RawMessage) int {
	spoiled := 0
	for i, raw := range records {
		x := seeded(s.seed, string(raw))
		if fraction(draw(x, forFault, 0)) >= s.share {
			continue
		}
		if worse := s.worse(raw, x); worse != nil && string(worse) != string(raw) {
			records[i] = worse
			spoiled++
		}
	}
	return spoiled
}

// worse is a record spoiled; nil if it has nothing to spoil.
func (s spoiler) worse(record json.RawMessage, x uint64) json.RawMessage {
	switch s.how {
	case AsYear1970:
		return s.inYear("1970", record)
	case AsYear2099:
		return s.inYear("2099", record)
	}
	fields, err := fieldsOf(record)
	if err != nil {
		return nil
	}
	value := s.value(x)
	for _, i := range s.chosen(fields, value, x) {
		fields[i].value = value
	}
	fields = slices.DeleteFunc(fields, func(f field) bool { return f.value == nil })
	return json.RawMessage("{" + joinFields(fields) + "}")
}

// value is what takes the place; nil is nothing.
func (s spoiler) value(x uint64) json.RawMessage {
	switch s.how {
	case AsNumber:
		return json.RawMessage(`7`)
	case AsText:
		return json.RawMessage(`"spoiled"`)
	case AsList:
		return json.RawMessage(`[7]`)
	case AsObject:
		return json.RawMessage(`{"spoiled":7}`)
	case AsHugeNumber:
		huge := []string{`1e400`, `-1e400`, `1e300`, `99999999999999999999`}
		return json.RawMessage(huge[draw(x, forFault, 1)%uint64(len(huge))])
	case AsMissing:
		return nil
	default:
		return json.RawMessage(`null`)
	}
}

// chosen are the fields to be spoiled, by their place.
func (s spoiler) chosen(fields []field, value json.RawMessage, x uint64) []int {
	var all []int
	for i, f := range fields {
		named := len(s.fields) == 0 || slices.Contains(s.fields, f.key)
		if named && (value == nil || s.how == AsHugeNumber || f.kind() != field{value: value}.kind()) {
			all = append(all, i)
		}
	}
	if len(s.fields) > 0 || len(all) == 0 {
		return all
	}
	at := draw(x, forFaultKind, 0) % uint64(len(all))
	return all[at : at+1]
}

// inYear is a value with the times in it moved to a year.
func (s spoiler) inYear(year string, value json.RawMessage) json.RawMessage {
	switch value[0] {
	case '{':
		fields, err := fieldsOf(value)
		if err != nil {
			return value
		}
		for i, f := range fields {
			if s.isTime(f) {
				fields[i].value = json.RawMessage(`"` + year + string(f.value[len(`"2006`):]))
			} else {
				fields[i].value = s.inYear(year, f.value)
			}
		}
		return json.RawMessage("{" + joinFields(fields) + "}")
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(value, &list) != nil {
			return value
		}
		for i := range list {
			list[i] = s.inYear(year, list[i])
		}
		return json.RawMessage("[" + strings.Join(texts(list), ",") + "]")
	default:
		return value
	}
}

func (s spoiler) isTime(f field) bool {
	fields := s.fields
	if len(fields) == 0 {
		fields = []string{"systemTime", "displayTime", "lastUploadDate"}
	}
	return slices.Contains(fields, f.key) && len(f.value) > len(`"2006-`) && f.value[len(`"2006`)] == '-'
}
