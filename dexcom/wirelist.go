package dexcom

import (
	"bytes"
	"encoding/json"
	"errors"
)

// maxElements is far above the schedules of any device and the settings of any
// schedule.
const maxElements = 64

// wireList is a list within a record, which may be null, absent or of another
// type. An element of two bytes would grow a hundredfold when it is decoded, so
// all but the first maxElements are never looked at.
type wireList[T any] []T

// UnmarshalJSON never fails: what is no list is empty.
func (l *wireList[T]) UnmarshalJSON(raw []byte) error {
	*l = nil
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if open, err := decoder.Token(); err != nil || open != json.Delim('[') {
		return nil //nolint:nilerr // a field of a wrong type stays empty
	}
	for len(*l) < maxElements && decoder.More() {
		var element T
		var wrongType *json.UnmarshalTypeError
		if err := decoder.Decode(&element); err != nil && !errors.As(err, &wrongType) {
			return nil // so does what is left of it
		}
		*l = append(*l, element)
	}
	return nil
}
