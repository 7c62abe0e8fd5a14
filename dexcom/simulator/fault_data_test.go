package simulator

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestTargets(t *testing.T) {
	t.Parallel()
	asked := Target{"v3", "egvs", "alice"}
	for _, x := range []struct {
		target Target
		want   bool
	}{
		{Target{}, true},
		{asked, true},
		{Target{Version: "v3"}, true},
		{Target{Endpoint: "egvs"}, true},
		{Target{Person: "alice"}, true},
		{Target{Version: "v3", Person: "alice"}, true},
		{Target{Version: "v2"}, false},
		{Target{Endpoint: "devices"}, false},
		{Target{Person: "bob"}, false},
		{Target{"v3", "egvs", "bob"}, false},
		{Target{"v2", "egvs", "alice"}, false},
	} {
		if got := x.target.matches(asked); got != x.want {
			t.Errorf("%+v: %v", x.target, got)
		}
	}
}

// asks is the status of each of some requests, one person and path after another.
func (to way) asks(t *testing.T, pairs ...string) []int {
	t.Helper()
	var got []int
	for pair := range slices.Chunk(pairs, 2) {
		got = append(got, to.get(t, pair[0], pair[1]).status)
	}
	return got
}

func TestPlannedDataFaultsHitTheirTarget(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		c := to.cloud
		c.FailData(Target{Person: "plain"}, AnswerJSON(500), 1)
		c.FailData(Target{Endpoint: "devices"}, AnswerJSON(502), 2)
		c.FailData(Target{Version: "v3", Endpoint: "dataRange", Person: "one"}, AnswerJSON(503), 1)
		c.FailData(Target{Version: "v4"}, AnswerJSON(418), 1)
		c.FailData(Target{}, Fault{}, 1) // lets one pass
		c.FailData(Target{}, AnswerJSON(504), 1)
		c.FailData(Target{}, AnswerJSON(505), 0)
		c.FailData(Target{}, AnswerJSON(505), -1)
		got := to.asks(t,
			"one", devicesPath, // 502, not the one for all
			"plain", devicesPath, // 500 comes first
			"plain", dataRangePath, // passes
			"one", dataRangePath, // 503
			"one", dataRangePath, // 504
			"plain", devicesPath, // 502
			"plain", devicesPath, // 200
			"one", dataRangePath, // 200
		)
		if want := []int{502, 500, 200, 503, 504, 502, 200, 200}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		want := map[string]int{
			"answer 500 application/json": 1, "answer 502 application/json": 2,
			"answer 503 application/json": 1, "answer 504 application/json": 1,
		}
		counts := c.FaultCounts()
		if !maps.Equal(counts, want) {
			t.Errorf("counts are %v", counts)
		}
		clear(counts)
		if !maps.Equal(c.FaultCounts(), want) || len(c.OAuthCounts().Faults) != 0 {
			t.Errorf("counts are now %v and %+v", c.FaultCounts(), c.OAuthCounts())
		}
	})
}

func TestStrangersMeetNoDataFaults(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	c.FailData(Target{}, AnswerJSON(500), 1)
	c.FailDataAtRandom(Target{}, 1, 1, AnswerJSON(503))
	if opens(t, c, "wrong") {
		t.Error("a wrong token opens data")
	}
	if got := statuses(t, c, 1); got[0] != http.StatusBadRequest {
		t.Errorf("the token endpoint answers %d", got[0])
	}
	if got := c.FaultCounts(); got == nil || len(got) != 0 {
		t.Errorf("counts are %v", got)
	}
}

// fates are the statuses of a person's requests to one path.
func fates(t *testing.T, c *Cloud, person, path string, requests int) []int {
	t.Helper()
	to := way{c, &http.Client{Transport: c}, site}
	var got []int
	for range requests {
		got = append(got, to.get(t, person, path).status)
	}
	return got
}

func TestRandomDataFaultsRepeat(t *testing.T) {
	t.Parallel()
	run := func(seed uint64, chance float64) []int {
		c := linkable(t)
		c.FailDataAtRandom(Target{}, seed, chance, AnswerJSON(500), AnswerJSON(503))
		return fates(t, c, "plain", dataRangePath, 300)
	}
	tally := func(got []int) map[int]int {
		n := make(map[int]int)
		for _, status := range got {
			n[status]++
		}
		return n
	}
	once := run(1, 0.3)
	if !slices.Equal(once, run(1, 0.3)) || slices.Equal(once, run(2, 0.3)) {
		t.Error("the seed does not decide")
	}
	if n := tally(once); n[500] < 25 || n[503] < 25 || n[200] < 180 || n[200] > 240 {
		t.Errorf("got %v", n)
	}
	if n := tally(run(1, 1)); n[200] != 0 || n[500] < 100 || n[503] < 100 {
		t.Errorf("for certain: %v", n)
	}
	if n := tally(run(1, 0)); n[200] != 300 {
		t.Errorf("never: %v", n)
	}
}

func TestRandomDataFaultsAreEachPersonsOwn(t *testing.T) {
	t.Parallel()
	fresh := func() *Cloud {
		c := linkable(t)
		c.FailDataAtRandom(Target{}, 1, 0.5, AnswerJSON(500))
		return c
	}
	const n = 100
	alone := fates(t, fresh(), "plain", dataRangePath, n)
	if slices.Equal(alone, fates(t, fresh(), "one", dataRangePath, n)) {
		t.Error("two people have the same faults")
	}
	if slices.Equal(alone, fates(t, fresh(), "plain", devicesPath, n)) {
		t.Error("two endpoints have the same faults")
	}
	// Others who ask at the same time, and strangers, change nothing.
	c := fresh()
	var wait sync.WaitGroup
	for _, other := range []string{"one", "hourly", "odd"} {
		wait.Go(func() { fates(t, c, other, dataRangePath, n) })
	}
	wait.Go(func() { fates(t, c, "plain", devicesPath, n) })
	wait.Go(func() { fates(t, c, "nobody", dataRangePath, n) })
	crowd := fates(t, c, "plain", dataRangePath, n)
	wait.Wait()
	if !slices.Equal(alone, crowd) {
		t.Error("others change a person's faults")
	}
}

