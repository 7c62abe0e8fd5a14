package main

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

// Between the socket's making and a change of its mode anybody could come in.
func TestTheControlSocketIsMadePrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.sock")
	l, err := (&net.ListenConfig{Control: forOwner}).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// What a killed program left gives way, whatever its mode is.
func TestTheControlSocketReplacesAnOldOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, controlSocket)
	if err := os.WriteFile(path, []byte("left"), 0o666); err != nil {
		t.Fatal(err)
	}
	l, err := listenControl(dir)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || info.Mode().Type() != os.ModeSocket {
		t.Errorf("%v, %v", info, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket is still there")
	}
}
