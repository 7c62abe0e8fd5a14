package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	begins := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	chapters := []chapter{
		{Begins: begins, Ends: begins.Add(90 * 24 * time.Hour), Until: begins},
		{Until: begins.Add(28 * 24 * time.Hour), Readings: make([]pastReading, 8064), Events: make([]collector.Sample, 1)},
		{Waits: "HTTP 429; trying again in 16s"},
		{Until: begins.Add(90 * 24 * time.Hour), Readings: make([]pastReading, 17000), LeftOut: 3, Unsmoothed: 1},
	}
	var terminal bytes.Buffer
	p := newProgress(&terminal, "alice")
	if p.out != nil {
		t.Error("a buffer is taken for a terminal")
	}
	for _, shown := range []bool{false, true} {
		p := newProgress(&terminal, "alice")
		if shown {
			p.out = &terminal
		}
		for _, c := range chapters {
			time.Sleep(110 * time.Millisecond) // it is drawn ten times a second
			p.show(c)
		}
		p.end()
		p.end()
		const want = "25,064 readings and 1 event in 90 days; 3 records left out for want of a time or a value that can be; 1 reading left out that Dexcom may still smooth: run it again in some hours"
		if got := p.sum(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if !shown && terminal.Len() > 0 {
			t.Errorf("without a terminal: %q", terminal.String())
		}
	}
	for _, want := range []string{"alice: ", "readings/s", "28/90", "trying again in 16s", "["} {
		if !strings.Contains(terminal.String(), want) {
			t.Errorf("no %q in %q", want, terminal.String())
		}
	}
	if got := newProgress(&terminal, "bob").sum(); got != "Dexcom has nothing of that time" {
		t.Error(got)
	}
}

func TestCounted(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 readings", 1: "1 reading", 999: "999 readings", 1000: "1,000 readings", 1234567: "1,234,567 readings"} {
		if got := counted(n, "reading"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
