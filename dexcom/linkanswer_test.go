package dexcom

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// answer is what Dexcom sends a person back with.
func (h *household) answer(t *testing.T, account, person string, allow bool) url.Values {
	t.Helper()
	address, err := h.linker.Start(account)
	if err != nil {
		t.Fatal(err)
	}
	redirect, err := h.cloud.Consent(address, person, allow)
	if err != nil {
		t.Fatal(err)
	}
	back, err := url.Parse(redirect)
	if err != nil {
		t.Fatal(err)
	}
	return back.Query()
}

// A phone loads the page again while Dexcom is slow: both requests end the same.
func TestAnAnswerThatComesAgainWaits(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.cloud.FailTokens(simulator.DelayAnswer(20*time.Second), 1)
		answer := h.answer(t, "alice", "alice", true)
		first := make(chan error)
		go func() {
			outcome, err := h.linker.Finish(t.Context(), answer)
			first <- errors.Join(err, map[bool]error{true: errors.New("it says that it came before")}[outcome.Again])
		}()
		time.Sleep(5 * time.Second)
		if _, done, err := h.linker.Finished(answer.Get("state")); done || err != nil {
			t.Errorf("finished too early: %t, %v", done, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if outcome, err := h.linker.Finish(ctx, answer); !errors.Is(err, ErrUnderWay) || outcome != (Outcome{Account: "alice", Again: true}) {
			t.Errorf("who has no time: %+v, %v", outcome, err)
		}
		if outcome, err := h.linker.Finish(t.Context(), answer); err != nil || outcome != (Outcome{Account: "alice", Again: true}) {
			t.Errorf("who waits: %+v, %v", outcome, err)
		}
		if err := <-first; err != nil {
			t.Errorf("the first: %v", err)
		}
		if len(h.linked) != 1 || h.works(t, "alice") != nil {
			t.Errorf("linked %v", h.linked)
		}
	})
}

// The linking outlives the ten minutes that an answer is kept, and an hour.
func TestAnAnswerUnderWayIsNotForgotten(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.linker.finishing <- struct{}{} // another linking that does not end
		answer := h.answer(t, "alice", "alice", true)
		done := make(chan error)
		for range 2 {
			go func() {
				_, err := h.linker.Finish(t.Context(), answer)
				done <- err
			}()
			synctest.Wait()
		}
		time.Sleep(patience + time.Second)
		if _, err := h.linker.Start("alice"); err != nil { // which forgets what is over
			t.Fatal(err)
		}
		<-h.linker.finishing
		if first, second := <-done, <-done; Reason(first) != ReasonConsent || !errors.Is(first, second) {
			t.Errorf("%v and %v, want both a code that is too old", first, second)
		}
		time.Sleep(patience + time.Second)
		if _, err := h.linker.Finish(t.Context(), answer); !errors.Is(err, ErrUnknownState) || len(h.linker.answered) > 0 {
			t.Errorf("later: %v, %d answers are kept", err, len(h.linker.answered))
		}
	})
}

// What an answer led to is over once the account is another's, or nobody's.
func TestWhenAnAnswerIsOver(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		again := func(when string, answer url.Values, want Outcome, wantErr error) {
			t.Helper()
			want.Account, want.Again = "alice", true
			outcome, err := h.linker.Finish(t.Context(), answer)
			told, done, errTold := h.linker.Finished(answer.Get("state"))
			if outcome != want || !errors.Is(err, wantErr) || told != want || !done || !errors.Is(errTold, wantErr) {
				t.Errorf("%s: %+v, %v; told %+v, %t, %v; want %+v, %v", when, outcome, err, told, done, errTold, want, wantErr)
			}
		}
		refusal := h.answer(t, "alice", "alice", false)
		if _, err := h.linker.Finish(t.Context(), refusal); !errors.Is(err, ErrRefused) {
			t.Fatal(err)
		}
		again("refused", refusal, Outcome{}, ErrRefused)
		h.mustLink(t, "bob", "bob")
		again("refused, another account linked", refusal, Outcome{}, ErrRefused)
		consent := h.answer(t, "alice", "alice", true)
		if _, err := h.linker.Finish(t.Context(), consent); err != nil {
			t.Fatal(err)
		}
		again("refused, linked since", refusal, Outcome{Over: true}, ErrRefused)
		again("linked", consent, Outcome{}, nil)
		other := h.answer(t, "alice", "carol", true)
		found, err := h.linker.Finish(t.Context(), other)
		if err != nil {
			t.Fatal(err)
		}
		again("another person", other, Outcome{AnotherPerson: true, Replacement: found.Replacement}, nil)
		again("linked, another person waits", consent, Outcome{}, nil)
		if err := h.linker.Confirm("alice", found.Replacement); err != nil {
			t.Fatal(err)
		}
		again("replaced", other, Outcome{AnotherPerson: true, Over: true}, nil)
		again("linked, replaced since", consent, Outcome{Over: true}, nil)
		consent = h.answer(t, "alice", "carol", true)
		if _, err := h.linker.Finish(t.Context(), consent); err != nil {
			t.Fatal(err)
		}
		if err := h.linker.Unlink("alice"); err != nil {
			t.Fatal(err)
		}
		again("unlinked since", consent, Outcome{Over: true}, nil)
	})
}

// The question was answered, and the answer came too late: it is not asked again.
func TestAQuestionThatWasAnsweredInVain(t *testing.T) {
	bubble(t, func(t *testing.T, h *household) {
		h.mustLink(t, "alice", "alice")
		answer := h.answer(t, "alice", "bob", true)
		found, err := h.linker.Finish(t.Context(), answer)
		if err != nil || !found.AnotherPerson {
			t.Fatalf("%+v, %v", found, err)
		}
		h.mustLink(t, "bob", "bob")
		if err := h.linker.Confirm("alice", found.Replacement); !errors.Is(err, ErrAnotherAccount) {
			t.Errorf("%v, want %v", err, ErrAnotherAccount)
		}
		if again, err := h.linker.Finish(t.Context(), answer); err != nil || !again.Over || again.Replacement != "" {
			t.Errorf("loaded again: %+v, %v", again, err)
		}
	})
}
