package e2e

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"testing"
)

// visitor asks a server over HTTP, each time over a connection of its own. What
// is left zero is not sent.
type visitor struct {
	base     string      // scheme, host and port
	host     string      // instead of that of base
	header   [2]string   // name and value
	password string      // of user
	tls      *tls.Config // whom to believe, and which certificate to show
}

// user is the name under which a visitor gives a password.
const user = "family"

// answer is what came back, read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask fails when no answer came; any status is an answer.
func (v visitor) ask(method, path string) (answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, v.base+path, nil)
	if err != nil {
		return answer{}, err
	}
	request.Host = v.host
	if v.header[0] != "" {
		request.Header.Set(v.header[0], v.header[1])
	}
	if v.password != "" {
		request.SetBasicAuth(user, v.password)
	}
	response, err := (&http.Transport{TLSClientConfig: v.tls, DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{status: response.StatusCode, header: response.Header, body: string(body)}, err
}

// get asks for a page and expects a status.
func (v visitor) get(t *testing.T, path string, status int) answer {
	t.Helper()
	got, err := v.ask(http.MethodGet, path)
	if err != nil {
		t.Fatal(err)
	}
	if got.status != status {
		t.Errorf("GET %s%s as %q with password %q: got %d (%.200s), want %d", v.base, path, v.host, v.password, got.status, got.body, status)
	}
	return got
}

// refused expects that no answer comes, only an error.
func (v visitor) refused(t *testing.T, path string) {
	t.Helper()
	if got, err := v.ask(http.MethodGet, path); err == nil {
		t.Errorf("GET %s%s: got %d, want no answer at all", v.base, path, got.status)
	}
}
