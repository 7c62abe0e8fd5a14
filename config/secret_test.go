package config

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
)

// hidden holds secrets where fmt calls none of their methods.
type hidden struct {
	secret  Secret
	pointer *Secret
	list    []Secret
	byName  map[string]Secret
	config  Config
	http    HTTP
	any     any
}

// holders returns values that hold the planted secret in every way a program may hold it.
func holders(t *testing.T) map[string]any {
	t.Helper()
	secret := NewSecret(planted)
	full := strings.NewReplacer(
		"proxy-password", planted, "+15551234567", planted, "family", planted, "0x10", planted, "[token]", "["+planted+"]", "home", planted,
	).Replace(readTestdata(t, "full.yaml"))
	c := load(t, full)
	if got := c.Accounts[0].Share.Username.Reveal(); got != planted {
		t.Fatalf("the secret was not planted: %q", got)
	}
	return map[string]any{
		"secret":        secret,
		"pointer":       &secret,
		"list":          []Secret{secret},
		"map":           map[string]Secret{"a": secret},
		"struct":        struct{ S Secret }{secret},
		"config":        c,
		"config value":  *c,
		"app":           c.Apps["eu"],
		"share":         c.Accounts[0].Share,
		"accounts":      c.Accounts,
		"otlp":          c.OTLP,
		"http":          c.HTTP,
		"http pointer":  &c.HTTP,
		"hidden":        hidden{secret, &secret, []Secret{secret}, map[string]Secret{"a": secret}, *c, c.HTTP, secret},
		"hidden by ptr": &hidden{secret: secret, config: *c, http: c.HTTP, any: *c},
		"error":         fmt.Errorf("login: %v %s", secret, secret),
	}
}

func TestSecretsCannotBeFormatted(t *testing.T) {
	t.Parallel()
	for name, holder := range holders(t) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%10.3s", "%T", "%p", "%t", "%!"} {
			checkHidden(t, name+" "+verb, fmt.Sprintf(verb, holder))
		}
		checkHidden(t, name+" Sprint", fmt.Sprint(holder))
	}
}

func TestSecretsCannotBeLogged(t *testing.T) {
	t.Parallel()
	for name, holder := range holders(t) {
		var out bytes.Buffer
		options := &slog.HandlerOptions{Level: slog.LevelDebug}
		slog.New(slog.NewTextHandler(&out, options)).Info("text", "key", holder, slog.Group("g", "key", holder))
		slog.New(slog.NewJSONHandler(&out, options)).Info("json", "key", holder, slog.Group("g", "key", holder))
		checkHidden(t, name, out.String())
	}
}

func TestSecretsCannotBeEncoded(t *testing.T) {
	t.Parallel()
	for name, holder := range holders(t) {
		// Some holders cannot be encoded at all; what counts is what was written before.
		text, _ := json.Marshal(holder)
		checkHidden(t, name+" JSON", string(text))
		text, _ = xml.Marshal(holder)
		checkHidden(t, name+" XML", string(text))
		checkHidden(t, name+" YAML", encodeYAML(t, holder))
	}
}

// checkHidden reports an output that shows the planted secret, plain or in hexadecimal.
func checkHidden(t *testing.T, name, out string) {
	t.Helper()
	plain, hex := strings.ToLower(planted), fmt.Sprintf("%x", planted)
	if lower := strings.ToLower(out); strings.Contains(lower, plain) || strings.Contains(strings.ReplaceAll(lower, " ", ""), hex) {
		t.Errorf("%s shows the secret: %s", name, out)
	}
}

func TestSecretShowsAPlaceholder(t *testing.T) {
	t.Parallel()
	secret := NewSecret(planted)
	text, err := secret.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	inJSON, err := json.Marshal(map[string]Secret{"a": secret})
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{
		fmt.Sprint(secret), fmt.Sprintf("%s", secret), fmt.Sprintf("%q", secret), fmt.Sprintf("%#v", secret), fmt.Sprintf("%d", &secret),
		secret.String(), secret.GoString(), string(text), secret.LogValue().String(), fmt.Sprint(Secret{}),
	} {
		if got != "<secret>" {
			t.Errorf("got %s, want <secret>", got)
		}
	}
	if got, want := string(inJSON), `{"a":"\u003csecret\u003e"}`; got != want {
		t.Errorf("JSON: got %s, want %s", got, want)
	}
	if got, want := encodeYAML(t, map[string]Secret{"a": secret}), "a: <secret>\n"; got != want {
		t.Errorf("YAML: got %q, want %q", got, want)
	}
}

func TestSecretRevealsAndCompares(t *testing.T) {
	t.Parallel()
	var zero Secret
	a, b := NewSecret("a"), NewSecret("b")
	if zero.Reveal() != "" || NewSecret("").Reveal() != "" || a.Reveal() != "a" {
		t.Error("Reveal does not return the text")
	}
	if !zero.IsZero() || !NewSecret("").IsZero() || a.IsZero() {
		t.Error("IsZero does not tell an empty secret from another")
	}
	if !reflect.DeepEqual(a, NewSecret("a")) || reflect.DeepEqual(a, b) {
		t.Error("DeepEqual does not compare the texts")
	}
}
