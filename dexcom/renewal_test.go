package dexcom

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// till is an app's budget for tokens, which gives nothing until it is opened.
type till struct {
	opened chan struct{}
	waited atomic.Int32 // calls that came for it
}

func (b *till) wait(ctx context.Context) error {
	b.waited.Add(1)
	select {
	case <-b.opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// short takes the budget for tokens away from a household whose alice needs a new one.
func (h *household) short(t *testing.T) *till {
	t.Helper()
	h.mustLink(t, "alice", "alice")
	time.Sleep(3 * time.Hour)
	b := &till{opened: make(chan struct{})}
	h.app.wait = b.wait
	return b
}

// token asks for alice's in the background.
func (h *household) token(ctx context.Context) (answer chan error) {
	answer = make(chan error, 1)
	grant := h.grant("alice")
	go func() {
		_, err := grant.Token(ctx)
		answer <- err
	}()
	synctest.Wait()
	return answer
}

// Of several calls that find a token at its end one takes from the budget, and renews.
// The others do not wait for it any longer than they want.
func TestOneRenewalWaitsForBudget(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		b, before := h.short(t), h.cloud.OAuthCounts().Tokens["ok"]
		first := h.token(t.Context())
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		hasty, start := h.token(ctx), time.Now()
		third := h.token(t.Context())
		select {
		case err := <-hasty:
			if Reason(err) != ReasonNetwork || time.Since(start) != time.Minute {
				t.Errorf("%v after %v, want it to stop waiting", err, time.Since(start))
			}
		case <-time.After(time.Hour):
			t.Error("a call outlived its context")
		}
		close(b.opened)
		if err := <-first; err != nil {
			t.Error(err)
		}
		if err := <-third; err != nil {
			t.Error(err)
		}
		if renewals := h.cloud.OAuthCounts().Tokens["ok"] - before; renewals != 1 || b.waited.Load() != 1 {
			t.Errorf("%d renewals, %d calls of the budget, want one", renewals, b.waited.Load())
		}
	})
}

// Who waits for budget may give up: the next one takes the place.
func TestTheNextOneRenews(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		b := h.short(t)
		ctx, cancel := context.WithCancel(t.Context())
		first, next := h.token(ctx), h.token(t.Context())
		cancel()
		if err := <-first; err == nil {
			t.Error("a token without budget")
		}
		close(b.opened)
		select {
		case err := <-next:
			if err != nil || b.waited.Load() != 2 {
				t.Errorf("%v, %d waited", err, b.waited.Load())
			}
		case <-time.After(time.Hour):
			t.Error("nobody renews any more")
		}
	})
}

// A call may wait in the queue until after the end of the token it came with: it goes out
// with the one that is good then.
func TestATokenThatEndsInTheQueue(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		var sent []string
		client, err := NewClient(Config{
			BaseURL: "http://dexcom.test", Tokens: h.grant("alice"),
			Wait: func(context.Context) error { time.Sleep(3 * time.Hour); return nil },
			Transport: sender(func(request *http.Request) (*http.Response, error) {
				sent = append(sent, request.Header.Get("Authorization"))
				return h.cloud.RoundTrip(request)
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := client.DataRange(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if len(sent) != 2 || sent[0] == sent[1] {
			t.Errorf("%d calls for two, want each with a token of its own", len(sent))
		}
	})
}

// sender is a function as an http.RoundTripper.
type sender func(*http.Request) (*http.Response, error)

func (f sender) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }
