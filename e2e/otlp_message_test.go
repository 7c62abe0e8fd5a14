package e2e

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// rewrite changes those parts of a protobuf message to which a path of field numbers
// leads: change gives what is in the place of each, which may be nothing.
func rewrite(message []byte, path []protowire.Number, change func(part []byte) [][]byte) []byte {
	var whole []byte
	for len(message) > 0 {
		number, kind, size := protowire.ConsumeField(message)
		if size < 0 {
			return append(whole, message...) // it is the receiver's to complain
		}
		field := message[:size]
		message = message[size:]
		if number != path[0] || kind != protowire.BytesType {
			whole = append(whole, field...)
			continue
		}
		part, _ := protowire.ConsumeBytes(field[protowire.SizeTag(number):]) // it was measured
		parts := [][]byte{part}
		if len(path) > 1 {
			parts[0] = rewrite(part, path[1:], change)
		} else {
			parts = change(part)
		}
		for _, part := range parts {
			whole = protowire.AppendBytes(protowire.AppendTag(whole, number, kind), part)
		}
	}
	return whole
}

// rewritePoints changes the points of a push of any kind, by the numbers of
// opentelemetry.proto.metrics.v1.
func rewritePoints(push []byte, change func(metric string, point []byte) [][]byte) []byte {
	return rewrite(push, []protowire.Number{1, 2, 2}, func(metric []byte) [][]byte { // resource, scope, metric
		name := ""
		rewrite(metric, []protowire.Number{1}, func(part []byte) [][]byte { name = string(part); return nil })
		for _, kind := range []protowire.Number{5, 7, 9, 10, 11} { // gauge, sum, histograms, summary
			metric = rewrite(metric, []protowire.Number{kind, 1}, func(point []byte) [][]byte { return change(name, point) })
		}
		return [][]byte{metric}
	})
}

// countPoints counts those of the live table and those with a time of their own.
func countPoints(push []byte) (live, late int) {
	rewritePoints(push, func(metric string, _ []byte) [][]byte {
		if slices.Contains([]string{egvs, rates, event}, metric) {
			late++
		} else {
			live++
		}
		return nil
	})
	return live, late
}

// timeField is the time of a point, to find it by or to put another one there.
func timeField(at time.Time) []byte {
	return binary.LittleEndian.AppendUint64(protowire.AppendTag(nil, 3, protowire.Fixed64Type), uint64(at.UnixNano()))
}

// valueField is the value of a point.
func valueField(value float64) []byte {
	return binary.LittleEndian.AppendUint64(protowire.AppendTag(nil, 4, protowire.Fixed64Type), math.Float64bits(value))
}

// isOf tells whether a point is an account's and of a time.
func isOf(point []byte, account string, at time.Time) bool {
	return bytes.Contains(point, timeField(at)) && bytes.Contains(point, []byte(account))
}
