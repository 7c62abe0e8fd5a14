package main

import (
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	promslogflag "github.com/prometheus/common/promslog/flag"
	"gopkg.in/yaml.v3" //nolint:depguard // the example is YAML, and no part of the program

	"github.com/dexcom-exporter/dexcom_exporter/config"
)

// section is a mapping of the configuration file.
type section struct {
	name string   // as the reference calls it
	path string   // of its keys, with an index where there is a list
	file string   // that loads, with %s in the place of the section's entries
	base []string // entries that it cannot do without
}

const (
	app       = "apps: {us: {client_id: a, client_secret: b}, eu: {client_id: a, client_secret: b}}\n"
	withAPI   = app + "accounts: [{name: a, api: {region: us}}]\n"
	withShare = "accounts: [{name: a, share: {region: us, username: a, password: b}}]\n"
)

func sections() []section {
	return []section{
		{"top", "", "%s\n" + withAPI, nil},
		{"apps", "apps.us", "apps: {us: {%s}}\n" + withShare, []string{"client_id: a", "client_secret: b"}},
		{"poll", "poll", "poll: {%s}\n" + withAPI, nil},
		{"readings", "readings", "readings: {%s}\n" + withAPI, nil},
		{"otlp", "otlp", "otlp: {%s}\n" + withAPI, nil},
		{"http", "http", "http: {%s}\n" + withAPI, nil},
		{"http.tls_config", "http.tls_config", "http: {tls_config: {%s}}\n" + withAPI, nil},
		{"http.http_headers", "http.http_headers.X-Request-Source", "http: {http_headers: {X-Request-Source: {%s}}}\n" + withAPI, nil},
		{"accounts", "accounts[0]", app + "accounts: [{%s}]\n", []string{"name: a", "api: {region: us}"}},
		{"accounts.api", "accounts[0].api", app + "accounts: [{name: a, api: {%s}}]\n", []string{"region: us"}},
		{"accounts.share", "accounts[0].share", "accounts: [{name: a, share: {%s}}]\n", []string{"region: us", "username: a", "password: b"}},
	}
}

// keys asks the program for the keys of the section, by one that it does not know.
func (s section) keys(t *testing.T) []string {
	t.Helper()
	_, keys, found := strings.Cut(s.refusal(t, "ask: a"), "unknown key, expected one of ")
	if !found {
		t.Fatalf("%s: no list of keys", s.name)
	}
	return strings.Split(keys, ", ")
}

// refusal is what the program says to an entry beside those that must be there.
func (s section) refusal(t *testing.T, entry string) string {
	t.Helper()
	entries := []string{entry}
	key, _, _ := strings.Cut(entry, ":")
	for _, other := range s.base {
		if name, _, _ := strings.Cut(other, ":"); name != strings.TrimSuffix(key, "_file") {
			entries = append(entries, other)
		}
	}
	if _, err := config.Load(configured(t, fmt.Sprintf(s.file, strings.Join(entries, ", ")))); err != nil {
		return err.Error()
	}
	return ""
}

// about is what the program says about a key with a value, in its own words.
func (s section) about(t *testing.T, key, value string) string {
	t.Helper()
	_, said, _ := strings.Cut(s.refusal(t, key+": "+value), s.keyPath(key)+": ")
	return said
}

func (s section) keyPath(key string) string { return strings.TrimPrefix(s.path+"."+key, ".") }

// kind tells what a key takes, and within which limits, by what it refuses.
func (s section) kind(t *testing.T, key string) (kind, limits string) {
	t.Helper()
	kind = firstMatch(`expected (?:an? )?(.+?)(?: such as 15m)?, got`, s.about(t, key, "[[]]")+s.about(t, key, "{}"))
	for _, probe := range []string{"@", "-1", "99y"} {
		if limits = limitsOf(s.about(t, key, "'"+probe+"'")); limits != "" {
			return kind, limits
		}
	}
	if kind == "list" {
		_, said, _ := strings.Cut(s.refusal(t, key+": ['@']"), s.keyPath(key)+"[0]: ")
		limits = limitsOf(said)
	}
	return kind, limits
}

