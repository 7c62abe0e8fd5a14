package dexcom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

const testRedirect = "http://localhost:10180/oauth/callback"

// household is a cloud with people, our app in it, and a state directory.
type household struct {
	cloud  *simulator.Cloud
	app    *App
	state  *State
	linker *Linker
	log    *strings.Builder
	linked []string // accounts that were linked
	gone   []string // accounts whose person changed
}

// home sets up accounts alice and bob inside a bubble, nobody linked.
func home(t *testing.T) *household {
	t.Helper()
	time.Sleep(time.Until(at("2026-03-01T12:00:00Z")))
	h := &household{log: &strings.Builder{}, cloud: simulator.New(
		&simulator.Person{Name: "alice", Seed: 1, Since: at("2026-01-01T00:00:00Z")},
		&simulator.Person{Name: "bob", Seed: 2, Since: at("2026-01-01T00:00:00Z")},
		&simulator.Person{Name: "carol", Seed: 3, Since: at("2026-01-01T00:00:00Z")},
	)}
	h.cloud.Register(simulator.App{ClientID: "id", ClientSecret: "SECRET", RedirectURLs: []string{testRedirect}})
	h.open(t, filepath.Join(t.TempDir(), "state"))
	return h
}

// open starts the program's side, as after a restart.
func (h *household) open(t *testing.T, dir string) {
	t.Helper()
	var err error
	if h.state, err = OpenState(dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.state.Close() })
	if h.app, err = NewApp(AppConfig{
		ClientID: "id", ClientSecret: "SECRET", RedirectURL: testRedirect, BaseURL: "http://dexcom.test", Transport: h.cloud,
	}); err != nil {
		t.Fatal(err)
	}
	h.linker = NewLinker()
	var accounts []Linkable
	for _, account := range []string{"alice", "bob"} {
		grant := OpenGrant(h.state, account, h.app, slog.New(slog.NewTextHandler(h.log, nil)))
		accounts = append(accounts, Linkable{
			Account: account, Grant: grant, Client: h.client(t, grant),
			Linked: func() { h.linked = append(h.linked, account) }, Changed: func() { h.gone = append(h.gone, account) },
		})
	}
	h.linker.Offer(accounts)
}

func (h *household) client(t *testing.T, tokens TokenSource) *Client {
	t.Helper()
	client, err := NewClient(Config{BaseURL: "http://dexcom.test", Tokens: tokens, Transport: h.cloud})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// restart opens the same state directory again.
func (h *household) restart(t *testing.T) {
	t.Helper()
	if err := h.state.Close(); err != nil {
		t.Fatal(err)
	}
	h.open(t, h.state.Dir())
}

func (h *household) grant(account string) *Grant { return h.linker.accounts[account].Grant }

func (h *household) path(account string) string { return h.grant(account).file.path }

// link goes through the login as a person does.
func (h *household) link(t *testing.T, account, person string) (Outcome, error) {
	t.Helper()
	address, err := h.linker.Start(account)
	if err != nil {
		t.Fatal(err)
	}
	redirect, err := h.cloud.Consent(address, person, true)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, redirect, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h.linker.Finish(t.Context(), request.URL.Query())
}

func (h *household) mustLink(t *testing.T, account, person string) {
	t.Helper()
	if outcome, err := h.link(t, account, person); err != nil || outcome.Account != account || outcome.AnotherPerson {
		t.Fatalf("link %s to %s: %+v, %v", account, person, outcome, err)
	}
}

// works asks for data with the account's token.
func (h *household) works(t *testing.T, account string) error {
	t.Helper()
	_, err := h.client(t, h.grant(account)).DataRange(t.Context())
	return err
}

// onDisk is what a restart would find.
func (h *household) onDisk(t *testing.T, account string) *storedGrant {
	t.Helper()
	stored, err := grantFile{path: h.path(account)}.peek()
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func bubble(t *testing.T, test func(*testing.T, *household)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(t, home(t)) })
}

