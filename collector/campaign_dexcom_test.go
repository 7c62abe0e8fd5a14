package collector

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// The hosts at which a life finds Dexcom.
const (
	campaignAPI   = "dexcom.test"
	campaignShare = "share.test"
)

// campaignDexcom is the Dexcom of one life: it tells the journal of each request, of each
// token that it gave, and of each that arrived.
type campaignDexcom struct {
	api, share *simulator.Cloud
	journal    *journal

	mu     sync.Mutex        // guards what follows
	access map[string]string // whose access token it is
	used   map[string]string // the latest access token that each account used
	whose  map[string]string // by refresh token, spent ones too
}

func newCampaignDexcom(o orders, j *journal) (*campaignDexcom, error) {
	var api, share []*simulator.Person
	for _, p := range o.People {
		api, share = append(api, &p.Person), append(share, &p.Person)
	}
	d := &campaignDexcom{
		api: simulator.New(api...), share: simulator.New(share...), journal: j,
		access: map[string]string{}, used: map[string]string{}, whose: map[string]string{},
	}
	d.api.Register(simulator.App{ClientID: "id", ClientSecret: "secret", RedirectURLs: []string{campaignRedirect}})
	d.api.SetTokens(simulator.TokenSettings{AccessLifetime: accessLifetime})
	for _, p := range o.People {
		d.share.Share(simulator.ShareAccount{Person: p.Person.Name, Username: p.Person.Name, Password: p.Person.Name})
	}
	err := d.api.Recall(o.Memory)
	d.remember()
	return d, err
}

// set makes the weather. Each life and each kind of weather has its own dice.
func (d *campaignDexcom) set(o orders, w weather) {
	chance, seed := 0.3, o.Seed+4*o.Life
	if w.outage {
		chance, seed = 1, seed+1
	}
	if o.Calm {
		chance = 0
	}
	faults := simulator.Faults()
	d.api.FailDataAtRandom(simulator.Target{}, seed, chance, faults...)
	// A fake clock stands still while somebody waits for the mutex of a refresh.
	atOnce := slices.DeleteFunc(simulator.Faults(), func(f simulator.Fault) bool {
		return f.String() == "answer delayed" || f.String() == "body trickled"
	})
	d.api.FailTokensAtRandom(seed+2, chance, atOnce...)
	d.share.FailDataAtRandom(simulator.Target{}, seed+3, chance, faults...)
	d.api.SetClock(w.ahead)
	d.share.SetClock(w.ahead)
}

// RoundTrip implements http.RoundTripper.
func (d *campaignDexcom) RoundTrip(r *http.Request) (*http.Response, error) {
	d.journal.note(journalEntry{Kind: "request"})
	switch r.URL.Host {
	case campaignShare:
		return d.share.RoundTrip(r)
	case campaignAPI:
	default:
		d.journal.note(journalEntry{Kind: "elsewhere", Detail: r.URL.Host})
		return nil, fmt.Errorf("reach %s: there is no such host", r.URL.Host)
	}
	if !strings.HasSuffix(r.URL.Path, "/token") {
		d.use(r)
		return d.api.RoundTrip(r)
	}
	account, asked := d.tokenRequest(r)
	response, err := d.api.RoundTrip(r)
	d.remember() // before anybody has the answer
	if err != nil {
		d.journal.note(journalEntry{Kind: "token", Account: account, Detail: asked + ": lost"})
	} else {
		d.journal.note(journalEntry{Kind: "token", Account: account, Detail: asked + ": " + response.Status})
		response.Body = &tokenBody{ReadCloser: response.Body, dexcom: d}
	}
	return response, err
}

// tokenRequest tells whose tokens are asked for, where a refresh token says so, and
// with what.
func (d *campaignDexcom) tokenRequest(r *http.Request) (account, asked string) {
	body, err := r.GetBody()
	if err != nil {
		return "", err.Error()
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return "", err.Error()
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return "", err.Error()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	token := form.Get("refresh_token")
	return d.whose[token], fmt.Sprintf("%s %.8s", form.Get("grant_type"), token)
}

// remember tells the journal what Dexcom knows: a Dexcom of the next life begins with it.
func (d *campaignDexcom) remember() {
	d.mu.Lock()
	defer d.mu.Unlock()
	memory := d.api.Memory()
	d.journal.note(journalEntry{Kind: "memory", Memory: &memory})
	for _, grant := range memory.Grants {
		for token := range grant.Access {
			d.access[token] = grant.Person
		}
		for _, token := range append(grant.Used, grant.Refresh) {
			d.whose[token] = grant.Person
		}
	}
}

// use notes the first use of an access token: by then its grant must be on the disk.
func (d *campaignDexcom) use(r *http.Request) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	d.mu.Lock()
	defer d.mu.Unlock()
	if account := d.access[token]; account != "" && d.used[account] != token {
		d.used[account] = token
		d.journal.note(journalEntry{Kind: "used", Account: account, Detail: token})
	}
}

// tokenBody is an answer of the token endpoint, watched to its end.
type tokenBody struct {
	io.ReadCloser

	dexcom *campaignDexcom
	came   bytes.Buffer
}

func (b *tokenBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.came.Write(p[:n])
	return n, err
}

// Close notes tokens that arrived whole, whatever else stands in the answer.
func (b *tokenBody) Close() error {
	_, err := b.came.ReadFrom(b.ReadCloser)
	var answer struct {
		Access  any `json:"access_token"`
		Refresh any `json:"refresh_token"`
	}
	if err == nil && json.Unmarshal(b.came.Bytes(), &answer) == nil {
		access, _ := answer.Access.(string) // a fault may have spoiled either
		if token, ok := answer.Refresh.(string); ok && access != "" {
			b.dexcom.journal.note(journalEntry{Kind: "reached", Detail: token})
		}
	}
	return b.ReadCloser.Close()
}
