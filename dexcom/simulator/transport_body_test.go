package simulator

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// zipped is a text as gzip.
func zipped(t *testing.T, text string) string {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

// packing is a fault whose answer is this body, said to be gzip.
func packing(body string) Fault {
	return Fault{name: "packed", serve: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, body)
	}}
}

func TestGzipIsUnpackedLikeOnSockets(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("glucose ", 1000)
	packed := zipped(t, text)
	bothWays(t, func(t *testing.T, to way) {
		for _, x := range []struct {
			body, accept, want string
			err                error
		}{
			{packed, "", text, nil},
			{packed, "gzip", packed, nil},
			{packed, "identity", packed, nil},
			{packed[:5], "", "", io.ErrUnexpectedEOF},
			{"", "", "", nil},
			{"no gzip at all", "", "", gzip.ErrHeader},
		} {
			to.cloud.FailData(Target{}, packing(x.body), 1)
			r := to.request(t, "plain", devicesPath)
			if x.accept != "" {
				r.Header.Set("Accept-Encoding", x.accept)
			}
			response, err := to.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if !errors.Is(err, x.err) || string(got) != x.want {
				t.Errorf("%d bytes of %d for %q: got %d, %v", len(x.body), len(packed), x.accept, len(got), err)
			}
			if unpacks := x.accept == "" && x.body != ""; response.Uncompressed != unpacks || unpacks && response.ContentLength != -1 {
				t.Errorf("%d bytes for %q: unpacked %v, length %d", len(x.body), x.accept, response.Uncompressed, response.ContentLength)
			}
		}
	})
}

func TestMadeBodiesEndWithTheContext(t *testing.T) {
	t.Parallel()
	to := noSockets(t)
	ctx, cancel := context.WithCancel(t.Context())
	to.cloud.FailData(Target{}, EndlessAnswer(), 2)
	response, err := to.client.Do(to.request(t, "plain", aDay()).WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.CopyN(io.Discard, response.Body, 1<<20); err != nil {
		t.Error(err)
	}
	cancel()
	if n, err := io.Copy(io.Discard, response.Body); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d bytes more, %v", n, err)
	}

	response, err = to.client.Do(to.request(t, "plain", aDay()))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if n, err := io.Copy(io.Discard, response.Body); n != 0 || err == nil {
		t.Errorf("%d bytes after it was closed, %v", n, err)
	}
}

// Something between server and cloud may hide the connection. Then answers
// still end, if less abruptly.
func TestFaultsWithoutAConnection(t *testing.T) {
	t.Parallel()
	c := linkable(t)
	for _, x := range []struct {
		fault  Fault
		status int
	}{
		{LoseAnswer(), http.StatusBadGateway},
		{ResetConnection(), http.StatusBadGateway},
		{ResetBody(), http.StatusOK},
		{CutBody(), http.StatusOK},
		{ShortenBody(), http.StatusOK},
	} {
		c.FailData(Target{}, x.fault, 1)
		r := httptest.NewRequest(http.MethodGet, devicesPath, nil)
		r.Header.Set("Authorization", "Bearer "+c.AccessToken("plain"))
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		if w.Code != x.status {
			t.Errorf("%v: %d", x.fault, w.Code)
		}
	}
}
