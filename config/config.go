// Package config reads the program's one configuration file.
//
// Load is the way in. It returns only a usable value: every key known, every default applied, every value checked,
// secrets read from their files and relative paths resolved against the file's directory. What it refuses, it refuses
// in one line that names the file, the line, the YAML path and what to change, and never the value found there, for
// that may be a misplaced password; of the path of a file only what exists.
//
// The package does not watch the file and does not talk to Dexcom.
package config

// Config is a checked configuration. It is read-only after Load and then safe for concurrent use. Printing or logging
// it reveals no secret. Two values are equal under reflect.DeepEqual when their files mean the same.
type Config struct {
	// StateDir is the directory of the grants and state files; a relative path in the file counts from the file.
	StateDir string
	// Apps holds the registered Dexcom apps by region: us, eu, jp or sandbox. It may be empty.
	Apps map[string]App
	// Poll says how often Dexcom is asked and how much is remembered.
	Poll Poll
	// Readings bounds the /readings outlet.
	Readings Readings
	// OTLP is the push outlet, nil when the file has none.
	OTLP *OTLP
	// HTTP holds the settings of the HTTP client that talks to Dexcom.
	HTTP HTTP
	// Accounts holds at least one person, in the order of the file.
	Accounts []Account
}
