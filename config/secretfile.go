package config

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSecretBytes is far above any password, and small enough for a path that leads to a device.
const maxSecretBytes = 64 << 10

// byteOrderMark is what some editors put before a text in UTF-8.
const byteOrderMark = "\ufeff"

// secret reads the secret at key, or out of the file that key_file names; exactly one of them must be there.
func (m *mapping) secret(key string) Secret {
	inline, file := m.get(key), m.get(key+"_file")
	switch {
	case inline.missing() && file.missing() && inline.isCutShort():
		inline.failMissing("%w", errCutShort)
	case inline.missing() && file.missing():
		inline.failMissing("is missing, add %s or %s_file", key, key)
	case !inline.missing() && !file.missing():
		file.fail("%s is given too, remove one of them", key)
	case file.missing():
		return NewSecret(inline.required().unspoilt())
	default:
		return NewSecret(file.secretFile())
	}
	return Secret{}
}

// secretFile reads the secret in the file whose path is at v.
func (v value) secretFile() string {
	text, ok := v.contents()
	if !ok {
		return ""
	}
	secret, err := soleSecret(text)
	if err != nil {
		v.fail("%w", err)
	}
	return secret
}

// contents reads the file whose path is at v and reports whether it could.
func (v value) contents() (string, bool) {
	name := v.required().filename("")
	if name == "" {
		return "", false
	}
	text, err := readFile(name, maxSecretBytes)
	if err != nil {
		v.failFile(err)
		return "", false
	}
	return string(text), true
}

// soleSecret returns the secret in the text of a file, without a byte order mark and one line end: what editors add
// unasked. A text with anything else around the secret is refused, because Dexcom would answer that the password is
// wrong, and lock the account at last. Errors show nothing of the text.
func soleSecret(text string) (string, error) {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return "", errors.New("the file is not text in UTF-8, save it as such (some programs write UTF-16)")
	}
	secret := strings.TrimPrefix(text, byteOrderMark)
	secret = strings.TrimSuffix(strings.TrimSuffix(secret, "\n"), "\r")
	switch trimmed := strings.TrimSpace(secret); {
	case trimmed == "":
		return "", errors.New("the file is empty, put the secret into it")
	case strings.ContainsAny(secret, "\r\n"):
		return "", errors.New("the file has several lines (an empty one counts), leave only the one with the secret")
	case trimmed != secret:
		return "", errors.New("the file has white space before or after the secret, remove it (if it belongs to the secret, put that in quotes into the configuration)")
	case curlyQuoted(secret):
		return "", errors.New("the file has curly quotes around the secret, remove them (if they belong to the secret, put that in straight quotes into the configuration)")
	case strings.ContainsFunc(secret, unicode.IsControl), strings.Contains(secret, byteOrderMark):
		return "", errors.New("the file has a control character in the secret, write it again")
	}
	return secret, nil
}
