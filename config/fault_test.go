package config

import (
	"path/filepath"
	"strings"
	"testing"
)

// The pieces from which the cases below are made.
const (
	share = "share: {region: us, username: u, password: p}"
	apps  = "apps: {us: {client_id: a, client_secret: b}, eu: {client_id: a, client_secret: b}}\n"
)

// What a fault about a region offers.
const (
	apiChoices = "unknown region, choose one of us (the United States), eu (every country but the United States and Japan), " +
		"jp (Japan), sandbox (Dexcom's simulated people)"
	shareChoices = "unknown region, choose one of us (the United States), ous (every country but the United States and Japan), " +
		"jp (Japan)"
	curly = "is in curly quotes, which belong to the value: write straight ones, \" or ', or none"
)

// account returns a file with one account that has the given further keys on its third line.
func account(keys string) string {
	return "accounts:\n  - name: alice\n    " + keys + "\n    " + share + "\n"
}

// TestLoadFaults loads files with one fault each and expects exactly the given text after "config.yaml:", where DIR is the
// directory of that file.
func TestLoadFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		// The file as YAML.
		{"empty", "", "1: is empty, copy config.example.yaml to start from"},
		{"only comments", "# a\n\n# b\n", "1: is empty, copy config.example.yaml to start from"},
		{"null", "~\n", "1: accounts: is missing, add it"},
		{"list", "- a\n", "1: expected a mapping, got a list"},
		{"text", "hunter2\n", "1: expected a mapping, got a string"},
		{"second document", minimal + "---\na: b\n", "4: a second document begins, keep everything in one"},
		{"second document is bad", minimal + "---\na: {b\n", "5: not YAML: did not find expected ',' or '}', check the indentation and put texts with special characters in quotes"},
		{"unclosed list", "state_dir: a\napps: [a\npoll: b\n", "2: not YAML: did not find expected ',' or ']', check the indentation and put texts with special characters in quotes"},
		{"bad indentation", "state_dir: a\npoll:\n  mode: a\n history: b\n", "4: not YAML: did not find expected key, check the indentation and put texts with special characters in quotes"},
		{"two values", "state_dir: a\npoll: b: hunter2\n", "2: not YAML: mapping values are not allowed in this context, check the indentation and put texts with special characters in quotes"},
		{"text after a string", "state_dir: a\npoll: 'b' hunter2\n", "2: not YAML: did not find expected key, check the indentation and put texts with special characters in quotes"},
		{"not UTF-8", "state_dir: \xff\n", "1: not YAML: invalid leading UTF-8 octet, check the indentation and put texts with special characters in quotes"},
		{"tab", "accounts:\n\t- a\n", "2: YAML does not allow tabs for indentation, use spaces"},
		{"alias without anchor", "a: b\nc:\n  password: *hunter2\n", "3: an alias (*) has no anchor (&), put the text in quotes if it only begins with *"},
		{"anchor inside itself", "accounts: &a [*a]\n", "1: accounts[0]: expected a mapping, got a list"},
		{"merge key", "accounts:\n  - &a {name: alice, " + share + "}\n  - <<: *a\n    name: bob\n", "3: accounts[1]: merge keys (<<) are not supported, write the settings out"},
		{"key is a list", "[hunter2]: a\n", "1: a key is not a string, write it as key: value"},
		{"key is null", "~: hunter2\n", "1: a key is not a string, write it as key: value"},

		// Keys.
		{"unknown key", "stat_dir: a\n" + minimal, "1: stat_dir: unknown key, expected one of state_dir, apps, poll, readings, otlp, http, accounts"},
		{"unknown key of an app", "apps:\n  us:\n    client_id: a\n    secret: hunter2\n    client_secret: b\n" + minimal, "4: apps.us.secret: unknown key, expected one of client_id, client_secret, client_secret_file, redirect_url, oauth_version, base_url, rate_limit"},
		{"unknown region of an app", "apps:\n  ous: {client_id: a, client_secret: b}\n" + minimal, "2: apps.ous: " + apiChoices + "; did you mean eu?"},
		{"unknown key in share", "accounts:\n  - name: alice\n    share: {region: us, username: a, password: b, user: c}\n", "3: accounts[0].share.user: unknown key, expected one of region, username, password, password_file, base_url"},
		{"unknown key that is a value", "accounts:\n  - name: alice\n    share: {password:hunter2}\n", "3: accounts[0].share: unknown key, expected one of region, username, password, password_file, base_url"},
		{"unknown key without a value", "poll: {hunter2}\n" + minimal, "1: poll: unknown key, expected one of mode, min_interval, max_interval, history"},
		{"unknown key with odd letters", "poll: {'hunter 2': a}\n" + minimal, "1: poll: unknown key, expected one of mode, min_interval, max_interval, history"},
		{"doubled key", "poll:\n  mode: scrape\n  history: 1d\n  mode: scrape\n" + minimal, "4: poll.mode: doubled key, remove it here or on line 2"},
		{"doubled section", minimal + minimal, "4: accounts: doubled key, remove it here or on line 1"},

		// Kinds.
		{"mapping for a string", "state_dir: {hunter2: a}\n" + minimal, "1: state_dir: expected a string, got a mapping"},
		{"list for a string", "state_dir: [hunter2]\n" + minimal, "1: state_dir: expected a string, got a list"},
		{"binary for a string", "state_dir: !!binary aHVudGVyMg==\n" + minimal, "1: state_dir: expected a string, got a tagged value"},
		{"tag for a string", "state_dir: !hunter2 a\n" + minimal, "1: state_dir: expected a string, got a tagged value"},
		{"string for a mapping", "accounts:\n  - name: alice\n    share: hunter2\n", "3: accounts[0].share: expected a mapping, got a string"},
		{"list for a mapping", "poll: [hunter2]\n" + minimal, "1: poll: expected a mapping, got a list"},
		{"date for a mapping", "poll: 2026-01-01\n" + minimal, "1: poll: expected a mapping, got a date"},
		{"number for a list", "accounts: 12345678\n", "1: accounts: expected a list, got a number"},
		{"mapping for a list", "accounts: {name: hunter2}\n", "1: accounts: expected a list, got a mapping"},
		{"string for a boolean", account("agp: yes"), "3: accounts[0].agp: expected true or false, got a string"},
		{"number for a boolean", account("agp: 1"), "3: accounts[0].agp: expected true or false, got a number"},
		{"list for a boolean", account("agp: [true]"), "3: accounts[0].agp: expected true or false, got a list"},

		// Apps.
		{"client_id missing", "apps:\n  us:\n    client_secret: b\n" + minimal, "2: apps.us.client_id: is missing, add it"},
		{"client_id empty", "apps: {us: {client_id: '', client_secret: b}}\n" + minimal, "1: apps.us.client_id: is empty, fill it in"},
		{"client_secret missing", "apps: {us: {client_id: a}}\n" + minimal, "1: apps.us.client_secret: is missing, add client_secret or client_secret_file"},
		{"client_secret empty", "apps: {us: {client_id: a, client_secret: ''}}\n" + minimal, "1: apps.us.client_secret: is empty, fill it in"},
		{"redirect_url elsewhere", app("redirect_url: http://localhost:10180/callback"), "4: apps.us.redirect_url: must end in /oauth/callback, where the program receives Dexcom's answer"},
		{"client_id with spaces", "apps:\n  us:\n    client_id: the id of your app\n    client_secret: b\n" + minimal, "3: apps.us.client_id: contains white space, copy it again"},
		{"misspelt key", "apps:\n  us:\n    client_id: a\n    client_secret_fil: b\n" + minimal, "4: apps.us.client_secret_fil: unknown key, expected one of client_id, client_secret, client_secret_file, redirect_url, oauth_version, base_url, rate_limit"},
		{"stale_after below the API's delay", "apps: {us: {client_id: a, client_secret: b}}\naccounts:\n  - name: alice\n    api: {region: us}\n    stale_after: 15m\n", "5: accounts[0].stale_after: out of bounds, choose from 1h15m to 1d"},
		{"stale_after below the API's delay elsewhere", "apps: {eu: {client_id: a, client_secret: b}}\naccounts:\n  - name: alice\n    api: {region: eu}\n    stale_after: 2h\n", "5: accounts[0].stale_after: out of bounds, choose from 3h15m to 1d"},
		{"redirect_url relative", app("redirect_url: /oauth/callback"), "4: apps.us.redirect_url: not a web address, write it as in https://host.example:8443/path"},
		{"redirect_url without host", app("redirect_url: 'http://:80/a'"), "4: apps.us.redirect_url: not a web address, write it as in https://host.example:8443/path"},
		{"redirect_url with a bad port", app("redirect_url: 'http://a:65536/a'"), "4: apps.us.redirect_url: not a web address, write it as in https://host.example:8443/path"},
		{"redirect_url of another kind", app("redirect_url: ftp://hunter2/a"), "4: apps.us.redirect_url: not a web address, write it as in https://host.example:8443/path"},
		{"redirect_url with an odd host", app("redirect_url: \"https://a'b.example.org/a\""), "4: apps.us.redirect_url: not a web address, write it as in https://host.example:8443/path"},
		{"redirect_url malformed", app("redirect_url: 'https://hunter2 /'"), "4: apps.us.redirect_url: not a web address, write it as in https://host.example:8443/path"},
		{"redirect_url with a query", app("redirect_url: http://localhost/a?b"), "4: apps.us.redirect_url: contains a query or fragment, remove everything from the ? or # on"},
		{"redirect_url with an empty query", app("redirect_url: http://localhost/a?"), "4: apps.us.redirect_url: contains a query or fragment, remove everything from the ? or # on"},
		{"redirect_url with an empty fragment", app("redirect_url: http://localhost/a#"), "4: apps.us.redirect_url: contains a query or fragment, remove everything from the ? or # on"},
		{"base_url with a user", app("base_url: http://hunter2@localhost"), "4: apps.us.base_url: contains a user, remove everything before the @"},
		{"oauth_version", app("oauth_version: v1"), "4: apps.us.oauth_version: unknown value, choose one of v3, v2"},
		{"rate_limit too low", app("rate_limit: 0"), "4: apps.us.rate_limit: must be a whole number from 1 to 60000"},
		{"rate_limit too high", app("rate_limit: 60001"), "4: apps.us.rate_limit: must be a whole number from 1 to 60000"},
		{"rate_limit huge", app("rate_limit: 99999999999999999999"), "4: apps.us.rate_limit: must be a whole number from 1 to 60000"},
		{"rate_limit with a fraction", app("rate_limit: 1.5"), "4: apps.us.rate_limit: must be a whole number from 1 to 60000"},
		{"rate_limit as text", app("rate_limit: hunter2"), "4: apps.us.rate_limit: must be a whole number from 1 to 60000"},

		// Durations and their bounds.
		{"mode", "poll: {mode: hunter2}\n" + minimal, "1: poll.mode: unknown value, choose one of background, scrape"},
		{"mode empty", "poll: {mode: ''}\n" + minimal, "1: poll.mode: unknown value, choose one of background, scrape"},
		{"no unit", "poll:\n  min_interval: 5\n" + minimal, "2: poll.min_interval: has no unit, add one: ms, s, m, h, d, w or y"},
		{"no unit, fraction", "poll:\n  min_interval: 1.5\n" + minimal, "2: poll.min_interval: has no unit, add one: ms, s, m, h, d, w or y"},
		{"zero", "poll: {min_interval: 0}\n" + minimal, "1: poll.min_interval: has no unit, add one: ms, s, m, h, d, w or y"},
		{"negative", "poll: {min_interval: -1m}\n" + minimal, "1: poll.min_interval: not a duration, write it as in 90s, 15m, 1h30m or 14d"},
		{"not a duration", "poll: {min_interval: hunter2}\n" + minimal, "1: poll.min_interval: not a duration, write it as in 90s, 15m, 1h30m or 14d"},
		{"empty duration", "poll: {min_interval: ''}\n" + minimal, "1: poll.min_interval: not a duration, write it as in 90s, 15m, 1h30m or 14d"},
		{"overflowing duration", "poll: {min_interval: 9999999999999y}\n" + minimal, "1: poll.min_interval: not a duration, write it as in 90s, 15m, 1h30m or 14d"},
		{"list for a duration", "poll: {min_interval: [1m]}\n" + minimal, "1: poll.min_interval: expected a duration such as 15m, got a list"},
		{"min_interval too short", "poll: {min_interval: 999ms}\n" + minimal, "1: poll.min_interval: out of bounds, choose from 1s to 1h"},
		{"max_interval too long", "poll: {max_interval: 1h1s}\n" + minimal, "1: poll.max_interval: out of bounds, choose from 1s to 1h"},
		{"min_interval above max_interval", "poll:\n  max_interval: 1m\n  min_interval: 2m\n" + minimal, "3: poll.min_interval: min_interval is above max_interval, change one of them"},
		{"min_interval above the default", "poll:\n  min_interval: 20m\n" + minimal, "2: poll.min_interval: min_interval is above max_interval, change one of them"},
		{"max_interval below the default", "poll:\n  max_interval: 30s\n" + minimal, "2: poll.max_interval: min_interval is above max_interval, change one of them"},
		{"history too short", "poll: {history: 23h}\n" + minimal, "1: poll.history: out of bounds, choose from 1d to 90d"},
		{"history too long", "poll: {history: 91d}\n" + minimal, "1: poll.history: out of bounds, choose from 1d to 90d"},
		{"window too short", "readings: {window: 59m}\n" + minimal, "1: readings.window: out of bounds, choose from 1h to 90d"},
		{"window above history", "readings: {window: 15d}\n" + minimal, "1: readings.window: longer than poll.history, shorten it or remember more"},
		{"stale_after", account("stale_after: 4m59s"), "3: accounts[0].stale_after: out of bounds, choose from 5m to 1d"},
		{"replay_lag", account("replay_lag: 0s"), "3: accounts[0].replay_lag: out of bounds, choose from 1s to 1d"},

		// OTLP.
		{"endpoint", "otlp: {endpoint: 'localhost:4317'}\n" + minimal, "1: otlp.endpoint: not a web address, write it as in https://host.example:8443/path"},
		{"interval", "otlp: {interval: 500ms}\n" + minimal, "1: otlp.interval: out of bounds, choose from 1s to 1h"},
		{"max_age", "otlp: {max_age: 30d}\n" + minimal, "1: otlp.max_age: longer than poll.history, shorten it or remember more"},
		{"header name", "otlp:\n  headers:\n    'a b': hunter2\n" + minimal, "3: otlp.headers: not the name of an HTTP header, write it as in X-Scope-OrgID: value"},
		{"header without a value", "otlp:\n  headers:\n    Authorization:\n" + minimal, "3: otlp.headers: is missing, add it"},
		{"header of two lines", "otlp:\n  headers:\n    A: \"hunter2\\nB: c\"\n" + minimal, "3: otlp.headers.A: contains a control character, write it on one line"},
		{"headers as a string", "otlp: {headers: A=hunter2}\n" + minimal, "1: otlp.headers: expected a mapping, got a string"},

		// HTTP.
		{"basic_auth", "http:\n  basic_auth: {username: a, password: hunter2}\n" + minimal, "2: http.basic_auth: collides with the authorization that Dexcom demands, remove it; credentials belong to apps and accounts"},
		{"authorization", "http: {authorization: {credentials: hunter2}}\n" + minimal, "1: http.authorization: collides with the authorization that Dexcom demands, remove it; credentials belong to apps and accounts"},
		{"oauth2", "http: {oauth2: {client_id: hunter2}}\n" + minimal, "1: http.oauth2: collides with the authorization that Dexcom demands, remove it; credentials belong to apps and accounts"},
		{"bearer_token", "http: {bearer_token: hunter2}\n" + minimal, "1: http.bearer_token: collides with the authorization that Dexcom demands, remove it; credentials belong to apps and accounts"},
		{"bearer_token_file", "http: {bearer_token_file: hunter2}\n" + minimal, "1: http.bearer_token_file: collides with the authorization that Dexcom demands, remove it; credentials belong to apps and accounts"},
		{"authorization as a header", "http: {http_headers: {authorization: {values: [hunter2]}}}\n" + minimal, "1: http.http_headers.authorization: this header belongs to the program, remove it"},
		{"header file missing", "http:\n  http_headers:\n    A:\n      files:\n        - hunter2\n" + minimal, "5: http.http_headers.A.files[0]: read the file: no such file or directory, looked in DIR, write that file first, or correct the path"},
		{"header file of several lines", "http: {http_headers: {A: {files: [header, lines.pw]}}}\n" + minimal, "1: http.http_headers.A.files[1]: the file has several lines (an empty one counts), leave only the one with the secret"},
		{"header file with a mark", "http: {http_headers: {A: {files: [mark.pw]}}}\n" + minimal, "1: http.http_headers.A.files[0]: the file begins with a byte order mark, save it without one"},
		{"proxy_url without scheme", "http: {proxy_url: 'proxy:3128'}\n" + minimal, "1: http.proxy_url: not a proxy, write it as in http://proxy.example:3128; http, https, socks5 and socks5h are supported"},
		{"proxy_url malformed", "http: {proxy_url: 'http://a:hunter2@b:c'}\n" + minimal, "1: http.proxy_url: not a proxy, write it as in http://proxy.example:3128; http, https, socks5 and socks5h are supported"},
		{"no_proxy alone", "http: {no_proxy: localhost}\n" + minimal, "1: http: if no_proxy is configured, proxy_url must also be configured"},
		{"ca_file missing", "http:\n  tls_config:\n    ca_file: hunter2\n" + minimal, "3: http.tls_config.ca_file: read the file: no such file or directory, looked in DIR, write that file first, or correct the path"},
		{"certificate without key", "http:\n  tls_config:\n    cert_file: client.pem\n" + minimal, "2: http.tls_config: exactly one of key or key_file must be configured when a client certificate is configured"},
		{"key is not one", "http: {tls_config: {cert: hunter2, key: hunter2}}\n" + minimal, "1: http.tls_config: the certificates are not usable: unable to use specified client cert (inline) & key (inline): tls: failed to find any PEM data in certificate input, check that they and the key are PEM and belong together"},
		{"ca is not one", "http: {tls_config: {ca: hunter2}}\n" + minimal, "1: http.tls_config: the certificates are not usable: unable to use specified CA cert inline, check that they and the key are PEM and belong together"},
		{"min_version", "http: {tls_config: {min_version: '1.2'}}\n" + minimal, "1: http.tls_config.min_version: unknown value, choose one of TLS13, TLS12, TLS11, TLS10"},
		{"versions", "http: {tls_config: {min_version: TLS13, max_version: TLS12}}\n" + minimal, "1: http.tls_config.max_version: below min_version, change one of them"},

		// Accounts.
		{"accounts missing", "state_dir: a\n", "1: accounts: is missing, add it"},
		{"accounts empty", "state_dir: a\naccounts: []\n", "2: accounts: has no account, add one"},
		{"account null", "accounts:\n  -\n", "2: accounts[0].name: is missing, add it"},
		{"account as a string", "accounts:\n  - hunter2\n", "2: accounts[0]: expected a mapping, got a string"},
		{"name missing", "accounts:\n  - " + share + "\n", "2: accounts[0].name: is missing, add it"},
		{"name empty", "accounts:\n  - name: ''\n    " + share + "\n", "2: accounts[0].name: is empty, fill it in"},
		{"name with capitals", "accounts:\n  - name: Alice\n    " + share + "\n", "2: accounts[0].name: not a name, use at most 64 of a-z, 0-9, _ and -"},
		{"name is an address", "accounts:\n  - name: hunter2@example.org\n    " + share + "\n", "2: accounts[0].name: not a name, use at most 64 of a-z, 0-9, _ and -"},
		{"name leads elsewhere", "accounts:\n  - name: ../hunter2\n    " + share + "\n", "2: accounts[0].name: not a name, use at most 64 of a-z, 0-9, _ and -"},
		{"name too long", "accounts:\n  - name: " + strings.Repeat("a", 65) + "\n    " + share + "\n", "2: accounts[0].name: not a name, use at most 64 of a-z, 0-9, _ and -"},
		{"name doubled", minimal + "  - name: alice\n    " + share + "\n", "4: accounts[1].name: same name as the account on line 2, change or remove one of them"},
		{"no source", "accounts:\n  - name: alice\n", "2: accounts[0]: has no source, add api or share"},
		{"api without region", apps + account("api: {version: v3}"), "4: accounts[0].api.region: is missing, add it"},
		{"api region", apps + account("api: {region: ous}"), "4: accounts[0].api.region: " + apiChoices + "; did you mean eu?"},
		{"api region empty", apps + account("api: {region: ''}"), "4: accounts[0].api.region: is empty, fill it in"},
		{"api region a list", apps + account("api: {region: [us]}"), "4: accounts[0].api.region: expected a string, got a list"},
		{"api without app", apps + account("api: {region: jp}"), "4: accounts[0].api.region: apps.jp is missing, add it with the credentials of your Dexcom app"},
		{"api whose app has another name", "accounts: [{name: alice, api: {region: eu}}]\napps:\n  ous: {client_id: a, client_secret: b}\n", "3: apps.ous: " + apiChoices + "; did you mean eu?"},
		{"api version", apps + account("api: {region: us, version: v1}"), "4: accounts[0].api.version: unknown value, choose one of v3, v2"},
		{"api v2 elsewhere", apps + account("api: {region: eu, version: v2}"), "4: accounts[0].api.version: v2 exists only in the regions us and sandbox, use v3"},
		{"share region", "accounts:\n  - name: alice\n    share:\n      region: eu\n      username: u\n      password: p\n", "4: accounts[0].share.region: " + shareChoices + "; did you mean ous?"},
		{"share region of another kind", "accounts: [{name: alice, share: {region: hunter2, username: u, password: p}}]\n", "1: accounts[0].share.region: " + shareChoices},
		{"share region missing", "accounts: [{name: alice, share: {username: u, password: p}}]\n", "1: accounts[0].share.region: is missing, add it"},
		{"share username", "accounts:\n  - name: alice\n    share:\n      region: us\n      username: 4155550123\n      password: p\n", "5: accounts[0].share.username: a phone number, write it as + and its country code, without spaces and the like, as in +14155550123"},
		{"share without user", "accounts:\n  - name: alice\n    share: {region: us, password: p}\n", "3: accounts[0].share.username: is missing, add it"},
		{"share without password", "accounts:\n  - name: alice\n    share: {region: us, username: u}\n", "3: accounts[0].share.password: is missing, add password or password_file"},
		{"share with two passwords", "accounts:\n  - name: alice\n    share:\n      region: us\n      username: u\n      password: p\n      password_file: alice.pw\n", "7: accounts[0].share.password_file: password is given too, remove one of them"},
		{"share password cut off", "accounts:\n  - name: alice\n    share:\n      region: us\n      username: u\n      password: hunter2 #1x\n", "6: accounts[0].share.password: what follows # is a comment: put the value into quotes, or the comment into a line of its own"},
		{"client_secret cut off", "apps:\n  us:\n    client_id: a\n    client_secret: hunter2 #\n" + minimal, "4: apps.us.client_secret: what follows # is a comment: put the value into quotes, or the comment into a line of its own"},
		{"share password cut off at once", "accounts:\n  - name: alice\n    share:\n      region: us\n      username: u\n      password: #hunter2\n", "6: accounts[0].share.password: what follows # is a comment: put the value into quotes, or the comment into a line of its own"},
		{"share username cut off at once", "accounts:\n  - name: alice\n    share:\n      region: us\n      username: #hunter2\n      password: p\n", "5: accounts[0].share.username: what follows # is a comment: put the value into quotes, or the comment into a line of its own"},
		{"header cut off", "otlp:\n  headers:\n    A: hunter2 #1\n" + minimal, "3: otlp.headers.A: what follows # is a comment: put the value into quotes, or the comment into a line of its own"},
		{"header cut off at once", "otlp:\n  headers:\n    A: #hunter2\n" + minimal, "3: otlp.headers: what follows # is a comment: put the value into quotes, or the comment into a line of its own"},
		{"header of a list cut off", "http:\n  http_headers:\n    A:\n      secrets:\n        - hunter2 #1\n" + minimal, "5: http.http_headers.A.secrets[0]: what follows # is a comment: put the value into quotes, or the comment into a line of its own"},
		{"header of a proxy cut off", "http:\n  proxy_url: http://proxy\n  proxy_connect_header:\n    A:\n      - hunter2 #1\n" + minimal, "5: http.proxy_connect_header.A[0]: what follows # is a comment: put the value into quotes, or the comment into a line of its own"},
		{"curly password", "accounts:\n  - name: alice\n    share:\n      region: us\n      username: u\n      password: “hunter2”\n", "6: accounts[0].share.password: " + curly},
		{"curly username", "accounts:\n  - name: alice\n    share:\n      region: us\n      username: ‘hunter2’\n      password: p\n", "5: accounts[0].share.username: " + curly},
		{"curly client_secret", "apps:\n  us:\n    client_id: a\n    client_secret: „hunter2“\n" + minimal, "4: apps.us.client_secret: " + curly},
		{"curly client_id", "apps:\n  us:\n    client_id: «hunter2»\n    client_secret: a\n" + minimal, "3: apps.us.client_id: " + curly},
		{"curly header", "otlp:\n  headers:\n    A: “hunter2”\n" + minimal, "3: otlp.headers.A: " + curly},
		{"password_file missing", password("hunter2"), "6: accounts[0].share.password_file: read the file: no such file or directory, looked in DIR, write that file first, or correct the path"},
		{"password_file a directory", password("."), "6: accounts[0].share.password_file: read DIR: is a directory, correct the path or the file"},
		{"password_file empty", password("empty.pw"), "6: accounts[0].share.password_file: the file is empty, put the secret into it"},
		{"password_file large", password("large.pw"), "6: accounts[0].share.password_file: read DIR/large.pw: file too large, correct the path or the file"},
		{"password_file of several lines", password("lines.pw"), "6: accounts[0].share.password_file: the file has several lines (an empty one counts), leave only the one with the secret"},
		{"password_file in no directory", password("hunter2/hunter2"), "6: accounts[0].share.password_file: read the file: no such file or directory, only DIR of its path exists, write that file first, or correct the path"},
		{"password_file below a file", password("alice.pw/hunter2"), "6: accounts[0].share.password_file: read the file: not a directory, looked in DIR/alice.pw, correct the path or the file"},
		{"password_file a link to nowhere", password("link.pw"), "6: accounts[0].share.password_file: read DIR/link.pw: no such file or directory, correct the path or the file"},
		{"password_file in the root", password("/hunter2"), "6: accounts[0].share.password_file: read the file: no such file or directory, looked in /, write that file first, or correct the path"},
		{"password_file with NUL", password("\"hunter2\\0\""), "6: accounts[0].share.password_file: read the file: invalid argument, looked in DIR, correct the path or the file"},
		{"client_secret_file of several lines", "apps:\n  us:\n    client_id: a\n    client_secret_file: lines.pw\n" + minimal, "4: apps.us.client_secret_file: the file has several lines (an empty one counts), leave only the one with the secret"},
		{"password_file without a name", password("''"), "6: accounts[0].share.password_file: is empty, fill it in"},
		{"password_file a mapping", password("{hunter2: a}"), "6: accounts[0].share.password_file: expected a string, got a mapping"},
		{"share login doubled", "accounts:\n  - name: a\n    share: {region: us, username: U, password: p}\n  - name: b\n    share: {region: us, username: u, password: q}\n", "5: accounts[1].share: same Share login as the account on line 3, change or remove one of them"},
		{"timezone unknown", account("timezone: Mars/hunter2"), "3: accounts[0].timezone: unknown time zone, choose a name of the IANA database such as Europe/London"},
		{"timezone local", account("timezone: Local"), "3: accounts[0].timezone: unknown time zone, choose a name of the IANA database such as Europe/London"},
		{"timezone empty", account("timezone: ''"), "3: accounts[0].timezone: unknown time zone, choose a name of the IANA database such as Europe/London"},
		{"timezone leads elsewhere", account("timezone: ../../etc/passwd"), "3: accounts[0].timezone: unknown time zone, choose a name of the IANA database such as Europe/London"},
		{"target_range", account("target_range: tight"), "3: accounts[0].target_range: unknown value, choose one of standard, older_adult, pregnancy"},
		{"events as a string", account("events: carbs"), "3: accounts[0].events: expected a list, got a string"},
		{"events with notes", account("events: [carbs, notes]"), "3: accounts[0].events[1]: notes are free text and never leave Dexcom, remove it"},
		{"events unknown", account("events: [hunter2]"), "3: accounts[0].events[0]: unknown event, choose from carbs, insulin, exercise, health, blood_glucose"},
		{"events doubled", account("events:\n      - carbs\n      - carbs"), "5: accounts[0].events[1]: doubled event, remove it"},
		{"events with null", account("events: [~]"), "3: accounts[0].events[0]: is missing, add it"},

		// The first of several.
		{"several", "otlp: {interval: 5}\npoll: {mode: a}\nstate_dir: []\n", "1: otlp.interval: has no unit, add one: ms, s, m, h, d, w or y"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := write(t, test.text)
			_, err := Load(path)
			if err == nil {
				t.Fatal("loads")
			}
			if want := path + ":" + strings.ReplaceAll(test.want, "DIR", filepath.Dir(path)); err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// app returns a file with one app that has the given further key on its fourth line.
func app(key string) string {
	return "apps:\n  us:\n    client_id: a\n    " + key + "\n    client_secret: b\n" + minimal
}

// password returns a file with the given password_file on its sixth line.
func password(file string) string {
	return "accounts:\n  - name: alice\n    share:\n      region: us\n      username: u\n      password_file: " + file + "\n"
}
