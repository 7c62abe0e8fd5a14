package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"golang.org/x/sync/errgroup"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

func addDemo(app *kingpin.Application) (string, action) {
	command := app.Command("demo", "Serve people of a built-in simulated Dexcom; needs no file, no account, no network.")
	flags := addWebFlags(command)
	return command.FullCommand(), func(ctx context.Context, p program) error { return p.demo(ctx, flags) }
}

// demoPerson is one simulated person and what is worth seeing in them.
type demoPerson struct {
	simulator.Person

	about string
}

// demoPeople are the same at every start: what they measure depends on the time
// alone.
func demoPeople() []demoPerson {
	since := time.Date(2025, time.January, 6, 9, 0, 0, 0, time.UTC)
	return []demoPerson{
		{
			Person: simulator.Person{
				Name: "alice", Seed: 1, Sensor: simulator.G7, Display: simulator.IOS,
				Rhythm: simulator.EveryFiveMinutes, HoldBack: time.Hour, Since: since, Mean: 150, Swing: 55,
			},
			about: "G7; the phone uploads every five minutes, Dexcom releases an hour later",
		},
		{
			Person: simulator.Person{
				Name: "bob", Seed: 2, Sensor: simulator.G6, Display: simulator.Android,
				Rhythm: simulator.Hourly, HoldBack: time.Hour, Since: since,
				OfflineShare: 0.1, AwayShare: 0.03, Quirks: true,
			},
			about: "G6; the phone uploads once an hour, is offline at times and back-fills",
		},
		{
			Person: simulator.Person{
				Name: "carol", Seed: 3, Sensor: simulator.G6, Display: simulator.Receiver,
				Rhythm: simulator.EveryTenDays, Since: since,
			},
			about: "G6; a receiver, read out every ten days: between, only the time of the last value shows",
		},
	}
}

// demo serves the simulated people as if they were real: over HTTP, through the
// same program.
func (p program) demo(ctx context.Context, flags *webFlags) error {
	stateDir, err := os.MkdirTemp("", "dexcom_exporter-demo-")
	if err != nil {
		return fmt.Errorf("make a directory for the demo: %w", err)
	}
	defer func() { _ = os.RemoveAll(stateDir) }() // the system clears temporary files too
	people := demoPeople()
	cloud := demoCloud(people)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start the simulated Dexcom: %w", err)
	}
	dexcomURL := "http://" + l.Addr().String()

	group, ctx := errgroup.WithContext(ctx)
	serveUntilDone(ctx, group, newServer(cloud, p.log), func(server *http.Server) error { return server.Serve(l) })
	group.Go(func() error {
		return p.serve(ctx, service{
			stateDir:  stateDir,
			following: p.followDemo(people, cloud, dexcomURL),
			flags:     flags,
			ready:     func(addresses []string) { p.announceDemo(people, dexcomURL, addresses, *flags.telemetryPath) },
		})
	})
	return group.Wait()
}

func demoCloud(people []demoPerson) *simulator.Cloud {
	var persons []*simulator.Person
	for i := range people {
		persons = append(persons, &people[i].Person)
	}
	return simulator.New(persons...)
}

func (p program) followDemo(people []demoPerson, cloud *simulator.Cloud, dexcomURL string) collector.Config {
	following := collector.Config{
		CallsPerHour: map[dexcom.Region]int{dexcom.US: 54000},
		MinInterval:  time.Minute,
		MaxInterval:  15 * time.Minute,
		History:      14 * 24 * time.Hour,
		Log:          p.log,
	}
	for _, person := range people {
		following.Accounts = append(following.Accounts, collector.Account{
			Name:       person.Name,
			StaleAfter: 5 * time.Hour,
			API: &collector.API{
				Region: dexcom.US,
				Client: dexcom.Config{BaseURL: dexcomURL, Tokens: dexcom.FixedToken(cloud.AccessToken(person.Name))},
			},
		})
	}
	return following
}

// announceDemo says what there is to see.
func (p program) announceDemo(people []demoPerson, dexcomURL string, addresses []string, metricsPath string) {
	var text strings.Builder
	fmt.Fprintf(&text, "A simulated Dexcom runs at %s, with:\n", dexcomURL)
	for _, person := range people {
		fmt.Fprintf(&text, "  %-6s %s\n", person.Name, person.about)
	}
	for _, address := range addresses {
		fmt.Fprintf(&text, "Status   http://%s/\nMetrics  http://%s%s\n", address, address, metricsPath)
	}
	text.WriteString("Nobody here is real. Stop with Ctrl-C.\n")
	_, _ = fmt.Fprint(p.stdout, text.String()) // nobody reads it: no loss
}
