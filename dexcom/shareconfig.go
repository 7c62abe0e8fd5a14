package dexcom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
)

// ShareConfig says how a [Share] logs in, and where. It prints nothing of its user
// name and password.
type ShareConfig struct {
	// Region is where the account lives.
	Region ShareRegion
	// BaseURL replaces the region's, see [ShareRegion.BaseURL]; empty does not.
	BaseURL string
	// Username and Password are those of the person who wears the sensor: an e-mail
	// address, an older user name, or a phone number with + and country code.
	Username, Password string
	// State keeps the account id and the back-off over a restart, and keeps its
	// directory open until a login under way is over; nil keeps them in memory.
	State *StateFile
	// Transport carries the requests; nil is [http.DefaultTransport].
	Transport http.RoundTripper
	// Wait is asked before each request; nil lets all go. It is a pointer so that two
	// configurations can be compared.
	Wait *ShareWait
}

// ShareWait spreads the requests to Dexcom Share. Its functions may delay a request,
// or refuse it with an error, which is an [Error] of [ReasonRateLimited] then; nil
// never does. The time they take is not the request's. They may be called
// concurrently.
type ShareWait struct {
	// Read is called before a request in a session, and before one for the time.
	Read func(context.Context) error
	// Login is called before each of a login's one or two requests. Its context has the
	// values of the caller's, and does not end.
	Login func(context.Context) error
}

func (c ShareConfig) name() string { return "dexcom share " + string(c.Region) }

// Format keeps user name and password out of every verb.
func (c ShareConfig) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.name()) }

// LogValue keeps user name and password out of logs.
func (c ShareConfig) LogValue() slog.Value { return slog.StringValue(c.name()) }

// MarshalText keeps user name and password out of JSON and the like.
func (c ShareConfig) MarshalText() ([]byte, error) { return []byte(c.name()), nil }

// base is where Share lives, without a slash at its end.
func (c ShareConfig) base() (string, error) {
	address, err := c.Region.BaseURL()
	if c.BaseURL != "" {
		address = c.BaseURL
	}
	return strings.TrimRight(address, "/"), err
}

// services is the address under which all calls are. The error quotes nothing but
// the region.
func (c ShareConfig) services() (string, error) {
	address, err := c.base()
	if err != nil {
		return "", fmt.Errorf("dexcom: %w", err)
	}
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return "", errors.New("dexcom: the base URL of Dexcom Share is not an absolute http(s) address")
	}
	return address + "/ShareWebServices/Services/", nil
}
