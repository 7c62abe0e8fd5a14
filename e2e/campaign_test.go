package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

const (
	// campaignSeed is the environment variable that repeats a campaign: its people,
	// weather and faults, and when the kills come, as far as the machine is as fast.
	campaignSeed = "E2E_CAMPAIGN_SEED"
	// campaignForm is the environment variable that asks for a form: long, or short,
	// which is what the gate runs.
	campaignForm = "E2E_CAMPAIGN"
)

// campaign is one run of the fault campaign.
type campaign struct {
	seed    uint64
	random  *rand.Rand
	kills   int           // at least
	length  time.Duration // simulated, at least
	weather int           // how often each kind of it comes, at least

	binary string
	disk   disk
	judge  *campaignJudge
	lives  int
	killed int
}

// Of a month in which three calls of ten fail, the disk takes nothing at times, clocks
// jump and the program is killed at random, every reading is left, once, and no grant is lost
// that had reached us.
func TestFaultCampaign(t *testing.T) {
	t.Parallel()
	c := newCampaign(t)
	t.Logf("%s=%d repeats the campaign", campaignSeed, c.seed)
	for c.goesOn() {
		if t.Failed() || t.Context().Err() != nil {
			return
		}
		c.live(t, false)
	}
	c.live(t, true)
	c.report(t)
}

// goesOn tells whether more lives are needed. By chance a kind of fault may be rare: then
// it takes up to twice as long.
func (c *campaign) goesOn() bool {
	past := c.judge.now.Sub(campaignStart())
	return c.killed < c.kills || past < c.length || past < 2*c.length && len(c.judge.rare()) > 0
}

func newCampaign(t *testing.T) *campaign {
	t.Helper()
	c := &campaign{kills: 60, length: 36 * time.Hour, weather: 1, disk: mountDisk(t)}
	switch form := os.Getenv(campaignForm); form {
	case "long":
		c.kills, c.length, c.weather = 1000, 30*24*time.Hour, leastFaults
	case "", "short":
	default:
		t.Fatalf("%s=%s: want long or short", campaignForm, form)
	}
	c.seed = campaignSeedOf(t)
	c.random = rand.New(rand.NewPCG(c.seed, 1))
	c.judge = newCampaignJudge(campaigners(c.seed))
	c.binary = filepath.Join(t.TempDir(), "life")
	if output, err := exec.Command("go", "test", "-C", "../collector", "-c", "-o", c.binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build a life: %v\n%s", err, output)
	}
	return c
}

func campaignSeedOf(t *testing.T) uint64 {
	t.Helper()
	text, given := os.LookupEnv(campaignSeed)
	if !given {
		return rand.Uint64() >> 1
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", campaignSeed, err)
	}
	return seed
}

// campaignOrders are what a life is told, see collector/campaign_orders_test.go.
type campaignOrders struct {
	Dir                 string
	Start, Begin, Until time.Time
	Calm                bool
	Seed, Life          uint64
	Memory              simulator.Memory
	People              []campaigner
}

// orders are for the next life. The last one is calm, and ends by itself.
func (c *campaign) orders(last bool) campaignOrders {
	down := time.Duration(c.random.Int64N(int64(2 * time.Minute)))
	o := campaignOrders{
		Dir: c.disk.dir, Start: campaignStart(), Begin: c.judge.now.Add(down), Calm: last,
		Seed: c.seed, Life: uint64(c.lives), Memory: c.judge.memory, People: c.judge.people,
	}
	o.Until = o.Begin.Add(100 * 24 * time.Hour)
	switch {
	case last:
		o.Until = o.Begin.Add(6 * time.Hour)
	case c.lives%20 == 19: // some end in order: nothing of them may stay
		o.Until = o.Begin.Add(time.Hour)
	}
	return o
}

// live runs one life to its end, most often a violent one.
func (c *campaign) live(t *testing.T, last bool) {
	t.Helper()
	orders := c.orders(last)
	text, err := json.Marshal(orders)
	if err != nil {
		t.Fatal(err)
	}
	journal, tell, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer journal.Close()
	var output bytes.Buffer
	life := exec.Command(c.binary, "-test.run=^TestCampaignLife$", "-test.timeout=5m")
	life.Env = append(os.Environ(), "CAMPAIGN_ORDERS="+string(text))
	life.Stdout, life.Stderr, life.ExtraFiles = &output, &output, []*os.File{tell}
	answers, err := life.StdinPipe()
	if err == nil {
		err = life.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = tell.Close() // the life has its own
	kill := func() {}
	if orders.Until.Sub(orders.Begin) > 24*time.Hour {
		const within = 600 * time.Millisecond // of real time
		after := time.Duration(c.random.Int64N(int64(within)))
		kill = func() { time.AfterFunc(after, func() { _ = life.Process.Kill() }) }
	}
	if err := c.listen(journal, answers, kill); err != nil {
		t.Errorf("life %d: %v", c.lives, err)
	}
	c.end(t, life.Wait(), &output)
}

// listen reads a life's journal to its end. A line that a kill cut off was never said.
func (c *campaign) listen(journal io.Reader, answers io.Writer, begun func()) error {
	lines := bufio.NewReaderSize(journal, 1<<16)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return ignoreEOF(err)
		}
		var e campaignEntry
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		c.judge.read(e)
		switch e.Kind {
		case "begun":
			begun()
		case "disk":
			if err := c.setDisk(e.Detail); err != nil {
				return err
			}
			_, _ = answers.Write([]byte{'\n'}) // fails when it is dead
		}
	}
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// end counts how a life ended, and leaves the disk as one that takes all.
func (c *campaign) end(t *testing.T, err error, output *bytes.Buffer) {
	t.Helper()
	c.lives++
	exit, failed := errors.AsType[*exec.ExitError](err)
	killed := failed && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
	if killed {
		c.killed++
	} else if err != nil {
		t.Errorf("life %d ended with %v\n%s", c.lives, err, output)
	}
	c.judge.end(killed)
	if err := c.setDisk(""); err != nil {
		t.Fatal(err)
	}
}

// setDisk makes the disk "full", "read-only", or good again.
func (c *campaign) setDisk(as string) error {
	switch as {
	case "full":
		if err := c.disk.setWritable(); err != nil { // it was read-only the hour before
			return err
		}
		return c.disk.fill()
	case "read-only":
		err := c.disk.setReadOnly()
		for try := 0; errors.Is(err, syscall.EBUSY) && try < 1000; try++ { // somebody writes
			time.Sleep(time.Millisecond)
			err = c.disk.setReadOnly()
		}
		return err
	}
	err := c.disk.setWritable()
	if empty := c.disk.empty(); !errors.Is(empty, os.ErrNotExist) {
		err = errors.Join(err, empty)
	}
	return err
}
