package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// dial connects to the program, for a client that speaks HTTP badly.
func (e exporter) dial(t *testing.T) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", e.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

// measure is the value of a metric without labels.
func (e exporter) measure(t *testing.T, name string) float64 {
	t.Helper()
	return readSeries(t, e.visitor().get(t, "/metrics", http.StatusOK))[name]
}

// Hundreds of clients that never finish what they began, or never read the answer,
// keep nobody from scraping, and those that owe a header are gone after five seconds.
func TestScrapesGoOnBesideSlowClients(t *testing.T) {
	t.Parallel()
	const each = 150
	f := newFamily(t)
	f.linkHere(t, "alice")
	e := f.serve(t)
	expectSeriesThat(t, e, newest, present)
	descriptors, memory := e.measure(t, "process_open_fds"), e.measure(t, "process_resident_memory_bytes")

	local := "Host: " + e.address + "\r\n"
	begun := time.Now()
	var headers, others []net.Conn
	for range each {
		for request, kind := range map[string]*[]net.Conn{
			"GET /metr":                          &headers,
			"GET /metrics HTTP/1.1\r\nHost: loc": &headers,
			"GET / HTTP/1.1\r\n" + local + "Content-Length: 100\r\n\r\nhalf":                    &others,
			"POST /accounts/alice/unlink HTTP/1.1\r\n" + local + "Content-Length: 9999\r\n\r\n": &others,
			strings.Repeat("GET /metrics HTTP/1.1\r\n"+local+"\r\n", 20):                        &others, // and reads nothing
		} {
			connection := e.dial(t)
			*kind = append(*kind, connection)
			if strings.HasPrefix(request, "POST") { // it would be done
				request = strings.Replace(request, "unlink", "link/confirm", 1)
			}
			if _, err := io.WriteString(connection, request); err != nil {
				t.Fatal(err)
			}
		}
	}
	slowest := time.Duration(0)
	for time.Since(begun) < 10*time.Second {
		asked := time.Now()
		e.visitor().get(t, "/metrics", http.StatusOK)
		e.visitor().get(t, "/", http.StatusOK)
		slowest = max(slowest, time.Since(asked))
		for _, connection := range headers { // a byte now and then does not help them
			_, _ = connection.Write([]byte("a"))
		}
		time.Sleep(500 * time.Millisecond)
	}
	t.Logf("with %d slow clients the slowest scrape and page took %v; memory grew by %.0f MB",
		len(headers)+len(others), slowest.Round(time.Millisecond), (e.measure(t, "process_resident_memory_bytes")-memory)/1e6)
	if slowest > 25*time.Second { // the slow ones are there for longer: it waited for none
		t.Errorf("a scrape and a page took %v", slowest)
	}
	for _, connection := range headers {
		_ = connection.SetReadDeadline(time.Now().Add(time.Second))
		if _, err := io.Copy(io.Discard, connection); isTimeout(err) {
			t.Fatalf("a client without a header is still there after %v", time.Since(begun))
		}
	}
	for _, connection := range others {
		_ = connection.Close() // they may stay for 30 s and 2 min
	}
	eventually(t, func() error {
		if now := e.measure(t, "process_open_fds"); now > descriptors+10 {
			return fmt.Errorf("%v descriptors are open, %v were", now, descriptors)
		}
		return nil
	})
	if grown := e.measure(t, "process_resident_memory_bytes") - memory; grown > 300e6 {
		t.Errorf("memory grew by %.0f MB", grown/1e6)
	}
	f.expectAlive(t, "alice")
}

func isTimeout(err error) bool {
	failed, ok := errors.AsType[net.Error](err)
	return ok && failed.Timeout()
}

