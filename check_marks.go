package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	promconfig "github.com/prometheus/common/config"
)

// marks tell whether two programs read the same configuration of a source, without
// a word of it.
type marks struct {
	Salt string `json:"salt"`
	// Sources is by account and source, as in "alice share".
	Sources map[string]string `json:"sources"`
}

// marked gives the marks of how the plan reaches Dexcom. They differ with the salt.
func (p *plan) marked(salt string) marks {
	m, way := marks{salt, map[string]string{}}, p.wayOut()
	for _, a := range p.accounts {
		if a.api {
			app := p.apps[a.region]
			m.add(a.name, "api", way, string(a.region), string(a.version), string(app.Version), app.ClientID, app.ClientSecret, app.RedirectURL, app.BaseURL)
		}
		if a.share != nil {
			m.add(a.name, "share", way, string(a.share.Region), a.share.BaseURL, a.share.Username, a.share.Password)
		}
	}
	return m
}

// wayOut spells the section http, which holds for all sources: what prints it must not
// be shown to anybody. The files that it names are compared by name.
func (p *plan) wayOut() string {
	c, headers, proxy := p.http.ClientConfig(), map[string]promconfig.Header{}, ""
	if c.HTTPHeaders != nil {
		headers = c.HTTPHeaders.Headers
	}
	if c.ProxyURL.URL != nil {
		proxy = c.ProxyURL.String()
	}
	return fmt.Sprintf("%q %q %t %#v %#v %t %#v", proxy, c.NoProxy, c.ProxyFromEnvironment, c.ProxyConnectHeader, c.TLSConfig, c.EnableHTTP2, headers)
}

func (m marks) add(account, source string, fields ...string) {
	hash := hmac.New(sha256.New, []byte(m.Salt))
	for _, field := range fields {
		_, _ = fmt.Fprintf(hash, "%d %s\n", len(field), field) // never fails: package hash
	}
	m.Sources[account+" "+source] = hex.EncodeToString(hash.Sum(nil))
}

// compare notes the findings whose source theirs has otherwise. Who sends no marks
// does not ask.
func (m marks) compare(theirs marks, findings []finding) []finding {
	for i, f := range findings {
		their, asked := theirs.Sources[f.Account+" "+f.Source]
		findings[i].Other = asked && their != m.Sources[f.Account+" "+f.Source]
	}
	return findings
}
