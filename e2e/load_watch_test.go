package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"time"
)

// loadMoment is what a process uses at a moment.
type loadMoment struct {
	at         time.Time
	rss, cpu   float64 // MiB, seconds since it began
	files      int
	goroutines float64
	calls      float64 // to Dexcom, since it began
}

// watchLoad looks at a process every so often, until it is told to stop.
func watchLoad(ctx context.Context, pid int, every time.Duration, gauges *loadGauges, into *[]loadMoment) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		moment, err := momentOf(pid)
		if err != nil {
			return err
		}
		moment.goroutines, moment.calls = gauges.now()
		*into = append(*into, moment)
	}
}

func momentOf(pid int) (loadMoment, error) {
	const ticksASecond, pageKiB = 100, 4 // of Linux on the machines that run this
	moment := loadMoment{at: time.Now()}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return moment, err
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // from the third on
	for _, field := range [][]byte{fields[11], fields[12]} {
		ticks, err := strconv.ParseFloat(string(field), 64)
		if err != nil {
			return moment, err
		}
		moment.cpu += ticks / ticksASecond
	}
	pages, err := strconv.ParseFloat(string(fields[21]), 64)
	if err != nil {
		return moment, err
	}
	moment.rss = pages * pageKiB / 1024
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	moment.files = len(files)
	return moment, err
}
