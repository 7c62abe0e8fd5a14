package dexcom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Share reads the glucose of one person from Dexcom Share, the service behind the
// followers' app: minutes old, where the official API is hours late, but only values
// and arrows of the last 24 h. Dexcom documents none of it; what is here is the
// experience of other programs. The person's phone has to share with at least one
// follower.
//
// It logs in when it must and keeps the session, so that a poll costs no login, and
// never logs in so often that the account would be locked. It may be used
// concurrently.
type Share struct {
	config   ShareConfig
	services string
	http     *http.Client

	state *StateFile
	salt  string // of the hashes that follow
	mine  string // the hash of the credentials in what is mine of the state
	user  string // the hash of the account they open

	logins singleflight.Group // one login at a time

	mu          sync.Mutex // guards what follows
	session     shareSession
	accountHash string // of the latest session; empty before the first
}

// NewShare checks the configuration; it contacts nobody.
func NewShare(config ShareConfig) (*Share, error) {
	services, err := config.services()
	if err != nil {
		return nil, err
	}
	if config.Username == "" || config.Password == "" {
		return nil, errors.New("dexcom: no user name or no password for Dexcom Share")
	}
	s := &Share{
		config: config, services: services, state: config.State,
		http: &http.Client{Transport: config.Transport, CheckRedirect: noRedirect},
	}
	if s.state == nil {
		s.state = &StateFile{}
	}
	s.adopt()
	return s, nil
}

// Format keeps user name and password out of every verb.
func (s *Share) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.config.name()) }

// The longest window and list that clients ask Share for.
const (
	maxShareWindow   = 24 * time.Hour
	maxShareReadings = 288
)

// Readings reads the glucose of the last age, at most 24 h, oldest first, each
// reading once. They have no id, no trend rate and no transmitter; their times are
// whole seconds. No reading is no error: sharing may be off, nobody may follow, the
// phone may be offline or the sensor warming up.
//
// It logs in when there is no session, which goes on when ctx ends. While logins
// are stopped (see [Share.Status]) it answers at once with an [Error] whose
// RetryAfter is the time left, of [ReasonCredentials], or of [ReasonRateLimited]
// when it is only that there were many good ones. A login that cannot be noted on
// the disk is not tried: see [ErrShareState].
func (s *Share) Readings(ctx context.Context, age time.Duration) (List[Reading], error) {
	before := s.current().id
	session, err := s.open(ctx)
	if err != nil {
		return List[Reading]{}, err
	}
	list, err := s.read(ctx, session, age)
	if !errors.Is(err, errSessionForgotten) || session != before || !s.forget(session) {
		return list, err // a new session that is forgotten at once would be so again
	}
	if session, err = s.login(ctx, ""); err != nil {
		return List[Reading]{}, err
	}
	return s.read(ctx, session, age)
}

// read asks for readings in a session.
func (s *Share) read(ctx context.Context, session string, age time.Duration) (List[Reading], error) {
	const op = "share readings"
	minutes := math.Ceil(min(max(age, time.Minute), maxShareWindow).Minutes())
	body, err := s.call(ctx, shareCall{
		op: op, method: http.MethodPost, path: "Publisher/ReadPublisherLatestGlucoseValues", sort: shareFault.read,
		query: url.Values{
			"sessionId": {session}, "minutes": {strconv.Itoa(int(minutes))}, "maxCount": {strconv.Itoa(maxShareReadings)},
		},
	})
	if err != nil {
		return List[Reading]{}, err
	}
	list, err := decodeShareReadings(body)
	if err != nil {
		return List[Reading]{}, &Error{Op: op, Reason: ReasonDecode, Err: err}
	}
	return list, nil
}

// AccountHash tells one Dexcom account from another: a salted hash of the id of the
// account that the session belongs to, or that the latest session did which the state
// file knows of. It is empty before the first login, the same after a restart, and
// differs as soon as a login opened the account of another person.
func (s *Share) AccountHash() string {
	s.mu.Lock()
	hash := s.accountHash
	s.mu.Unlock()
	if hash == "" {
		hash = s.state.Get().Share.AccountHash
	}
	return hash
}

// ServerTime asks for the time of Share's own clock. It needs no login.
func (s *Share) ServerTime(ctx context.Context) (time.Time, error) {
	const op = "share clock"
	body, err := s.call(ctx, shareCall{op: op, method: http.MethodGet, path: "General/SystemUtcTime", sort: shareFault.read})
	if err != nil {
		return time.Time{}, err
	}
	now, err := decodeShareClock(body)
	if err != nil {
		return time.Time{}, &Error{Op: op, Reason: ReasonDecode, Err: err}
	}
	return now, nil
}
