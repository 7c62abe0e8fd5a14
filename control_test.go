package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// FuzzQuestions asks the control socket anything: each answer is JSON or one line that
// says what is wrong, and nobody is linked by it.
func FuzzQuestions(f *testing.F) {
	questions := []string{"healthy", "backfill", "report", "link/start", "link/finish", "link/confirm", "link/finished"}
	for i := range questions {
		for _, body := range []string{
			``, `null`, `{}`, `[]`, `"alice"`, `"sam"`, `{"account":"alice","from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z"}`, `{"state":["x"],"code":["planted-code"]}`,
			`{"account":"sam","from":"0000-01-01T00:00:00+23:59","to":"9999-12-31T23:59:59-23:59"}`, `{"account":"alice","from":"9999-12-31T23:59:59-23:59","to":null}`,
			`{"account":"alice","replacement":"x"}`, `{"ACCOUNT":"alice","account":7}`, "\"\xff\"", strings.Repeat(`[`, 10_001), `{"state":null}`, `{"error":["<script>"],"state":[""]}`,
		} {
			f.Add(byte(i), body)
		}
	}
	file := filepath.Join(f.TempDir(), "config.yaml")
	write(f, file, "apps: {us: {client_id: a, client_secret: "+planted+"}}\naccounts:\n"+
		"  - {name: alice, api: {region: us}}\n  - {name: sam, share: {region: us, username: sam, password: "+planted+"}}\n")
	plan, err := planOf(file)
	if err != nil {
		f.Fatal(err)
	}
	h, err := plan.open(slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(h.close)
	handler := newControl(h)
	f.Fuzz(func(t *testing.T, which byte, body string) {
		what := questions[int(which)%len(questions)]
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/"+what, strings.NewReader(body)))
		switch text := answer.Body.String(); {
		case strings.Contains(text, planted):
			t.Errorf("%s %q: %s", what, body, text)
		case answer.Code == http.StatusOK && !isJSONLines(text):
			t.Errorf("%s %q: no JSON: %s", what, body, text)
		case answer.Code != http.StatusOK && answer.Code != http.StatusBadRequest && answer.Code != http.StatusUnprocessableEntity:
			t.Errorf("%s %q: status %d", what, body, answer.Code)
		}
		if !h.grants["alice"].Status().Consented.IsZero() {
			t.Errorf("%s %q links alice", what, body)
		}
	})
}

// isJSONLines tells whether each line is JSON, and there is one.
func isJSONLines(text string) bool {
	for line := range strings.Lines(text) {
		if !json.Valid([]byte(line)) {
			return false
		}
	}
	return text != ""
}

// FuzzReplies has a program answer anything on the control socket: what is not told
// to its end is not taken for whole.
func FuzzReplies(f *testing.F) {
	for _, reply := range []string{
		``, `null`, `{}`, `{"ended":true}`, `{"chapter":{}}{"ended":true}`, `{"ended":true,"failure":"x"}`, `{"ended":"true"}`, `{"chapter":{"readings":[{"t":1e400}]}}`, `<html>`,
		`{"chapter":{"readings":[{"t":-9223372036854775808,"v":1e308,"o":9223372036854775807}],"left_out":-1}}` + "\n", `{"ended":true}{"chapter":{}}`, `{"chapter":null,"ended":null}`, "{\"failure\":\"\xff\"}",
		`{"chapter":{"until":"9999-12-31T23:59:59-23:59"},"ended":true}`, `{"later":1}{"ended":false}{"ENDED":true}`,
	} {
		f.Add([]byte(reply))
	}
	dir := f.TempDir()
	listener, err := listenControl(dir)
	if err != nil {
		f.Fatal(err)
	}
	var reply atomic.Pointer[[]byte]
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(*reply.Load()) })}
	go func() { _ = server.Serve(listener) }() // ends with Close
	f.Cleanup(func() { _ = server.Close() })
	f.Fuzz(func(t *testing.T, body []byte) {
		reply.Store(&body)
		chapters := 0
		err := remotePast{control{dir}, "backfill"}.read(t.Context(), stretch{Account: "alice"}, func(chapter) error { chapters++; return nil })
		if whole, told := isWhole(body); (err == nil) != whole || chapters != told {
			t.Errorf("%q: %d chapters, %v; want %d, whole: %t", body, chapters, err, told, whole)
		}
		var address string
		if err := (control{dir}).ask(t.Context(), "link/start", "alice", &address); err == nil && !json.Valid(body) {
			t.Errorf("%q is the address %q", body, address)
		}
	})
}

// isWhole reads pages until one ends them, and counts those with a chapter.
func isWhole(body []byte) (whole bool, chapters int) {
	for decoder := json.NewDecoder(bytes.NewReader(body)); ; {
		var page struct {
			Chapter *chapter
			Ended   bool
			Failure string
		}
		switch err := decoder.Decode(&page); {
		case err != nil, page.Failure != "":
			return false, chapters
		case page.Ended:
			return true, chapters
		case page.Chapter != nil:
			chapters++
		}
	}
}
