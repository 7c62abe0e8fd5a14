package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// of is all that a scrape says of one account.
func (s scrape) of(account string) map[string]float64 {
	found := map[string]float64{}
	for metric, series := range s {
		for labels, value := range series {
			if name, _, _ := strings.Cut(labels, " "); name == account {
				found[metric+" "+labels] = value
			}
		}
	}
	return found
}

// differences are the series that one has and the other has not, or otherwise.
func differences(before, after map[string]float64) []string {
	var found []string
	for series, value := range before {
		if now, there := after[series]; !there || now != value {
			found = append(found, fmt.Sprintf("%s was %v, is %v (there: %t)", series, value, now, there))
		}
	}
	for series, value := range after {
		if _, there := before[series]; !there {
			found = append(found, fmt.Sprintf("%s is new: %v", series, value))
		}
	}
	return found
}

// Whatever changes about others, an account that has not changed is not asked
// again, and not a single series of it moves.
func TestUnchangedAccountsNoticeNothing(t *testing.T) {
	t.Parallel()
	d := town(t, "alice", "bob")
	alone := configure(d.address, []string{us("alice")})
	s := serving(t, d, alone, "alice")
	before, asked := scrapeOnce(t, s.address).of("alice"), d.count("")
	if len(before) < 40 || before["dexcom_up alice source=api"] != 1 {
		t.Fatalf("alice is not there: %v", before)
	}
	for _, text := range []string{
		alone,
		configure(d.address, []string{us("alice"), us("bob")}),
		configure(d.address, []string{us("bob", "stale_after: 2h"), us("carol", "timezone: Asia/Tokyo"), us("alice")}),
		configure(d.address, []string{us("alice")}, "# another order, other places"),
		strings.Replace(alone, "base_url", "rate_limit: 3600, base_url", 1),
		strings.Replace(alone, "apps: {", "apps: {eu: {client_id: other, client_secret: other}, ", 1),
		configure(d.address, []string{us("alice")}, "readings: {window: 6h}"),
	} {
		s.adopt(t, text)
		if found := differences(before, scrapeOnce(t, s.address).of("alice")); len(found) > 0 {
			t.Errorf("%s\n%s", text, strings.Join(found, "\n"))
		}
	}
	time.Sleep(300 * time.Millisecond)
	if again := d.count("") - asked; again != 0 {
		t.Errorf("%d requests because of reloads", again)
	}
}

// The budget of calls follows the configuration.
func TestReloadChangesTheBudget(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	text := configure(d.address, []string{us("alice")})
	s := serving(t, d, text, "alice")
	for _, test := range []struct {
		text string
		want map[string]float64
	}{
		{strings.Replace(text, "base_url", "rate_limit: 3600, base_url", 1), map[string]float64{" region=us": 3600}},
		{strings.Replace(text, "apps: {", "apps: {eu: {client_id: a, client_secret: b, rate_limit: 7}, ", 1), map[string]float64{" region=us": 54000, " region=eu": 7}},
		{text, map[string]float64{" region=us": 54000}},
	} {
		s.adopt(t, test.text)
		if got := scrapeOnce(t, s.address)["dexcom_exporter_rate_limit_calls_per_hour"]; !maps.Equal(got, test.want) {
			t.Errorf("limits %v, want %v", got, test.want)
		}
	}
}

