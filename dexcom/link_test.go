package dexcom

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

func TestAnswersThatLinkNobody(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		address, err := h.linker.Start("alice")
		if err != nil {
			t.Fatal(err)
		}
		login, _ := url.Parse(address)
		state := login.Query().Get("state")
		if len(state) < 20 {
			t.Errorf("the state %q can be guessed", state)
		}
		for _, test := range []struct {
			answer url.Values
			want   error
		}{
			{url.Values{}, ErrUnknownState},
			{url.Values{"state": {""}, "code": {"c"}}, ErrUnknownState},
			{url.Values{"state": {state + "x"}, "code": {"c"}}, ErrUnknownState},
			{url.Values{"state": {state}}, ErrNoCode},
			{url.Values{"state": {state}, "code": {"c"}}, ErrNoCode}, // used up: it ends as it did
		} {
			if _, err := h.linker.Finish(t.Context(), test.answer); !errors.Is(err, test.want) {
				t.Errorf("%v: %v, want %v", test.answer, err, test.want)
			}
		}
		if _, err := h.linker.Start("nobody"); !errors.Is(err, ErrUnknownAccount) {
			t.Errorf("an unknown account: %v", err)
		}
		if len(h.linked) > 0 || h.onDisk(t, "alice") != nil {
			t.Error("somebody was linked")
		}
	})
}

func TestRefusalsAndLateAnswers(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		for errorCode, want := range map[string]error{"access_denied": ErrRefused, "invalid_scope": ErrLogin} {
			address, _ := h.linker.Start("alice")
			login, _ := url.Parse(address)
			if _, err := h.linker.Finish(t.Context(), url.Values{"state": login.Query()["state"], "error": {errorCode}}); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", errorCode, err, want)
			}
		}
		address, _ := h.linker.Start("alice")
		redirect, err := h.cloud.Consent(address, "alice", true)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := url.Parse(redirect)
		time.Sleep(61 * time.Second) // the code lives one minute, the state ten
		if _, err := h.linker.Finish(t.Context(), answer.Query()); Reason(err) != ReasonConsent {
			t.Errorf("a code of over a minute: %v", err)
		}
		address, _ = h.linker.Start("alice")
		time.Sleep(patience + time.Second)
		login, _ := url.Parse(address)
		if _, err := h.linker.Finish(t.Context(), url.Values{"state": login.Query()["state"], "code": {"c"}}); !errors.Is(err, ErrUnknownState) {
			t.Errorf("a state of over ten minutes: %v", err)
		}
		if len(h.linker.pending) > 0 {
			t.Errorf("%d linkings are remembered for ever", len(h.linker.pending))
		}
	})
}

func TestAUserBelongsToOneAccount(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		if _, err := h.link(t, "bob", "alice"); !errors.Is(err, ErrAnotherAccount) {
			t.Errorf("%v, want %v", err, ErrAnotherAccount)
		}
		if err := h.works(t, "bob"); Reason(err) != ReasonConsent {
			t.Errorf("bob: %v", err)
		}
		if err := h.works(t, "alice"); err != nil { // whose older consent the new one ended
			t.Errorf("alice: %v", err)
		}
		h.mustLink(t, "bob", "bob")
		if len(h.gone) > 0 {
			t.Errorf("forgotten: %v", h.gone)
		}
	})
}

func TestUnlink(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		if err := h.linker.Unlink("alice"); err != nil || !slices.Equal(h.gone, []string{"alice"}) {
			t.Errorf("%v, forgotten %v", err, h.gone)
		}
		h.restart(t)
		if err := h.works(t, "alice"); Reason(err) != ReasonConsent || h.onDisk(t, "alice") != nil {
			t.Errorf("after it: %v", err)
		}
		if err := h.linker.Unlink("alice"); err != nil {
			t.Errorf("twice: %v", err)
		}
		if err := h.linker.Unlink("nobody"); !errors.Is(err, ErrUnknownAccount) {
			t.Errorf("an unknown account: %v", err)
		}
		h.mustLink(t, "alice", "bob")
	})
}

// The consent just happened, and ended the one before: neither a fault of the next
// request nor a person who closes the window may cost it.
func TestAConsentIsNotThrownAway(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		down := time.Now().Add(time.Hour)
		h.linker.accounts["alice"].Client.http.Transport = unless{h.cloud, func(r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, "/dataRange") && time.Now().Before(down)
		}}
		h.mustLink(t, "alice", "alice")
		if err := h.works(t, "alice"); err != nil || !slices.Equal(h.gone, []string{"alice"}) {
			t.Errorf("%v, forgotten %v: want a grant, and nothing kept of whom it may not be", err, h.gone)
		}
		time.Sleep(2 * time.Hour)
		address, _ := h.linker.Start("alice")
		redirect, err := h.cloud.Consent(address, "alice", true)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := url.Parse(redirect)
		ctx, leave := context.WithCancel(t.Context())
		leave()
		if _, err := h.linker.Finish(ctx, answer.Query()); err != nil {
			t.Errorf("the person left: %v", err)
		}
		if _, done, err := h.linker.Finished(answer.Query().Get("state")); !done || err != nil {
			t.Errorf("finished: %t, %v", done, err)
		}
		if err := h.works(t, "alice"); err != nil {
			t.Errorf("after it: %v", err)
		}
	})
}

