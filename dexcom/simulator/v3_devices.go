package simulator

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"time"
)

// oddDevice is a record with all that can be odd about one: absent keys, hours
// of one digit, a day without a name, an alert twice, a capital letter.
//
//go:embed odd_device.json
var oddDevice []byte

// v3Device is a record of GET /v3/users/self/devices.
type v3Device struct {
	LastUploadDate string       `json:"lastUploadDate"`
	TransmitterID  string       `json:"transmitterId"`
	Generation     string       `json:"transmitterGeneration"`
	Variant        Sensor       `json:"transmitterGenerationVariant,omitempty"`
	DisplayDevice  Display      `json:"displayDevice"`
	DisplayApp     any          `json:"displayApp"`
	AlertSchedules []v3Schedule `json:"alertSchedules"`
}

func v3Devices(p *Person, now time.Time, w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, v3Envelope[any]{"device", "3.0", p.userID(), p.v3Devices(now)})
}

// v3Devices are the device in use, for some people the one before, and for
// people with quirks an odd one. There are none before the first upload.
func (p *Person) v3Devices(now time.Time) []any {
	last, ok := p.egvJournal().newest(floor(now))
	if !ok {
		return []any{}
	}
	devices := []any{p.v3Device(last, now)}
	if sent, has := p.oldDevice(); has {
		devices = append(devices, p.v3OldDevice(sent))
	}
	if p.Quirks {
		devices = append(devices, json.RawMessage(oddDevice))
	}
	return devices
}

// v3Device is the device in use. Its transmitter is that of the newest
// uploaded reading, also in the pause before the next sensor.
func (p *Person) v3Device(last moment, now time.Time) v3Device {
	return v3Device{
		LastUploadDate: last.sent.time().Format(time.RFC3339),
		TransmitterID:  p.transmitterID(p.session(p.sessionSlot(last.system))),
		Generation:     p.generation(),
		Variant:        p.product().variantWord(),
		DisplayDevice:  p.display(),
		DisplayApp:     p.app(),
		AlertSchedules: p.v3Schedules(now),
	}
}

// oldDevice is when the receiver was last heard of that some people used before
// the data begins.
func (p *Person) oldDevice() (sent millis, has bool) {
	age := day + p.spread(forOldDevice, 1, 200*day)
	return (p.since() - age).wholeSeconds(), p.chance(forOldDevice, 0) < 0.25
}

// oldProduct is what the old device received: a G6, or for people who never had
// one a G5.
func (p *Person) oldProduct() product {
	old := Person{Sensor: G6}
	if p.Sensor == G5 {
		old.Sensor = G5
	}
	return old.product()
}

func (p *Person) v3OldDevice(sent millis) v3Device {
	k := p.oldProduct()
	return v3Device{
		LastUploadDate: sent.time().Format(time.RFC3339),
		TransmitterID:  hash64(p.Seed, forOldDevice, 2),
		Generation:     k.generation,
		Variant:        k.variantWord(),
		DisplayDevice:  Receiver,
		DisplayApp:     null(),
		AlertSchedules: []v3Schedule{},
	}
}
