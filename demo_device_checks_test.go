package main

import (
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// deviceChecks are about devices, transmitter and sensor.
func deviceChecks() map[string]check {
	return map[string]check{
		"dexcom_device_info": func(p truth) want {
			devices := want{kindOf(p): 1}
			if p.Quirks {
				devices[receiverOfBefore], devices[oddPhone] = 1, 1
			}
			return devices
		},
		"dexcom_device_last_upload_timestamp_seconds": func(p truth) want {
			upload, _ := p.LastUpload(p.asked)
			uploads := want{kindOf(p): unix(upload.Truncate(time.Second))}
			if p.Quirks {
				uploads[receiverOfBefore] = unix(time.Date(2024, time.August, 27, 3, 14, 21, 0, time.UTC))
			}
			return uploads
		},
		"dexcom_transmitter_start_timestamp_seconds": func(p truth) want {
			if p.version == dexcom.V2 { // which tells no ticks
				return nil
			}
			return want{" generation=" + generationOf(p): unix(transmitterStart(p))}
		},
		"dexcom_sensor_expiry_timestamp_seconds": func(p truth) want {
			expiry := transmitterStart(p).Add(10 * 24 * time.Hour)
			if p.Sensor == simulator.G6 || p.shown.After(expiry.Add(12*time.Hour)) {
				return nil
			}
			return want{" generation=" + generationOf(p): unix(expiry)}
		},
	}
}

// What people with quirks have beside the device in use, by the simulator's drawing
// and its file: a receiver that some used before, and a phone that never uploaded.
const (
	receiverOfBefore = " display_app=unknown display_device=receiver generation=g6"
	oddPhone         = " display_app=G7Android display_device=android generation=d1+"
)

func transmitterStart(p truth) time.Time {
	session, _ := p.Session(p.released.SystemTime)
	return session.TransmitterStart
}

// generationOf is Dexcom's word for the sensor; an odd person's G6 is a "g6 pro".
func generationOf(p truth) string {
	if p.Quirks {
		return "g6Pro"
	}
	return map[simulator.Sensor]string{simulator.G6: "g6", simulator.G7: "g7"}[p.Sensor]
}

// kindOf is the device in use. Version 2 does not tell the app, nor does a receiver.
func kindOf(p truth) string {
	app := map[simulator.Display]string{simulator.IOS: "G7", simulator.Android: "G6", simulator.Receiver: "unknown"}[p.Display]
	if p.version == dexcom.V2 {
		app = "unknown"
	}
	return " display_app=" + app + " display_device=" + string(p.Display) + " generation=" + generationOf(p)
}
