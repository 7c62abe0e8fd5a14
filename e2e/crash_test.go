package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

const (
	crashRounds = 600
	// crashSeed is the environment variable that repeats the same kills.
	crashSeed = "E2E_CRASH_SEED"
	// crashWithin is how long after its beginning a refresher is killed at the latest.
	crashWithin = 40 * time.Millisecond
)

// crashes kills refreshers at random and looks at what each left on the disk.
type crashes struct {
	cloud    cloud
	stateDir string
	random   *rand.Rand

	inUse  grantOnDisk // the newest grant that the program is known to have had
	issued int         // how many tokens Dexcom has issued

	rounds, refreshes, inFlight, unreached, adopted, late int
}

// A grant whose answer reached the program is never lost, whenever the program
// dies. What can be lost is an answer that was still on its way: Dexcom has spent
// the token by then, and nobody has its successor.
func TestKilledDuringRefresh(t *testing.T) {
	t.Parallel()
	seed := crashSeedOf(t)
	t.Logf("%s=%d repeats the kills", crashSeed, seed)
	c := &crashes{
		cloud: startCloud(t, refresherRedirect), stateDir: filepath.Join(t.TempDir(), "state"),
		random: rand.New(rand.NewPCG(seed, 0)),
	}
	c.cloud.SetTokens(simulator.TokenSettings{AccessLifetime: time.Second})
	// Some answers take their time, so that some kills find them on their way.
	c.cloud.FailTokensAtRandom(seed, 0.1, simulator.DelayAnswer(2*time.Millisecond), simulator.DelayAnswer(10*time.Millisecond))
	c.consent(t)
	for range crashRounds {
		c.round(t)
	}
	t.Logf("%d rounds with %d refreshes; %d kills during a refresh: %d times the new grant was on the disk under its name, "+
		"%d times it was adopted from a file not renamed yet, %d times the answer did not reach us; no grant lost",
		c.rounds, c.refreshes, c.inFlight, c.late, c.adopted, c.unreached)
	if c.inFlight < 100 || c.refreshes < crashRounds || c.unreached == 0 || c.adopted == 0 || c.late == 0 {
		t.Error("the kills did not hit every part of a refresh")
	}
}

func crashSeedOf(t *testing.T) uint64 {
	t.Helper()
	text, given := os.LookupEnv(crashSeed)
	if !given {
		return rand.Uint64()
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", crashSeed, err)
	}
	return seed
}

// round kills one refresher and opens what it left, as the next start would.
func (c *crashes) round(t *testing.T) {
	t.Helper()
	acknowledged := c.kill(t)
	issued := c.cloud.OAuthCounts().Tokens["ok"] - c.issued
	c.rounds, c.refreshes, c.issued = c.rounds+1, c.refreshes+issued, c.issued+issued
	if issued != len(acknowledged) && issued != len(acknowledged)+1 {
		t.Fatalf("round %d: %d tokens issued, %d acknowledged", c.rounds, issued, len(acknowledged))
	}
	left := c.leftovers(t)
	before, err := readGrant(c.grantFile())
	if err != nil {
		t.Fatalf("round %d: after the kill: %v", c.rounds, err)
	}
	c.reopen(t)
	found, err := readGrant(c.grantFile())
	if err != nil {
		t.Fatalf("round %d: opened again: %v", c.rounds, err)
	}
	if len(c.leftovers(t)) > 0 {
		t.Errorf("round %d: leftovers stay: %v", c.rounds, c.leftovers(t))
	}
	if found != before {
		c.adopted++
		if !slices.Contains(left, found) {
			t.Fatalf("round %d: a grant came out of nowhere", c.rounds)
		}
	}
	c.judge(t, found, acknowledged, issued)
	if issued > len(acknowledged) && found == before && c.cloud.Alive("alice", found.RefreshToken) {
		c.late++
	}
	if !c.cloud.Alive("alice", found.RefreshToken) {
		c.unreached++
		c.consent(t)
	}
}

// judge fails when anything is lost that the program had.
func (c *crashes) judge(t *testing.T, found grantOnDisk, acknowledged []string, issued int) {
	t.Helper()
	if issued > len(acknowledged) {
		c.inFlight++
	}
	if len(acknowledged) > 0 {
		c.inUse.AccessToken = acknowledged[len(acknowledged)-1]
	}
	switch alive := c.cloud.Alive("alice", found.RefreshToken); {
	case !alive && issued == len(acknowledged):
		t.Fatalf("round %d: LOST: the token on the disk is dead though all %d answers were acknowledged", c.rounds, issued)
	case !alive && found.AccessToken != c.inUse.AccessToken:
		t.Fatalf("round %d: LOST: the disk holds an older grant than the one acknowledged", c.rounds)
	}
	c.inUse = found
}

// kill starts a refresher, kills it a moment after it began, and waits until Dexcom
// has done what it was asked. It returns the access tokens that were acknowledged.
func (c *crashes) kill(t *testing.T) (acknowledged []string) {
	t.Helper()
	server := httptest.NewServer(c.cloud.Cloud)
	var complaints bytes.Buffer
	refresher := exec.Command(os.Args[0])
	refresher.Env = append(os.Environ(), refresherState+"="+c.stateDir, refresherCloud+"="+server.URL)
	refresher.Stderr = &complaints
	stdout, err := refresher.StdoutPipe()
	if err == nil {
		err = refresher.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	_, begunErr := lines.ReadString('\n')
	time.Sleep(time.Duration(c.random.Int64N(int64(crashWithin))))
	killErr := refresher.Process.Kill()
	rest, readErr := io.ReadAll(lines)
	_ = refresher.Wait() // it was killed
	server.Close()       // returns when every request that arrived is answered
	if err := errors.Join(begunErr, killErr, readErr); err != nil || complaints.Len() > 0 {
		t.Fatalf("round %d: %v\n%s", c.rounds, err, &complaints)
	}
	return strings.Fields(string(rest))
}

// reopen opens the state directory and closes it.
func (c *crashes) reopen(t *testing.T) {
	t.Helper()
	h, err := openHome(c.stateDir, c.cloud.url, refresherRedirect)
	if err == nil {
		err = h.close()
	}
	if err != nil {
		t.Fatalf("round %d: %v", c.rounds, err)
	}
}

// consent links alice.
func (c *crashes) consent(t *testing.T) {
	t.Helper()
	h, err := openHome(c.stateDir, c.cloud.url, refresherRedirect)
	if err == nil {
		err = errors.Join(h.link(t.Context(), c.cloud, "alice"), h.close())
	}
	if err == nil {
		c.inUse, err = readGrant(c.grantFile())
	}
	if err != nil {
		t.Fatal(err)
	}
	c.issued = c.cloud.OAuthCounts().Tokens["ok"]
}

func (c *crashes) grantFile() string { return filepath.Join(c.stateDir, "alice.grant.json") }

// leftovers are the grants in files that were on their way to become the grant
// file; those of room that was not filled are zero.
func (c *crashes) leftovers(t *testing.T) (grants []grantOnDisk) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(c.stateDir, ".alice.grant.json*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var grant grantOnDisk
		if err := json.Unmarshal(text, &grant); err != nil {
			grant = grantOnDisk{}
		}
		grants = append(grants, grant)
	}
	return grants
}