// Accounts come, go and are renamed. What one leaves behind is its grant, which it
// finds again when it comes back.
func TestReloadChangesWhoIsFollowed(t *testing.T) {
	t.Parallel()
	d := town(t, "alice", "bob")
	both, bob := configure(d.address, []string{us("alice"), us("bob")}), configure(d.address, []string{us("bob")})
	renamed := configure(d.address, []string{us("alicia"), us("bob")})
	s := serving(t, d, configure(d.address, []string{us("alice")}), "alice")

	s.adopt(t, both)
	if linked, there := scrapeOnce(t, s.address)["dexcom_exporter_linked"]["bob"]; !there || linked != 0 {
		t.Errorf("bob is new: linked %v, there %t", linked, there)
	}
	if status, body := s.finish(t, consent(t, d, s.begin(t, "bob"), "bob")); status != http.StatusOK {
		t.Fatalf("link bob: %d %s", status, body)
	}
	waitFor(t, func() bool { return scrapeOnce(t, s.address).hasReading("bob") })

	logins := d.OAuthCounts().Logins
	for _, text := range []string{bob, renamed} {
		s.adopt(t, text)
		if rest := scrapeOnce(t, s.address).of("alice"); len(rest) > 0 {
			t.Errorf("alice is gone, and left %v", rest)
		}
		if status, _, _ := s.ask(t, "POST", "/accounts/alice/link"); status != http.StatusNotFound {
			t.Errorf("alice is gone, and can be linked: %d", status)
		}
		if _, _, page := s.ask(t, "GET", "/"); strings.Contains(page, `>alice<`) {
			t.Error("alice is gone, and on the page")
		}
	}
	waitFor(t, func() bool {
		return scrapeOnce(t, s.address)["dexcom_exporter_polls_total"]["alicia result=consent source=api"] == 1
	})
	if linked := scrapeOnce(t, s.address)["dexcom_exporter_linked"]["alicia"]; linked != 0 {
		t.Error("alicia is linked, and nobody did it")
	}
	s.adopt(t, both)
	waitFor(t, func() bool { return scrapeOnce(t, s.address).hasReading("alice") })
	if again := d.OAuthCounts().Logins - logins; again != 0 {
		t.Errorf("%d logins", again)
	}
	if rest := scrapeOnce(t, s.address).of("alicia"); len(rest) > 0 {
		t.Errorf("alicia left %v", rest)
	}
}

// What only changes how readings are shown costs no request.
func TestReloadChangesWhatIsShown(t *testing.T) {
	t.Parallel()
	const zone = "Etc/GMT%+d" // its sign is the other way round
	utc := time.Now().UTC().Hour()
	nightHere := utc - 2 // where it is two o'clock
	if nightHere > 12 {
		nightHere -= 24
	}
	dayHere := utc - 14 // where it is two in the afternoon
	night, day := fmt.Sprintf("timezone: "+zone, nightHere), fmt.Sprintf("timezone: "+zone, dayHere)
	person := &simulator.Person{Name: "alice", HoldBack: 2 * time.Hour, Since: time.Now().Add(-30 * 24 * time.Hour)}
	schedule, two := person.NightSchedule()
	for ; !two || len(schedule.Days) < 7; schedule, two = person.NightSchedule() {
		person.Seed++
	}
	d := pretend(t, simulator.New(person))
	s := serving(t, d, configure(d.address, []string{us("alice", day)}), "alice")
	asked := d.count("")
	for _, test := range []struct {
		settings []string
		metric   string
		series   string
		want     any // a float64, or false: it is not there
	}{
		{[]string{day}, "dexcom_exporter_stale_after_seconds", "alice", 18000.0},
		{[]string{day}, "dexcom_alert_setting_mg_dl", "alice alert=high", person.Thresholds().High},
		{[]string{day}, "dexcom_events", "alice subtype= type=carbs window=24h", true},
		{[]string{day}, "dexcom_glucose_mg_dl", "alice", true},
		{[]string{day, "stale_after: 75m"}, "dexcom_exporter_stale_after_seconds", "alice", 4500.0},
		{[]string{day, "stale_after: 75m"}, "dexcom_glucose_mg_dl", "alice", false}, // Dexcom is two hours late
		{[]string{day, "stale_after: 75m"}, "dexcom_glucose_timestamp_seconds", "alice", true},
		{[]string{night}, "dexcom_alert_setting_mg_dl", "alice alert=high", schedule.High},
		{[]string{night, "events: [insulin]"}, "dexcom_events", "alice subtype= type=carbs window=24h", false},
		{[]string{night, "events: [insulin]"}, "dexcom_events", "alice subtype=fastActing type=insulin window=24h", true},
		{[]string{day}, "dexcom_alert_setting_mg_dl", "alice alert=high", person.Thresholds().High},
		{[]string{day}, "dexcom_glucose_mg_dl", "alice", true},
	} {
		s.adopt(t, configure(d.address, []string{us("alice", test.settings...)}))
		value, there := scrapeOnce(t, s.address)[test.metric][test.series]
		if want, isValue := test.want.(float64); isValue && (!there || value != want) || !isValue && there != test.want {
			t.Errorf("%v: %s{%s} is %v (there: %t), want %v", test.settings, test.metric, test.series, value, there, test.want)
		}
	}
	if again := d.count("") - asked; again != 0 {
		t.Errorf("%d requests", again)
	}
}

