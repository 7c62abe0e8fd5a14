package e2e

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// What a simulated Dexcom in a process of its own is told, by environment variables.
const (
	loadCloudState    = "E2E_LOAD_CLOUD_STATE"    // the state directory that gets the grants
	loadCloudPeople   = "E2E_LOAD_CLOUD_PEOPLE"   // how many
	loadCloudNow      = "E2E_LOAD_CLOUD_NOW"      // when they were thought of, RFC 3339
	loadCloudRedirect = "E2E_LOAD_CLOUD_REDIRECT" // the app's address
)

// startLoadCloud starts a simulated Dexcom in which everybody has consented, in a
// process of its own, and returns its address.
func startLoadCloud(t *testing.T, l *load) (address string) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), loadCloudState+"="+l.stateDir, fmt.Sprintf("%s=%d", loadCloudPeople, len(l.people)),
		loadCloudNow+"="+l.born.Format(time.RFC3339), loadCloudRedirect+"="+l.redirectURL)
	c.Stderr = os.Stderr
	hold, err := c.StdinPipe() // the process ends with its standard input
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = hold.Close()
		_ = c.Wait() // it is killed with nothing to say
	})
	if _, err := fmt.Fscanln(stdout, &address); err != nil {
		t.Fatalf("the simulated Dexcom did not start: %v", err)
	}
	return address
}

// runLoadCloud is that process.
func runLoadCloud() error {
	var n int
	if _, err := fmt.Sscan(os.Getenv(loadCloudPeople), &n); err != nil {
		return err
	}
	born, err := time.Parse(time.RFC3339, os.Getenv(loadCloudNow))
	if err != nil {
		return err
	}
	people := loadPeople(n, born)
	var residents []*simulator.Person
	for i := range people {
		residents = append(residents, &people[i].Person)
	}
	c := simulator.New(residents...)
	c.Register(ourApp(os.Getenv(loadCloudRedirect)))
	for _, who := range people {
		if who.Share {
			c.Share(simulator.ShareAccount{Person: who.Person.Name, Username: who.Person.Name, Password: sharePassword})
		}
	}
	server := httptest.NewServer(c)
	if err := consentAll(c, server.URL, people); err != nil {
		return err
	}
	fmt.Println(server.URL)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// consentAll has everybody on the official API consent, so that the grants are in the
// state directory.
func consentAll(c *simulator.Cloud, baseURL string, people []campaigner) error {
	state, err := dexcom.OpenState(os.Getenv(loadCloudState))
	if err != nil {
		return err
	}
	app, err := dexcom.NewApp(dexcom.AppConfig{
		ClientID: "planted-id", ClientSecret: planted, RedirectURL: os.Getenv(loadCloudRedirect), BaseURL: baseURL,
	})
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	var offers []dexcom.Linkable
	for _, who := range people {
		if !who.API {
			continue
		}
		grant := dexcom.OpenGrant(state, who.Person.Name, app, log)
		client, err := dexcom.NewClient(dexcom.Config{BaseURL: baseURL, Tokens: grant})
		if err != nil {
			return err
		}
		offers = append(offers, dexcom.Linkable{Account: who.Person.Name, Grant: grant, Client: client, Linked: func() {}, Changed: func() {}})
	}
	linker := dexcom.NewLinker()
	linker.Offer(offers)
	for _, offer := range offers {
		if err := consent(c, linker, offer.Account); err != nil {
			return fmt.Errorf("link %s: %w", offer.Account, err)
		}
	}
	return state.Close()
}

func consent(c *simulator.Cloud, linker *dexcom.Linker, name string) error {
	address, err := linker.Start(name)
	if err != nil {
		return err
	}
	redirect, err := c.Consent(address, name, true)
	if err != nil {
		return err
	}
	answer, err := url.Parse(redirect)
	if err == nil {
		_, err = linker.Finish(context.Background(), answer.Query())
	}
	return err
}
