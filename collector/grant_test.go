package collector

import (
	"log/slog"
	"net/url"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// consented goes through the login of a simulated Dexcom and gives the grant.
func consented(t testing.TB) *dexcom.Grant {
	t.Helper()
	cloud := simulator.New(&simulator.Person{Name: "alice", Seed: 1, Since: noon().Add(-1000 * time.Hour)})
	cloud.Register(simulator.App{ClientID: "id", ClientSecret: "s", RedirectURLs: []string{"http://localhost/"}})
	state, err := dexcom.OpenState(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	app, err := dexcom.NewApp(dexcom.AppConfig{
		ClientID: "id", ClientSecret: "s", RedirectURL: "http://localhost/", BaseURL: "http://dexcom.test", Transport: cloud,
	})
	if err != nil {
		t.Fatal(err)
	}
	grant := dexcom.OpenGrant(state, "alice", app, slog.New(slog.DiscardHandler))
	consent(t, cloud, "alice", grant)
	return grant
}

// consent gives the grant of an account the consent of the person of the same name.
func consent(t testing.TB, cloud *simulator.Cloud, name string, grant *dexcom.Grant) {
	t.Helper()
	client, err := dexcom.NewClient(dexcom.Config{BaseURL: "http://dexcom.test", Tokens: grant, Transport: cloud})
	if err != nil {
		t.Fatal(err)
	}
	linker := dexcom.NewLinker()
	linker.Offer([]dexcom.Linkable{{Account: name, Grant: grant, Client: client, Linked: func() {}, Changed: func() {}}})
	address, err := linker.Start(name)
	if err != nil {
		t.Fatal(err)
	}
	redirect, err := cloud.Consent(address, name, true)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := url.Parse(redirect)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := linker.Finish(t.Context(), answer.Query()); err != nil {
		t.Fatal(err)
	}
}

func TestWithoutAGrantNothingIsSaidOfIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, _ := alone(t)
		for _, row := range grantRows() {
			if _, there := value(t, c, row.name); there {
				t.Errorf("%s is there", row.name)
			}
		}
	})
}

// The account goes to another person: nothing of the one before may stay, and
// nothing that was on its way for them may come.
func TestForget(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, a := alone(t)
		before := a.whose(a.poller(sourceAPI))
		reading := ago(0, 120)
		a.absorbNow(reading)
		replace(a, before, "devices", dexcom.List[dexcom.Device]{Records: []dexcom.Device{{Generation: dexcom.G7}}}, &a.devices)
		c.Forget("alice")
		a.absorb(before, dexcom.List[dexcom.Reading]{Records: []dexcom.Reading{reading}}, time.Now(), newestFetch)
		replace(a, before, "devices", dexcom.List[dexcom.Device]{Records: []dexcom.Device{{Generation: dexcom.G7}}}, &a.devices)
		a.setRanges(before, dexcom.DataRange{EGVs: dexcom.Span{Start: noon(), End: noon()}})
		s := c.Snapshots()[0]
		if s.HasNewest || len(s.Devices) > 0 || !s.Ranges.EGVs.End.IsZero() || !s.TransmitterStart.IsZero() {
			t.Errorf("left: %+v", s)
		}
		a.absorb(a.whose(a.poller(sourceAPI)), dexcom.List[dexcom.Reading]{Records: []dexcom.Reading{ago(0, 90)}}, time.Now(), newestFetch)
		if got, _ := value(t, c, "dexcom_glucose_mg_dl"); got != 90 {
			t.Errorf("the new person's value is %v", got)
		}
	})
}