func TestLinkOnceAndItWorksForMonths(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		if err := h.works(t, "alice"); Reason(err) != ReasonConsent {
			t.Fatalf("before linking: %v", err)
		}
		h.mustLink(t, "alice", "alice")
		consented := h.grant("alice").Status().Consented
		for day := range 60 {
			for range 6 {
				time.Sleep(4 * time.Hour)
				if err := h.works(t, "alice"); err != nil {
					t.Fatalf("day %d: %v", day, err)
				}
				if stored := h.onDisk(t, "alice"); !h.cloud.Alive("alice", stored.RefreshToken) {
					t.Fatalf("day %d: the token on the disk is dead", day)
				}
			}
			h.restart(t)
		}
		status := h.grant("alice").Status()
		if !status.Linked || !status.Persisted || !status.Consented.Equal(consented) || time.Until(status.AccessExpiry) > 2*time.Hour {
			t.Errorf("%+v", status)
		}
		if counts := h.cloud.OAuthCounts(); counts.Tokens["ok"] > 1+60*6+5 {
			t.Errorf("%v token requests: more than needed", counts.Tokens)
		}
	})
}

func TestATokenIsRenewedOnlyWhenItIsDue(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		first, _ := h.grant("alice").Token(t.Context())
		time.Sleep(time.Until(first.Expiry) - refreshMargin - time.Second)
		if same, err := h.grant("alice").Token(t.Context()); err != nil || same.AccessToken != first.AccessToken {
			t.Errorf("renewed early, %v", err)
		}
		time.Sleep(time.Second)
		if next, err := h.grant("alice").Token(t.Context()); err != nil || next.AccessToken == first.AccessToken {
			t.Errorf("not renewed, %v", err)
		}
	})
}

func TestA401RenewsOnce(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		h.cloud.SetTokens(simulator.TokenSettings{AccessLifetime: time.Minute, ExpiresIn: json.RawMessage("7200")})
		time.Sleep(2 * time.Hour)
		if err := h.works(t, "alice"); err != nil { // renewed: the first had expired
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute) // dead, although it should live for two hours
		if err := h.works(t, "alice"); err != nil {
			t.Errorf("%v; want a 401 to renew the token", err)
		}
	})
}

func TestTransientFailuresPass(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"400 of no standard shape": simulator.AnswerJSON(400),
		"401":                      simulator.AnswerJSON(401),
		"403 HTML":                 simulator.AnswerHTML(403),
		"429":                      simulator.AnswerJSON(429),
		"500":                      simulator.AnswerJSON(500),
		"503 HTML":                 simulator.AnswerHTML(503),
		"200 HTML":                 simulator.AnswerHTML(200),
		"200 empty":                simulator.Answer(200, "application/json", "{}"),
		"invalid_client":           simulator.Answer(400, "application/json", `{"error":"invalid_client"}`),
		"one invalid_grant":        simulator.Answer(400, "application/json", `{"error":"invalid_grant"}`),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, h *household) {
				h.mustLink(t, "alice", "alice")
				time.Sleep(3 * time.Hour)
				h.cloud.FailTokens(fault, 1)
				err := h.works(t, "alice")
				if once := name == "one invalid_grant"; once != (err == nil) || Reason(err) == ReasonConsent {
					t.Errorf("during the failure: %v", err)
				}
				if err := h.works(t, "alice"); err != nil {
					t.Errorf("after it: %v", err)
				}
				if !h.grant("alice").Status().Linked {
					t.Error("shown as not linked")
				}
			})
		})
	}
}

func TestAFailedRenewalServesTheOldTokenToItsEnd(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		time.Sleep(2*time.Hour - refreshMargin + time.Second)
		h.cloud.FailTokens(simulator.AnswerHTML(503), 1)
		if err := h.works(t, "alice"); err != nil {
			t.Errorf("%v; the token is valid for minutes", err)
		}
	})
}

// An answer that is lost after Dexcom spent the token is the one loss that nobody
// can prevent. The account says so, and goes on trying for 30 hours.
func TestALostAnswer(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		time.Sleep(3 * time.Hour)
		h.cloud.FailTokens(simulator.LoseAnswer(), 1)
		if err := h.works(t, "alice"); Reason(err) != ReasonNetwork {
			t.Errorf("the answer is lost: %v", err)
		}
		if err := h.works(t, "alice"); Reason(err) != ReasonConsent || h.grant("alice").Status().Linked {
			t.Errorf("the token is spent: %v", err)
		}
		var tried []time.Duration
		lost, before := time.Now(), refusals(h)
		for range 10 * 24 * 12 {
			time.Sleep(5 * time.Minute)
			if err := h.works(t, "alice"); Reason(err) != ReasonConsent {
				t.Fatal(err)
			}
			if now := refusals(h); now != before {
				tried = append(tried, time.Since(lost).Round(time.Hour))
				before = now
			}
		}
		if got, want := fmt.Sprint(tried), "[2h0m0s 6h0m0s 14h0m0s 30h0m0s]"; got != want {
			t.Errorf("tried again after %s, want %s", got, want)
		}
		if stored := h.onDisk(t, "alice"); stored == nil || stored.RefreshToken == "" {
			t.Error("the grant was deleted")
		}
		h.mustLink(t, "alice", "alice")
		if err := h.works(t, "alice"); err != nil || !h.grant("alice").Status().Linked {
			t.Errorf("linked again: %v", err)
		}
	})
}

