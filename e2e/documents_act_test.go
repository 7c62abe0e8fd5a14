package e2e

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// typedPassword is what somebody types who is asked for one.
const typedPassword = "planted-typed"

// act types a command as a person does: most end by themselves and well, some serve
// until the next one does, some ask for something.
func (s *stage) act(t *testing.T, d document, c command) *typing {
	t.Helper()
	begun := time.Now()
	defer func() { t.Logf("%5.1f s: %s", time.Since(begun).Seconds(), c.one()) }()
	text := c.text
	if strings.HasPrefix(text, "docker ") || strings.HasPrefix(text, "kubectl ") {
		text = c.one()
	}
	text = s.elsewhere(t, text)
	is := func(pattern string) bool { return regexp.MustCompile(pattern).MatchString(text) }
	switch {
	case is(`^(go run \.|\S*dexcom_exporter) ((serve|demo|--\S+)( |$)|$)|^make demo$`):
		return s.actServe(t, d, text)
	case is(`^(sudo )?\S*dexcom_exporter link `):
		return s.actLink(t, c, text)
	case is(`/-/reload|dexcom_exporter healthy`):
		s.serveOwn(t)
	case is(`^go run \. check --config.file`): // the README's reader has linked alice in the browser
		s.actLink(t, c, "go run . link alice --config.file=config.yaml")
	}
	input := ""
	if is(`^htpasswd `) {
		input = typedPassword + "\n" + typedPassword + "\n"
	}
	s.prepareFor(t, d, text)
	r := s.begin(t, text, input, false)
	if status := r.ends(t); status != "0" {
		_, all := r.printed(t)
		t.Errorf("%s:%d: %s: exit status %s:\n%s", c.document, c.line, c.text, status, all)
	}
	if is(`^htpasswd `) {
		s.hash, _ = r.printed(t)
	}
	return r
}

// prepareFor writes what the document tells its reader to write before a command.
func (s *stage) prepareFor(t *testing.T, d document, text string) {
	t.Helper()
	write := func(name, begin string, changes ...string) (text string) {
		for _, b := range d.blocks {
			if b.language == "yaml" && strings.HasPrefix(b.text, begin) {
				text = strings.NewReplacer(changes...).Replace(b.text)
				writeInto(t, s.clone, name, text)
				return text
			}
		}
		t.Fatalf("%s shows no %s", d.name, name)
		return ""
	}
	switch {
	case strings.Contains(text, "--values values.yaml"):
		write("values.yaml", "config:")
	case d.name == "README.md" && strings.Contains(text, "config.yaml"):
		s.config = write("config.yaml", "apps:", "id-of-your-app", "planted-id\n    base_url: "+s.family.baseURL)
	case strings.Contains(text, "--web.config.file=web.yaml"):
		_, hash, _ := strings.Cut(strings.TrimSpace(s.hash), ":")
		write("web.yaml", "# web.yaml", "$2y$10$…", hash)
	case strings.Contains(text, "install -m 755 dexcom_exporter ") || strings.HasPrefix(text, "go version"): // out of the archive
		s.begin(t, "cp $(command -v dexcom_exporter) .; cp -R deploy/systemd .", "", false).ends(t)
	}
}

// actServe types a command that serves. With a password it is asked for one.
func (s *stage) actServe(t *testing.T, d document, text string) *typing {
	t.Helper()
	s.stop(t)
	s.prepareFor(t, d, text)
	r := s.serve(t, text)
	if strings.Contains(text, "demo") {
		s.answers(t, "http://localhost:10180/-/ready") // its people have been asked about
	}
	if !strings.Contains(text, "--web.config.file=web.yaml") {
		return r
	}
	const ask = "curl --silent --show-error --output /dev/null --write-out '%{http_code}' --cacert server.pem "
	for flags, want := range map[string]string{"": "401", "--user prometheus:" + typedPassword + " ": "200"} {
		asked := s.begin(t, ask+flags+"https://glucose.home.arpa:10180/metrics", "", false)
		asked.ends(t)
		if _, all := asked.printed(t); all != want {
			t.Errorf("%s: with %q it answers %s, want %s", text, flags, all, want)
		}
	}
	return r
}

// actLink links, as the person whose account it is.
func (s *stage) actLink(t *testing.T, c command, text string) *typing {
	t.Helper()
	r := s.begin(t, text, dialogue, true)
	var login string
	eventually(t, func() error {
		_, all := r.printed(t)
		found := regexp.MustCompile(`(?m)^ +(http\S+)$`).FindStringSubmatch(all)
		if found == nil {
			return fmt.Errorf("%s: no address: %s", c.text, all)
		}
		login = found[1]
		return nil
	})
	redirect, err := s.family.cloud.Consent(login, s.person, true)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "--paste") {
		r.answer(t, redirect)
	} else if output, err := exec.CommandContext(t.Context(), "curl", "--silent", "--show-error", "--fail", redirect).CombinedOutput(); err != nil {
		t.Errorf("%s: the browser is not answered: %v\n%s", c.text, err, output)
	}
	if status := r.ends(t); status != "0" {
		_, all := r.printed(t)
		t.Errorf("%s:%d: %s: exit status %s:\n%s", c.document, c.line, c.text, status, all)
	}
	return r
}