func TestRandomDataFaultsYieldToPlannedOnes(t *testing.T) {
	t.Parallel()
	fresh := func() *Cloud {
		c := linkable(t)
		c.FailDataAtRandom(Target{}, 1, 0.5, AnswerJSON(500))
		return c
	}
	want := fates(t, fresh(), "plain", dataRangePath, 50)
	c := fresh()
	c.FailData(Target{}, AnswerJSON(503), 10)
	got := fates(t, c, "plain", dataRangePath, 50)
	for i, status := range got[:10] {
		if status != 503 {
			t.Errorf("request %d: %d", i, status)
		}
	}
	if !slices.Equal(got[10:], want[10:]) {
		t.Error("planned faults shift the random ones")
	}
}

func TestRandomDataFaultsOfSeveralTargets(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	plain, devices := Target{Person: "plain"}, Target{Endpoint: "devices"}
	c.FailDataAtRandom(plain, 1, 1, AnswerJSON(500))
	c.FailDataAtRandom(devices, 1, 1, AnswerJSON(503))
	to := way{c, &http.Client{Transport: c}, site}
	check := func(want ...int) {
		t.Helper()
		got := to.asks(t, "plain", devicesPath, "plain", dataRangePath, "one", devicesPath, "one", dataRangePath)
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	check(500, 500, 503, 200)
	c.FailDataAtRandom(plain, 1, 1, AnswerJSON(502)) // anew, and so after the other
	check(503, 502, 503, 200)
	c.FailDataAtRandom(plain, 1, 1)
	check(503, 200, 503, 200)
	c.FailDataAtRandom(devices, 1, 0, AnswerJSON(503))
	check(200, 200, 200, 200)
	c.FailDataAtRandom(Target{}, 1, 1, AnswerJSON(500))
	check(500, 500, 500, 500)
}

func TestTheCallersFaultsMayChange(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	faults := []Fault{AnswerJSON(500)}
	c.FailDataAtRandom(Target{}, 1, 1, faults...)
	faults[0] = AnswerJSON(503)
	if got := fates(t, c, "plain", dataRangePath, 1); got[0] != 500 {
		t.Errorf("got %d", got[0])
	}
}

// What the token endpoint has, data have too.
func TestDataFaultsThatTokensHave(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		to.cloud.FailData(Target{}, LoseAnswer(), 1)
		if got := to.get(t, "plain", aDay()); got.err == nil {
			t.Errorf("got %d", got.status)
		}
		want := to.good(t, "plain", aDay())
		to.cloud.FailData(Target{}, DelayAnswer(50*time.Millisecond), 1)
		start := time.Now()
		if got := to.get(t, "plain", aDay()); got.body != want || time.Since(start) < 50*time.Millisecond {
			t.Errorf("%d, %v after %v", got.status, got.err, time.Since(start))
		}
		if got := to.cloud.FaultCounts(); got["answer lost"] != 1 || got["answer delayed"] != 1 {
			t.Errorf("counts are %v", got)
		}
	})
}

func TestDataFaultsReachEveryEndpoint(t *testing.T) {
	t.Parallel()
	to := noSockets(t)
	for _, x := range []struct{ method, version, endpoint string }{
		{http.MethodGet, "v2", "calibrations"},
		{http.MethodGet, "v2", "dataRange"},
		{http.MethodGet, "v2", "devices"},
		{http.MethodGet, "v2", "egvs"},
		{http.MethodGet, "v2", "events"},
		{http.MethodPost, "v2", "statistics"},
		{http.MethodGet, "v3", "alerts"},
		{http.MethodGet, "v3", "calibrations"},
		{http.MethodGet, "v3", "dataRange"},
		{http.MethodGet, "v3", "devices"},
		{http.MethodGet, "v3", "egvs"},
		{http.MethodGet, "v3", "events"},
	} {
		to.cloud.FailData(Target{x.version, x.endpoint, "hourly"}, AnswerJSON(http.StatusTeapot), 1)
		r := to.request(t, "hourly", "/"+x.version+"/users/self/"+x.endpoint)
		r.Method = x.method
		calls := to.cloud.Calls()
		if got := to.do(r); got.status != http.StatusTeapot || to.cloud.Calls() != calls+1 {
			t.Errorf("%+v: %d, call %d", x, got.status, to.cloud.Calls())
		}
	}
}

func TestFaultsOfVersion2(t *testing.T) {
	t.Parallel()
	to := noSockets(t)
	path := "/v2/users/self/egvs?" + between(noon().AddDate(0, 0, -4), noon()).Encode()
	f := SpoilRecords(AsText, 1, 0.5, "value")
	before, after := to.spoil(t, f, "hourly", path)
	spoiled := 0
	for i := range before {
		if _, is := differences(t, before[i], after[i])["value"]; is {
			spoiled++
		}
	}
	if spoiled != f.SpoiledRecords() || spoiled < len(before)/3 || spoiled > len(before)*2/3 {
		t.Errorf("%d of %d spoiled, %d counted", spoiled, len(before), f.SpoiledRecords())
	}
	to.cloud.FailData(Target{Version: "v3"}, AnswerJSON(500), 1)
	to.good(t, "hourly", path)
}
