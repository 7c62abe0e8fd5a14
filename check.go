package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/dexcom-exporter/dexcom_exporter/config"
)

func addCheck(app *kingpin.Application) (string, action) {
	command := app.Command("check", "Load the configuration and say what is wrong with it.")
	configFile := addConfigFlag(command)
	configOnly := command.Flag("config-only", "Stop after the configuration; contact nobody.").Bool()
	return command.FullCommand(), func(_ context.Context, p program) error {
		loaded, err := config.Load(*configFile)
		if err == nil {
			err = supported(*configFile, loaded)
		}
		if err != nil {
			return usageError{err}
		}
		if !*configOnly {
			return usageError{errors.New("check: this version checks the configuration only, add --config-only")}
		}
		_, err = fmt.Fprintf(p.stdout, "%s: ok, %d account(s)\n", *configFile, len(loaded.Accounts))
		return err
	}
}
