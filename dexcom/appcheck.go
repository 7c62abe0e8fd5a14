package dexcom

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// What can be wrong with an app, in words for its owner.
var (
	ErrAppUnknown  = errors.New("the client_id or client_secret is refused: compare them with developer.dexcom.com, and the region that the app is registered for")
	ErrRedirectURL = errors.New("the login page refuses the redirect_url: it must be registered with the app to the letter")
)

// Check asks Dexcom's login page and token endpoint whether they know the app, as
// far as can be told without a person. The error is ErrAppUnknown, ErrRedirectURL
// or an [Error] of a call that failed.
func (a *App) Check(ctx context.Context) error {
	// A code that cannot be: an endpoint that knows the app refuses the code alone.
	_, err := a.exchange(ctx, "check")
	switch {
	case errors.Is(err, errInvalidClient):
		return ErrAppUnknown
	case err != nil && !errors.Is(err, errInvalidGrant):
		return err
	}
	return a.checkLogin(ctx)
}

func (a *App) checkLogin(ctx context.Context) error {
	if err := a.mayAsk(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.ConsentURL("check"), nil)
	if err != nil {
		return &Error{Op: "login", Reason: ReasonOther, Err: errBadRequest}
	}
	response, err := a.login.Do(request)
	if err != nil {
		return &Error{Op: "login", Reason: ReasonNetwork, Err: causeOf(err)}
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)) // lets the connection be used again
	_ = response.Body.Close()                                        // only read from
	switch code := response.StatusCode; {
	case code == http.StatusTooManyRequests || code >= http.StatusInternalServerError:
		return refusal("login", response)
	case code >= http.StatusBadRequest:
		return ErrRedirectURL
	}
	return nil
}
