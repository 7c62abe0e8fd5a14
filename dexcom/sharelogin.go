package dexcom

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

const opShareLogin = "share login"

// login opens a session in the place of an old one, or joins a login that is under
// way. The login goes on when ctx ends: what it costs is spent by then, and its
// outcome has to be counted.
func (s *Share) login(ctx context.Context, old string) (string, error) {
	done := s.logins.DoChan(opShareLogin, func() (any, error) {
		return s.replace(context.WithoutCancel(ctx), old)
	})
	select {
	case <-ctx.Done():
		return "", &Error{Op: opShareLogin, Reason: ReasonNetwork, Err: causeOf(ctx.Err())}
	case result := <-done:
		id, _ := result.Val.(string) // always one
		return id, result.Err
	}
}

// replace is the login itself. Its beginning is on the disk before Dexcom hears of
// it, so that a crash leaves no refusal uncounted. It waits for one that another
// Share of the account makes.
func (s *Share) replace(ctx context.Context, old string) (string, error) {
	if session := s.current(); session.id != "" && session.id != old {
		return session.id, nil // somebody else was faster
	}
	if err := s.known().wait(time.Now()); err != nil {
		return "", err // at once
	}
	if err := s.wait(ctx); err != nil {
		return "", err
	}
	release, err := s.state.hold()
	if err != nil {
		return "", &Error{Op: opShareLogin, Reason: ReasonOther, Err: innermost(err)}
	}
	defer release()
	leave := s.state.enter()
	defer leave()
	if err := s.begin(); err != nil {
		return "", err
	}
	account, session, err := s.enter(ctx)
	if err := s.end(account, err); err != nil {
		return "", err
	}
	s.keep(session, hashOf(s.salt, account))
	return session, nil
}

// wait is called before each request of a login.
func (s *Share) wait(ctx context.Context) error {
	if s.config.Wait == nil {
		return nil
	}
	return waited(ctx, opShareLogin, s.config.Wait.Login)
}

// begin notes durably that a login begins, if one may be tried.
func (s *Share) begin() error {
	now := time.Now()
	if wait := s.known().wait(now); wait != nil {
		return wait
	}
	switch err := s.update(func(state *ShareState) { state.begin(now) }); {
	case errors.Is(err, errShareReplaced):
		return &Error{Op: opShareLogin, Reason: ReasonOther, Err: err}
	case err != nil:
		_ = s.update((*ShareState).passed) // in memory; nothing was spent
		return &Error{Op: opShareLogin, Reason: ReasonOther, Err: stateError(err)}
	}
	return nil
}

// end notes what became of a login, and gives the error for the caller. What cannot
// be written now counts as refused after a restart.
func (s *Share) end(account string, err error) error {
	now := time.Now()
	_ = s.state.Update(func(kept *AccountState) {
		switch state := &kept.Share; {
		case state.Credentials == s.mine:
			if account != "" {
				state.AccountID = account
			}
			state.ended(now, err)
			if err == nil {
				state.AccountHash = hashOf(s.salt, account)
			}
		case state.User == s.user: // with another password by now
			state.overtaken(now, err)
		}
	})
	if e, ours := errors.AsType[*Error](err); ours && e.Reason == ReasonCredentials {
		e.RetryAfter = RetryAfter(s.known().wait(now))
	}
	return err
}

// shareCredentials opens an account, by its name or its id.
type shareCredentials struct {
	AccountName   string `json:"accountName,omitempty"`
	AccountID     string `json:"accountId,omitempty"`
	Password      string `json:"password"`
	ApplicationID string `json:"applicationId"`
}

// enter asks for the account's id, unless it is known, and for a session. The id is
// given also when the session is not.
func (s *Share) enter(ctx context.Context) (account, session string, err error) {
	credentials := shareCredentials{Password: s.config.Password, ApplicationID: s.config.Region.applicationID()}
	account = s.known().AccountID
	if account == "" {
		byName := credentials
		byName.AccountName = s.config.Username
		if account, err = s.ask(ctx, "General/AuthenticatePublisherAccount", byName); err != nil {
			return "", "", err
		}
		if err := s.wait(ctx); err != nil {
			return account, "", err
		}
	}
	byID := credentials
	byID.AccountID = account
	session, err = s.ask(ctx, "General/LoginPublisherAccountById", byID)
	return account, session, err
}

// ask makes a call that answers credentials with an id.
func (s *Share) ask(ctx context.Context, path string, credentials shareCredentials) (string, error) {
	body, err := s.send(ctx, shareCall{op: opShareLogin, method: http.MethodPost, path: path, send: credentials, sort: shareFault.login})
	if err != nil {
		return "", err
	}
	var id string
	err = json.Unmarshal(body, &id)
	switch {
	case err == nil && isUUID(id) && strings.Trim(id, "0-") == "":
		return "", &Error{Op: opShareLogin, Reason: ReasonCredentials, Err: ErrShareCredentials} // a refusal in disguise (clients)
	case err == nil && isUUID(id):
		return id, nil
	case json.Valid(body):
		return "", &Error{Op: opShareLogin, Reason: ReasonDecode, Err: errNoShareID}
	}
	return "", &Error{Op: opShareLogin, Reason: ReasonDecode, Err: notJSON(body)}
}
