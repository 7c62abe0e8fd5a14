package collector

import (
	"slices"
	"sync"
	"time"
)

// Courier takes the samples with a time of their own to one receiver, each once. It
// is safe for concurrent use.
type Courier struct {
	collector *Collector

	mu    sync.Mutex // guards what follows
	boxes map[string]*inbox
}

// Parcel is what one account has for the receiver.
type Parcel struct {
	Account string
	Samples []Sample // oldest first
	// Settled says that the first n of them need not be brought again.
	Settled func(n int)
}

// NewCourier makes a courier that has brought nothing yet: its first parcels hold all
// that is within reach.
func (c *Collector) NewCourier() *Courier {
	return &Courier{collector: c, boxes: map[string]*inbox{}}
}

// Parcels gives what was not settled yet, at most limit samples an account, none in
// the future. Accounts that have nothing are left out.
func (k *Courier) Parcels(limit int) []Parcel {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	var parcels []Parcel
	here := make(map[string]*inbox, len(k.boxes))
	for _, a := range k.collector.all() {
		box := k.boxes[a.name]
		if box == nil {
			box = &inbox{}
		}
		here[a.name] = box
		box.take(a)
		if samples := box.due(now, limit); len(samples) > 0 {
			parcels = append(parcels, Parcel{a.name, samples, func(n int) { k.settled(box, samples[:n]) }})
		}
	}
	k.boxes = here
	return parcels
}

func (k *Courier) settled(box *inbox, samples []Sample) {
	k.mu.Lock()
	defer k.mu.Unlock()
	done := make(map[Sample]bool, len(samples))
	for _, s := range samples {
		done[s] = true
	}
	box.waiting = slices.DeleteFunc(box.waiting, func(s Sample) bool { return done[s] })
}