// A secret that was replaced at developer.dexcom.com is replaced here, and nobody
// has to link anything again.
func TestReloadReplacesTheSecret(t *testing.T) {
	t.Parallel()
	const replaced = "REPLACED-" + planted
	d := town(t, "alice")
	d.SetTokens(simulator.TokenSettings{AccessLifetime: time.Second}) // each call needs a new token
	text := configure(d.address, []string{us("alice")}, "poll: {min_interval: 1s, max_interval: 1s}")
	s := serving(t, d, text, "alice")
	before := scrapeOnce(t, s.address)
	d.register(replaced)
	waitFor(t, func() bool { return d.OAuthCounts().Tokens["invalid_client"] > 0 })
	waitFor(t, func() bool { return scrapeOnce(t, s.address)["dexcom_up"]["alice source=api"] == 0 })

	refused := d.OAuthCounts()
	s.adopt(t, strings.Replace(text, planted, replaced, 1))
	waitFor(t, func() bool { return scrapeOnce(t, s.address).hasReading("alice") })
	time.Sleep(1500 * time.Millisecond) // some more polls
	after, now := scrapeOnce(t, s.address), d.OAuthCounts()
	if after["dexcom_up"]["alice source=api"] != 1 || after["dexcom_exporter_linked"]["alice"] != 1 {
		t.Errorf("up %v, linked %v", after["dexcom_up"], after["dexcom_exporter_linked"])
	}
	if now.Tokens["ok"] <= refused.Tokens["ok"] || now.Tokens["invalid_client"]-refused.Tokens["invalid_client"] > 1 || now.Tokens["invalid_grant"] > 0 || now.Logins != refused.Logins {
		t.Errorf("tokens %v, then %v", refused, now)
	}
	if a, b := before["dexcom_exporter_consent_timestamp_seconds"], after["dexcom_exporter_consent_timestamp_seconds"]; !maps.Equal(a, b) {
		t.Errorf("consent %v, then %v", a, b)
	}
	alive(t, d, s, "alice")
}

// alive checks that the refresh token of an account's grant file is good.
func alive(t *testing.T, d *pretender, s *server, account string) {
	t.Helper()
	var grant struct {
		RefreshToken string `json:"refresh_token"`
	}
	if err := json.Unmarshal([]byte(read(t, s.grantFile(account))), &grant); err != nil {
		t.Fatal(err)
	}
	if !d.Alive(account, grant.RefreshToken) {
		t.Errorf("the grant of %s is lost", account)
	}
}

// Another address of the same Dexcom, such as a proxy: it is asked from now on and
// nobody else, with the same grant, and what is known stays on show meanwhile.
func TestReloadMovesTheAddress(t *testing.T) {
	t.Parallel()
	d := town(t, "alice")
	proxy := pretend(t, d.Cloud)
	release := make(chan struct{})
	proxy.holding(func(string, int) <-chan struct{} { return release })
	s := serving(t, d, configure(d.address, []string{us("alice")}), "alice")
	before, asked := scrapeOnce(t, s.address), d.count("")
	s.adopt(t, configure(proxy.address, []string{us("alice")}))
	waitFor(t, func() bool { return proxy.count("egvs") == 1 })
	if found := differences(before.of("alice"), scrapeOnce(t, s.address).of("alice")); len(found) > 0 {
		t.Errorf("before the new address answers:\n%s", strings.Join(found, "\n"))
	}
	close(release)
	waitFor(t, func() bool {
		return scrapeOnce(t, s.address)["dexcom_exporter_polls_total"]["alice result=ok source=api"] == 2
	})
	after := scrapeOnce(t, s.address)
	if again := d.count("") - asked; again != 0 {
		t.Errorf("%d requests to the old address", again)
	}
	if polls := after["dexcom_exporter_polls_total"]["alice result=ok source=api"]; polls != 2 || !after.hasReading("alice") {
		t.Errorf("%v polls, up %v", polls, after["dexcom_up"])
	}
	if a, b := total(before["dexcom_egvs_total"]), total(after["dexcom_egvs_total"]); b < a || b > a+2 {
		t.Errorf("%v readings were counted, and %v at the new address", a, b)
	}
	if logins := d.OAuthCounts().Logins; logins != 1 {
		t.Errorf("%d logins", logins)
	}
}

