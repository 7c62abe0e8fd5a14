package dexcom

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// stateDir is a held state directory.
func stateDir(t testing.TB) *State {
	t.Helper()
	state, err := OpenState(filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	return state
}

func TestTheStateOutlastsTheProgram(t *testing.T) {
	t.Parallel()
	state := stateDir(t)
	noon := time.Date(2026, 11, 22, 12, 0, 0, 438e6, time.UTC)
	f, err := OpenStateFile(state, "alice")
	if err != nil || !f.Get().Delivered.IsZero() {
		t.Fatalf("at first: %+v, %v", f.Get(), err)
	}
	if err := f.Update(func(s *AccountState) { s.Delivered, s.Held = noon, []time.Time{noon.Add(-time.Hour)} }); err != nil {
		t.Fatal(err)
	}
	again, err := OpenStateFile(state, "alice")
	if err != nil {
		t.Fatal(err)
	}
	got := again.Get()
	if !got.Delivered.Equal(noon) || len(got.Held) != 1 || !got.Held[0].Equal(noon.Add(-time.Hour)) {
		t.Errorf("got %+v", got)
	}
	if other, err := OpenStateFile(state, "bob"); err != nil || !other.Get().Delivered.IsZero() {
		t.Errorf("another account has %+v, %v", other.Get(), err)
	}
	info, err := os.Stat(filepath.Join(state.Dir(), "alice.state.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info.Mode(), err)
	}
	got.Held[0] = time.Time{}
	if again.Get().Held[0].IsZero() {
		t.Error("who reads the state can change it")
	}
}

func TestAStateFileThatMakesNoSenseIsReplaced(t *testing.T) {
	t.Parallel()
	state := stateDir(t)
	path := filepath.Join(state.Dir(), "alice.state.json")
	for _, text := range []string{"", "null and void", `{"delivered":12}`, `{"held":"x"}`, `[]`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := OpenStateFile(state, "alice")
		if err == nil || !f.Get().Delivered.IsZero() || f.Get().Held != nil {
			t.Errorf("%q: %+v, %v", text, f.Get(), err)
		}
		if err := f.Update(func(s *AccountState) { s.Delivered = time.Unix(1e9, 0) }); err != nil {
			t.Error(err)
		}
		if again, err := OpenStateFile(state, "alice"); err != nil || again.Get().Delivered.Unix() != 1e9 {
			t.Errorf("%q: after the update %+v, %v", text, again.Get(), err)
		}
	}
}

func TestAStateThatCannotBeWrittenHoldsAllTheSame(t *testing.T) {
	t.Parallel()
	state := stateDir(t)
	f, err := OpenStateFile(state, "alice")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(state.Dir()); err != nil {
		t.Fatal(err)
	}
	if err := f.Update(func(s *AccountState) { s.Delivered = time.Unix(1e9, 0) }); err == nil {
		t.Error("nobody hears that it was not written")
	}
	if f.Get().Delivered.Unix() != 1e9 {
		t.Error("the change is lost")
	}
	if err := os.Mkdir(state.Dir(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Update(func(*AccountState) {}); err != nil {
		t.Fatal(err)
	}
	if again, err := OpenStateFile(state, "alice"); err != nil || again.Get().Delivered.Unix() != 1e9 {
		t.Errorf("after the disk is back: %+v, %v", again.Get(), err)
	}
}

func TestWhatACrashLeftOfTheStateIsSwept(t *testing.T) {
	t.Parallel()
	state := stateDir(t)
	left := filepath.Join(state.Dir(), ".alice.state.json123")
	other := filepath.Join(state.Dir(), ".alice.grant.json123")
	for _, path := range []string{left, other} {
		if err := os.WriteFile(path, []byte(" "), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := OpenState(state.Dir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	if _, err := OpenStateFile(again, "alice"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Error("it is still there")
	}
	if _, err := os.Stat(other); err != nil {
		t.Error("what is left of a grant is gone")
	}
}

// FuzzStateFile finds any text in the place of an account's state: what is read of it
// can be written, and reads the same again.
func FuzzStateFile(f *testing.F) {
	for _, text := range []string{
		``, `null`, `{}`, `[]`, `<html>`, `{"delivered":"1970-01-01T00:00:00Z","held":["2099-01-01T00:00:00Z",null],"arrived":{"low":18446744073709551615,"\u003c":1},"missed":7}`,
		`{"delivered":"0000-01-01T00:00:00+23:59","newest":"9999-12-31T23:59:59-23:59","given":[9223372036854775807,-9223372036854775808,0,0],"given_by_api":null}`,
		`{"arrived":{"low":-1}}`, `{"missed":1e3}`, `{"held":["2026-02-30T00:00:00Z"]}`, "{\"share_account\":\"\xff\"}", `{"share":{"step":9223372036854775807,"refusal":"<html>"}}`,
		`{"share":{"attempt":"9999-12-31T23:59:59-23:59","failures":["0000-01-01T00:00:00Z"],"logins":[null,null,null,null]},"share":{"account_id":"SECRET"}}`,
	} {
		f.Add(text)
	}
	state := stateDir(f)
	path := filepath.Join(state.Dir(), "alice.state.json")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		read, err := OpenStateFile(state, "alice")
		if err != nil && read.Get().Share.Refusal != stateLost {
			t.Errorf("%q: %v, and logins go on", text, err)
		}
		if err := read.Update(func(*AccountState) {}); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		again, err := OpenStateFile(state, "alice")
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		before, errBefore := json.Marshal(read.Get())
		after, errAfter := json.Marshal(again.Get())
		if err := errors.Join(errBefore, errAfter); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%q is %s, and after a restart %s, %v", text, before, after, err)
		}
	})
}
