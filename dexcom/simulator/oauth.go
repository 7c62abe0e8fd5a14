package simulator

import (
	"sync"
	"time"
)

const (
	codeLife  = time.Minute
	grantLife = 365 * 24 * time.Hour // from the exchange; rotation does not renew it
)

// authority is the memory of the OAuth server. It is safe for concurrent use.
type authority struct {
	mu       sync.Mutex // guards all below
	settings TokenSettings
	apps     map[string]App // by client id
	codes    map[string]*code
	access   map[string]accessToken
	refresh  map[string]*grant // used refresh tokens too
	current  map[holder]*grant
	secrets  int64 // how many were drawn
	counts   OAuthCounts
}

func newAuthority() *authority {
	return &authority{
		apps:    make(map[string]App),
		codes:   make(map[string]*code),
		access:  make(map[string]accessToken),
		refresh: make(map[string]*grant),
		current: make(map[holder]*grant),
		counts:  OAuthCounts{Tokens: make(map[string]int)},
	}
}

// holder is who allowed whom to read: at most one grant of each is alive.
type holder struct {
	person   *Person
	clientID string
}

// grant is a person's consent, once the app has exchanged the code for it, with
// all tokens that descend from it.
type grant struct {
	holder
	session string // session_state of each token answer
	refresh string // the only refresh token that was not used yet
	end     time.Time
	dead    bool
}

func (g *grant) alive(now time.Time) bool { return !g.dead && now.Before(g.end) }

// code is an authorization code.
type code struct {
	holder
	redirectURL string
	end         time.Time
	spent       bool
	grant       *grant // what it was exchanged for
}

type accessToken struct {
	grant *grant
	end   time.Time
}

// consent is the code for a person who just allowed an app to read.
func (o *authority) consent(h holder, redirectURL string, now time.Time) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := o.secret(h.clientID, forCode)
	o.codes[text] = &code{holder: h, redirectURL: redirectURL, end: now.Add(codeLife)}
	return text
}

// exchange spends a code. Who presents it a second time ends its grant.
func (o *authority) exchange(clientID, text, redirectURL string, now time.Time) (tokenBody, oauthError) {
	o.mu.Lock()
	defer o.mu.Unlock()
	k := o.codes[text]
	if k == nil || k.clientID != clientID {
		return tokenBody{}, invalidGrant
	}
	if k.spent {
		if k.grant != nil {
			k.grant.dead = true
		}
		return tokenBody{}, invalidGrant
	}
	k.spent = true
	if !now.Before(k.end) || k.redirectURL != redirectURL {
		return tokenBody{}, invalidGrant
	}
	k.grant = o.newGrant(k.holder, now)
	return o.issue(k.grant, now), ""
}

// newGrant replaces the grant that the holder had.
func (o *authority) newGrant(h holder, now time.Time) *grant {
	if old := o.current[h]; old != nil {
		old.dead = true
	}
	g := &grant{holder: h, session: uuid(o.settings.Seed, forSession, o.next()), end: now.Add(grantLife)}
	o.current[h] = g
	return g
}

// renew spends a refresh token. Who presents it a second time ends its grant.
func (o *authority) renew(clientID, text string, now time.Time) (tokenBody, oauthError) {
	o.mu.Lock()
	defer o.mu.Unlock()
	g := o.refresh[text]
	if g == nil || g.clientID != clientID || !g.alive(now) {
		return tokenBody{}, invalidGrant
	}
	if g.refresh != text {
		g.dead = true
		return tokenBody{}, invalidGrant
	}
	return o.issue(g, now), ""
}

// issue makes the next tokens of a grant. Access tokens issued before live on.
func (o *authority) issue(g *grant, now time.Time) tokenBody {
	b := o.settings.body()
	b.SessionState = g.session
	b.AccessToken = o.secret(g.clientID, forAccess)
	o.access[b.AccessToken] = accessToken{g, now.Add(o.settings.lifetime())}
	if g.refresh == "" || !o.settings.NoRotation {
		g.refresh = o.secret(g.clientID, forRefresh)
		o.refresh[g.refresh] = g
		b.RefreshToken = g.refresh
	}
	return b
}

// reader is the person whose data an access token opens, nil if it opens none.
func (o *authority) reader(access string, now time.Time) *Person {
	o.mu.Lock()
	defer o.mu.Unlock()
	t, known := o.access[access]
	if !known || !now.Before(t.end) || !t.grant.alive(now) {
		return nil
	}
	return t.grant.person
}

// secret draws a code or a token. The order of requests decides it, so that
// runs inside testing/synctest repeat.
func (o *authority) secret(clientID string, why purpose) string {
	return hash64(seeded(o.settings.Seed, clientID), why, o.next())
}

func (o *authority) next() int64 {
	o.secrets++
	return o.secrets
}

// Revoke ends all grants of a person, as the person does in Dexcom's account
// pages and as a new password does. The fixed [Cloud.AccessToken] stays.
func (c *Cloud) Revoke(name string) {
	c.oauth.mu.Lock()
	defer c.oauth.mu.Unlock()
	for h, g := range c.oauth.current {
		if h.person == c.people[name] {
			g.dead = true
		}
	}
}

// Alive tells whether a refresh token would be accepted now, from the app it
// was issued to, for the data of the person of that name. It does not use it.
func (c *Cloud) Alive(name, refreshToken string) bool {
	c.oauth.mu.Lock()
	defer c.oauth.mu.Unlock()
	g := c.oauth.refresh[refreshToken]
	return g != nil && g.person == c.people[name] && g.refresh == refreshToken && g.alive(c.now())
}
