package simulator

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestBrokenBodies(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		want := to.good(t, "plain", aDay())
		for _, x := range []struct {
			fault  Fault
			name   string
			cause  error
			length int64
		}{
			{ShortenBody(), "body shortened", io.ErrUnexpectedEOF, int64(len(want))},
			{CutBody(), "body cut", io.ErrUnexpectedEOF, -1},
			{ResetBody(), "body reset", syscall.ECONNRESET, -1},
		} {
			to.cloud.FailData(Target{}, x.fault, 2)
			for n := range 2 {
				got := to.get(t, "plain", aDay())
				if !errors.Is(got.err, x.cause) || got.status != http.StatusOK || got.length != x.length || got.header.Get("Content-Type") != "application/json" {
					t.Errorf("%v: %d, length %d, %v, %v", x.fault, got.status, got.length, got.header, got.err)
				}
				if got.body != want[:len(want)/2] {
					t.Errorf("%v: %d of %d bytes came", x.fault, len(got.body), len(want))
				}
				if count := to.cloud.FaultCounts()[x.name]; count != n+1 || x.fault.String() != x.name {
					t.Errorf("%v is counted %d times", x.fault, count)
				}
			}
			if to.good(t, "plain", aDay()) != want {
				t.Errorf("%v changed what came after", x.fault)
			}
		}
	})
}

func TestResetConnection(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		to.cloud.FailData(Target{}, ResetConnection(), 1)
		if got := to.get(t, "plain", aDay()); !errors.Is(got.err, syscall.ECONNRESET) || got.status != 0 {
			t.Errorf("got %d, %v", got.status, got.err)
		}
		to.good(t, "plain", aDay())
		if count := to.cloud.FaultCounts()["connection reset"]; count != 1 {
			t.Errorf("counted %d times", count)
		}
	})
}

func TestResetUnderTLS(t *testing.T) {
	t.Parallel()
	to := onSockets(t, httptest.NewUnstartedServer(linkable(t)), (*httptest.Server).StartTLS)
	to.cloud.FailData(Target{}, ResetConnection(), 1)
	if got := to.get(t, "plain", aDay()); !errors.Is(got.err, syscall.ECONNRESET) {
		t.Errorf("before the header: %v", got.err)
	}
	to.cloud.FailData(Target{}, ResetBody(), 1)
	if got := to.get(t, "plain", aDay()); !errors.Is(got.err, syscall.ECONNRESET) || got.status != http.StatusOK {
		t.Errorf("in the body: %d, %v", got.status, got.err)
	}
}

func TestBrokenBodiesOverHTTP2(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(linkable(t))
	server.EnableHTTP2 = true
	to := onSockets(t, server, (*httptest.Server).StartTLS)
	for _, f := range []Fault{ShortenBody(), CutBody(), ResetBody()} {
		to.cloud.FailData(Target{}, f, 1)
		if got := to.get(t, "plain", aDay()); !errors.Is(got.err, io.ErrUnexpectedEOF) || got.status != http.StatusOK || got.body == "" {
			t.Errorf("%v: %d, %d bytes, %v", f, got.status, len(got.body), got.err)
		}
	}
	to.cloud.FailData(Target{}, ResetConnection(), 1)
	if got := to.get(t, "plain", aDay()); got.status != http.StatusBadGateway || got.err != nil {
		t.Errorf("got %d, %v", got.status, got.err)
	}
	to.good(t, "plain", aDay())
}

func TestHalvedBodies(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		for _, path := range []string{aDay(), devicesPath, dataRangePath} {
			want := to.good(t, "plain", path)
			to.cloud.FailData(Target{}, HalveBody(), 1)
			got := to.get(t, "plain", path)
			if got.err != nil || got.status != http.StatusOK || got.body != want[:len(want)/2] || got.length > 0 && got.length != int64(len(got.body)) {
				t.Errorf("%s: %d, %d of %d bytes, %v", path, got.status, len(got.body), len(want), got.err)
			}
			if json.Valid([]byte(got.body)) {
				t.Errorf("%s: half is whole", path)
			}
		}
	})
}

func TestFaultsKeepRefusals(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		want := to.get(t, "plain", egvsPath) // no window
		for _, f := range []Fault{HalveBody(), TrickleAnswer(time.Millisecond), ShortenBody(), PadWithSpace(1), SpoilRecords(AsNull, 1, 1), BreakGzip()} {
			to.cloud.FailData(Target{}, f, 1)
			if got := to.get(t, "plain", egvsPath); want.status != http.StatusBadRequest || got.status != want.status {
				t.Errorf("%v: %d, want %d", f, got.status, want.status)
			}
		}
	})
}