func refusals(h *household) int { return h.cloud.OAuthCounts().Tokens["invalid_grant"] }

func TestAnAnswerThatComesLateIsKept(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		time.Sleep(3 * time.Hour)
		h.cloud.FailTokens(simulator.DelayAnswer(25*time.Second), 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second) // the caller leaves
		defer cancel()
		if _, err := h.grant("alice").Token(ctx); err != nil {
			t.Errorf("%v; want the renewal to go on", err)
		}
		if !h.cloud.Alive("alice", h.onDisk(t, "alice").RefreshToken) {
			t.Error("the new token is not on the disk")
		}
	})
}

func TestANightlyOutage(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		h.cloud.NightlyOutage(time.UTC)
		failed := 0
		for range 7 * 24 * 60 / 7 {
			time.Sleep(7 * time.Minute)
			switch err := h.works(t, "alice"); {
			case err == nil:
			case Reason(err) == ReasonServer:
				failed++
			default:
				t.Fatal(err)
			}
		}
		if failed == 0 || failed > 7*9 {
			t.Errorf("%d failures, want some in the hour of some nights", failed)
		}
	})
}

func TestRevokedConsent(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		h.cloud.Revoke("alice")
		if err := h.works(t, "alice"); Reason(err) != ReasonConsent {
			t.Errorf("%v; want consent needed at once", err)
		}
		if err := h.works(t, "alice"); Reason(err) != ReasonConsent || h.grant("alice").Status().Linked {
			t.Errorf("%v; want consent needed", err)
		}
	})
}

func TestOddTokenAnswers(t *testing.T) {
	for name, settings := range map[string]simulator.TokenSettings{
		"no lifetime":                 {ExpiresIn: json.RawMessage{}},
		"a word for a lifetime":       {ExpiresIn: json.RawMessage(`"soon"`)},
		"a null lifetime":             {ExpiresIn: json.RawMessage(`null`)},
		"a negative lifetime":         {ExpiresIn: json.RawMessage(`-1`)},
		"an endless lifetime":         {ExpiresIn: json.RawMessage(`1e300`)},
		"milliseconds":                {ExpiresIn: json.RawMessage(`"7200"`)},
		"a text in place of a number": {NotBeforePolicyText: true},
		"no new refresh token":        {NoRotation: true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, h *household) {
				h.cloud.SetTokens(settings)
				h.mustLink(t, "alice", "alice")
				for range 5 {
					time.Sleep(3 * time.Hour)
					if err := h.works(t, "alice"); err != nil {
						t.Fatal(err)
					}
				}
				h.restart(t)
				if err := h.works(t, "alice"); err != nil {
					t.Errorf("after a restart: %v", err)
				}
			})
		})
	}
}

// A disk on which nothing can be written: the refresh waits as long as it can, and
// what cannot be saved is used and saved later.
func TestNoRoomOnTheDisk(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		before := h.onDisk(t, "alice")
		away := h.state.Dir() + "-away"
		if err := os.Rename(h.state.Dir(), away); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2*time.Hour - refreshMargin + time.Second)
		token, err := h.grant("alice").Token(t.Context())
		if err != nil || token.AccessToken != before.AccessToken {
			t.Errorf("with a valid access token: %v, want it to serve", err)
		}
		if !h.cloud.Alive("alice", before.RefreshToken) {
			t.Fatal("a refresh token was spent although its successor had no place")
		}
		time.Sleep(refreshMargin)
		for range 3 {
			if err := h.works(t, "alice"); err != nil {
				t.Errorf("with an expired one: %v, want a refresh that is not saved", err)
			}
		}
		if h.grant("alice").Status().Persisted || h.cloud.Alive("alice", before.RefreshToken) {
			t.Error("it says that the grant is on the disk")
		}
		if err := os.Rename(away, h.state.Dir()); err != nil {
			t.Fatal(err)
		}
		if err := h.works(t, "alice"); err != nil || !h.grant("alice").Status().Persisted {
			t.Errorf("once there is room: %v", err)
		}
		if !h.cloud.Alive("alice", h.onDisk(t, "alice").RefreshToken) {
			t.Error("the token on the disk is dead")
		}
	})
}

