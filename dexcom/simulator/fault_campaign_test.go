package simulator

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestFaultsHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	var names []string
	for _, f := range Faults() {
		if f.String() == "" || f.serve == nil || slices.Contains(names, f.String()) {
			t.Errorf("%q is no name", f)
		}
		names = append(names, f.String())
	}
	for _, again := range Faults() {
		if !slices.Contains(names, again.String()) {
			t.Errorf("%v is new", again)
		}
	}
}

// A plain client that is met by everything at random gets through to the truth
// in between, no goroutine is left, and the counts add up.
func TestCampaignInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := inBubble(t)
		to.client.CheckRedirect, to.client.Timeout = stay, time.Minute
		want := to.good(t, "plain", aMorning())
		to.cloud.FailDataAtRandom(Target{}, 7, 0.8, Faults()...)
		campaign(t, to, want, 250)
	})
}

func TestCampaignOnSockets(t *testing.T) {
	t.Parallel()
	to := onSockets(t, httptest.NewUnstartedServer(linkable(t)), (*httptest.Server).Start)
	to.client.CheckRedirect = stay
	want := to.good(t, "plain", aMorning())
	fast := slices.DeleteFunc(Faults(), func(f Fault) bool {
		return slices.Contains([]string{DelayAnswer(0).String(), TrickleAnswer(0).String()}, f.String())
	})
	fast = append(fast, DelayAnswer(time.Millisecond), TrickleAnswer(10*time.Millisecond))
	to.cloud.FailDataAtRandom(Target{}, 7, 0.8, fast...)
	campaign(t, to, want, 250)
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func campaign(t *testing.T, to way, want string, requests int) {
	t.Helper()
	good := 0
	for range requests {
		got := to.get(t, "plain", aMorning())
		if got.err == nil && got.status == http.StatusOK && got.body == want {
			good++
		}
	}
	counts, failed := to.cloud.FaultCounts(), 0
	for _, f := range Faults() {
		if counts[f.String()] == 0 {
			t.Errorf("%v never happened", f)
		}
		failed += counts[f.String()]
	}
	slow := counts["answer delayed"] + counts["body trickled"]
	if good != requests-failed+slow || failed < requests*7/10 || failed > requests*9/10 {
		t.Errorf("%d good, %d of %d failed, %d of these slow", good, failed, requests, slow)
	}
	if calls := to.cloud.Calls(); calls != requests+1 {
		t.Errorf("%d calls", calls)
	}
}
