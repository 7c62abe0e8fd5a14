package main

import (
	"context"
	"errors"
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
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

func addDemo(app *kingpin.Application) (string, action) {
	command := app.Command("demo", "Serve people of a built-in simulated Dexcom; needs no file, no account, no network.")
	flags := addWebFlags(command)
	return command.FullCommand(), func(ctx context.Context, p program) error { return p.demo(ctx, flags) }
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
	if *flags.enableLifecycle {
		return usageError{errors.New("--web.enable-lifecycle: the demo has no configuration file to load again")}
	}
	// The redirect address must be known before anything is served.
	listeners, err := flags.listen()
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	d := demo{people: demoPeople(), flags: flags, stdout: p.stdout, clouds: map[dexcom.Region]*demoCloud{}}
	var behind []net.Listener
	for _, region := range []dexcom.Region{dexcom.US, dexcom.EU} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			closeAll(append(listeners, behind...))
			return fmt.Errorf("start the simulated Dexcom: %w", err)
		}
		behind = append(behind, l)
		d.clouds[region] = newDemoCloud(region, d.people, l, listeners[0].Addr())
	}

	group, ctx := errgroup.WithContext(ctx)
	for _, cloud := range d.clouds {
		serveUntilDone(ctx, group, newServer(cloud, p.log), func(server *http.Server) error { return server.Serve(cloud.listener) })
	}
	group.Go(func() error {
		return p.serve(ctx, service{plan: d.plan(stateDir), flags: flags, listeners: listeners, prepare: d.link, ready: d.announce})
	})
	return group.Wait()
}

// demo is a simulated Dexcom with people in it.
type demo struct {
	people []demoPerson
	clouds map[dexcom.Region]*demoCloud
	flags  *webFlags
	stdout io.Writer
}

// demoCloud is Dexcom's cloud of one region.
type demoCloud struct {
	*simulator.Cloud

	listener net.Listener
	url      string
	app      simulator.App
}

// newDemoCloud registers an app whose answers come to the program's own address.
func newDemoCloud(region dexcom.Region, people []demoPerson, l net.Listener, own net.Addr) *demoCloud {
	var persons []*simulator.Person
	for i := range people {
		if people[i].region == region {
			persons = append(persons, &people[i].Person)
		}
	}
	c := &demoCloud{
		Cloud: simulator.New(persons...), listener: l, url: "http://" + l.Addr().String(),
		app: simulator.App{ClientID: "demo", ClientSecret: "demo", RedirectURLs: []string{"http://" + reachable(own) + "/oauth/callback"}},
	}
	c.Register(c.app)
	for _, person := range people {
		if person.region == region && person.share {
			c.Share(simulator.ShareAccount{Person: person.Name, Username: person.shareName(), Password: "demo"})
		}
	}
	return c
}

func (d demo) plan(stateDir string) *plan {
	p := &plan{
		stateDir: stateDir, transport: &http.Transport{}, apps: map[dexcom.Region]plannedApp{},
		minInterval: time.Minute, maxInterval: 15 * time.Minute, history: 14 * 24 * time.Hour, readingsWindow: 12 * time.Hour,
	}
	for region, cloud := range d.clouds {
		p.apps[region] = plannedApp{callsPerHour: 54000, AppConfig: dexcom.AppConfig{
			ClientID: cloud.app.ClientID, ClientSecret: cloud.app.ClientSecret, RedirectURL: cloud.app.RedirectURLs[0], BaseURL: cloud.url,
		}}
	}
	for _, person := range d.people {
		p.accounts = append(p.accounts, d.account(person))
	}
	return p
}

// account is how a person is followed, with the defaults of a configuration file.
func (d demo) account(person demoPerson) plannedAccount {
	a := plannedAccount{
		name: person.Name, api: person.version != "", region: person.region, version: person.version,
		staleAfter: 5 * time.Hour, replayLag: 4*time.Hour + 30*time.Minute, profile: true, bounds: glucose.StandardBounds(), events: person.events,
	}
	if person.region == dexcom.US && person.version == dexcom.V3 {
		a.replayLag = 2*time.Hour + 30*time.Minute
	}
	if person.share {
		a.staleAfter, a.replayLag = 15*time.Minute, 15*time.Minute
		a.share = &plannedShare{dexcom.ShareConfig{
			Region: dexcom.ShareUS, BaseURL: d.clouds[person.region].url, Username: person.shareName(), Password: "demo",
		}}
	}
	return a
}

// shareName is the user name for Share.
func (p demoPerson) shareName() string { return p.Name + "@example.org" }

// link links everybody, as people do in a browser.
func (d demo) link(ctx context.Context, h *house) error {
	for _, person := range d.people {
		if person.version == "" {
			continue
		}
		cloud := d.clouds[person.region]
		if err := cloud.link(ctx, h, person.Name); err != nil {
			return fmt.Errorf("link %s of the demo: %w", person.Name, err)
		}
		if person.revoked {
			cloud.Revoke(person.Name)
		}
	}
	return nil
}

func (c *demoCloud) link(ctx context.Context, h *house, account string) error {
	address, err := h.linker.Start(account)
	if err != nil {
		return err
	}
	redirect, err := c.Consent(address, account, true)
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
	fmt.Fprintf(&text, "A simulated Dexcom runs at %s (in Europe at %s), with:\n", d.clouds[dexcom.US].url, d.clouds[dexcom.EU].url)
	for _, person := range d.people {
		fmt.Fprintf(&text, "  %-6s %s\n", person.Name, person.about)
	}
	for _, address := range addresses {
		page := "http://" + reachable(address) + "/"
		if d.flags.closed(address) {
			page = "closed, since others reach this address: --web.open-pages opens it, also to them"
		}
		fmt.Fprintf(&text, "Status   %s\nMetrics  http://%s%s\n", page, reachable(address), *d.flags.telemetryPath)
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
	for !slices.ContainsFunc(h.collector.Standings(), func(s collector.Standing) bool { return (s.Grant == nil || s.Grant.Linked) && !s.HasNewest }) {
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
