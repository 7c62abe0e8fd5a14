package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener without a network, whose connections keep to the time of a
// synctest bubble.
type pipes struct {
	connections chan net.Conn
	closed      chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.connections:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { close(p.closed); return nil }

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{} }

// dial connects a client.
func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.connections <- server
	return client
}

// limited runs a client against the server that the program uses, in a bubble.
func limited(t *testing.T, handler http.HandlerFunc, client func(t *testing.T, server net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, listener := newServer(handler, slog.New(slog.DiscardHandler)), newPipes()
		ended := make(chan error)
		go func() { ended <- server.Serve(listener) }()
		connection := listener.dial()
		client(t, connection)
		_ = errors.Join(connection.Close(), server.Close())
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		time.Sleep(time.Second) // a server that refused lingers for a moment
	})
}

// trickle sends text, and then a byte each second until the server hangs up. It gives
// how long that took.
func trickle(server net.Conn, text string) time.Duration {
	begun := time.Now()
	go func() { _, _ = io.Copy(io.Discard, server) }() // whatever it says
	_, err := io.WriteString(server, text)
	for err == nil && time.Since(begun) < time.Hour {
		time.Sleep(time.Second)
		_, err = server.Write([]byte("a"))
	}
	return time.Since(begun)
}

const plainGet = "GET / HTTP/1.1\r\nHost: localhost\r\n"

// Who is slow is cut off when docs/security.md says, however steadily bytes come.
func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sent string
		want time.Duration
	}{
		"nothing":             {"", 5 * time.Second},
		"half a line":         {"GET /metr", 5 * time.Second},
		"half a header":       {plainGet + "X: ", 5 * time.Second},
		"half a body":         {plainGet + "Content-Length: 100000\r\n\r\n", 30 * time.Second},
		"a body without end":  {plainGet + "Transfer-Encoding: chunked\r\n\r\nffff\r\n", 30 * time.Second},
		"half a second one":   {plainGet + "\r\n" + plainGet, 5 * time.Second},
		"a body nobody wants": {"POST /nobody HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n", 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/nobody" {
					_, _ = io.Copy(io.Discard, r.Body)
				}
			}
			limited(t, read, func(t *testing.T, server net.Conn) {
				if took := trickle(server, test.sent); took < test.want || took > test.want+2*time.Second {
					t.Errorf("cut off after %v, want %v", took, test.want)
				}
			})
		})
	}
}

// Who takes no answer, or asks no more, is gone after two minutes.
func TestIdleClientsAreCutOff(t *testing.T) {
	t.Parallel()
	const want = 2 * time.Minute
	t.Run("takes no answer", func(t *testing.T) {
		t.Parallel()
		var took atomic.Int64
		endless := func(w http.ResponseWriter, _ *http.Request) {
			begun := time.Now()
			for err := error(nil); err == nil; {
				_, err = io.WriteString(w, strings.Repeat("a", 1<<16))
			}
			took.Store(int64(time.Since(begun)))
		}
		limited(t, endless, func(t *testing.T, server net.Conn) {
			_, _ = io.WriteString(server, plainGet+"\r\n")
			time.Sleep(2 * want)
			if took := time.Duration(took.Load()); took != want {
				t.Errorf("cut off after %v, want %v", took, want)
			}
		})
	})
	t.Run("asks no more", func(t *testing.T) {
		t.Parallel()
		limited(t, func(http.ResponseWriter, *http.Request) {}, func(t *testing.T, server net.Conn) {
			_, _ = io.WriteString(server, plainGet+"\r\n")
			begun := time.Now()
			if _, err := io.Copy(io.Discard, server); err != nil || time.Since(begun) != want {
				t.Errorf("cut off after %v (%v), want %v", time.Since(begun), err, want)
			}
		})
	})
}

// Of a header the server reads 64 KiB, and a little that it had buffered.
func TestHeadersAreLimited(t *testing.T) {
	t.Parallel()
	for lines, want := range map[int]int{60: http.StatusOK, 80: http.StatusRequestHeaderFieldsTooLarge, 1 << 20: http.StatusRequestHeaderFieldsTooLarge} {
		t.Run(strconv.Itoa(lines), func(t *testing.T) {
			t.Parallel()
			limited(t, func(http.ResponseWriter, *http.Request) {}, func(t *testing.T, server net.Conn) {
				sent := make(chan int, 1)
				go func() { sent <- sendHeader(server, lines) }()
				response, err := http.ReadResponse(bufio.NewReader(server), nil)
				if err != nil {
					t.Fatal(err)
				}
				_ = errors.Join(response.Body.Close(), server.Close())
				if n := <-sent; response.StatusCode != want || n > 72<<10 {
					t.Errorf("status %d, want %d, after %d bytes", response.StatusCode, want, n)
				}
			})
		})
	}
}

// sendHeader sends a request with so many lines of 1 KiB, as long as somebody reads.
func sendHeader(server net.Conn, lines int) (sent int) {
	n, err := io.WriteString(server, plainGet)
	for sent += n; lines > 0 && err == nil; lines-- {
		n, err = fmt.Fprintf(server, "X: %s\r\n", strings.Repeat("a", 1<<10-5))
		sent += n
	}
	_, _ = io.WriteString(server, "\r\n")
	return sent
}