// Whoever consented while Dexcom did not say who it was may be somebody else than
// who consents next: nothing of the one may be shown as the other's.
func TestAfterAnUnknownPersonNothingIsKept(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		down := time.Now().Add(time.Hour)
		h.linker.accounts["alice"].Client.http.Transport = unless{h.cloud, func(r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, "/dataRange") && time.Now().Before(down)
		}}
		h.mustLink(t, "alice", "alice")
		if len(h.gone) > 0 {
			t.Errorf("forgotten at the first linking: %v", h.gone)
		}
		time.Sleep(2 * time.Hour)
		h.mustLink(t, "alice", "bob")
		if !slices.Equal(h.gone, []string{"alice"}) {
			t.Errorf("forgotten: %v, want alice's account", h.gone)
		}
	})
}

// Who a person is comes as a text or not at all: a field that a fault spoiled names
// nobody else, and the answer after it counts.
func TestASpoiledNameIsNobodys(t *testing.T) {
	spoilings := []simulator.Spoiling{
		simulator.AsNumber, simulator.AsHugeNumber, simulator.AsNull, simulator.AsList, simulator.AsObject, simulator.AsMissing,
	}
	for _, how := range spoilings {
		for times, gone := range map[int][]string{1: nil, 2: nil, 3: {"alice"}} {
			t.Run(fmt.Sprintf("%s, %d times", how, times), func(t *testing.T) {
				bubble(t, func(t *testing.T, h *household) {
					h.mustLink(t, "alice", "alice")
					h.cloud.FailData(simulator.Target{Endpoint: "dataRange"}, simulator.SpoilRecords(how, 1, 1, "userId"), times)
					h.mustLink(t, "alice", "alice")
					if err := h.works(t, "alice"); err != nil || !slices.Equal(h.gone, gone) {
						t.Errorf("%v, forgotten %v; want %v", err, h.gone, gone)
					}
				})
			})
		}
	}
}

// A token may be a moment old before it is known everywhere at Dexcom: only a refusal
// that stays, and nothing beside it, throws a consent away.
func TestARefusalOfNewTokensMayPass(t *testing.T) {
	refused, down := simulator.RefuseToken(), simulator.AnswerHTML(http.StatusServiceUnavailable)
	for name, test := range map[string]struct {
		faults []simulator.Fault
		reason string
		gone   []string // whom Dexcom did not name, nothing is kept of
	}{
		"once":                 {[]simulator.Fault{refused}, "", nil},
		"twice":                {[]simulator.Fault{refused, refused}, "", nil},
		"three times":          {[]simulator.Fault{refused, refused, refused}, ReasonCredentials, nil},
		"after other failures": {[]simulator.Fault{down, down, refused}, "", []string{"alice"}},
		"before another one":   {[]simulator.Fault{refused, refused, down}, "", []string{"alice"}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, h *household) {
				h.mustLink(t, "alice", "alice")
				before := h.onDisk(t, "alice").RefreshToken
				for _, fault := range test.faults {
					h.cloud.FailData(simulator.Target{Endpoint: "dataRange"}, fault, 1)
				}
				if _, err := h.link(t, "alice", "alice"); Reason(err) != test.reason {
					t.Errorf("%v; want reason %q", err, test.reason)
				}
				taken := h.onDisk(t, "alice").RefreshToken != before
				if taken != (test.reason == "") || !slices.Equal(h.gone, test.gone) {
					t.Errorf("taken %t, forgotten %v; want %v", taken, h.gone, test.gone)
				}
			})
		})
	}
}

// unless answers 503 to some requests.
type unless struct {
	next http.RoundTripper
	fail func(*http.Request) bool
}

func (u unless) RoundTrip(request *http.Request) (*http.Response, error) {
	if u.fail(request) {
		return &http.Response{StatusCode: http.StatusServiceUnavailable, Body: http.NoBody, Header: http.Header{}}, nil
	}
	return u.next.RoundTrip(request)
}

// Two windows for one person: the later consent counts, whichever ends first.
func TestOverlappingLinkings(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.linker.accounts["alice"].Client.http.Transport = slow{h.cloud}
		done := make(chan error)
		for range 2 {
			address, _ := h.linker.Start("alice")
			redirect, err := h.cloud.Consent(address, "alice", true)
			if err != nil {
				t.Fatal(err)
			}
			answer, _ := url.Parse(redirect)
			go func() {
				_, err := h.linker.Finish(t.Context(), answer.Query())
				done <- err
			}()
			time.Sleep(time.Second)
		}
		if err := errors.Join(<-done, <-done, h.works(t, "alice")); err != nil {
			t.Error(err)
		}
	})
}

