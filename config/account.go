package config

import (
	"slices"
	"strings"
	"time"
)

// Account is one person. At least one of API and Share is not nil.
type Account struct {
	// Name is the only identity that leaves the program: 1 to 64 of a-z, 0-9, _ and -, unique in the file.
	Name string
	// API is the official API as a source, nil when not used; Config.Apps has an app for its region.
	API *API
	// Share is Dexcom Share as a source, nil when not used.
	Share *Share
	// StaleAfter is the age at which the live value disappears.
	StaleAfter time.Duration
	// ReplayLag is the lag of the replay gauge.
	ReplayLag time.Duration
	// Timezone is where the person lives; nil means the offset of the readings' display time.
	Timezone *time.Location
	// TargetRange names the consensus target: standard, older_adult or pregnancy.
	TargetRange string
	// Events are the kinds of user-entered events to publish; empty means none.
	Events []string
	// AGP says whether to publish the ambulatory glucose profile.
	AGP bool
}

// API is the official API as a source of one account.
type API struct {
	// Region is us, eu (every country but the United States and Japan), jp or sandbox.
	Region string
	// Version is v3 or v2; v2 only in the regions us and sandbox.
	Version string
}

// Share is Dexcom Share as a source of one account.
type Share struct {
	// Region is us, ous (every country but the United States and Japan) or jp.
	Region string
	// Username is an e-mail address, a phone number such as +14155550123, or a name: an identity, and therefore as
	// unprintable as the password.
	Username Secret
	Password Secret
	// BaseURL replaces the region's address; empty means the address of the region.
	BaseURL string
}

// manyAccounts is the number of accounts above which the profile is off by default: it is 240 series for each.
const manyAccounts = 50

// readAccounts reads the list of accounts.
func readAccounts(v value, apps map[string]App) []Account {
	entries := v.list()
	if len(entries) == 0 {
		v.required()
		v.fail("has no account, add one")
	}
	names, logins := map[string]int{}, map[string]int{}
	accounts := make([]Account, 0, len(entries))
	for _, entry := range entries {
		m := entry.mapping()
		a := readAccount(m, apps, len(entries) <= manyAccounts)
		accounts = append(accounts, a)
		m.get("name").unique(names, a.Name, "name")
		if a.Share != nil {
			login := a.Share.Region + " " + strings.ToLower(a.Share.Username.Reveal())
			m.get("share").unique(logins, login, "Share login")
		}
	}
	return accounts
}

// unique reports a fault when key is among those seen, which go by line, and remembers it.
func (v value) unique(seen map[string]int, key, what string) {
	if first, ok := seen[key]; ok {
		v.fail("same %s as the account on line %d, change or remove one of them", what, first)
		return
	}
	seen[key] = v.line
}

// readAccount reads one account; agp is the default of its key.
func readAccount(m *mapping, apps map[string]App, agp bool) Account {
	defer m.finish()
	a := Account{
		Name:        m.get("name").accountName(),
		API:         readAPI(m.get("api"), apps),
		Share:       readShare(m.get("share")),
		Timezone:    m.get("timezone").location(),
		TargetRange: m.get("target_range").oneOf("standard", "older_adult", "pregnancy"),
		Events:      readEvents(m.get("events")),
		AGP:         m.get("agp").boolean(agp),
	}
	if a.API == nil && a.Share == nil {
		m.fail("has no source, add api or share")
	}
	staleAfter, replayLag := a.lateness()
	a.StaleAfter = m.get("stale_after").duration(staleAfter, a.youngest(), day)
	a.ReplayLag = m.get("replay_lag").duration(replayLag, time.Second, day)
	return a
}

// lateness returns the defaults of StaleAfter and ReplayLag, which follow from how late the sources deliver.
func (a Account) lateness() (staleAfter, replayLag time.Duration) {
	switch {
	case a.Share != nil:
		return 15 * time.Minute, 15 * time.Minute
	// The API delays readings by one hour in the United States and by three hours elsewhere
	// (developer.dexcom.com/docs); the phone adds up to an hour, and the poll the rest.
	case a.API != nil && a.API.Version == "v3" && (a.API.Region == "us" || a.API.Region == "sandbox"):
		return 5 * time.Hour, 2*time.Hour + 30*time.Minute
	default:
		return 5 * time.Hour, 4*time.Hour + 30*time.Minute
	}
}

// youngest returns the least sensible StaleAfter. With Share a reading comes every 5 minutes, and a smaller age would
// make the live value flicker. The API releases a reading an hour or three after its upload (developer.dexcom.com/docs):
// a smaller age would never show one.
func (a Account) youngest() time.Duration {
	const upload = 15 * time.Minute
	switch {
	case a.API == nil || a.Share != nil:
		return 5 * time.Minute
	case a.API.Version == "v3" && (a.API.Region == "us" || a.API.Region == "sandbox"):
		return time.Hour + upload
	}
	return 3*time.Hour + upload
}

// accountName reads the name of an account.
func (v value) accountName() string {
	name := v.required().text("")
	// The name is a metric label, a part of URLs and the name of the state file.
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789_-"
	if strings.Trim(name, letters) != "" || len(name) > 64 {
		v.fail("not a name, use at most 64 of a-z, 0-9, _ and -")
	}
	return name
}

// readAPI reads the official API as a source.
func readAPI(v value, apps map[string]App) *API {
	if v.missing() {
		return nil
	}
	m := v.mapping()
	defer m.finish()
	region, version := m.get("region"), m.get("version")
	api := &API{
		Region:  region.region(apiRegions()),
		Version: version.oneOf("v3", "v2"),
	}
	if _, ok := apps[api.Region]; !ok {
		region.failMissing("apps.%s is missing, add it with the credentials of your Dexcom app", api.Region)
	}
	if api.Version == "v2" && api.Region != "us" && api.Region != "sandbox" {
		version.fail("v2 exists only in the regions us and sandbox, use v3")
	}
	return api
}

// readShare reads Dexcom Share as a source.
func readShare(v value) *Share {
	if v.missing() {
		return nil
	}
	m := v.mapping()
	defer m.finish()
	return &Share{
		Region:   m.get("region").region(shareRegions()),
		Username: m.get("username").shareUsername(),
		Password: m.secret("password"),
		BaseURL:  m.get("base_url").webAddress(""),
	}
}

// readEvents reads the kinds of events to publish.
func readEvents(v value) []string {
	if v.missing() {
		return []string{"carbs", "insulin", "exercise"}
	}
	events := []string{}
	for _, entry := range v.list() {
		event, ok := entry.event()
		if !ok {
			break
		}
		if slices.Contains(events, event) {
			entry.fail("doubled event, remove it")
			break
		}
		events = append(events, event)
	}
	return events
}

// event reads the kind of an event and reports whether it is one.
func (v value) event() (string, bool) {
	kinds := []string{"carbs", "insulin", "exercise", "health", "blood_glucose"}
	event := v.required().text("")
	switch {
	case slices.Contains(kinds, event):
		return event, true
	case event == "notes":
		v.fail("notes are free text and never leave Dexcom, remove it")
	default:
		v.fail("unknown event, choose from %s", strings.Join(kinds, ", "))
	}
	return "", false
}
