package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// disk is a small file system of its own.
type disk struct{ dir string }

// mountDisk makes one of a few hundred kilobytes. It needs root, and a test that
// cannot have it fails: what happens on a full disk would stay unknown.
func mountDisk(t *testing.T) disk {
	t.Helper()
	dir := t.TempDir() // removed after the disk is gone from it
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k,mode=0700"); err != nil {
		t.Fatalf("mount a tmpfs, which needs root (in a container: the capability SYS_ADMIN): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return disk{dir}
}

// fill takes the space to the last byte.
func (d disk) fill() error {
	file, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	for size := os.Getpagesize(); size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			return err
		}
	}
	return nil
}

// empty gives the space back.
func (d disk) empty() error { return os.Remove(d.filler()) }

func (d disk) filler() string { return filepath.Join(d.dir, "filler") }

// setReadOnly fails while somebody has a file open for writing.
func (d disk) setReadOnly() error { return d.remount(syscall.MS_RDONLY) }

func (d disk) setWritable() error { return d.remount(0) }

func (d disk) remount(flags uintptr) error {
	return os.NewSyscallError("remount", syscall.Mount("tmpfs", d.dir, "tmpfs", syscall.MS_REMOUNT|flags, "size=256k"))
}
