package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// family has one account, alice, unless it is changed, and the app of a simulated
// Dexcom.
type family struct {
	cloud cloud

	address     string // where its exporter listens
	redirectURL string // there, unless it is changed
	baseURL     string // of the cloud, unless it is changed
	secret      string // of the app
	stateDir    string
	poll        string // how often, in YAML
	accounts    string // in YAML
}

// onlyAlice is the list of accounts of a family with nobody but alice.
const onlyAlice = "  - name: alice\n    api: {region: us}\n"

// newFamily has nobody linked and nothing written. More people may live in its
// cloud.
func newFamily(t *testing.T, more ...*simulator.Person) *family {
	t.Helper()
	address := freeAddress(t)
	f := &family{
		address: address, redirectURL: "http://" + address + "/oauth/callback", secret: planted,
		stateDir: filepath.Join(t.TempDir(), "state"), poll: "{}", accounts: onlyAlice,
	}
	f.cloud = startCloud(t, f.redirectURL, more...)
	f.baseURL = f.cloud.url
	return f
}

// config writes the configuration as it is now and gives the flag that names it.
func (f *family) config(t *testing.T) (configFlag string) {
	t.Helper()
	return "--config.file=" + write(t, "config.yaml", f.text())
}

// text is the configuration as it is now.
func (f *family) text() string {
	return fmt.Sprintf(`state_dir: %q
apps:
  us: {client_id: planted-id, client_secret: %q, base_url: %q, redirect_url: %q}
poll: %s
accounts:
%s`, f.stateDir, f.secret, f.baseURL, f.redirectURL, f.poll, f.accounts)
}

// serve starts the exporter.
func (f *family) serve(t *testing.T) exporter {
	t.Helper()
	return startExporter(t, "serve", f.config(t), "--web.listen-address="+f.address)
}

// link goes through the pages of a running exporter, as a person.
func (f *family) link(t *testing.T, person string) {
	t.Helper()
	b := newBrowser()
	b.open(t, "http://"+f.address+"/")
	b.press(t, "Link alice")
	b.decide(t, person, "Allow")
	b.expect(t, http.StatusOK, "alice is linked")
}

// linkHere links without a program that runs.
func (f *family) linkHere(t *testing.T, person string) {
	t.Helper()
	h, err := openHome(f.stateDir, f.baseURL, f.redirectURL)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(h.link(t.Context(), f.cloud, person), h.close()); err != nil {
		t.Fatal(err)
	}
}

// grantFile is where alice's grant is.
func (f *family) grantFile() string { return filepath.Join(f.stateDir, "alice.grant.json") }

// grantOnDisk are the fields of a grant file that Dexcom knows about.
type grantOnDisk struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
}

// readGrant reads a grant file, which only its owner may.
func readGrant(path string) (grantOnDisk, error) {
	var grant grantOnDisk
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &grant)
	}
	if err != nil {
		return grant, err
	}
	info, err := os.Stat(path)
	if err == nil && info.Mode() != 0o600 {
		err = fmt.Errorf("%s has mode %v", path, info.Mode())
	}
	return grant, err
}

// expectAlive waits until Dexcom would take the refresh token on the disk: while
// it is exchanged it may be spent for a moment.
func (f *family) expectAlive(t *testing.T, person string) {
	t.Helper()
	eventually(t, func() error {
		grant, err := readGrant(f.grantFile())
		if err == nil && !f.cloud.Alive(person, grant.RefreshToken) {
			err = errors.New("the refresh token on the disk is dead")
		}
		return err
	})
}

// expectNoGrant expects that nothing is on the disk that could be used.
func (f *family) expectNoGrant(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(f.grantFile()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the grant file is there: %v", err)
	}
}
