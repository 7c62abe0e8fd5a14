package e2e

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// shutdown is how long a stop may take: requests that run are given 5 s, and a
// busy machine needs some more.
const shutdown = 8 * time.Second

// After a stop of any kind the same state and the same address serve again.
func TestStopAndStartAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		signal os.Signal
		status int
		socket bool // whether the control socket may stay behind
	}{
		{name: "SIGTERM", signal: syscall.SIGTERM},
		{name: "SIGINT", signal: syscall.SIGINT},
		{name: "SIGKILL", signal: syscall.SIGKILL, status: -1, socket: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config, stateDir := writeConfig(t)
			first := startExporter(t, "serve", config, loopback)
			if healthy := run(t, "healthy", config); healthy.status != 0 {
				t.Errorf("healthy while it runs: %+v", healthy)
			}
			first.signal(t, test.signal)
			if status := first.exit(t, shutdown); status != test.status {
				t.Errorf("exit status %d, want %d", status, test.status)
			}
			socket := filepath.Join(stateDir, "control.sock")
			if _, err := os.Stat(socket); err == nil && !test.socket {
				t.Error("the control socket is still there")
			}
			if c, err := net.Dial("unix", socket); err == nil {
				_ = c.Close()
				t.Error("somebody answers on the control socket")
			}
			startExporter(t, "serve", config, "--web.listen-address="+first.address).visitor().get(t, "/-/healthy", 200)
			if healthy := run(t, "healthy", config); healthy.status != 0 {
				t.Errorf("healthy after the second start: %+v", healthy)
			}
		})
	}
}

// Clients that never finish their request would keep the server busy for as long
// as its timeouts for slow clients are.
func TestStopThoughAClientHangs(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]string{
		"in the header": "GET /metrics HTTP/1.1\r\nHost: localh",
		"in the body":   "GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, _ := writeConfig(t)
			e := startExporter(t, "serve", config, loopback)
			client, err := net.Dial("tcp", e.address)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if _, err := io.WriteString(client, request); err != nil {
				t.Fatal(err)
			}
			e.visitor().get(t, "/-/healthy", 200) // who comes later is served
			e.signal(t, syscall.SIGTERM)
			if status := e.exit(t, shutdown); status != 0 {
				t.Errorf("exit status %d", status)
			}
		})
	}
}

func TestStoppedDemoLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	during, err := os.ReadDir(demo.tempDir)
	if err != nil || len(during) != 1 {
		t.Errorf("while it runs: %v, %v; want one directory", during, err)
	}
	demo.signal(t, syscall.SIGINT)
	if status := demo.exit(t, shutdown); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if after, err := os.ReadDir(demo.tempDir); err != nil || len(after) > 0 {
		t.Errorf("left behind: %v, %v", after, err)
	}
}
