package simulator

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Whatever the way of writing, what Share answers is the truth of that instant.
func TestShareTellsTheTruth(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		c := sharing(t, sharers(t)...)
		records := 0
		for range 40 {
			time.Sleep(107*time.Minute + 7*time.Second)
			now := time.Now()
			for _, p := range sharers(t) {
				body := allOf(t, c, sessionOf(t, c, p.Name))
				got, want := interpret(t, body), truthOf(p.ShareReadings(now.Add(-24*time.Hour), later(), now))
				if !slices.Equal(got, want) {
					t.Fatalf("%s at %v: %d records, want %d, or others", p.Name, now, len(got), len(want))
				}
				records += len(got)
			}
		}
		if records < 40*7*200 {
			t.Errorf("only %d records", records)
		}
	})
}

// Who asks every minute has each reading in the minute after it was published.
func TestPollingShareSeesEachReadingInTime(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		p := &Person{Name: "p", Seed: 3, OfflineShare: 0.3, AwayShare: 0.1}
		c := sharing(t, p)
		id := sessionOf(t, c, "p")
		start, seen := time.Now(), make(map[time.Time]time.Time)
		for range 10 * 60 {
			_, body := latest(t, c, id, 1440, 288)
			for _, r := range interpret(t, body) {
				if _, again := seen[r.at]; !again {
					seen[r.at] = time.Now()
				}
			}
			time.Sleep(time.Minute)
		}
		waited := 0
		for _, r := range p.ShareReadings(start.Add(-time.Hour), later(), start.Add(9*time.Hour)) {
			if r.Published.Sub(r.Time) > time.Hour {
				waited++
			}
			first := seen[r.Time]
			if first.Before(r.Published) || r.Published.After(start) && first.Sub(r.Published) >= time.Minute {
				t.Errorf("%+v was seen at %v", r, first)
			}
		}
		if waited < 10 {
			t.Errorf("%d readings waited for the network", waited)
		}
	})
}

func TestShareWindows(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		c := sharing(t, &Person{Name: "plain", Seed: 1})
		id, now := sessionOf(t, c, "plain"), time.Now()
		truth := func(back time.Duration) []interpreted {
			return truthOf(c.Person("plain").ShareReadings(now.Add(-back), later(), now))
		}
		day := truth(24 * time.Hour)
		for _, x := range []struct {
			minutes, most int
			want          []interpreted
		}{
			{0, 0, nil},
			{1440, 0, nil},
			{0, 288, nil},
			{1440, 288, day},
			{1440, 1, day[len(day)-1:]},
			{1440, 100, day[len(day)-100:]},
			{2880, 576, day},
			{1 << 40, 1 << 40, day},
			{60, 288, truth(time.Hour)},
			{10, 1, truth(10 * time.Minute)[len(truth(10*time.Minute))-1:]},
		} {
			status, body := latest(t, c, id, x.minutes, x.most)
			if got := interpret(t, body); status != http.StatusOK || !slices.Equal(got, x.want) {
				t.Errorf("%d minutes, at most %d: %d records, want %d", x.minutes, x.most, len(got), len(x.want))
			}
		}
		if _, body := latest(t, c, id, 0, 0); !bytes.Equal(bytes.TrimSpace(body), bytes.TrimSpace(shareFile(t, "readings_empty.json"))) {
			t.Errorf("0/0 answers %s", body)
		}
	})
}

func TestShareWithoutFollowersIsEmpty(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		c := sharing(t, people(t)...)
		id := sessionOf(t, c, "plain")
		want := allOf(t, c, id)
		c.SetSharing("plain", false)
		c.SetSharing("nobody", false)
		if got := strings.TrimSpace(string(allOf(t, c, id))); got != "[]" {
			t.Errorf("got %s", got)
		}
		if got := strings.TrimSpace(string(allOf(t, c, sessionOf(t, c, "plain")))); got != "[]" {
			t.Errorf("got %s", got)
		}
		c.SetSharing("plain", true)
		if got := allOf(t, c, id); !bytes.Equal(got, want) {
			t.Error("it is not what it was")
		}
	})
}

func TestAnotherPersonBehindTheLogin(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		c := sharing(t, people(t)...)
		want := allOf(t, c, sessionOf(t, c, "one"))
		c.Share(ShareAccount{Person: "plain", Username: "plain", Password: "plain", Data: "one"})
		if got := allOf(t, c, sessionOf(t, c, "plain")); !bytes.Equal(got, want) {
			t.Error("these are not the other person's readings")
		}
		if got := c.ShareCounts("plain"); got.Reads != 1 {
			t.Errorf("counts are %+v", got)
		}
	})
}

func TestConcurrentSharing(t *testing.T) {
	shareBubble(t, func(t *testing.T) {
		c := sharing(t, sharers(t)...)
		id := sessionOf(t, c, "odd")
		want := allOf(t, c, id)
		var wait sync.WaitGroup
		const n = 16
		for range n {
			wait.Go(func() {
				if got := allOf(t, c, id); !bytes.Equal(got, want) {
					t.Error("answers differ")
				}
				allOf(t, c, sessionOf(t, c, "plain"))
				tryLogin(t, c, "nobody", "wrong")
				tryLogin(t, c, "one", "wrong")
				c.SetPassword("hourly", "hourly")
				c.SetSharing("odd receiver", false)
				c.SetShare(ShareSettings{})
				c.Share(ShareAccount{Person: "receiver", Username: "receiver", Password: "receiver"})
				c.ShareCounts("odd")
			})
		}
		wait.Wait()
		if got := c.ShareCounts("odd"); got.Reads != n+1 {
			t.Errorf("counts are %+v", got)
		}
		if got := c.ShareCounts("plain"); got != (ShareCounts{Authentications: n, Logins: n, Reads: n}) {
			t.Errorf("counts are %+v", got)
		}
		if got := c.ShareCounts("one"); got.FailedLogins != 5 || got.LockedLogins != n-5 {
			t.Errorf("counts are %+v", got)
		}
	})
}

func TestShareOverSockets(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		to.cloud.Share(ShareAccount{Person: "plain", Username: "plain", Password: "plain"})
		id := sessionOf(t, to.cloud, "plain")
		r := sharePost(t, readPath+"?minutes=1440&maxCount=288&sessionId="+id, "")
		address := *r.URL
		r.URL.Scheme, r.URL.Host, _ = strings.Cut(to.base, "://")
		got := to.do(r)
		r.URL = &address
		if _, want := send(t, to.cloud, r); got.status != http.StatusOK || len(interpret(t, []byte(got.body))) < 200 || len(want) < len(got.body)-200 {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
}

func BenchmarkShareRead(b *testing.B) {
	c := sharing(b, &Person{Name: "plain", Seed: 1})
	id := sessionOf(b, c, "plain")
	for b.Loop() {
		if status, _ := latest(b, c, id, 1440, 288); status != http.StatusOK {
			b.Fatal(status)
		}
	}
}
