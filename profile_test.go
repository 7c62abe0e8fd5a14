package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

// profiled asks the test binary, when it is the program, for profiles. It holds the
// beginning of their paths and how long to wait first: "load/5000 10m".
const profiled = "DEXCOM_EXPORTER_PROFILE"

// profile writes how the processor is used for two minutes, and then the heap.
func profile(order string) error {
	const long = 2 * time.Minute
	var path, wait string
	if _, err := fmt.Sscan(order, &path, &wait); err != nil {
		return err
	}
	pause, err := time.ParseDuration(wait)
	if err != nil {
		return err
	}
	time.Sleep(pause)
	cpu, err := os.Create(path + ".cpu.pprof")
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return err
	}
	time.Sleep(long)
	pprof.StopCPUProfile()
	if err := cpu.Close(); err != nil {
		return err
	}
	heap, err := os.Create(path + ".heap.pprof")
	if err != nil {
		return err
	}
	runtime.GC() // only what is in use counts
	if err := pprof.WriteHeapProfile(heap); err != nil {
		return err
	}
	return heap.Close()
}
