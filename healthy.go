package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
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
		if err := askHealthy(ctx, stateDir); err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, "healthy")
		return err
	}
}

// askHealthy asks over the control socket.
func askHealthy(ctx context.Context, stateDir string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(stateDir, controlSocket))
		},
	}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://control/healthy", nil)
	if err != nil {
		return fmt.Errorf("ask the running program: %w", err)
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("ask the running program (is it running, with this configuration file?): %w", err)
	}
	defer func() { _ = response.Body.Close() }() // nothing to read in it
	if response.StatusCode != http.StatusOK {
		return errors.New("the running program is not well: HTTP " + response.Status)
	}
	return nil
}
