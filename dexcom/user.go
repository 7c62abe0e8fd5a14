package dexcom

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
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

// wireUser is the field with that name. It takes any JSON value: what is no text names
// nobody, since a number there would make somebody else of everybody.
type wireUser UserID

// UnmarshalJSON never fails.
func (u *wireUser) UnmarshalJSON(raw []byte) error {
	var text wireText
	if raw[0] == '"' {
		_ = text.UnmarshalJSON(raw) // never fails either
	}
	*u = wireUser(text)
	return nil
}

// hashUser hides Dexcom's name of a person, which is 64 random digits.
func hashUser(userID UserID) string {
	if userID == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("dexcom_exporter user " + string(userID)))
	return hex.EncodeToString(sum[:])
}

// userID asks Dexcom who a person is. Version 2 names nobody, but its tokens open
// version 3 too (clients): there a failure leaves the person unknown, and says
// nothing of the consent.
func userID(ctx context.Context, client *Client) (UserID, error) {
	ranges, err := patientDataRange(ctx, client)
	if client.version == V3 || Reason(err) == ReasonCredentials {
		return ranges.UserID, err
	}
	named, _ := patientDataRange(ctx, client.speaking(V3))
	return named.UserID, err
}

// patientDataRange asks three times, also when the answer names nobody or the new
// tokens are refused: a consent that just happened is worth some patience, unless the
// answer will not change. The error is a refusal only if nothing else was answered.
func patientDataRange(ctx context.Context, client *Client) (DataRange, error) {
	var passing error // the last failure that was no refusal
	for try := 1; ; try++ {
		ranges, err := client.DataRange(ctx)
		if err != nil && Reason(err) != ReasonCredentials {
			passing = err
		}
		nameless := client.version == V3 && ranges.UserID == ""
		if err == nil && !nameless || try == 3 || isFinal(err) {
			return ranges, orPassing(err, passing)
		}
		select {
		case <-ctx.Done():
			return ranges, orPassing(err, passing)
		case <-time.After(time.Duration(try) * time.Second):
		}
	}
}

// orPassing is a failure, or the passing one in its place.
func orPassing(err, passing error) error {
	if err != nil && passing != nil {
		return passing
	}
	return err
}

// isFinal tells a refusal from a failure that passes.
func isFinal(err error) bool {
	e, ours := errors.AsType[*Error](err)
	return ours && (e.StatusCode == http.StatusForbidden || e.StatusCode == http.StatusNotFound)
}