func TestBrokenGzip(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, to way) {
		want := to.good(t, "plain", aDay())
		to.cloud.FailData(Target{}, BreakGzip(), 2)
		got := to.get(t, "plain", aDay())
		if !errors.Is(got.err, gzip.ErrHeader) || got.status != http.StatusOK || got.body != "" || got.header.Get("Content-Encoding") != "" || got.length != -1 {
			t.Errorf("%d, length %d, %v, %v", got.status, got.length, got.header, got.err)
		}
		// Who asks for gzip unpacks it.
		r := to.request(t, "plain", aDay())
		r.Header.Set("Accept-Encoding", "gzip")
		if got := to.do(r); got.err != nil || got.body != want || got.header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%d, %d bytes, %v, %v", got.status, len(got.body), got.header, got.err)
		}
	})
}

func TestTrickle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := inBubble(t)
		want := to.good(t, "plain", aDay())
		to.cloud.FailData(Target{}, TrickleAnswer(time.Minute), 1)
		start := time.Now()
		response, err := to.client.Do(to.request(t, "plain", aDay()))
		if err != nil || time.Since(start) != 0 {
			t.Fatalf("the header took %v, %v", time.Since(start), err)
		}
		defer response.Body.Close()
		half := make([]byte, len(want)/2)
		if _, err := io.ReadFull(response.Body, half); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 29*time.Second || took > 32*time.Second {
			t.Errorf("half took %v", took)
		}
		rest, err := io.ReadAll(response.Body)
		if took := time.Since(start); err != nil || string(half)+string(rest) != want || !about(took, time.Minute) {
			t.Errorf("%d of %d bytes in %v, %v", len(half)+len(rest), len(want), took, err)
		}
	})
}

func TestTrickleEndsWithTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := inBubble(t)
		to.cloud.FailData(Target{}, TrickleAnswer(time.Hour), 3)

		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		start := time.Now()
		got := to.do(to.request(t, "plain", aDay()).WithContext(ctx))
		if took := time.Since(start); took != 10*time.Minute || !errors.Is(got.err, context.DeadlineExceeded) || got.body == "" {
			t.Errorf("took %v, %d bytes, %v", took, len(got.body), got.err)
		}

		start = time.Now()
		to.client.Timeout = 30 * time.Second
		got = to.get(t, "plain", aDay())
		var timeout interface{ Timeout() bool }
		if took := time.Since(start); took != 30*time.Second || !errors.As(got.err, &timeout) || !timeout.Timeout() {
			t.Errorf("took %v, %v", took, got.err)
		}

		to.client.Timeout = 0
		start = time.Now()
		response, err := to.client.Do(to.request(t, "plain", aDay()))
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, func() { _ = response.Body.Close() })
		if _, err := io.ReadAll(response.Body); err == nil || time.Since(start) != time.Second {
			t.Errorf("a closed body: %v after %v", err, time.Since(start))
		}
	})
}

func TestTrickleOnSockets(t *testing.T) {
	t.Parallel()
	to := onSockets(t, httptest.NewUnstartedServer(linkable(t)), (*httptest.Server).Start)
	want := to.good(t, "plain", aDay())
	to.cloud.FailData(Target{}, TrickleAnswer(200*time.Millisecond), 1)
	start := time.Now()
	got := to.get(t, "plain", aDay())
	if took := time.Since(start); got.err != nil || got.body != want || took < 190*time.Millisecond {
		t.Errorf("%d of %d bytes in %v, %v", len(got.body), len(want), took, got.err)
	}
	// The server's Close waits for the handler, which must not go on for an hour.
	to.cloud.FailData(Target{}, TrickleAnswer(time.Hour), 1)
	to.client.Timeout = 100 * time.Millisecond
	if got := to.get(t, "plain", aDay()); got.err == nil {
		t.Error("an hour went by fast")
	}
}

func TestTrickleOfAnySize(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, size := range []int{0, 1, 2, 49, 50, 51, 99, 100, 101, 5000} {
			for _, d := range []time.Duration{0, 1, time.Second} {
				text := strings.Repeat("x", size)
				start := time.Now()
				got, err := io.ReadAll(newTrickle(t.Context(), []byte(text), d))
				took := time.Since(start)
				if err != nil || string(got) != text || size > 0 && !about(took, d) || size == 0 && took != 0 {
					t.Errorf("%d of %d bytes in %v of %v, %v", len(got), size, took, d, err)
				}
			}
		}
	})
}
