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
// the future and none beyond reach. Accounts that have nothing are left out.
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
		if parcel := k.parcel(a, box, now, limit); len(parcel.Samples) > 0 {
			parcels = append(parcels, parcel)
		}
	}
	k.boxes = here
	return parcels
}

func (k *Courier) parcel(a *account, box *inbox, now time.Time, limit int) Parcel {
	a.mu.Lock()
	defer a.mu.Unlock()
	box.take(a)
	numbers, generation := box.due(now, limit), box.generation
	samples := make([]Sample, 0, len(numbers))
	for _, number := range numbers {
		samples = append(samples, a.outbox.sample(a.outbox.at(number)))
	}
	return Parcel{a.name, samples, func(n int) {
		k.mu.Lock()
		defer k.mu.Unlock()
		if box.account == a && box.generation == generation {
			box.settle(numbers[:n])
		}
	}}
}

// settle removes what need not be brought again.
func (b *inbox) settle(numbers []uint64) {
	done := make(map[uint64]bool, len(numbers))
	for _, number := range numbers {
		done[number] = true
	}
	b.waiting = slices.DeleteFunc(b.waiting, func(number uint64) bool { return done[number] })
}
