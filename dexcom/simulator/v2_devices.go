package simulator

import (
	"net/http"
	"time"
)

// v2Device is a record of GET /v2/users/self/devices.
type v2Device struct {
	Generation     *string      `json:"transmitterGeneration"`
	DisplayDevice  Display      `json:"displayDevice"`
	LastUploadDate string       `json:"lastUploadDate"`
	AlertSchedules []v2Schedule `json:"alertScheduleList"`
}

// touchscreenReceiver is version 2's word for the receiver of a G5 or G6.
const touchscreenReceiver Display = "touchscreenReceiver"

func v2Devices(p *Person, now time.Time, w http.ResponseWriter, r *http.Request) {
	start, end, err := window(r.URL.Query(), v2Window)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	first, after := floor(start).slot(day)*day, (floor(end).slot(day)+1)*day // the parts of a day do not count
	answer(w, http.StatusOK, map[string][]v2Device{"devices": p.v2Devices(first, after, now)})
}

// v2Devices are those that were used from from until before to, or uploaded then.
func (p *Person) v2Devices(from, to millis, now time.Time) []v2Device {
	devices := []v2Device{} // never null
	last, ok := p.egvJournal().newest(floor(now))
	if !ok || !p.v2Covers() {
		return devices
	}
	if from <= last.sent && last.sent < to || p.used(from, to, floor(now)) {
		devices = append(devices, p.v2Device(last.sent, now))
	}
	if sent, has := p.oldDevice(); has && from <= sent && sent < to {
		devices = append(devices, v2Device{
			DisplayDevice:  touchscreenReceiver,
			LastUploadDate: v2Date(sent),
			AlertSchedules: []v2Schedule{},
		})
	}
	return devices
}

// used tells whether there is a reading of the time that was uploaded by now.
func (p *Person) used(from, to, now millis) bool {
	for x := range p.samples(from, to) {
		if x.sent <= now {
			return true
		}
	}
	return false
}

func (p *Person) v2Device(sent millis, now time.Time) v2Device {
	generation := p.product().generation
	d := v2Device{
		Generation:     &generation,
		DisplayDevice:  p.display(),
		LastUploadDate: v2Date(sent),
		AlertSchedules: p.v2Schedules(now),
	}
	if d.DisplayDevice == Receiver {
		d.DisplayDevice = touchscreenReceiver
	}
	if p.odd(forGeneration, 1, 0.5) {
		d.Generation = nil
	}
	return d
}

// v2Date is a time of the server.
func v2Date(m millis) string { return m.time().Format("2006-01-02T15:04:05") }
