package e2e

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// elsewhere is what stands on the stage for what a document names: its paths begin at
// another root, what is typed into a container runs outside of it.
func (s *stage) elsewhere(t *testing.T, text string) string {
	t.Helper()
	for _, change := range []struct{ from, to string }{
		{`docker run [^$]*? dexcom_exporter$`, "dexcom_exporter " + imageArguments(t)},
		{`docker run [^$]*? dexcom_exporter\s`, "dexcom_exporter "},
		{`docker (compose exec \w+|exec -it CONTAINER) `, ""},
		{`kubectl --namespace dexcom exec (--stdin --tty )?deployment/\S+ -- `, ""},
		{`amtool check-config alertmanager`, "amtool check-config alerts/alertmanager"},
		{`systemd-analyze security dexcom_exporter`, "systemd-analyze security --offline=true deploy/systemd/dexcom_exporter.service"},
		{`(^|[ =:])(/etc/dexcom_exporter|/etc/systemd/system|/usr/bin/dexcom_exporter|/var/lib/prometheus/metrics2)\b`, "${1}" + s.root + "${2}"},
	} {
		text = regexp.MustCompile(change.from).ReplaceAllString(text, change.to)
	}
	return text
}

// imageArguments are those with which a container starts the program.
func imageArguments(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	arguments := regexp.MustCompile(`(?m)^CMD \[(.*)\]$`).FindStringSubmatch(string(text))
	if arguments == nil {
		t.Fatal("the Dockerfile says no arguments")
	}
	return strings.NewReplacer(`"`, "", ",", "").Replace(arguments[1])
}

// Every command of the documents is typed, in their order, where their readers stand,
// and prints what they show; but those in the table of [unrunCommands].
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	found := 0
	for _, d := range documentation(t) {
		found += len(d.all())
		if !slices.ContainsFunc(d.all(), func(c command) bool { return !excused(c) }) {
			continue
		}
		t.Run(strings.ReplaceAll(d.name, "/", "_"), func(t *testing.T) {
			t.Parallel()
			s := setScene(t, d)
			for i, b := range d.blocks {
				s.play(t, d, i)
				for _, c := range d.mentioned(b) {
					if !excused(c) {
						s.reset(t)
						s.act(t, d, c)
						s.serveOwn(t)
					}
				}
			}
			s.stop(t)
		})
	}
	if found < 90 {
		t.Errorf("only %d commands found", found)
	}
}

// play types the commands of a block.
func (s *stage) play(t *testing.T, d document, of int) {
	t.Helper()
	lines, words := d.promise(of)
	said := ""
	var last *typing
	for _, c := range d.commands(d.blocks[of]) {
		if excused(c) {
			continue
		}
		last = s.act(t, d, c)
		_, all := last.printed(t)
		said += all
	}
	if last != nil && (lines != "" || words != nil) {
		s.expect(t, d, last, func(stdout string) error {
			for _, word := range words {
				if !word.MatchString(said) && !word.MatchString(stdout) {
					return fmt.Errorf("%s:%d: nothing printed %v, but:\n%s%s", d.name, d.blocks[of].line, word, said, stdout)
				}
			}
			if lines == "" {
				return nil
			}
			return kept(lines, stdout, sometimes(d.name))
		})
	}
}

// expect types a command again until it prints what the document promises: there the
// people have been followed for a while.
func (s *stage) expect(t *testing.T, d document, r *typing, promised func(stdout string) error) {
	t.Helper()
	eventually(t, func() error {
		stdout, _ := r.printed(t)
		err := promised(stdout)
		if err != nil && r != s.server {
			r = s.begin(t, r.text, "", false)
			r.ends(t)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", d.name, err)
		}
		return err
	})
}

// sometimes matches the lines of documented output that a person's phone may leave out:
// it is offline now and then.
func sometimes(document string) *regexp.Regexp {
	if document == "README.md" {
		return regexp.MustCompile(`^dexcom_glucose_mg_dl\{account="(bob|gina|henry)"\}`)
	}
	return regexp.MustCompile(`^$`)
}