// slow takes ten seconds for each request.
type slow struct{ next http.RoundTripper }

func (s slow) RoundTrip(request *http.Request) (*http.Response, error) {
	time.Sleep(10 * time.Second)
	return s.next.RoundTrip(request)
}

// The program ends while a refresh is under way: the lock is kept until the new
// token is on the disk.
func TestCloseWaitsForARefresh(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		time.Sleep(3 * time.Hour)
		h.cloud.FailTokens(simulator.DelayAnswer(20*time.Second), 1)
		go func() { _, _ = h.grant("alice").Token(t.Context()) }()
		synctest.Wait()
		if err := h.state.Close(); err != nil {
			t.Fatal(err)
		}
		if !h.cloud.Alive("alice", h.onDisk(t, "alice").RefreshToken) {
			t.Error("the lock was given away before the new token was on the disk")
		}
		time.Sleep(3 * time.Hour)
		if _, err := h.grant("alice").Token(t.Context()); !errors.Is(err, errClosing) {
			t.Errorf("after Close: %v, want no token to be spent", err)
		}
	})
}

func TestCheckOfAnApp(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		for name, test := range map[string]struct {
			change func(*AppConfig)
			want   error
		}{
			"fine":             {func(*AppConfig) {}, nil},
			"an unknown app":   {func(c *AppConfig) { c.ClientID = "other" }, ErrAppUnknown},
			"a wrong secret":   {func(c *AppConfig) { c.ClientSecret = "other" }, ErrAppUnknown},
			"another redirect": {func(c *AppConfig) { c.RedirectURL += "/" }, ErrRedirectURL},
		} {
			config := AppConfig{ClientID: "id", ClientSecret: "SECRET", RedirectURL: testRedirect, BaseURL: "http://dexcom.test", Transport: h.cloud}
			test.change(&config)
			app, err := NewApp(config)
			if err != nil {
				t.Fatal(err)
			}
			if err := app.Check(t.Context()); !errors.Is(err, test.want) {
				t.Errorf("%s: %v, want %v", name, err, test.want)
			}
		}
		h.cloud.FailTokens(simulator.AnswerHTML(503), 1)
		if err := h.app.Check(t.Context()); Reason(err) != ReasonServer {
			t.Errorf("a fault of the server: %v", err)
		}
	})
}

// dataRanges answers a Dexcom whose versions differ, and counts what each was asked.
type dataRanges struct {
	next   http.RoundTripper
	status map[string]int // by version; 0 is a good answer
	asked  map[string]int
}

func (d dataRanges) RoundTrip(request *http.Request) (*http.Response, error) {
	version, endpoint := request.URL.Path[1:3], request.URL.Path[3:]
	if endpoint != "/users/self/dataRange" {
		return d.next.RoundTrip(request)
	}
	d.asked[version]++
	return roundTrip(func(*http.Request) (int, []byte) {
		body := `{"calibrations":null,"egvs":null,"events":null}`
		if version == "v3" {
			body = `{"recordType":"dataRange","userId":"who"}`
		}
		return cmp.Or(d.status[version], http.StatusOK), []byte(body)
	}).RoundTrip(request)
}

// Version 2 names nobody: the name comes from version 3, and if it does not come,
// the account is linked all the same.
func TestWhoAPersonOfVersion2Is(t *testing.T) {
	for name, test := range map[string]struct {
		v2, v3       int
		reason, user string
		askedV2      int
		askedV3      int
	}{
		"both answer":         {0, 0, "", hashUser("who"), 1, 1},
		"v2 refuses":          {401, 0, ReasonCredentials, "", 3, 0},
		"v3 refuses":          {0, 401, "", "", 1, 3},
		"v3 is not allowed":   {0, 403, "", "", 1, 1},
		"v3 is not there":     {0, 404, "", "", 1, 1},
		"v3 fails":            {0, 503, "", "", 1, 3},
		"v2 fails":            {503, 0, "", hashUser("who"), 3, 1},
		"v2 is not there":     {404, 0, "", hashUser("who"), 1, 1},
		"neither can be read": {500, 500, "", "", 3, 3},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, h *household) {
				ranges := dataRanges{next: h.cloud, status: map[string]int{"v2": test.v2, "v3": test.v3}, asked: map[string]int{}}
				client := h.linker.accounts["alice"].Client
				client.version, client.http.Transport = V2, ranges
				if _, err := h.link(t, "alice", "alice"); Reason(err) != test.reason {
					t.Errorf("%v; want reason %q", err, test.reason)
				}
				if linked := len(h.linked) == 1; linked != (test.reason == "") || h.grant("alice").user() != test.user {
					t.Errorf("linked %t, to %q; want %q", linked, h.grant("alice").user(), test.user)
				}
				if ranges.asked["v2"] != test.askedV2 || ranges.asked["v3"] != test.askedV3 {
					t.Errorf("asked %v; want %d and %d", ranges.asked, test.askedV2, test.askedV3)
				}
			})
		})
	}
}
