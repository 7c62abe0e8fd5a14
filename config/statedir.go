package config

// StateDir returns the state directory of the configuration file at path and looks at nothing else in it: the command
// that asks whether a running program is well must not fail because somebody is editing the file. An error is one line,
// as of Load.
func StateDir(path string) (string, error) {
	root, err := open(path)
	if err != nil {
		return "", err
	}
	dir := root.mapping().get("state_dir").stateDir()
	if err := root.doc.err(); err != nil {
		return "", err
	}
	return dir, nil
}
