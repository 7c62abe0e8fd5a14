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
	kind       prometheus.ValueType
	labels     []string
	read       func(s Snapshot, emit emit)
}

// emit takes the value of a series and of its labels; it keeps no slice.
type emit func(value float64, labels ...string)

func gauge(name, help string, labels []string, read func(s Snapshot, emit emit)) row {
	return row{name, help, prometheus.GaugeValue, labels, read}
}

// counter is a row whose values only ever rise.
func counter(name, help string, labels []string, read func(s Snapshot, emit emit)) row {
	return row{name, help, prometheus.CounterValue, labels, read}
}

// desc is the row's description for Prometheus.
func (r row) desc() *prometheus.Desc {
	return prometheus.NewDesc(r.name, r.help, append([]string{"account"}, r.labels...), nil)
}

// table lists every metric about people.
func table() []row {
	return slices.Concat(
		sourceRows(), grantRows(), glucoseRows(), arrivalRows(), replayRows(), deviceRows(), alertRows(),
		alarmRows(), calibrationRows(), eventRows(), rangeRows(), figureRows(), statisticsRows(),
	)
}

func sourceRows() []row {
	source := []string{"source"}
	return []row{
		gauge("dexcom_exporter_account_info", "Always 1: which sources a configured account uses.", []string{"api", "share"},
			func(s Snapshot, emit emit) {
				_, api := s.Source(sourceAPI)
				_, share := s.Source(sourceShare)
				emit(1, strconv.FormatBool(api), strconv.FormatBool(share))
			}),
		gauge("dexcom_exporter_stale_after_seconds", "Age after which the live value disappears.", nil,
			func(s Snapshot, emit emit) { emit(s.StaleAfter.Seconds()) }),
		gauge("dexcom_exporter_target_range_mg_dl", "Where the ranges of the account meet; the target range is from low to high.", []string{"bound"},
			func(s Snapshot, emit emit) {
				emit(s.Bounds.VeryLow, "very_low")
				emit(s.Bounds.Low, "low")
				emit(s.Bounds.High, "high")
				emit(s.Bounds.VeryHigh, "very_high")
			}),
		gauge("dexcom_exporter_source_mismatch", "1 if the two sources of the account show two people, and are not merged.", nil,
			func(s Snapshot, emit emit) { emitIf(emit, s.Both, oneIf(s.Mismatch)) }),
		gauge("dexcom_up", "1 if the last poll of the source succeeded.", source,
			eachSource(func(s SourceStatus, emit emit) { emit(oneIf(s.Up()), s.Name) })),
		gauge("dexcom_exporter_last_poll_timestamp_seconds", "Time of the last poll of the source.", source,
			eachSource(func(s SourceStatus, emit emit) { emitTime(emit, s.LastPoll, s.Name) })),
		gauge("dexcom_exporter_next_poll_timestamp_seconds", "Time at which the source is due next.", source,
			eachSource(func(s SourceStatus, emit emit) { emitTime(emit, s.NextPoll, s.Name) })),
		counter("dexcom_exporter_polls_total", "Polls of a source for new readings, by result.", []string{"source", "result"},
			eachSource(func(s SourceStatus, emit emit) {
				for i, result := range results() {
					emit(float64(s.polls[i]), s.Name, result)
				}
			})),
	}
}

// grantRows are about the consent that the official API needs.
func grantRows() []row {
	return []row{
		gauge("dexcom_exporter_linked", "1 if the account is linked, 0 if its person must consent (again).", nil,
			ofGrant(func(g dexcom.GrantStatus, emit emit) { emit(oneIf(g.Linked)) })),
		gauge("dexcom_exporter_consent_timestamp_seconds", "Time of the person's consent, which lasts a year.", nil,
			ofGrant(func(g dexcom.GrantStatus, emit emit) { emitTime(emit, g.Consented) })),
		gauge("dexcom_exporter_grant_persisted", "1 if the newest refresh token is on the disk.", nil,
			ofGrant(func(g dexcom.GrantStatus, emit emit) { emitIf(emit, !g.Consented.IsZero(), oneIf(g.Persisted)) })),
		gauge("dexcom_exporter_access_token_expiry_timestamp_seconds", "End of the access token, which is renewed before.", nil,
			ofGrant(func(g dexcom.GrantStatus, emit emit) { emitTime(emit, g.AccessExpiry) })),
	}
}

func ofGrant(read func(dexcom.GrantStatus, emit)) func(Snapshot, emit) {
	return func(s Snapshot, emit emit) {
		if s.Grant != nil {
			read(*s.Grant, emit)
		}
	}
}

func eachSource(read func(SourceStatus, emit)) func(Snapshot, emit) {
	return func(s Snapshot, emit emit) {
		for _, source := range s.Sources {
			read(source, emit)
		}
	}
}

