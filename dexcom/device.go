package dexcom

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Device is one display (a phone with its app, or a receiver) of one kind of
// transmitter, as it was at its last upload.
type Device struct {
	Generation Generation
	Display    string // one of Displays
	App        string // one of Apps
	// LastUpload is Dexcom's time of the last upload; zero when it sends none.
	LastUpload time.Time
	// Schedules are the person's own alert settings on this device.
	Schedules []AlertSchedule
}

const unknown = "unknown"

// Displays lists every value of [Device.Display]
// (developer.dexcom.com/docs/dexcomv3/operation/getDevicesV3).
func Displays() []string {
	return []string{unknown, "receiver", "shareReceiver", "touchscreenReceiver", "iOS", "android"}
}

// Apps lists every value of [Device.App]: Dexcom gives examples only, clients
// have seen the rest.
func Apps() []string {
	return []string{unknown, "receiver", "G5", "G6", "G7", "G7Android", "DexcomOne", "D1G7", "Watch"}
}

// oneOf finds name in a closed set without regard to case, else it is unknown.
func oneOf(set []string, name string) string {
	i := slices.IndexFunc(set, func(known string) bool { return strings.EqualFold(known, name) })
	if i < 0 {
		return unknown
	}
	return set[i]
}

// wireDevice is a record of GET /v3/users/self/devices.
type wireDevice struct {
	LastUploadDate               wireTime       `json:"lastUploadDate"`
	TransmitterGeneration        wireText       `json:"transmitterGeneration"`
	TransmitterGenerationVariant wireText       `json:"transmitterGenerationVariant"`
	DisplayDevice                wireText       `json:"displayDevice"`
	DisplayApp                   wireText       `json:"displayApp"`
	AlertSchedules               []wireSchedule `json:"alertSchedules"`
}

// Devices reads all devices of the account with their current settings, in
// Dexcom's order. Several may look alike: Dexcom names none of them.
// (developer.dexcom.com/docs/dexcomv3/operation/getDevicesV3)
func (c *Client) Devices(ctx context.Context) (List[Device], error) {
	return fetchList(ctx, c, "devices", nil, nil, parseDevice)
}

func parseDevice(w wireDevice) (Device, string) {
	d := Device{
		Generation: ParseGeneration(string(w.TransmitterGeneration), string(w.TransmitterGenerationVariant)),
		Display:    oneOf(Displays(), string(w.DisplayDevice)),
		App:        oneOf(Apps(), string(w.DisplayApp)),
		LastUpload: w.LastUploadDate.serverTime(),
	}
	for _, schedule := range w.AlertSchedules {
		d.Schedules = append(d.Schedules, schedule.schedule(len(w.AlertSchedules) == 1))
	}
	return d, ""
}