// What is no proper request, or too large, is refused, and changes nothing.
func TestRequestsThatAreNone(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.linkHere(t, "alice")
	e := f.serve(t)
	expectSeriesThat(t, e, newest, present)
	host := "\r\nHost: localhost\r\n"
	long := strings.Repeat("a", 100<<10)
	for name, test := range map[string]struct {
		request string
		want    int // status of the one answer
	}{
		"fine":                      {"GET /metrics HTTP/1.1" + host + "\r\n", 200},
		"long header":               {"GET /metrics HTTP/1.1" + host + "A: " + long + "\r\n\r\n", 431},
		"many headers":              {"GET /metrics HTTP/1.1" + host + strings.Repeat("A: b\r\n", 20<<10) + "\r\n", 431},
		"long address":              {"GET /" + long + " HTTP/1.1" + host + "\r\n", 431},
		"long method":               {long + " / HTTP/1.1" + host + "\r\n", 431},
		"no such method":            {"BREW /metrics HTTP/1.1" + host + "\r\n", 405},
		"TRACE":                     {"TRACE /metrics HTTP/1.1" + host + "\r\n", 405},
		"CONNECT":                   {"CONNECT localhost:22 HTTP/1.1" + host + "\r\n", 405},
		"another method than meant": {"POST /metrics HTTP/1.1" + host + "X-HTTP-Method-Override: GET\r\n\r\n", 405},
		"HTTP/0.9":                  {"GET /metrics\r\n\r\n", 400},
		"HTTP/2 without agreement":  {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 403},
		"TLS on a plain port":       {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400},
		"two lengths":               {"POST /accounts/alice/unlink HTTP/1.1" + host + "Content-Length: 0\r\nContent-Length: 5\r\n\r\n", 400},
		"length no number":          {"POST /accounts/alice/unlink HTTP/1.1" + host + "Content-Length: -1\r\n\r\n", 400},
		"unknown transfer":          {"POST /accounts/alice/unlink HTTP/1.1" + host + "Transfer-Encoding: xchunked\r\n\r\n", 501},
		"two transfers":             {"POST /accounts/alice/unlink HTTP/1.1" + host + "Transfer-Encoding: chunked, identity\r\n\r\n", 501},
		"space before a colon":      {"POST /accounts/alice/unlink HTTP/1.1" + host + "Transfer-Encoding : chunked\r\n\r\n", 400},
		"NUL in a header":           {"GET /metrics HTTP/1.1" + host + "A: \x00\r\n\r\n", 400},
		"line feed in the address":  {"GET /met\nrics HTTP/1.1" + host + "\r\n", 400},
		"large form":                {fmt.Sprintf("POST /accounts/alice/link/confirm HTTP/1.1%sContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\nreplacement=%s", host, len(long)+12, long), 409},
		"up and down":               {"GET /accounts/../metrics HTTP/1.1" + host + "\r\n", 307},
		"up":                        {"GET /../../etc/passwd HTTP/1.1" + host + "\r\n", 307},
		"hidden up":                 {"GET /accounts/%2e%2e%2f%2e%2e/unlink HTTP/1.1" + host + "\r\n", 404},
		"an account with a slash":   {"POST /accounts/alice%2funlink/unlink HTTP/1.1" + host + "\r\n", 404},
	} {
		got := e.send(t, test.request)
		if got != test.want {
			t.Errorf("%s: status %d, want %d", name, got, test.want)
		}
	}
	expectSeries(t, e, linked, 1)
	f.expectAlive(t, "alice")
	if log := e.stderr.String(); strings.Contains(log, "panic") {
		t.Errorf("it panics: %s", log)
	}
}

// send writes what may be no request and gives the status of the answer.
func (e exporter) send(t *testing.T, request string) (status int) {
	t.Helper()
	connection := e.dial(t)
	_ = connection.SetDeadline(time.Now().Add(patience))
	go func() { _, _ = io.WriteString(connection, request) }() // who refuses need not read it to its end
	line, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil {
		t.Errorf("no answer to %.60q: %v", request, err)
		return 0
	}
	_, _ = fmt.Sscanf(line, "HTTP/1.1 %d", &status) // 0 if it is none
	_ = connection.Close()
	return status
}
