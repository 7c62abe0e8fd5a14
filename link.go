package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

func addLink(app *kingpin.Application) (string, action) {
	command := app.Command("link", "Link an account of the official API from a terminal.")
	account := command.Arg("account", "The account's name in the configuration file.").Required().String()
	configFile := addConfigFlag(command)
	paste := command.Flag("paste", "Paste the address that Dexcom sends you back to, instead of receiving it.").Bool()
	return command.FullCommand(), func(ctx context.Context, p program) error {
		plan, err := planOf(*configFile)
		if err != nil {
			return err
		}
		redirect, err := plan.redirectOf(*account)
		if err != nil {
			return usageError{err}
		}
		asking, cancel := context.WithCancel(ctx)
		defer cancel()
		return p.link(ctx, plan, linking{
			log: p.log, terminal: newTerminal(asking, p.stdin, p.stdout), account: *account, redirect: redirect, paste: *paste,
		})
	}
}

// redirectOf is where Dexcom sends the person of an account back to.
func (p *plan) redirectOf(account string) (*url.URL, error) {
	for _, a := range p.accounts {
		if a.name == account && a.api {
			return url.Parse(p.apps[a.region].RedirectURL)
		}
	}
	return nil, fmt.Errorf("link: the configuration has no account %q that uses the official API", account)
}

// link does it in the program that runs, which alone may touch the grants, or here
// where none runs.
func (p program) link(ctx context.Context, plan *plan, l linking) error {
	running := control{plan.stateDir}
	switch err := running.ask(ctx, "healthy", nil, nil); {
	case err == nil:
		l.links, l.running = remoteLinks{running}, true
	case errors.Is(err, errNotRunning):
		h, err := plan.open(p.log)
		if err != nil {
			return err
		}
		defer h.close()
		l.links = localLinks{h}
	default:
		return err
	}
	return l.run(ctx)
}

// linking is one run of the command.
type linking struct {
	log      *slog.Logger
	terminal *terminal
	links    links
	running  bool // the program that runs receives the answer
	account  string
	redirect *url.URL
	paste    bool
}

func (l linking) run(ctx context.Context) error {
	if !l.paste && !l.running && (l.redirect.Scheme != "http" || !isLoopback(l.redirect.Hostname())) {
		return usageError{fmt.Errorf("link: the answer to %s cannot be received here: add --paste, or link in the browser while the program runs", l.redirect)}
	}
	receive, err := l.receiver(ctx)
	if err != nil {
		return err
	}
	address, err := l.links.start(ctx, l.account)
	if err != nil {
		return err
	}
	l.terminal.say("Open this address in a browser and log in as the person whose sensor %q is:\n\n  %s\n", l.account, address)
	outcome, err := l.finish(ctx, receive, stateOf(address))
	if err == nil && outcome.AnotherPerson {
		err = l.confirm(ctx, outcome.Replacement)
	}
	if err == nil {
		l.terminal.say("%q is linked.", l.account)
	}
	return err
}

// finish takes Dexcom's answer and links, or waits until the program that runs has.
func (l linking) finish(ctx context.Context, receive receiver, state string) (dexcom.Outcome, error) {
	if receive == nil {
		return l.await(ctx, state)
	}
	answer, err := receive(ctx, state)
	if err != nil {
		return dexcom.Outcome{}, err
	}
	return l.links.finish(ctx, answer)
}

// stateOf is what tells the answer to an address from others.
func stateOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Query().Get("state")
}

// receiver waits for Dexcom's answer with a state.
type receiver func(ctx context.Context, state string) (url.Values, error)

// receiver is how Dexcom's answer comes: by hand, or over the loopback interface.
// It is nil when the program that runs takes it.
func (l linking) receiver(ctx context.Context) (receiver, error) {
	switch {
	case l.paste:
		return l.pasted, nil
	case l.running:
		return nil, nil //nolint:nilnil // said above
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", hostPort(l.redirect))
	if err != nil {
		return nil, fmt.Errorf("link: receive Dexcom's answer: %w", err)
	}
	return func(ctx context.Context, state string) (url.Values, error) { return l.received(ctx, listener, state) }, nil
}

// pasted asks for the address of the page that Dexcom sends the person to.
func (l linking) pasted(ctx context.Context, _ string) (url.Values, error) {
	l.terminal.say("Then paste the address of the page that you come to, even if it shows an error (quick: its code lives one minute):")
	line, err := l.terminal.ask(ctx)
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	address, err := url.Parse(line)
	if err != nil || address.Query().Get("state") == "" {
		return nil, usageError{errors.New("link: this is not the address that Dexcom sent you to: it has no state in it")}
	}
	return address.Query(), nil
}

// received serves the redirect address until Dexcom's answer comes.
func (l linking) received(ctx context.Context, listener net.Listener, state string) (url.Values, error) {
	l.terminal.say("Waiting for the answer on %s (10 minutes at most, Ctrl-C to stop) …", l.redirect)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	answers := make(chan url.Values, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+l.redirect.Path, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Query().Get("state") != state {
			http.Error(w, "This is not the answer that is waited for.", http.StatusBadRequest)
			return
		}
		w.Header().Set("Referrer-Policy", "no-referrer")
		_, _ = fmt.Fprintln(w, "Go back to the terminal: it says how it went.") // the answer counts, not the page
		select {
		case answers <- r.URL.Query():
		default: // one answer is enough
		}
	})
	server := newServer(mux, l.log)
	go func() { _ = server.Serve(listener) }() // ends with Shutdown
	defer func() { _ = server.Shutdown(context.WithoutCancel(ctx)) }()
	select {
	case answer := <-answers:
		return answer, nil
	case <-ctx.Done():
		return nil, errors.New("link: stopped before an answer came: nothing has changed")
	}
}

// await waits until the program that runs has the answer.
func (l linking) await(ctx context.Context, state string) (dexcom.Outcome, error) {
	l.terminal.say("Waiting until the running program has the answer (10 minutes at most, Ctrl-C to stop) …")
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	for {
		e, err := l.links.finished(ctx, state)
		switch {
		case ctx.Err() != nil:
			return dexcom.Outcome{}, errors.New("link: stopped before an answer came: nothing has changed")
		case err != nil:
			return dexcom.Outcome{}, err
		case e.Failure != "":
			return dexcom.Outcome{}, errors.New(e.Failure)
		case e.Done:
			return e.Outcome, nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// confirm asks whether another person may take the account over.
func (l linking) confirm(ctx context.Context, replacement dexcom.Replacement) error {
	l.terminal.say("%q belonged to another Dexcom user before. Type yes to replace that person; what is known of them is forgotten:", l.account)
	line, err := l.terminal.ask(ctx)
	if err != nil || line != "yes" {
		return errors.New("link: kept the person of before: nothing has changed")
	}
	_, err = l.links.confirm(ctx, confirmation{Account: l.account, Replacement: replacement})
	return err
}

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

// hostPort is where a redirect address is listened on.
func hostPort(redirect *url.URL) string {
	if redirect.Port() != "" {
		return redirect.Host
	}
	return net.JoinHostPort(redirect.Hostname(), map[string]string{"http": "80", "https": "443"}[redirect.Scheme])
}
