package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// unrun is a command that no test can type.
type unrun struct {
	command *regexp.Regexp // all commands like this one
	why     string
	instead string // the test, or FILE: the step, that runs the nearest thing
}

// unrunCommands are all of them. They come to little: each names what does.
func unrunCommands() []unrun {
	const (
		docker     = "there is no Docker"
		kubernetes = "there is no cluster"
		systemd    = "systemd does not run"
		gate       = "a step of the gate itself"
	)
	return rows([][3]string{
		{`dashboards/README.md: go test \./\.\.\.`, gate, `.ci/run: cd dashboards/gen && go test ./...`},
		{`go test \./\.\.\.`, gate, `.ci/run: step "test" readme_test`},
		{`make (rules|race|lint)`, gate, `.ci/run: "rules" run make rules`},
		{`make fmt`, "the gate refuses what it would change", `.ci/run: "lint" run make lint`},
		{`make e2e|bash \.ci/run`, "this test is a part of it", `.ci/run: "end to end" run make e2e`},
		{`make chart`, "another test runs it", "TestChartPassesLint"},
		{`make campaign`, "it takes ten minutes, and is not in the gate yet", "TestFaultCampaign"},
		{`make bench`, "it takes twenty minutes", "Makefile: bench: ## run the benchmarks"},
		{`make population`, "it takes a quarter of an hour", "Makefile: population: ## follow people of all kinds for a month"},
		{`make load`, "it takes an hour", "TestLoad"},
		{`go test -bench`, "it names what make bench types", "Makefile: -bench=."},
		{`make release`, "another test runs it", "TestRelease"},
		{`docs/\S+: make build`, "README.md has it too", "TestDocumentedCommands"},
		{`(README|docs/\w+)\.md: go run \.`, "it only names the program", "TestDocumentedCommands"},
		{`UPDATE=1 go test -run TestSeriesOfTheAlertTests \.`, "it takes a minute", "TestSeriesOfTheAlertTests"},
		{`sha256sum --check --ignore-missing sha256sums\.txt`, "no release is here", "TestRelease"},
		{`sudo apt-get install \./dexcom-exporter_\*_amd64\.deb`, "it would change this machine", "TestRelease"},
		{`sudo apt-get install [a-z0-9 -]+`, "it would change this machine", `.ci/run: apt-get install`},
		{`ssh -L 10180:localhost:10180 thathost`, "there is no other machine", "TestLinkCommandBesideServe"},
		{`docker build --tag dexcom_exporter \.`, docker, "TestReleasedImageIsTheImage"},
		{`docker compose (up --build --detach --wait|down|kill --signal=SIGHUP prometheus)`, docker, "TestStackMountsWhatExists"},
		{`docker stop --time 120`, docker, "TestStopAndStartAgain"},
		{`kubectl create namespace .*|kubectl --namespace dexcom create secret .*`, kubernetes, "TestChartPodMayLittle"},
		{`helm upgrade( .*)?|helm uninstall .*|kubectl --namespace dexcom delete .*`, kubernetes, "TestChartPackageIsWhole"},
		{`kubectl --namespace dexcom (port-forward|rollout restart) .*`, kubernetes, "TestChartPodMayLittle"},
		{`sudo systemctl (enable --now|restart|reload) dexcom_exporter`, systemd, "TestUnitStartsTheProgram"},
		{`sudo systemctl clean --what=state dexcom_exporter`, systemd, "TestUnitNamesSecretsAsSystemdDoes"},
		{`journalctl --unit=dexcom_exporter --since=today`, systemd, "TestUnitStartsTheProgram"},
		{`docker compose logs exporter`, docker, "TestStackMountsWhatExists"},
		{`kubectl --namespace dexcom logs .*`, kubernetes, "TestChartPodMayLittle"},
		{`systemctl status dexcom_exporter`, systemd, "TestUnitStartsTheProgram"},
		{`sudo systemctl daemon-reload`, systemd, "TestUnitPassesSystemd"},
	})
}

// halfRunCommands are typed without what puts them into a container: nobody tries that
// part, and its flags.
func halfRunCommands() []unrun {
	return rows([][3]string{
		{`docker run .*`, "there is no Docker", "TestReleasedImageIsTheImage"},
		{`docker exec -it CONTAINER .*`, "there is no Docker", "TestReleasedImageIsTheImage"},
		{`docker compose exec \w+ .*`, "there is no Docker", "TestStackMountsWhatExists"},
		{`kubectl --namespace dexcom exec .*`, "there is no cluster", "TestChartPodMayLittle"},
	})
}

func rows(texts [][3]string) (table []unrun) {
	for _, row := range texts {
		table = append(table, unrun{regexp.MustCompile("(^|: )(" + row[0] + ")$"), row[1], row[2]})
	}
	return table
}

// about tells whether it is this command.
func (u unrun) about(c command) bool { return u.command.MatchString(c.document + ": " + c.one()) }

// excused tells whether the table has a command.
func excused(c command) bool {
	return slices.ContainsFunc(unrunCommands(), func(u unrun) bool { return u.about(c) })
}

// Who wants to know what is not tried finds it in the table: each row is needed, and
// what it names in place of the command exists.
func TestCommandsThatAreNotRun(t *testing.T) {
	t.Parallel()
	var all []command
	for _, d := range documentation(t) {
		all = append(all, d.all()...)
	}
	for _, row := range slices.Concat(unrunCommands(), halfRunCommands()) {
		if !slices.ContainsFunc(all, row.about) {
			t.Errorf("no document has %v any more", row.command)
		}
		if !row.exists(t) {
			t.Errorf("%v: there is no %s", row.command, row.instead)
		}
	}
}

// What is typed outside of the container that a document names is not counted as run.
func TestCommandsThatAreHalfRun(t *testing.T) {
	t.Parallel()
	for _, d := range documentation(t) {
		for _, c := range d.all() {
			contained := strings.HasPrefix(c.one(), "docker ") || strings.HasPrefix(c.one(), "kubectl ")
			half := slices.ContainsFunc(halfRunCommands(), func(u unrun) bool { return u.about(c) })
			if contained && half == excused(c) || !contained && half {
				t.Errorf("%s:%d: %s: in one table it must be, and in one only", c.document, c.line, c.one())
			}
		}
	}
}

// exists looks for the test or the step.
func (u unrun) exists(t *testing.T) bool {
	t.Helper()
	file, step, found := strings.Cut(u.instead, ": ")
	files := []string{filepath.Join("..", file)}
	if !found {
		step = "\nfunc " + u.instead + "("
		here, _ := filepath.Glob("*_test.go") // the patterns are right
		root, _ := filepath.Glob("../*_test.go")
		files = slices.Concat(here, root)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), step) {
			return true
		}
	}
	return false
}
