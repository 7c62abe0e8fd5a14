package e2e

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// everywhere lets others reach the port too.
const everywhere = "--web.listen-address=0.0.0.0:0"

// foreign is a Host that somebody else's name server may point at us.
const foreign = "attacker.example"

// startServe serves an account that nobody linked, and logs all it can.
func startServe(t *testing.T, flags ...string) exporter {
	t.Helper()
	config, _ := writeConfig(t)
	return startExporter(t, append([]string{"serve", config, "--log.level=debug"}, flags...)...)
}

func TestLoopbackKnowsItsNames(t *testing.T) {
	t.Parallel()
	e := startServe(t, loopback)
	_, port, _ := strings.Cut(e.address, ":")
	for _, path := range []string{"/", "/metrics", "/-/healthy"} {
		v := e.visitor()
		for _, host := range []string{"localhost", "localhost:" + port, "127.0.0.1", "[::1]:" + port} {
			v.host = host
			v.get(t, path, http.StatusOK)
		}
		for _, host := range []string{foreign, foreign + ":" + port, "localhost." + foreign, "127.0.0.1." + foreign} {
			v.host = host
			v.get(t, path, http.StatusForbidden)
		}
		for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host"} {
			visitor{base: v.base, header: [2]string{header, "for=192.0.2.1"}}.get(t, path, http.StatusForbidden)
		}
	}
	if open := strings.Count(e.stderr.String(), "no authentication"); open != 0 {
		t.Errorf("%d warnings for a loopback listener", open)
	}
}

// A listener that others reach shows metrics to all and, without authentication,
// pages to nobody: unless it is told to.
func TestListenerForOthers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		flags  []string
		page   int
		silent bool
	}{
		{name: "as it is", flags: []string{everywhere}, page: http.StatusForbidden},
		{name: "open pages", flags: []string{everywhere, "--web.open-pages"}, page: http.StatusOK},
		{name: "open pages on loopback", flags: []string{loopback, "--web.open-pages"}, page: http.StatusOK, silent: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := startServe(t, test.flags...)
			for _, host := range []string{"", foreign} {
				v := visitor{base: "http://" + e.address, host: host}
				v.get(t, "/", test.page)
				v.get(t, "/style.css", test.page)
				v.get(t, "/metrics", http.StatusOK)
				v.get(t, "/-/healthy", http.StatusOK)
			}
			expectWarning(t, e, !test.silent)
		})
	}
}

func TestTLSAloneIsNoAuthentication(t *testing.T) {
	t.Parallel()
	ours := newAuthority(t)
	e := startServe(t, everywhere, webConfig(t, serveTLS(t, ours.sign(t))))
	v := visitor{base: "https://" + e.address, tls: ours.believed(t)}
	v.get(t, "/", http.StatusForbidden)
	v.get(t, "/metrics", http.StatusOK)
	expectWarning(t, e, true)
}

func TestPasswordOverTLS(t *testing.T) {
	t.Parallel()
	ours := newAuthority(t)
	web := webConfig(t, serveTLS(t, ours.sign(t))+demandPassword)
	for _, listen := range []string{loopback, everywhere} {
		e := startServe(t, listen, web)
		for _, path := range []string{"/", "/metrics", "/-/ready"} {
			v := visitor{base: "https://" + e.address, tls: ours.believed(t)}
			v.get(t, path, http.StatusUnauthorized)
			v.password = "mistyped-password"
			v.get(t, path, http.StatusUnauthorized)
			v.password = password
			v.get(t, path, http.StatusOK)
			v.host = foreign
			v.get(t, path, http.StatusOK)
			visitor{base: "http://" + e.address, password: password}.get(t, path, http.StatusBadRequest) // plain HTTP
			visitor{base: v.base, password: password, tls: newAuthority(t).believed(t)}.refused(t, path)
		}
		expectWarning(t, e, false)
		if log := e.stderr.String(); strings.Contains(log, "-password") || strings.Contains(log, passwordHash) {
			t.Error("a password is in the log")
		}
	}
}

func TestPasswordWithoutTLS(t *testing.T) {
	t.Parallel()
	e := startServe(t, everywhere, webConfig(t, demandPassword))
	v := e.visitor()
	v.get(t, "/", http.StatusUnauthorized)
	v.get(t, "/metrics", http.StatusUnauthorized)
	v.password = password
	v.get(t, "/", http.StatusOK)
	v.get(t, "/metrics", http.StatusOK)
	expectWarning(t, e, false)
}

func TestClientCertificates(t *testing.T) {
	t.Parallel()
	ours, clients := newAuthority(t), newAuthority(t)
	e := startServe(t, everywhere, webConfig(t, serveTLS(t, ours.sign(t))+demandCertificate(t, clients)))
	for _, path := range []string{"/", "/metrics"} {
		v := visitor{base: "https://" + e.address, tls: ours.believed(t, clients.sign(t))}
		v.get(t, path, http.StatusOK)
		v.tls = ours.believed(t)
		v.refused(t, path)
		v.tls = ours.believed(t, ours.sign(t))
		v.refused(t, path)
	}
	expectWarning(t, e, false)
}

// What a page of another site takes from /readings would be missing in a scrape.
func TestCrossSiteScrapesTakeNothing(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.linkHere(t, "alice")
	e := f.serve(t)
	expectSeriesThat(t, e, newest, present)
	for site, status := range map[string]int{
		"cross-site": http.StatusForbidden, "same-site": http.StatusForbidden, // another port of localhost
		"same-origin": http.StatusOK, "none": http.StatusOK,
	} {
		v := e.visitor()
		v.header = [2]string{"Sec-Fetch-Site", site}
		if got := v.get(t, "/readings?scraper="+site, status); strings.Contains(got.body, "dexcom_egv_mg_dl") != (status == http.StatusOK) {
			t.Errorf("%s: %.200s", site, got.body)
		}
	}
}

// The limit that docs/security.md shows stops a flood, with a password or without.
func TestRequestsAreLimited(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	limit := regexp.MustCompile(`(?m)^rate_limit: .*$`).FindString(string(guide))
	if limit == "" {
		t.Fatal("docs/security.md shows no limit")
	}
	for _, web := range []string{limit, limit + "\n" + demandPassword} {
		e := startServe(t, loopback, webConfig(t, web))
		answers := map[int]int{}
		for range 60 {
			v := e.visitor()
			v.password = password
			got, err := v.ask(http.MethodGet, "/-/healthy")
			if err != nil {
				t.Fatal(err)
			}
			answers[got.status]++
		}
		if answers[http.StatusOK] < 20 || answers[http.StatusTooManyRequests] < 20 {
			t.Errorf("%q: %v", web, answers)
		}
	}
}

// expectWarning counts the warnings that everybody can read everything: one or
// none.
func expectWarning(t *testing.T, e exporter, want bool) {
	t.Helper()
	got := len(regexp.MustCompile(`level=WARN .*msg="no authentication: everybody`).FindAllString(e.stderr.String(), -1))
	if (got == 1) != want || got > 1 {
		t.Errorf("%d warnings of a listener without authentication, want one: %v", got, want)
	}
}
