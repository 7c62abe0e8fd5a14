package dexcom

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// The wire types read what Dexcom really sends. They take any JSON value and never
// fail: what makes no sense is marked as not there, and costs one field.

// wireText is a string field that may be null, absent or of another type.
type wireText string

// UnmarshalJSON never fails: what is neither text nor a number is empty.
func (t *wireText) UnmarshalJSON(raw []byte) error {
	*t = ""
	switch {
	case raw[0] == '"':
		var s string
		if json.Unmarshal(raw, &s) == nil {
			*t = wireText(s)
		}
	case raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9':
		*t = wireText(raw)
	}
	return nil
}

// wireNumber is a number field that may be null, absent, a string or of another
// type (version 3 sends some numbers as strings: clients).
type wireNumber struct {
	value float64
	ok    bool
}

// UnmarshalJSON never fails: what is no finite number is not ok.
func (n *wireNumber) UnmarshalJSON(raw []byte) error {
	value, err := strconv.ParseFloat(strings.Trim(string(raw), `" `), 64)
	// ParseFloat takes "NaN", "Inf" and hexadecimal, which no JSON number is.
	plain := strings.Trim(string(raw), `"+-.0123456789eE `) == ""
	*n = wireNumber{value: value, ok: err == nil && plain}
	if !n.ok {
		n.value = 0
	}
	return nil
}

// wireBool is a flag that may be null, absent or of another type.
type wireBool struct{ value, ok bool }

// UnmarshalJSON never fails: what is neither true nor false is not ok.
func (b *wireBool) UnmarshalJSON(raw []byte) error {
	text := string(raw)
	*b = wireBool{value: text == "true", ok: text == "true" || text == "false"}
	return nil
}

// wireTime is a time field that may be null, absent or malformed.
type wireTime struct {
	time      time.Time
	zoned, ok bool
}

// UnmarshalJSON never fails: what is no time is not ok.
func (t *wireTime) UnmarshalJSON(raw []byte) error {
	*t = wireTime{}
	var text wireText
	if raw[0] == '"' && text.UnmarshalJSON(raw) == nil {
		t.time, t.zoned, t.ok = parseTime(string(text))
	}
	return nil
}

// systemTime is the instant in UTC, false when it is missing or before the first
// Dexcom sensor (2006): 1899 and 1970 are placeholders (clients).
func (t wireTime) systemTime() (time.Time, bool) {
	if !t.ok || t.time.Year() < 2006 {
		return time.Time{}, false
	}
	return t.time.UTC(), true
}

// pastTime is a time of what has happened: more than a day ahead of our clock it
// cannot be. It is zero then, and when it is missing.
func (t wireTime) pastTime() (past time.Time, ahead bool) {
	system, ok := t.systemTime()
	switch {
	case !ok:
		return time.Time{}, false
	case time.Until(system) > 24*time.Hour:
		return time.Time{}, true
	}
	return system, false
}

// squeezed is a name in lower case without spaces and underscores, which Dexcom
// and its clients put in as they like.
func squeezed(name string) string {
	if strings.ContainsAny(name, " _") {
		name = strings.ReplaceAll(strings.ReplaceAll(name, " ", ""), "_", "")
	}
	return strings.ToLower(name)
}
