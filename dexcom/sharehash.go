package dexcom

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// hashOf tells what nobody may read from others of its kind. A fast hash is enough:
// the password itself is on the same disk, in a file that the same person can read,
// so that guessing it from here is the longer way. The salt keeps two people with one
// password apart.
func hashOf(salt string, fields ...string) string {
	h := sha256.New()
	for _, field := range append([]string{salt}, fields...) {
		_, _ = fmt.Fprintf(h, "%d %s\n", len(field), field) // never fails: package hash
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hashCredentials tells credentials from others.
func hashCredentials(salt string, config ShareConfig) string {
	base, _ := config.base() // NewShare has checked it
	return hashOf(salt, string(config.Region), base, config.Username, config.Password)
}

// hashLogin tells the account that Dexcom would lock from others.
func hashLogin(salt string, config ShareConfig) string {
	return hashOf(salt, string(config.Region), strings.ToLower(strings.TrimSpace(config.Username)))
}

// isUUID tells an id of Share's from anything else that may be in its place.
func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range []byte(text) {
		isDash := i == 8 || i == 13 || i == 18 || i == 23
		isHex := '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
		if isDash != (c == '-') || !isDash && !isHex {
			return false
		}
	}
	return true
}
