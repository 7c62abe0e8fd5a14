package e2e

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// cloud is a simulated Dexcom on the loopback interface.
type cloud struct {
	*simulator.Cloud

	url string
}

// startCloud starts one that knows our app by the redirect address, and in which
// four people live, and more: alice and bob upload all the time, carol's receiver
// did days ago, and dora has not put her sensor on yet.
func startCloud(t *testing.T, redirectURL string, more ...*simulator.Person) cloud {
	t.Helper()
	since := time.Date(2025, time.January, 6, 9, 0, 0, 0, time.UTC)
	people := append([]*simulator.Person{
		{Name: "alice", Seed: 1, HoldBack: time.Hour, Since: since},
		{Name: "bob", Seed: 2, HoldBack: time.Hour, Since: since},
		receiverOf("carol", since),
		{Name: "dora", Seed: 3, HoldBack: time.Hour, Since: time.Now().Add(time.Hour)},
	}, more...)
	c := simulator.New(people...)
	c.Register(ourApp(redirectURL))
	return cloud{Cloud: c, url: listen(t, c)}
}

// receiverOf is a person whose receiver was read out more than a day ago. It is
// every ten days, and the seed decides on which.
func receiverOf(name string, since time.Time) *simulator.Person {
	for seed := uint64(100); ; seed++ {
		p := &simulator.Person{Name: name, Seed: seed, Display: simulator.Receiver, Rhythm: simulator.EveryTenDays, Since: since}
		if _, end, found := p.DataRange("egvs", time.Now(), time.Time{}); found && time.Since(end) > 24*time.Hour {
			return p
		}
	}
}

// ourApp is the app as registered at Dexcom.
func ourApp(redirectURL string) simulator.App {
	return simulator.App{ClientID: "planted-id", ClientSecret: planted, RedirectURLs: []string{redirectURL}}
}

// listen serves a handler to this machine and returns its address.
func listen(t *testing.T, handler http.Handler) (url string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.CloseClientConnections() // a client that lives on must not hold the test up
		server.Close()
	})
	return server.URL
}

// answering is a server that has one answer to everything.
func answering(t *testing.T, status int, contentType, body string) (url string) {
	t.Helper()
	return listen(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // fails only if the client is gone
	}))
}
