package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fail sends a form whose answer never arrives.
func fail(t *testing.T, transport http.RoundTripper, r *http.Request) error {
	t.Helper()
	response, err := transport.RoundTrip(r)
	if err == nil {
		_ = response.Body.Close()
		t.Fatalf("got %s", response.Status)
	}
	return err
}

func TestLostAnswersAreDone(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	g := link(t, c, "plain")
	c.FailTokens(LoseAnswer(), 1)
	if err := fail(t, c, tokenRequest(t, "/v3/oauth2/token", refreshForm(g.Refresh))); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
	if c.Alive("plain", g.Refresh) || !opens(t, c, g.Access) {
		t.Error("the rotation was not done, or more than that")
	}
	if got := c.OAuthCounts(); got.Tokens["ok"] != 2 || got.Faults["answer lost"] != 1 {
		t.Errorf("counts are %+v", got)
	}
	// All that is left to the client is the used token, and that ends the grant.
	refused(t, c, refreshForm(g.Refresh), invalidGrant)
	if opens(t, c, g.Access) {
		t.Error("the grant survived")
	}
}

func TestLostAnswersOnSockets(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	server := httptest.NewServer(c)
	defer server.Close()
	for range 3 { // the connection of the first is used again
		g := link(t, c, "plain")
		c.FailTokens(LoseAnswer(), 1)
		before := c.OAuthCounts()
		r := tokenRequest(t, "/v3/oauth2/token", refreshForm(g.Refresh))
		at, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Scheme, r.URL.Host = at.Scheme, at.Host
		if err := fail(t, server.Client().Transport, r); !errors.Is(err, io.EOF) {
			t.Errorf("got %v", err)
		}
		after := c.OAuthCounts()
		if after.Tokens["ok"] != before.Tokens["ok"]+1 || after.Faults["answer lost"] != before.Faults["answer lost"]+1 {
			t.Errorf("counts went from %+v to %+v", before, after)
		}
		if c.Alive("plain", g.Refresh) {
			t.Error("the rotation was not done")
		}
		readRange(t, server, c.AccessToken("plain"))
	}
}

// readRange leaves an idle connection behind.
func readRange(t *testing.T, server *httptest.Server, access string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v3/users/self/dataRange", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+access)
	if status, body := send(t, server.Client().Transport, r); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
}

func TestLostAnswersOverHTTP2(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	server := httptest.NewUnstartedServer(c)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	g := link(t, c, "plain")
	c.FailTokens(LoseAnswer(), 1)
	response, err := server.Client().PostForm(server.URL+"/v3/oauth2/token", refreshForm(g.Refresh))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.ProtoMajor != 2 || response.StatusCode != http.StatusBadGateway || c.Alive("plain", g.Refresh) {
		t.Errorf("%s %s", response.Proto, response.Status)
	}
}

func TestDelayedAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := linkable(t)
		g := link(t, c, "plain")
		c.FailTokens(DelayAnswer(20*time.Second), 1)
		start := time.Now()
		next := token(t, c, refreshForm(g.Refresh))
		if took := time.Since(start); took != 20*time.Second || !c.Alive("plain", next.Refresh) {
			t.Errorf("took %v, %+v", took, next)
		}

		// A client that leaves cannot undo what was done the moment it asked.
		c.FailTokens(DelayAnswer(time.Hour), 1)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start = time.Now()
		err := fail(t, c, tokenRequest(t, "/v3/oauth2/token", refreshForm(next.Refresh)).WithContext(ctx))
		if took := time.Since(start); took != 5*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("took %v, %v", took, err)
		}
		if c.Alive("plain", next.Refresh) || c.OAuthCounts().Faults["answer delayed"] != 2 {
			t.Errorf("counts are %+v", c.OAuthCounts())
		}
	})
}

func TestDelayedAnswersKeepStatusAndHeader(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	c.FailTokens(DelayAnswer(0), 1)
	refused(t, c, refreshForm("wrong"), invalidGrant)
}

func TestDelayedAnswersOnSockets(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	g := link(t, c, "plain")
	server := httptest.NewServer(c)
	defer server.Close() // waits for the handler, which must not sleep on
	c.FailTokens(DelayAnswer(time.Hour), 1)
	client := server.Client()
	client.Timeout = 200 * time.Millisecond
	response, err := client.PostForm(server.URL+"/v3/oauth2/token", refreshForm(g.Refresh))
	if err == nil {
		_ = response.Body.Close()
		t.Fatalf("got %s", response.Status)
	}
	if c.Alive("plain", g.Refresh) {
		t.Error("nothing was done")
	}
}

func TestAnswersBeforeAnythingIsDone(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	g := link(t, c, "plain")
	for _, x := range []struct {
		fault             Fault
		status            int
		kind, body, count string
	}{
		{AnswerJSON(400), 400, "application/json", `{"errors":["Bad Request"]}`, "answer 400 application/json"},
		{AnswerJSON(429), 429, "application/json", `{"errors":["Too Many Requests"]}`, "answer 429 application/json"},
		{AnswerHTML(403), 403, "text/html", "<h1>Forbidden</h1>", "answer 403 text/html"},
		{AnswerHTML(503), 503, "text/html", "<h1>Service Unavailable</h1>", "answer 503 text/html"},
		{Answer(400, "application/json", `{"error":"invalid_grant"}`), 400, "application/json", `{"error":"invalid_grant"}`, "answer 400 application/json"},
		{Answer(200, "text/plain", ""), 200, "text/plain", "", "answer 200 text/plain"},
	} {
		c.FailTokens(x.fault, 1)
		before := c.OAuthCounts().Faults[x.count]
		response, err := c.RoundTrip(tokenRequest(t, "/v2/oauth2/token", refreshForm(g.Refresh)))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != x.status || response.Header.Get("Content-Type") != x.kind || !strings.Contains(string(body), x.body) {
			t.Errorf("%v: %s %v %s, %v", x.fault, response.Status, response.Header, body, err)
		}
		if x.fault.String() != x.count || c.OAuthCounts().Faults[x.count] != before+1 {
			t.Errorf("%v: counts are %+v", x.fault, c.OAuthCounts())
		}
		if !c.Alive("plain", g.Refresh) {
			t.Fatalf("%v used the token", x.fault)
		}
	}
	token(t, c, refreshForm(g.Refresh))
}

func TestAnswerJSONIsJSON(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 418, 429, 500, 503, 599} {
		c := linkable(t)
		c.FailTokens(AnswerJSON(status), 1)
		if got, body := post(t, c, nil); got != status || !json.Valid(body) {
			t.Errorf("%d %s", got, body)
		}
	}
}
