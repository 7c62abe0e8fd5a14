package config

import "fmt"

// maxFileBytes holds thousands of accounts and keeps a wrong path from filling the memory.
const maxFileBytes = 1 << 20

// Load reads and checks the configuration file at path. An error about its contents is one line of the form
// "PATH:LINE: accounts[1].name: what is wrong, what to change" about the first fault by line; it contains no value of
// the file, except that part of the path of an unreadable file which exists. Load reads the files that hold secrets and
// certificates too, and nothing else; no network is needed.
func Load(path string) (*Config, error) {
	root, err := open(path)
	if err != nil {
		return nil, err
	}
	c := readConfig(root)
	if err := root.doc.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// open returns the root of the YAML file at path.
func open(path string) (value, error) {
	text, err := readFile(path, maxFileBytes)
	if err != nil {
		return value{}, fmt.Errorf("read configuration: %w", err)
	}
	return parse(path, text)
}

// readConfig reads the whole file.
func readConfig(root value) *Config {
	m := root.mapping()
	defer m.finish()
	c := &Config{
		StateDir: m.get("state_dir").stateDir(),
		Apps:     readApps(m.get("apps")),
		Poll:     readPoll(m.get("poll")),
	}
	c.Readings = readReadings(m.get("readings"), c.Poll.History)
	c.OTLP = readOTLP(m.get("otlp"), c.Poll.History)
	c.HTTP = readHTTP(m.get("http"))
	c.Accounts = readAccounts(m.get("accounts"), c.Apps)
	return c
}

// stateDir reads the path of the state directory.
func (v value) stateDir() string {
	if !v.missing() {
		v.required()
	}
	return v.filename("data")
}