// limits are those of a key of an account for the ways in which it may be followed.
func (s section) limits(t *testing.T, key string) string {
	t.Helper()
	_, us := s.kind(t, key)
	if s.name != "accounts" {
		return us
	}
	elsewhere, share := s, s
	elsewhere.base = []string{"name: a", "api: {region: eu}"}
	share.base = []string{"name: a", "share: {region: us, username: a, password: b}"}
	_, limitsElsewhere := elsewhere.kind(t, key)
	_, limitsShare := share.kind(t, key)
	if limitsElsewhere == us && limitsShare == us {
		return us
	}
	return fmt.Sprintf("%s in `us` and `sandbox` with v3, %s elsewhere, with `share` %s", us, limitsElsewhere, limitsShare)
}

// limitsOf finds in a refusal what would be taken.
func limitsOf(refusal string) string {
	if bounds := regexp.MustCompile(`from (\S+) to (\S+)$`).FindStringSubmatch(refusal); bounds != nil {
		return code(bounds[1]) + " to " + code(bounds[2])
	}
	choices := firstMatch(`(?:choose one of|choose from) (.+?)(?:;|$)`, refusal)
	return regexp.MustCompile(`(^|, )([a-z0-9_A-Z]+)`).ReplaceAllString(choices, "$1`$2`")
}

func firstMatch(pattern, text string) string {
	if found := regexp.MustCompile(pattern).FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

// fallbacks are the values that the program itself gives the keys that a file leaves
// out, for accounts that are followed in different ways.
func fallbacks(t *testing.T) []reflect.Value {
	t.Helper()
	var all []reflect.Value
	for _, text := range []string{
		withAPI, strings.Replace(withAPI, "api: {region: us}", "api: {region: eu}", 1),
		"apps: {us: {client_id: a, client_secret: b}}\n" + withShare,
	} {
		loaded, err := config.Load(configured(t, "otlp: {}\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, reflect.ValueOf(loaded))
	}
	return all
}

// fallback writes the value of a key that is left out, with the way of following for
// which it holds where there are several.
func (s section) fallback(loaded []reflect.Value, key string) string {
	var values []string
	for _, one := range loaded {
		if value := at(one, s.keyPath(key)); value != "" || s.path != "accounts[0].api" && s.path != "accounts[0].share" {
			values = append(values, code(value))
		}
	}
	switch {
	case len(values) == 0:
		return ""
	case len(values) == 3 && values[0] == values[1] && values[0] != values[2]:
		return fmt.Sprintf("%s, with `share` %s", values[0], values[2])
	case len(values) == 3 && values[0] != values[1]:
		return fmt.Sprintf("%s in `us`, %s elsewhere, with `share` %s", values[0], values[1], values[2])
	}
	return values[0]
}

// at gives a value of a loaded configuration by its path in the file.
func at(value reflect.Value, path string) string {
	for name := range strings.SplitSeq(strings.NewReplacer("[0]", ".0", "tls_config", "TLSConfig").Replace(path), ".") {
		for value.Kind() == reflect.Pointer && !value.IsNil() && value.Type() != reflect.TypeFor[*time.Location]() {
			value = value.Elem()
		}
		if settings, ok := reflect.TypeAssert[config.HTTP](value); ok {
			value = reflect.ValueOf(settings.ClientConfig())
		}
		switch value.Kind() {
		case reflect.Slice:
			value = value.Index(0)
		case reflect.Map:
			value = value.MapIndex(reflect.ValueOf(name))
		case reflect.Struct:
			value = value.FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, strings.ReplaceAll(name, "_", "")) })
		default:
			return ""
		}
		if !value.IsValid() {
			return ""
		}
	}
	return asWritten(value.Interface())
}

// asWritten writes a value as the file does, nothing where it is none.
func asWritten(value any) string {
	switch v := value.(type) {
	case time.Duration:
		if v%(24*time.Hour) == 0 {
			return fmt.Sprintf("%.0fd", v.Hours()/24) // not in weeks
		}
		return model.Duration(v).String()
	case bool, int:
		return fmt.Sprint(v)
	case string:
		if filepath.IsAbs(v) {
			return filepath.Base(v) // beside the file
		}
		return v
	case config.Mode:
		return string(v)
	case []string:
		return "[" + strings.Join(v, ", ") + "]"
	}
	return ""
}

