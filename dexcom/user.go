package dexcom

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
)

// UserID is Dexcom's name of a person: stable for one app, and a secret to
// everybody else. It prints nothing of itself; comparing is all it is good for.
type UserID string

// Format keeps it out of every verb.
func (u UserID) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "<user>") }

// LogValue keeps it out of logs.
func (u UserID) LogValue() slog.Value { return slog.StringValue("<user>") }

// MarshalText keeps it out of JSON and the like.
func (u UserID) MarshalText() ([]byte, error) { return []byte("<user>"), nil }

// hashUser hides Dexcom's name of a person, which is 64 random digits.
func hashUser(userID UserID) string {
	if userID == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("dexcom_exporter user " + string(userID)))
	return hex.EncodeToString(sum[:])
}