func TestAnUnreadableGrantIsKeptAside(t *testing.T) {
	for name, contents := range map[string]string{
		"empty": "", "cut off": `{"access_token":"a","refresh_`, "not JSON": "<html>", "no token": `{"access_token":"a"}`, "spaces": strings.Repeat(" ", roomBytes), "null": "null",
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, h *household) {
				path := h.path("alice")
				if err := os.WriteFile(path, []byte(contents), 0o600); err != nil {
					t.Fatal(err)
				}
				h.restart(t)
				if err := h.works(t, "alice"); Reason(err) != ReasonConsent {
					t.Errorf("%v, want consent needed", err)
				}
				h.mustLink(t, "alice", "alice")
				kept, err := filepath.Glob(path + ".unreadable-*")
				if err != nil || len(kept) != 1 {
					t.Fatalf("kept aside: %v, %v", kept, err)
				}
				if text, err := os.ReadFile(kept[0]); err != nil || string(text) != contents {
					t.Errorf("kept %q, %v", text, err)
				}
			})
		})
	}
}

func TestWhatACrashLeftIsAdopted(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		old, err := os.ReadFile(h.path("alice"))
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Hour)
		if err := h.works(t, "alice"); err != nil {
			t.Fatal(err)
		}
		// As if the program had ended between the writing and the renaming.
		left := filepath.Join(h.state.Dir(), ".alice.grant.json123")
		if err := errors.Join(os.Rename(h.path("alice"), left), os.WriteFile(h.path("alice"), old, 0o600),
			os.WriteFile(left+"4", []byte(strings.Repeat(" ", roomBytes)), 0o600)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Hour)
		h.restart(t)
		if err := h.works(t, "alice"); err != nil {
			t.Errorf("after the crash: %v", err)
		}
		if left := leftovers(h.path("alice")); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}

func TestAClockThatIsSetBack(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		stored := h.onDisk(t, "alice")
		h.grant("alice").stored.Saved = stored.Saved.Add(24 * time.Hour) // as before the clock was set
		time.Sleep(3 * time.Hour)
		if err := h.works(t, "alice"); err != nil {
			t.Fatal(err)
		}
		if saved := h.onDisk(t, "alice").Saved; !saved.After(stored.Saved.Add(24 * time.Hour)) {
			t.Errorf("saved at %v: it looks older than the one before", saved)
		}
	})
}

func TestAGrantThatCannotBeReadHurtsNobodyElse(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "bob", "bob")
		if err := os.Mkdir(h.path("alice"), 0o700); err != nil {
			t.Fatal(err)
		}
		h.restart(t)
		if err := h.works(t, "bob"); err != nil {
			t.Errorf("bob: %v", err)
		}
		if err := h.works(t, "alice"); !errors.Is(err, errUnreadable) {
			t.Errorf("alice: %v", err)
		}
		if _, err := h.link(t, "alice", "alice"); !errors.Is(err, errUnreadable) {
			t.Errorf("linking over it: %v", err)
		}
		if err := os.Remove(h.path("alice")); err != nil {
			t.Fatal(err)
		}
		if err := h.works(t, "alice"); Reason(err) != ReasonConsent {
			t.Errorf("once it can be read: %v", err)
		}
	})
}

func TestTheTokenEndpointAsksToBeLeftAlone(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		time.Sleep(3 * time.Hour)
		h.grant("alice").app().http.Transport = plainTokens{unless429{h.cloud}}
		before := h.cloud.OAuthCounts().Tokens["ok"]
		for range 10 {
			if err := h.works(t, "alice"); Reason(err) != ReasonRateLimited || RetryAfter(err) == 0 {
				t.Errorf("%v", err)
			}
			time.Sleep(time.Minute)
		}
		if got := strings.Count(h.log.String(), "could not be renewed"); got != 1 {
			t.Errorf("logged %d times", got)
		}
		h.grant("alice").app().http.Transport = plainTokens{h.cloud}
		time.Sleep(time.Hour)
		if err := h.works(t, "alice"); err != nil || h.cloud.OAuthCounts().Tokens["ok"] != before+1 {
			t.Errorf("after the hour: %v", err)
		}
	})
}

