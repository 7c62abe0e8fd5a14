package collector

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom"
)

// row is one metric: its description and how to read it from a snapshot. read
// calls emit once for each series, with the values of the row's labels after
// account; it never repeats a set of labels.
type row struct {
	name, help string
	labels     []string
	read       func(s Snapshot, emit emit)
}

type emit func(value float64, labels ...string)

// desc is the row's description for Prometheus.
func (r row) desc() *prometheus.Desc {
	return prometheus.NewDesc(r.name, r.help, append([]string{"account"}, r.labels...), nil)
}

// table lists every metric about people: all of them are gauges.
func table() []row {
	return slices.Concat(sourceRows(), glucoseRows(), deviceRows(), alertRows(), rangeRows())
}

func sourceRows() []row {
	source := []string{"source"}
	return []row{
		{"dexcom_exporter_account_info", "Always 1: which sources a configured account uses.", []string{"api", "share"},
			func(s Snapshot, emit emit) { emit(1, strconv.FormatBool(s.API != nil), "false") }},
		{"dexcom_exporter_stale_after_seconds", "Age after which the live value disappears.", nil,
			func(s Snapshot, emit emit) { emit(s.StaleAfter.Seconds()) }},
		{"dexcom_up", "1 if the last poll of the source succeeded.", source,
			func(s Snapshot, emit emit) {
				if s.API != nil {
					emit(oneIf(s.API.Up()), sourceAPI)
				}
			}},
		{"dexcom_exporter_last_poll_timestamp_seconds", "Time of the last poll of the source.", source,
			func(s Snapshot, emit emit) {
				if s.API != nil {
					emitTime(emit, s.API.LastPoll, sourceAPI)
				}
			}},
		{"dexcom_exporter_next_poll_timestamp_seconds", "Time at which the source is due next.", source,
			func(s Snapshot, emit emit) {
				if s.API != nil {
					emitTime(emit, s.API.NextPoll, sourceAPI)
				}
			}},
	}
}

// glucoseRows are live: all but the timestamp disappear with the value.
func glucoseRows() []row {
	return []row{
		{"dexcom_glucose_mg_dl", "Newest reading in mg/dL; 39 is LOW, 401 is HIGH. Disappears when it is stale.", nil,
			live(func(s Snapshot, emit emit) { emit(s.Newest.MgDL) })},
		{"dexcom_glucose_timestamp_seconds", "Time of the newest reading. Never disappears once known.", nil,
			func(s Snapshot, emit emit) {
				if s.HasNewest {
					emitTime(emit, s.Newest.Time)
				}
			}},
		{"dexcom_glucose_rate_mg_dl_per_minute", "Trend rate that Dexcom sent with the newest reading.", nil,
			live(func(s Snapshot, emit emit) {
				if s.Newest.HasTrendRate {
					emit(s.Newest.TrendRate)
				}
			})},
		{"dexcom_glucose_slope_mg_dl_per_minute", "Least-squares slope over the readings of the last 20 minutes.", nil,
			live(func(s Snapshot, emit emit) {
				if s.HasSlope {
					emit(s.Slope)
				}
			})},
		{"dexcom_glucose_trend", "Arrow of the newest reading, from -3 (double down) over 0 (flat) to 3 (double up).", nil,
			live(func(s Snapshot, emit emit) {
				if arrow, ok := s.Newest.Trend.Arrow(); ok {
					emit(float64(arrow))
				}
			})},
		{"dexcom_glucose_out_of_range", "-1 if the newest reading is LOW, 1 if it is HIGH, else 0.", nil,
			live(func(s Snapshot, emit emit) { emit(float64(s.Newest.OutOfRange())) })},
	}
}

// live reads only while the newest reading may be shown.
func live(read func(Snapshot, emit)) func(Snapshot, emit) {
	return func(s Snapshot, emit emit) {
		if s.Live() {
			read(s, emit)
		}
	}
}