func total(series map[string]float64) float64 {
	sum := 0.0
	for _, value := range series {
		sum += value
	}
	return sum
}

// No Dexcom user is in two regions: what was read in one is not shown as that of
// the other. Its grant is kept, and good again on the way back.
func TestReloadMovesTheRegion(t *testing.T) {
	t.Parallel()
	d, elsewhere := town(t, "alice"), town(t, "other")
	elsewhere.SetTokens(simulator.TokenSettings{Seed: 9})
	at := func(region string) string {
		return fmt.Sprintf("apps: {us: {client_id: id, client_secret: %[1]s, base_url: %[2]q}, eu: {client_id: id, client_secret: %[1]s, base_url: %[3]q}}\naccounts: [{name: alice, api: {region: %[4]s}}]\n",
			planted, d.address, elsewhere.address, region)
	}
	s := serving(t, d, at("us"), "alice")
	asked := d.count("")
	s.adopt(t, at("eu"))
	if rest := scrapeOnce(t, s.address); rest.hasReading("alice") || len(rest["dexcom_glucose_timestamp_seconds"]) > 0 || len(rest["dexcom_device_info"]) > 0 {
		t.Errorf("the readings of one region are shown in the other: %v", rest.of("alice"))
	}
	waitFor(t, func() bool { return scrapeOnce(t, s.address)["dexcom_exporter_linked"]["alice"] == 0 })
	if again := d.count("") - asked; again != 0 {
		t.Errorf("%d requests to the region of before", again)
	}
	s.adopt(t, at("us"))
	waitFor(t, func() bool { return scrapeOnce(t, s.address).hasReading("alice") })
	if linked := scrapeOnce(t, s.address)["dexcom_exporter_linked"]["alice"]; linked != 1 || d.OAuthCounts().Logins != 1 {
		t.Errorf("linked %v, %d logins", linked, d.OAuthCounts().Logins)
	}
	alive(t, d, s, "alice")
}

// The other version of the API has the same readings: none counts twice, none is
// left out as another one's double.
func TestReloadChangesTheVersion(t *testing.T) {
	t.Parallel()
	d := pretend(t, simulator.New(&simulator.Person{ // version 2 has no G7
		Name: "alice", Sensor: simulator.G6, HoldBack: 2 * time.Hour, Since: time.Now().Add(-30 * 24 * time.Hour),
	}))
	three := configure(d.address, []string{us("alice")})
	two := strings.Replace(three, "region: us}", "region: us, version: v2}", 1)
	s := serving(t, d, three, "alice")
	before := scrapeOnce(t, s.address)
	for i, text := range []string{two, three} {
		asked := d.count("egvs")
		s.adopt(t, text)
		waitFor(t, func() bool { return d.count("egvs") >= asked+2 })
		time.Sleep(200 * time.Millisecond) // the history is in
		after := scrapeOnce(t, s.address)
		if a, b := total(before["dexcom_egvs_total"]), total(after["dexcom_egvs_total"]); !after.hasReading("alice") || b < a || b > a+2 {
			t.Errorf("change %d: %v readings were counted, then %v, up %v", i+1, a, b, after["dexcom_up"])
		}
		if left := after["dexcom_exporter_records_skipped_total"]; total(left) > 0 {
			t.Errorf("change %d: records are left out: %v", i+1, left)
		}
		if i == 0 && d.count("statistics") != 1 {
			t.Error("version 2 was not asked for statistics")
		}
	}
}