// unless429 wants an hour of silence at the token endpoint.
type unless429 struct{ next http.RoundTripper }

func (u unless429) RoundTrip(request *http.Request) (*http.Response, error) {
	if strings.HasSuffix(request.URL.Path, "/token") {
		return &http.Response{StatusCode: http.StatusTooManyRequests, Body: http.NoBody, Header: http.Header{"Retry-After": {"3600"}}}, nil
	}
	return u.next.RoundTrip(request)
}

func TestARefusalAsPlainText(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		time.Sleep(3 * time.Hour)
		h.cloud.FailTokens(simulator.Answer(400, "text/plain", `{"error":"invalid_grant"}`), 2)
		if err := h.works(t, "alice"); Reason(err) != ReasonConsent {
			t.Errorf("%v, want consent needed", err)
		}
	})
}

func TestAConsentWithoutARefreshTokenIsNone(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.cloud.FailTokens(simulator.Answer(200, "application/json", `{"access_token":"a","expires_in":7200}`), 1)
		if _, err := h.link(t, "alice", "alice"); Reason(err) != ReasonDecode || h.onDisk(t, "alice") != nil {
			t.Errorf("%v", err)
		}
	})
}

// The new person's grant cannot be saved: a restart must not show the one before.
func TestAReplacementThatCannotBeSaved(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		outcome, err := h.link(t, "alice", "bob")
		if err != nil || !outcome.AnotherPerson {
			t.Fatalf("%+v, %v", outcome, err)
		}
		path := h.path("alice")
		h.grant("alice").file.path = filepath.Join(filepath.Dir(path), "no", "such", "directory")
		if err := h.linker.Confirm("alice", outcome.Replacement); !errors.Is(err, ErrNotSaved) {
			t.Errorf("%v, want %v", err, ErrNotSaved)
		}
		if h.grant("alice").Status().Persisted {
			t.Error("it says that the grant is on the disk")
		}
	})
}

func TestTheGrantFileIsPrivate(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		for range 2 {
			info, err := os.Stat(h.path("alice"))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
			time.Sleep(3 * time.Hour)
			if err := h.works(t, "alice"); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestNothingPrintsATokenOrASecret(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		stored := h.onDisk(t, "alice")
		var printed strings.Builder
		log := slog.New(slog.NewTextHandler(&printed, nil))
		for _, v := range []any{h.grant("alice"), h.app, stored, h.linker, AppConfig{ClientID: "id", ClientSecret: "SECRET"}, FixedToken(stored.AccessToken), struct{ grant *Grant }{h.grant("alice")}, struct{ app *App }{h.app}} {
			fmt.Fprintf(&printed, "%v %+v %#v %s %q %d\n", v, v, v, v, v, v)
			log.Info("value", "v", v)
		}
		time.Sleep(3 * time.Hour)
		for _, fault := range []simulator.Fault{
			simulator.LoseAnswer(), simulator.Answer(400, "application/json", `{"error":"invalid_client","error_description":"`+stored.RefreshToken+` SECRET"}`),
		} {
			h.cloud.FailTokens(fault, 1)
			fmt.Fprintln(&printed, h.works(t, "alice"))
		}
		printed.WriteString(h.log.String())
		for _, secret := range []string{stored.AccessToken, stored.RefreshToken, "SECRET"} {
			if strings.Contains(printed.String(), secret) {
				t.Errorf("%q is printed in\n%s", secret, printed.String())
			}
		}
	})
}

func TestConcurrentCallersShareOneRenewal(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		time.Sleep(3 * time.Hour)
		before := h.cloud.OAuthCounts().Tokens["ok"]
		results := make(chan *oauth2.Token)
		for range 10 {
			go func() {
				token, _ := h.grant("alice").Token(t.Context())
				results <- token
			}()
		}
		first := <-results
		for range 9 {
			if next := <-results; first == nil || next == nil || next.AccessToken != first.AccessToken {
				t.Fatal("callers got different tokens, or none")
			}
		}
		if got := h.cloud.OAuthCounts().Tokens["ok"] - before; got != 1 {
			t.Errorf("%d renewals, want 1", got)
		}
	})
}