// glucoseRows are live: all but the timestamp disappear with the value.
func glucoseRows() []row {
	return []row{
		gauge("dexcom_glucose_mg_dl", "Newest reading in mg/dL; 39 is LOW, 401 is HIGH. Disappears when it is stale.", nil,
			live(func(s Snapshot, emit emit) { emit(s.Newest.MgDL) })),
		gauge("dexcom_glucose_timestamp_seconds", "Time of the newest reading. Never disappears once known.", nil,
			func(s Snapshot, emit emit) { emitTime(emit, s.LastKnown) }),
		gauge("dexcom_glucose_rate_mg_dl_per_minute", "Trend rate that Dexcom sent with the newest reading.", nil,
			live(func(s Snapshot, emit emit) { emitIf(emit, s.Newest.HasTrendRate, s.Newest.TrendRate) })),
		gauge("dexcom_glucose_slope_mg_dl_per_minute", "Least-squares slope over the readings of the last 20 minutes.", nil,
			live(func(s Snapshot, emit emit) { emitIf(emit, s.HasSlope, s.Slope) })),
		gauge("dexcom_glucose_trend", "Arrow of the newest reading, from -3 (double down) over 0 (flat) to 3 (double up).", nil,
			live(func(s Snapshot, emit emit) {
				arrow, ok := s.Newest.Trend.Arrow()
				emitIf(emit, ok, float64(arrow))
			})),
		gauge("dexcom_glucose_out_of_range", "-1 if the newest reading is LOW, 1 if it is HIGH, else 0.", nil,
			live(func(s Snapshot, emit emit) { emit(float64(s.Newest.OutOfRange())) })),
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
		gauge("dexcom_device_info", "Always 1: a kind of device of the account.", kind,
			eachDevice(func(d dexcom.Device, emit emit) { emit(1, d.Generation.String(), d.Display, d.App) })),
		gauge("dexcom_device_last_upload_timestamp_seconds", "Dexcom's time of the device's last upload.", kind,
			eachDevice(func(d dexcom.Device, emit emit) {
				emitTime(emit, d.LastUpload, d.Generation.String(), d.Display, d.App)
			})),
		gauge("dexcom_device_clock_skew_seconds", "How far the device's clock was seen ahead of ours; 0 when it was not.", nil,
			func(s Snapshot, emit emit) { emitIf(emit, s.HasNewest || s.ClockSkew > 0, s.ClockSkew.Seconds()) }),
		gauge("dexcom_transmitter_start_timestamp_seconds", "Start of the transmitter, from the newest reading.", []string{"generation"},
			func(s Snapshot, emit emit) { emitTime(emit, s.TransmitterStart, s.Transmitter.String()) }),
		gauge("dexcom_sensor_expiry_timestamp_seconds", "End of the sensor without its 12 h of grace, where it is one with the transmitter.", []string{"generation"},
			func(s Snapshot, emit emit) {
				if expiry, ok := s.SensorExpiry(); ok {
					emitTime(emit, expiry, s.Transmitter.String())
				}
			}),
	}
}

func eachDevice(read func(dexcom.Device, emit)) func(Snapshot, emit) {
	return func(s Snapshot, emit emit) {
		for _, device := range s.Devices {
			read(device, emit)
		}
	}
}

// alertRows are the person's own settings from the schedule that applies now.
func alertRows() []row {
	alert := []string{"alert"}
	return []row{
		gauge("dexcom_alert_setting_mg_dl", "Glucose level of the person's own alert.", alert, measured(dexcom.MeasureMgDL)),
		gauge("dexcom_alert_setting_mg_dl_per_minute", "Rate of change of the person's own rise or fall alert.", alert, measured(dexcom.MeasureRate)),
		gauge("dexcom_alert_setting_seconds", "Time without data after which the person's own alert goes off.", alert, measured(dexcom.MeasureDuration)),
		gauge("dexcom_alert_setting_enabled", "1 if the person's own alert is on.", alert,
			eachSetting(func(s dexcom.AlertSetting, emit emit) { emit(oneIf(s.Enabled), s.Alert) })),
		gauge("dexcom_alert_snooze_seconds", "Snooze of the person's own alert.", alert,
			eachSetting(func(s dexcom.AlertSetting, emit emit) { emitIf(emit, s.Snooze > 0, s.Snooze.Seconds(), s.Alert) })),
	}
}

func eachSetting(read func(dexcom.AlertSetting, emit)) func(Snapshot, emit) {
	return func(s Snapshot, emit emit) {
		for _, alert := range slices.Sorted(maps.Keys(s.Alerts)) {
			read(s.Alerts[alert], emit)
		}
	}
}

func measured(measure dexcom.Measure) func(Snapshot, emit) {
	return eachSetting(func(s dexcom.AlertSetting, emit emit) {
		emitIf(emit, s.HasValue && s.Measure() == measure, s.Value, s.Alert)
	})
}

func rangeRows() []row {
	record := []string{"record"}
	return []row{
		gauge("dexcom_data_start_timestamp_seconds", "Time of the first record that Dexcom has.", record,
			eachRange(func(span dexcom.Span) time.Time { return span.Start })),
		gauge("dexcom_data_end_timestamp_seconds", "Time of the last record that Dexcom has released.", record,
			eachRange(func(span dexcom.Span) time.Time { return span.End })),
	}
}

func eachRange(pick func(dexcom.Span) time.Time) func(Snapshot, emit) {
	return func(s Snapshot, emit emit) {
		emitTime(emit, pick(s.Ranges.Calibrations), "calibrations")
		emitTime(emit, pick(s.Ranges.EGVs), "egvs")
		emitTime(emit, pick(s.Ranges.Events), "events")
	}
}

// emitTime leaves out a time that is not known.
func emitTime(emit emit, t time.Time, labels ...string) {
	emitIf(emit, !t.IsZero(), float64(t.UnixMilli())/1000, labels...)
}

// emitIf leaves out a value that is not there.
func emitIf(emit emit, there bool, value float64, labels ...string) {
	if there {
		emit(value, labels...)
	}
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