func deviceRows() []row {
	kind := []string{"generation", "display_device", "display_app"}
	return []row{
		{"dexcom_device_info", "Always 1: a kind of device of the account.", kind,
			func(s Snapshot, emit emit) {
				for _, d := range s.Devices {
					emit(1, d.Generation.String(), d.Display, d.App)
				}
			}},
		{"dexcom_device_last_upload_timestamp_seconds", "Dexcom's time of the device's last upload.", kind,
			func(s Snapshot, emit emit) {
				for _, d := range s.Devices {
					emitTime(emit, d.LastUpload, d.Generation.String(), d.Display, d.App)
				}
			}},
		{"dexcom_device_clock_skew_seconds", "How far the device's clock was seen ahead of ours; 0 when it was not.", nil,
			func(s Snapshot, emit emit) {
				if s.HasNewest || s.ClockSkew > 0 {
					emit(s.ClockSkew.Seconds())
				}
			}},
		{"dexcom_transmitter_start_timestamp_seconds", "Start of the transmitter, from the newest reading.", []string{"generation"},
			func(s Snapshot, emit emit) { emitTime(emit, s.TransmitterStart, s.Transmitter.String()) }},
		{"dexcom_sensor_expiry_timestamp_seconds", "End of the sensor without its 12 h of grace, where it is one with the transmitter.", []string{"generation"},
			func(s Snapshot, emit emit) {
				if expiry, ok := s.SensorExpiry(); ok {
					emitTime(emit, expiry, s.Transmitter.String())
				}
			}},
	}
}

// alertRows are the person's own settings from the schedule that applies now.
func alertRows() []row {
	alert := []string{"alert"}
	return []row{
		{"dexcom_alert_setting_mg_dl", "Glucose level of the person's own alert.", alert, settings(dexcom.MeasureMgDL)},
		{"dexcom_alert_setting_mg_dl_per_minute", "Rate of change of the person's own rise or fall alert.", alert, settings(dexcom.MeasureRate)},
		{"dexcom_alert_setting_seconds", "Time without data after which the person's own alert goes off.", alert, settings(dexcom.MeasureDuration)},
		{"dexcom_alert_setting_enabled", "1 if the person's own alert is on.", alert,
			eachSetting(func(s dexcom.AlertSetting, emit emit) { emit(oneIf(s.Enabled), s.Alert) })},
		{"dexcom_alert_snooze_seconds", "Snooze of the person's own alert.", alert,
			eachSetting(func(s dexcom.AlertSetting, emit emit) {
				if s.Snooze > 0 {
					emit(s.Snooze.Seconds(), s.Alert)
				}
			})},
	}
}

func eachSetting(read func(dexcom.AlertSetting, emit)) func(Snapshot, emit) {
	return func(s Snapshot, emit emit) {
		for _, alert := range slices.Sorted(maps.Keys(s.Alerts)) {
			read(s.Alerts[alert], emit)
		}
	}
}

func settings(measure dexcom.Measure) func(Snapshot, emit) {
	return eachSetting(func(s dexcom.AlertSetting, emit emit) {
		if s.Measure() == measure && s.HasValue {
			emit(s.Value, s.Alert)
		}
	})
}

func rangeRows() []row {
	each := func(pick func(dexcom.Span) time.Time) func(Snapshot, emit) {
		return func(s Snapshot, emit emit) {
			emitTime(emit, pick(s.Ranges.Calibrations), "calibrations")
			emitTime(emit, pick(s.Ranges.EGVs), "egvs")
			emitTime(emit, pick(s.Ranges.Events), "events")
		}
	}
	record := []string{"record"}
	return []row{
		{"dexcom_data_start_timestamp_seconds", "Time of the first record that Dexcom has.", record,
			each(func(s dexcom.Span) time.Time { return s.Start })},
		{"dexcom_data_end_timestamp_seconds", "Time of the last record that Dexcom has released.", record,
			each(func(s dexcom.Span) time.Time { return s.End })},
	}
}

// emitTime leaves out a time that is not known.
func emitTime(emit emit, t time.Time, labels ...string) {
	if !t.IsZero() {
		emit(float64(t.UnixMilli())/1000, labels...)
	}
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