// Who logs in to Share keeps the session over a reload, whatever else changes: logins
// are what Dexcom locks accounts for.
func TestUnchangedSharesKeepTheirSession(t *testing.T) {
	t.Parallel()
	person := steady(20 * time.Second)
	d := pretend(t, simulator.New(&person))
	d.Share(simulator.ShareAccount{Person: "alice", Username: "alice", Password: planted})
	share := fmt.Sprintf("share: {region: us, username: alice, password: %s, base_url: %q}", planted, d.address)
	alone := fmt.Sprintf("{name: alice, %s}", share)
	text := configure(d.address, []string{alone})
	s := start(t, configured(t, text), "--web.enable-lifecycle")
	waitFor(t, func() bool { return scrapeOnce(t, s.address).hasValue("alice") })
	before, asked := scrapeOnce(t, s.address).of("alice"), d.ShareCounts("alice")
	for _, other := range []string{
		configure(d.address, []string{alone, us("bob")}),
		configure(d.address, []string{us("bob", "stale_after: 2h"), alone}, "readings: {window: 6h}"),
		strings.Replace(text, "base_url", "rate_limit: 3600, base_url", 1),
		text,
	} {
		s.adopt(t, other)
		if found := differences(before, scrapeOnce(t, s.address).of("alice")); len(found) > 0 {
			t.Errorf("%s\n%s", other, strings.Join(found, "\n"))
		}
	}
	if now := d.ShareCounts("alice"); now != asked {
		t.Errorf("alice was asked because of reloads: %+v, then %+v", asked, now)
	}
	for _, other := range []string{
		configure(d.address, []string{us("alice", share)}), // the API comes to it
		configure(d.address, []string{fmt.Sprintf("{name: alice, stale_after: 2h, %s}", share)}),
		configure(d.address, []string{alone}, "poll: {min_interval: 2m, max_interval: 20m}"),
		configure(d.address, []string{alone}, "poll: {mode: scrape}"),
	} {
		s.adopt(t, other)
		waitFor(t, func() bool { return scrapeOnce(t, s.address).hasValue("alice") })
	}
	if now := d.ShareCounts("alice"); now.Logins != 1 || now.Authentications != 1 || now.FailedLogins != 0 {
		t.Errorf("%+v, want one login", now)
	}
}

// hasValue tells whether an account has a value of now from Share.
func (s scrape) hasValue(account string) bool {
	_, there := s["dexcom_glucose_mg_dl"][account]
	return there && s["dexcom_up"][account+" source=share"] == 1
}

// A password that is refused costs one login, and one that replaces it is tried at
// once. What is known stays on show meanwhile.
func TestReloadReplacesThePassword(t *testing.T) {
	t.Parallel()
	person := steady(20 * time.Second)
	d := pretend(t, simulator.New(&person))
	d.Share(simulator.ShareAccount{Person: "alice", Username: "alice", Password: planted})
	with := func(password string) string {
		return configure(d.address, []string{fmt.Sprintf("{name: alice, share: {region: us, username: alice, password: %q, base_url: %q}}", password, d.address)})
	}
	file := filepath.Join(t.TempDir(), "config.yaml")
	write(t, file, with(planted))
	s := start(t, file, "--web.enable-lifecycle")
	waitFor(t, func() bool { return scrapeOnce(t, s.address).hasValue("alice") })

	s.adopt(t, with("wrong "+planted))
	waitFor(t, func() bool {
		return scrapeOnce(t, s.address)["dexcom_exporter_polls_total"]["alice result=credentials source=share"] == 1
	})
	if seen := scrapeOnce(t, s.address); len(seen["dexcom_glucose_mg_dl"]) != 1 || seen["dexcom_up"]["alice source=share"] != 0 {
		t.Errorf("a refused password hides what is known, or is called up: %v", seen.of("alice"))
	}
	for range 3 { // no reload of the same brings another login
		s.adopt(t, with("wrong "+planted))
	}
	if now := d.ShareCounts("alice"); now.FailedLogins != 1 || now.Logins != 1 {
		t.Errorf("%+v, want one refused login", now)
	}
	const refused = `level=WARN .*msg="poll failed" account=alice service=share .*reason=credentials`
	if said := regexp.MustCompile(refused).FindAllString(s.log.String(), -1); len(said) != 1 {
		t.Errorf("one refusal is said so: %q", said)
	}
	s.adopt(t, with("still wrong "+planted)) // somebody waits for what comes of it
	waitFor(t, func() bool { return len(regexp.MustCompile(refused).FindAllString(s.log.String(), -1)) == 2 })

	s.adopt(t, with(planted))
	waitFor(t, func() bool { return scrapeOnce(t, s.address)["dexcom_up"]["alice source=share"] == 1 })
	if now := d.ShareCounts("alice"); now.FailedLogins != 2 || now.Logins != 2 || now.LockedLogins != 0 {
		t.Errorf("%+v, want one more login", now)
	}
}
