package dexcom

import (
	"context"
	"net/url"
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
	// LastUpload is Dexcom's time of the last upload; zero when it sends none, or one
	// more than a day ahead.
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

// wireDevice is a record of GET /v3/users/self/devices, or of version 2, which
// calls the schedules by the other name and knows neither variant nor app.
type wireDevice struct {
	LastUploadDate               wireTime               `json:"lastUploadDate"`
	TransmitterGeneration        wireText               `json:"transmitterGeneration"`
	TransmitterGenerationVariant wireText               `json:"transmitterGenerationVariant"`
	DisplayDevice                wireText               `json:"displayDevice"`
	DisplayApp                   wireText               `json:"displayApp"`
	AlertSchedules               wireList[wireSchedule] `json:"alertSchedules"`
	AlertScheduleList            wireList[wireSchedule] `json:"alertScheduleList"`
}

// Devices reads all devices of the account with their current settings, in
// Dexcom's order; in version 2 only those of the last 30 days. Several may look
// alike: Dexcom names none of them. Of a device at most 64 schedules are read, and
// of a schedule 64 settings.
// (developer.dexcom.com/docs/dexcomv3/operation/getDevicesV3)
// (developer.dexcom.com/docs/dexcomv2/operation/getDevicesV2)
func (c *Client) Devices(ctx context.Context) (List[Device], error) {
	var query url.Values
	if c.version == V2 { // which wants a window of whole days
		const day = 24 * time.Hour
		today := time.Now().Truncate(day)
		query = window(today.Add(-30*day), today.Add(day))
	}
	return fetchList(ctx, c, "devices", query, decodeDevices)
}

func decodeDevices(version Version, body []byte) (List[Device], error) {
	return decodeList(body, version.listKey("devices"), nil, parseDevice)
}

func parseDevice(w wireDevice) (Device, string) {
	d := Device{
		Generation: ParseGeneration(string(w.TransmitterGeneration), string(w.TransmitterGenerationVariant)),
		Display:    oneOf(Displays(), string(w.DisplayDevice)),
		App:        oneOf(Apps(), string(w.DisplayApp)),
	}
	d.LastUpload, _ = w.LastUploadDate.pastTime()
	schedules := slices.Concat(w.AlertSchedules, w.AlertScheduleList)
	schedules = schedules[:min(len(schedules), maxElements)]
	for _, schedule := range schedules {
		d.Schedules = append(d.Schedules, schedule.schedule(len(schedules) == 1))
	}
	return d, ""
}
