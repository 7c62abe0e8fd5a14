package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// credentials are the body of each login. A null is an empty text.
type credentials struct {
	AccountName   string `json:"accountName"`
	AccountID     string `json:"accountId"`
	Password      string `json:"password"`
	ApplicationID string `json:"applicationId"`
}

// shareCall does what credentials are for: it gives a UUID, or why there is none.
type shareCall func(s *shareServer, k credentials, now time.Time) (string, *shareProblem)

// shareLogin serves a call that takes credentials and answers a UUID. Faults
// come before anything is done. Refusals of bodies that are no credentials at
// all are assumed.
func (c *Cloud) shareLogin(call shareCall) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		k, status := readCredentials(w, r)
		c.serveOrFail(c.share.owner(k), w, r, func(w http.ResponseWriter, _ *http.Request) {
			if status != 0 {
				refuse(w, status, "no credentials")
				return
			}
			now := c.now()
			id, problem := call(c.share, k, now)
			if problem != nil {
				c.share.fail(w, problem, now)
				return
			}
			answer(w, http.StatusOK, id)
		})
	}
}

// readCredentials reads a body. The status is that of a refusal; 0 is none.
func readCredentials(w http.ResponseWriter, r *http.Request) (k credentials, status int) {
	const longest = 64 << 10
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(media), "application/json") {
		return k, http.StatusUnsupportedMediaType
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longest))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return k, http.StatusRequestEntityTooLarge
	case err != nil || json.Unmarshal(text, &k) != nil:
		return credentials{}, http.StatusBadRequest
	}
	return k, 0
}

// owner is the name of the person whose account is named; empty is unknown.
func (s *shareServer) owner(k credentials) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.users[k.AccountName]; a != nil {
		return a.Person
	}
	if a := s.ids[strings.ToLower(k.AccountID)]; a != nil {
		return a.Person
	}
	return ""
}

// authenticate tells the account id.
func (s *shareServer) authenticate(k credentials, now time.Time) (string, *shareProblem) {
	if problem := k.named(); problem != nil {
		return "", problem
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.users[k.AccountName]
	if problem := s.admit(a, k, now); problem != nil {
		return "", problem
	}
	a.counts.Authentications++
	return a.id, nil
}

// loginByID opens a session.
func (s *shareServer) loginByID(k credentials, now time.Time) (string, *shareProblem) {
	switch {
	case !isUUID(k.AccountID):
		return "", noUUID(k.AccountID)
	case k.Password == "":
		return "", invalidArgument("password is null or empty")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.ids[strings.ToLower(k.AccountID)]
	if problem := s.admit(a, k, now); problem != nil {
		return "", problem
	}
	a.counts.Logins++
	return s.openSession(a, now), nil
}

// loginByName no longer opens any (nightscout/share2nightscout-bridge, issue 57).
func (s *shareServer) loginByName(k credentials, _ time.Time) (string, *shareProblem) {
	return zeroUUID, k.named()
}

// named refuses credentials without a user name or a password.
func (k credentials) named() *shareProblem {
	switch {
	case k.AccountName == "":
		return invalidArgument("accountName is null or empty")
	case k.Password == "":
		return invalidArgument("password is null or empty")
	default:
		return nil
	}
}

// admit refuses wrong credentials, all in the same words, and any for a locked
// account. A nil account is an unknown one. The caller holds the lock.
//
// That both calls count as logins, a wrong applicationId as a failed one, and
// that the one which locks is still told of the password, is assumed.
func (s *shareServer) admit(a *shareAccount, k credentials, now time.Time) *shareProblem {
	switch {
	case a == nil:
	case now.Before(a.lockEnd):
		a.counts.LockedLogins++
		a.lockEnd = now.Add(s.settings.lockLife())
		return s.settings.maxAttempts()
	case k.Password == a.Password && strings.EqualFold(k.ApplicationID, s.settings.applicationID()):
		a.failures = 0
		return nil
	default:
		a.counts.FailedLogins++
		a.failures++
		if a.failures >= s.settings.maxFailures() {
			a.failures, a.lockEnd = 0, now.Add(s.settings.lockLife())
		}
	}
	return s.settings.wrongCredentials(k)
}

func (s *ShareSettings) lockLife() time.Duration {
	if s.LockLife == 0 {
		return 10 * time.Minute
	}
	return s.LockLife
}

func (s *ShareSettings) maxFailures() int {
	if s.MaxFailures == 0 {
		return 5
	}
	return s.MaxFailures
}
