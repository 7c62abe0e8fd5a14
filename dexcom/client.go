package dexcom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// TokenSource gives the access tokens of one person: a [Grant], or a token made
// elsewhere.
type TokenSource interface {
	// Token gives a token to use now. Its error is an [Error].
	Token(ctx context.Context) (*oauth2.Token, error)
	// Reject says that Dexcom refused a token: the next one should differ.
	Reject(token *oauth2.Token)
}

// Config says how a [Client] reaches Dexcom.
type Config struct {
	// BaseURL is where the API lives, see [Region.BaseURL].
	BaseURL string
	// Version of the API, [V3] or [V2]; empty is V3.
	Version Version
	// Tokens gives the access token of the one person this client reads.
	Tokens TokenSource
	// Transport carries the requests; nil is [http.DefaultTransport].
	Transport http.RoundTripper
	// Wait is called before each request and may delay it, or refuse it with an
	// error; nil never does. The time it takes is not the request's.
	Wait func(context.Context) error
}

// Client reads the official API for one person. It may be used concurrently.
type Client struct {
	base    string // without a slash at its end
	version Version
	tokens  TokenSource
	wait    func(context.Context) error
	http    *http.Client
}

// NewClient checks the configuration; it contacts nobody.
func NewClient(config Config) (*Client, error) {
	base, err := url.Parse(config.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("dexcom: the base URL is not an absolute http(s) address")
	}
	version := config.Version
	if version == "" {
		version = V3
	}
	if version != V3 && version != V2 {
		return nil, fmt.Errorf("dexcom: unknown version %q of the API", string(version))
	}
	if config.Tokens == nil {
		return nil, errors.New("dexcom: no source of access tokens")
	}
	return &Client{
		base:    strings.TrimSuffix(config.BaseURL, "/"),
		version: version,
		tokens:  config.Tokens,
		wait:    config.Wait,
		http:    &http.Client{Transport: config.Transport, CheckRedirect: noRedirect},
	}, nil
}

// with is the same client for the person of other tokens.
func (c *Client) with(tokens TokenSource) *Client {
	other := *c
	other.tokens = tokens
	return &other
}

// speaking is the same client for another version of the API.
func (c *Client) speaking(version Version) *Client {
	other := *c
	other.version = version
	return &other
}
