package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
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

	about   string
	revoked bool // consented once, and then ended that at Dexcom
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
		{
			Person: simulator.Person{
				Name: "dave", Seed: 4, Sensor: simulator.G7, Display: simulator.IOS, HoldBack: time.Hour, Since: since,
			},
			about:   "G7; ended the consent at Dexcom: must be linked again, on the status page",
			revoked: true,
		},
	}
}

// demo serves the simulated people as if they were real: over HTTP, through the
// login and the same program.
func (p program) demo(ctx context.Context, flags *webFlags) error {
	stateDir, err := os.MkdirTemp("", "dexcom_exporter-demo-")
	if err != nil {
		return fmt.Errorf("make a directory for the demo: %w", err)
	}
	defer func() { _ = os.RemoveAll(stateDir) }() // the system clears temporary files too
	if err := flags.check(); err != nil {
		return usageError{err}
	}
	// The redirect address must be known before anything is served.
	listeners, err := flags.listen()
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		closeAll(listeners)
		return fmt.Errorf("start the simulated Dexcom: %w", err)
	}
	d := newDemo("http://"+l.Addr().String(), listeners[0].Addr())
	d.metricsPath, d.stdout = *flags.telemetryPath, p.stdout

	group, ctx := errgroup.WithContext(ctx)
	serveUntilDone(ctx, group, newServer(d.cloud, p.log), func(server *http.Server) error { return server.Serve(l) })
	group.Go(func() error {
		return p.serve(ctx, service{plan: d.plan(stateDir), flags: flags, listeners: listeners, prepare: d.link, ready: d.announce})
	})
	return group.Wait()
}

// demo is a simulated Dexcom with people in it.
type demo struct {
	people      []demoPerson
	cloud       *simulator.Cloud
	app         simulator.App
	dexcomURL   string
	metricsPath string
	stdout      io.Writer
}

// newDemo registers an app whose answers come to the program's own address.
func newDemo(dexcomURL string, own net.Addr) demo {
	d := demo{people: demoPeople(), dexcomURL: dexcomURL, app: simulator.App{ClientID: "demo", ClientSecret: "demo"}}
	d.app.RedirectURLs = []string{"http://" + reachable(own) + "/oauth/callback"}
	var persons []*simulator.Person
	for i := range d.people {
		persons = append(persons, &d.people[i].Person)
	}
	d.cloud = simulator.New(persons...)
	d.cloud.Register(d.app)
	return d
}

func (d demo) plan(stateDir string) *plan {
	p := &plan{
		stateDir: stateDir, transport: &http.Transport{},
		minInterval: time.Minute, maxInterval: 15 * time.Minute, history: 14 * 24 * time.Hour,
		apps: map[dexcom.Region]plannedApp{dexcom.US: {callsPerHour: 54000, AppConfig: dexcom.AppConfig{
			ClientID: d.app.ClientID, ClientSecret: d.app.ClientSecret, RedirectURL: d.app.RedirectURLs[0], BaseURL: d.dexcomURL,
		}}},
	}
	for _, person := range d.people {
		p.accounts = append(p.accounts, plannedAccount{name: person.Name, region: dexcom.US, staleAfter: 5 * time.Hour})
	}
	return p
}

// link links everybody, as people do in a browser.
func (d demo) link(ctx context.Context, h *house) error {
	for _, person := range d.people {
		if err := d.linkOne(ctx, h, person.Name); err != nil {
			return fmt.Errorf("link %s of the demo: %w", person.Name, err)
		}
		if person.revoked {
			d.cloud.Revoke(person.Name)
		}
	}
	return nil
}

func (d demo) linkOne(ctx context.Context, h *house, account string) error {
	address, err := h.linker.Start(account)
	if err != nil {
		return err
	}
	redirect, err := d.cloud.Consent(address, account, true)
	if err != nil {
		return err
	}
	answer, err := url.Parse(redirect)
	if err != nil {
		return err
	}
	_, err = h.linker.Finish(ctx, answer.Query())
	return err
}

// announce says what there is to see, once it can be seen.
func (d demo) announce(ctx context.Context, h *house, addresses []net.Addr) error {
	d.awaitReadings(ctx, h)
	var text strings.Builder
	fmt.Fprintf(&text, "A simulated Dexcom runs at %s, with:\n", d.dexcomURL)
	for _, person := range d.people {
		fmt.Fprintf(&text, "  %-6s %s\n", person.Name, person.about)
	}
	for _, address := range addresses {
		fmt.Fprintf(&text, "Status   http://%[1]s/\nMetrics  http://%[1]s%[2]s\n", reachable(address), d.metricsPath)
	}
	text.WriteString("Nobody here is real. Stop with Ctrl-C.\n")
	_, _ = fmt.Fprint(d.stdout, text.String()) // nobody reads it: no loss
	return nil
}

// awaitReadings returns when everybody who is linked has a reading, or after 10 s.
func (d demo) awaitReadings(ctx context.Context, h *house) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !slices.ContainsFunc(h.collector.Snapshots(), func(s collector.Snapshot) bool { return s.Grant.Linked && !s.HasNewest }) {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// reachable is how a browser on this machine reaches an address.
func reachable(address net.Addr) string {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	return address.String()
}
