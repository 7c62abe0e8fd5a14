package collector

import (
	"encoding/json"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// journalEntry is one thing that happened, by the bubble's clock.
type journalEntry struct {
	At      time.Time
	Kind    string
	Account string            `json:",omitempty"`
	Detail  string            `json:",omitempty"`
	Unix    int64             `json:",omitempty"` // milliseconds
	Value   float64           `json:",omitempty"`
	Kept    bool              `json:",omitempty"` // the disk knows that the sample left
	Counts  map[string]int    `json:",omitempty"`
	Memory  *simulator.Memory `json:",omitempty"`
}

// journal tells whoever gave the orders what happens: each entry is there when note
// returns, whatever becomes of the process. It is safe for concurrent use.
type journal struct {
	given bool // somebody reads it, and answers

	mu   sync.Mutex // held while an entry is written
	file *os.File
}

// openJournal opens the one that was passed on; without orders nobody reads it.
func openJournal(t *testing.T) *journal {
	t.Helper()
	if _, given := os.LookupEnv(campaignOrders); given {
		return &journal{given: true, file: os.NewFile(3, "journal")}
	}
	file, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return &journal{file: file}
}

func (j *journal) note(e journalEntry) {
	e.At = time.Now().UTC()
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // a life that cannot tell is of no use
	}
	j.mu.Lock()
	_, err = j.file.Write(append(text, '\n'))
	j.mu.Unlock()
	if err != nil {
		os.Exit(1) // nobody reads any more
	}
}

// ask has the disk changed by whoever may, and waits until it is.
func (j *journal) ask(disk string) {
	if !j.given {
		return
	}
	j.note(journalEntry{Kind: "disk", Detail: disk})
	_, _ = os.Stdin.Read(make([]byte, 1)) // an end is an answer
}
