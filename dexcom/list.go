package dexcom

import (
	"bytes"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	"slices"
	"strings"
)

// List is what one endpoint answered, in our terms.
type List[T any] struct {
	// UserID is Dexcom's name of the person; empty where the endpoint gives none,
	// as in version 2.
	UserID UserID
	// Records are the good ones, oldest first where they have a time.
	Records []T
	// Skipped are the records that made no sense.
	Skipped []Skip

	hashes []uint64 // of all records of the answer, for Seen
}

// Skip is one record left out.
type Skip struct {
	Reason string // SkipType, SkipTime or SkipValue
	Key    uint64 // a hash of the record, so that one record read twice counts once
}

// Seen remembers the records of an endpoint's last answer, so that of the next
// one, which overlaps it, only what is new or has changed is decoded. The zero
// value remembers nothing. It is not safe for concurrent use.
type Seen struct{ hashes []uint64 } // sorted

// has tells whether the last answer had this very record.
func (s *Seen) has(hash uint64) bool {
	if s == nil {
		return false
	}
	_, found := slices.BinarySearch(s.hashes, hash)
	return found
}

// replace forgets the last answer for another one.
func (s *Seen) replace(hashes []uint64) {
	if s != nil {
		slices.Sort(hashes)
		s.hashes = hashes
	}
}

// Why a record was left out: a closed set, fit for a label.
const (
	SkipType  = "type"  // not an object, or one larger than any
	SkipTime  = "time"  // no time, or one that cannot be
	SkipValue = "value" // no value, or one that cannot be
)

// What is beyond these is none of Dexcom's.
const (
	// maxRecords is far above the 8,640 of a full window of version 3 and the 25,920
	// of version 2.
	maxRecords = 100_000
	// maxRecord is far above the 50 KB of a device with many schedules.
	maxRecord = 1 << 20
	// maxKeys is far above the four keys of an answer.
	maxKeys = 64
)

// The errors of a body that is JSON but not an answer of the endpoint.
var (
	errNoRecords = errors.New("the answer has no list of records")
	errTwoLists  = errors.New("the answer has its list of records twice")
	errTooMany   = errors.New("the answer has more records than any window can")
	errNoObject  = errors.New("the answer is not a JSON object")
	errManyKeys  = errors.New("the answer has more keys than any of Dexcom's")
	errNotJSON   = errors.New("the answer is not JSON, or was cut off")
	errHTML      = errors.New("the answer is an HTML page, not Dexcom's JSON: is there a proxy in between?")
)

// isDecoding tells whether an answer arrived that is none of the endpoint's.
func isDecoding(err error) bool {
	ours := []error{errNoRecords, errTwoLists, errTooMany, errNoObject, errManyKeys, errNotJSON, errHTML}
	return slices.ContainsFunc(ours, func(known error) bool { return errors.Is(err, known) })
}

// decodeObject reads body into v leniently: fields of a wrong type stay empty,
// only a body that is no JSON object at all is an error.
func decodeObject(body []byte, v any) error {
	var wrongType *json.UnmarshalTypeError
	switch err := json.Unmarshal(body, v); {
	case errors.As(err, &wrongType) && wrongType.Field == "":
		return errNoObject
	case err != nil && !errors.As(err, &wrongType):
		return notJSON(body)
	}
	return nil
}

// notJSON says what a body is that does not parse, without quoting it.
func notJSON(body []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return errHTML
	}
	return errNotJSON
}

// decodeList reads the list under a key of the answer as a stream, and each record
// that was not seen before by itself with parse, which gives the reason when the
// record makes no sense. A nil seen has seen nothing.
func decodeList[W, T any](body []byte, key string, seen *Seen, parse func(W) (T, string)) (List[T], error) {
	var list List[T]
	found := false
	decoder := json.NewDecoder(bytes.NewReader(body))
	err := eachKey(decoder, func(name string) error {
		var value json.RawMessage
		switch strings.ToLower(name) {
		case key:
			if found {
				return errTwoLists
			}
			found = true
			return eachRecord(decoder, func(raw []byte) { list.add(raw, seen, func() (T, string) { return decodeRecord(raw, parse) }) })
		case "userid":
			var user wireUser
			defer func() { list.UserID = UserID(user) }()
			return decoder.Decode(&user)
		}
		return decoder.Decode(&value)
	})
	switch {
	case isDecoding(err):
		return List[T]{}, err
	case err != nil || trailing(decoder):
		return List[T]{}, notJSON(body)
	case !found:
		return List[T]{}, errNoRecords
	}
	return list, nil
}

// add takes a record of the answer, unless it was seen before.
func (l *List[T]) add(raw []byte, seen *Seen, decode func() (T, string)) {
	key := hash(raw)
	l.hashes = append(l.hashes, key)
	if seen.has(key) {
		return
	}
	record, reason := decode()
	if reason != "" {
		l.Skipped = append(l.Skipped, Skip{Reason: reason, Key: key})
		return
	}
	l.Records = append(l.Records, record)
}

// eachKey calls read at each value of the object that comes next.
func eachKey(decoder *json.Decoder, read func(key string) error) error {
	switch open, err := decoder.Token(); {
	case err != nil:
		return err
	case open != json.Delim('{'):
		return errNoObject
	}
	for n := 0; decoder.More(); n++ {
		if n >= maxKeys {
			return errManyKeys
		}
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string) // keys are strings
		if err := read(name); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

// eachRecord calls read with each value of the list that comes next. What it gives
// is valid until the next one.
func eachRecord(decoder *json.Decoder, read func(raw []byte)) error {
	switch open, err := decoder.Token(); {
	case err != nil:
		return err
	case open != json.Delim('['):
		return errNoRecords
	}
	var raw json.RawMessage
	for n := 0; decoder.More(); n++ {
		if n >= maxRecords {
			return errTooMany
		}
		if err := decoder.Decode(&raw); err != nil {
			return err
		}
		read(raw)
	}
	_, err := decoder.Token()
	return err
}

// trailing tells whether something follows the value that was read.
func trailing(decoder *json.Decoder) bool {
	_, err := decoder.Token()
	return !errors.Is(err, io.EOF)
}

func decodeRecord[W, T any](raw []byte, parse func(W) (T, string)) (record T, reason string) {
	var wire W
	if len(raw) == 0 || len(raw) > maxRecord || raw[0] != '{' {
		return record, SkipType
	}
	// The fields of W take any type, so what is left to fail costs one field.
	var wrongType *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &wire); err != nil && !errors.As(err, &wrongType) {
		return record, SkipType
	}
	return parse(wire)
}

func hash(raw []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(raw) // never fails: package hash
	return h.Sum64()
}