// shown is how config.example.yaml shows a key: with a value and words.
type shown struct{ value, words string }

// examples reads config.example.yaml with all that it comments out.
func examples(t *testing.T) map[string]shown {
	t.Helper()
	text := regexp.MustCompile(`(?m)^#([^ ]| {2})`).ReplaceAllString(read(t, "config.example.yaml"), "$1")
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(text), &root); err != nil {
		t.Fatal(err)
	}
	found := map[string]shown{}
	collect(found, "", root.Content[0])
	return found
}

func collect(found map[string]shown, path string, node *yaml.Node) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			name := strings.TrimPrefix(path+"."+key.Value, ".")
			s := shown{words: strings.TrimPrefix(key.LineComment+value.LineComment, "# ")}
			if value.Kind != yaml.MappingNode && (value.Kind != yaml.SequenceNode || value.Style == yaml.FlowStyle) {
				value.LineComment = ""
				text, _ := yaml.Marshal(value) // a node of a text that was read
				s.value = key.Value + ": " + strings.TrimSpace(string(text))
			}
			found[name] = s
			collect(found, name, value)
		}
	case yaml.SequenceNode:
		if len(node.Content) > 0 {
			collect(found, path+"[0]", node.Content[0])
		}
	}
}

// words are what config.example.yaml says of a key; of one that it mentions beside
// another only, what that is.
func (s section) words(all map[string]shown, key string) string {
	if said := all[s.keyPath(key)].words; said != "" {
		return said
	}
	if _, file := all[s.keyPath(key+"_file")]; file {
		return "the text itself, in place of " + code(key+"_file")
	}
	return map[string]string{
		"http.http_headers.X-Request-Source.values":  "values of the header, as they are",
		"http.http_headers.X-Request-Source.secrets": "values that are shown nowhere",
		"http.http_headers.X-Request-Source.files":   "files with one value each, read again for each request",
	}[s.keyPath(key)]
}

// need tells whether a section must have the key.
func (s section) need(t *testing.T, key string) bool {
	t.Helper()
	return strings.HasPrefix(s.about(t, key, "null"), "is missing")
}

// The reference of the configuration says of every key what the program itself says
// when it is asked.
func TestConfigurationReference(t *testing.T) {
	t.Parallel()
	loaded, all, parts := fallbacks(t), examples(t), map[string]string{}
	for _, s := range sections() {
		var rows [][]string
		for _, key := range s.keys(t) {
			kind, _ := s.kind(t, key)
			limits, words := s.limits(t, key), s.words(all, key)
			if words == "" || kind == "" {
				t.Errorf("%s has the words %q and the type %q; the words stand in config.example.yaml", s.keyPath(key), words, kind)
			}
			fallback := s.fallback(loaded, key)
			switch {
			case s.need(t, key):
				fallback = "required"
			case fallback == "":
				fallback = "none"
			}
			rows = append(rows, []string{code(key), kind, fallback, limits, code(all[s.keyPath(key)].value), escaped(words)})
		}
		parts[s.name] = table([]string{"key", "type", "default", "limits", "example", "means"}, rows)
	}
	parts["flags"] = flagTable()
	generated{"docs/configuration.md", parts}.check(t)
}

func escaped(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// flagTable lists the flags of serve.
func flagTable() string {
	app := kingpin.New("dexcom_exporter", "")
	promslogflag.AddFlags(app, new(promslog.Config))
	addServe(app)
	var rows [][]string
	for _, group := range []*kingpin.FlagGroupModel{app.Model().Commands[0].FlagGroupModel, app.Model().FlagGroupModel} {
		for _, flag := range group.Flags {
			if !flag.Hidden && flag.Name != "help" {
				rows = append(rows, []string{code("--" + flag.Name), code(strings.Join(flag.Default, ", ")), escaped(flag.Help)})
			}
		}
	}
	return table([]string{"flag", "default", "means"}, rows)
}
