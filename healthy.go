package main

import (
	"context"
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/dexcom-exporter/dexcom_exporter/config"
)

func addHealthy(app *kingpin.Application) (string, action) {
	command := app.Command("healthy", "Ask the running program whether it is well; never contacts Dexcom.")
	configFile := addConfigFlag(command)
	return command.FullCommand(), func(ctx context.Context, p program) error {
		stateDir, err := config.StateDir(*configFile)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		if err := (control{stateDir}).ask(ctx, "healthy", nil, nil); err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, "healthy")
		return err
	}
}
