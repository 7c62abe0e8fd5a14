package e2e

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// linkCommand is a run of `link alice` that has printed the address to open.
type linkCommand struct {
	*process

	login string // the address
}

func (f *family) startLink(t *testing.T, flags ...string) linkCommand {
	t.Helper()
	p := start(t, "dexcom_exporter", append([]string{"link", "alice", f.config(t)}, flags...)...)
	return linkCommand{process: p, login: p.says(t, &p.stdout, `(?m)^  (http\S+)$`)}
}

// browse opens the printed address and decides; where the redirect address is not
// reached the browser stops with it.
func (l linkCommand) browse(t *testing.T, unreached, person, button string) *browser {
	t.Helper()
	b := newBrowser()
	b.unknown = unreached
	b.open(t, l.login)
	b.decide(t, person, button)
	return b
}

// ends expects an exit status and words on the right stream.
func (l linkCommand) ends(t *testing.T, status int, words string) {
	t.Helper()
	got := l.exit(t, patience)
	said := l.stdout.String()
	if status != 0 {
		said = l.stderr.String()
	}
	if got != status || !strings.Contains(said, words) {
		t.Errorf("exit status %d, want %d and %q:\n%s%s", got, status, words, l.stdout.String(), l.stderr.String())
	}
	if all := l.stdout.String() + l.stderr.String(); strings.Contains(all, planted) {
		t.Error("a secret was printed")
	}
}

// Nothing runs: the command receives Dexcom's answer itself.
func TestLinkCommandAlone(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	refused := f.startLink(t)
	refused.browse(t, "", "alice", "Refuse").expect(t, http.StatusOK, "Go back to the terminal")
	refused.ends(t, 1, "the person refused: nothing has changed")
	f.expectNoGrant(t)

	l := f.startLink(t)
	l.browse(t, "", "alice", "Allow").expect(t, http.StatusOK, "Go back to the terminal")
	l.ends(t, 0, `"alice" is linked.`)
	f.expectAlive(t, "alice")
	e := f.serve(t)
	expectSeries(t, e, linked, 1)
	expectSeriesThat(t, e, newest, present)
}

// The redirect address is of another machine: the person brings the answer over.
func TestLinkCommandPaste(t *testing.T) {
	t.Parallel()
	for name, running := range map[string]bool{"alone": false, "beside serve": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFamily(t)
			f.redirectURL = "https://cgm.example/oauth/callback"
			f.cloud.Register(ourApp(f.redirectURL))
			if running {
				f.serve(t)
			}
			for _, wrong := range []string{
				"", "nonsense", "http://[::1", f.redirectURL, f.redirectURL + "?code=a", f.redirectURL + "?state=",
			} {
				l := f.startLink(t, "--paste")
				l.types(t, wrong)
				l.ends(t, 2, "this is not the address that Dexcom sent you to")
			}
			forged := f.startLink(t, "--paste")
			forged.types(t, f.redirectURL+"?code=a&state=forged")
			forged.ends(t, 1, "belongs to no linking that is under way")
			spent := f.startLink(t, "--paste")
			spent.types(t, f.redirectURL+"?code=a&state="+stateOf(t, spent.login))
			spent.ends(t, 1, "used, expired or revoked")
			f.expectNoGrant(t)

			l := f.startLink(t, "--paste")
			l.types(t, l.browse(t, "cgm.example", "alice", "Allow").address.String())
			l.ends(t, 0, `"alice" is linked.`)
			f.expectAlive(t, "alice")
		})
	}
}

// stateOf is the state in the address of a login.
func stateOf(t *testing.T, login string) string {
	t.Helper()
	address, err := url.Parse(login)
	if err != nil || address.Query().Get("state") == "" {
		t.Fatalf("no state in the address of the login: %v", err)
	}
	return address.Query().Get("state")
}

// The program that runs receives the answer; the command only tells.
func TestLinkCommandBesideServe(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	e := f.serve(t)
	l := f.startLink(t)
	l.browse(t, "", "alice", "Allow").expect(t, http.StatusOK, "alice is linked")
	l.ends(t, 0, `"alice" is linked.`)
	expectSeries(t, e, linked, 1)
	expectSeriesThat(t, e, newest, present)
	f.expectAlive(t, "alice")

	again := f.startLink(t)
	again.browse(t, "", "alice", "Allow").expect(t, http.StatusOK, "alice is linked")
	again.ends(t, 0, `"alice" is linked.`)
	f.expectAlive(t, "alice")
}

func TestLinkCommandAnotherPerson(t *testing.T) {
	t.Parallel()
	for name, running := range map[string]bool{"alone": false, "beside serve": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFamily(t)
			f.linkHere(t, "alice")
			if running {
				f.serve(t)
			}
			for _, answer := range []string{"no", "", "y"} {
				f.offerBob(t, answer).ends(t, 1, "kept the person of before")
				f.expectAlive(t, "alice")
			}
			f.offerBob(t, "yes").ends(t, 0, `"alice" is linked.`)
			f.expectAlive(t, "bob")
		})
	}
}

// offerBob consents as bob and answers the question whether he shall replace alice.
func (f *family) offerBob(t *testing.T, answer string) linkCommand {
	t.Helper()
	l := f.startLink(t, "--paste")
	l.types(t, l.browse(t, f.address, "bob", "Allow").address.String())
	l.says(t, &l.stdout, `(belonged to another Dexcom user before)`)
	l.types(t, answer)
	return l
}

func TestLinkCommandWrongUsage(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	elsewhere := newFamily(t)
	elsewhere.redirectURL = "https://cgm.example/oauth/callback"
	for name, test := range map[string]struct {
		args   []string
		status int
		stderr string
	}{
		"no account":         {[]string{"link", f.config(t)}, 2, `'account'`},
		"unknown account":    {[]string{"link", "mallory", f.config(t)}, 2, `no account "mallory"`},
		"unreached redirect": {[]string{"link", "alice", elsewhere.config(t)}, 2, `https://cgm\.example/oauth/callback cannot be received here: add --paste`},
		"no configuration":   {[]string{"link", "alice", "--config.file=none.yaml"}, 2, `none\.yaml`},
	} {
		got := run(t, test.args...)
		if got.status != test.status || !regexp.MustCompile(test.stderr).MatchString(got.stderr) || got.stdout != "" {
			t.Errorf("%s: got %+v, want %+v", name, got, test)
		}
	}
	taken := newFamily(t)
	taken.redirectURL = "http://" + takenPort(t) + "/oauth/callback"
	if got := run(t, "link", "alice", taken.config(t)); got.status != 1 || !strings.Contains(got.stderr, "in use") {
		t.Errorf("taken port: %+v", got)
	}
}

// Who changes their mind is free at once, and so is the state directory.
func TestLinkCommandInterrupted(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	l := f.startLink(t)
	l.says(t, &l.stdout, `(Waiting for the answer)`)
	begun := time.Now()
	l.signal(t, os.Interrupt)
	l.ends(t, 1, "stopped before an answer came: nothing has changed")
	if took := time.Since(begun); took > shutdown {
		t.Errorf("it took %v to end", took)
	}
	f.linkHere(t, "alice")
}

// A script gives all its answers at once.
func TestLinkCommandReadsLineByLine(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.linkHere(t, "alice")
	l := f.startLink(t, "--paste")
	l.types(t, l.browse(t, f.address, "bob", "Allow").address.String()+"\nyes")
	if err := l.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	l.ends(t, 0, `"alice" is linked.`)
	f.expectAlive(t, "bob")
}
