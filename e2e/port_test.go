package e2e

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// freeAddress is an address on the loopback interface that a program can be told
// to listen on later. Its port is below those that systems give to who asks for
// any, so that no other test gets it in between.
func freeAddress(t *testing.T) string {
	t.Helper()
	const lowest, ports, tries = 20000, 12000, 100
	for range tries {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(lowest+rand.IntN(ports))))
		if err != nil {
			continue // taken
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return l.Addr().String()
	}
	t.Fatalf("no free port from %d to %d", lowest, lowest+ports)
	return ""
}
