package simulator

import (
	"net/http"
	"strings"
	"time"
)

// shareSession lets a client read until it ends. The zero end is long past.
type shareSession struct {
	account *shareAccount
	end     time.Time
}

// openSession returns the id of a new session, beside those that are open. The
// caller holds the lock.
func (s *shareServer) openSession(a *shareAccount, now time.Time) string {
	life := s.settings.SessionLife
	if life == 0 {
		life = 24 * time.Hour
	}
	id := s.uuid(a.Username, forShareSession)
	s.sessions[id] = &shareSession{a, now.Add(life)}
	return id
}

// endSessions ends all sessions of an account. The caller holds the lock.
func (s *shareServer) endSessions(a *shareAccount) {
	for _, x := range s.sessions {
		if x.account == a {
			x.end = time.Time{}
		}
	}
}

// account is whose readings a session opens.
func (s *shareServer) account(session string, now time.Time) (*shareAccount, *shareProblem) {
	if !isUUID(session) {
		return nil, noUUID(session)
	}
	session = strings.ToLower(session)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch x := s.sessions[session]; {
	case x == nil:
		return nil, sessionUnknown(session)
	case !now.Before(x.end):
		x.account.counts.LateReads++
		return nil, sessionEnded(session)
	default:
		return x.account, nil
	}
}

// shareTime tells the server's clock (gist.github.com/osa1, 2015).
func (c *Cloud) shareTime(w http.ResponseWriter, r *http.Request) {
	c.serveOrFail("", w, r, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, struct {
			DateTime      string
			OffsetMinutes int
		}{slashedDate(floor(c.now()), ""), 0})
	})
}
