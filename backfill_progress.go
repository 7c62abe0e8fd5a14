package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows on a terminal how far an account is, and sums it up.
type progress struct {
	account string
	out     io.Writer // nil: no terminal
	bar     *progressbar.ProgressBar
	began   time.Time

	begins, ends         time.Time
	readings, events     int
	leftOut, provisional int
}

func newProgress(stderr io.Writer, account string) *progress {
	p := &progress{account: account, began: time.Now()}
	if file, ok := stderr.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.out = stderr
	}
	return p
}

// show counts a chapter, and moves the bar.
func (p *progress) show(c chapter) {
	p.readings += len(c.Readings)
	p.events += len(c.Events)
	p.leftOut += c.LeftOut
	p.provisional += c.Unsmoothed
	if !c.Begins.IsZero() {
		p.begins, p.ends = c.Begins, c.Ends
	}
	if p.out == nil {
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions(days(p.begins, p.ends), progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(p.account), progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(), progressbar.OptionSetItsString("days"), progressbar.OptionShowIts(),
			progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	text := fmt.Sprintf("%s: %s/s", p.account, counted(int(float64(p.readings)/time.Since(p.began).Seconds()), "reading"))
	if c.Waits != "" {
		text = p.account + ": " + c.Waits
	} else {
		_ = p.bar.Set(days(p.begins, c.Until)) // a terminal that is gone shows nothing
	}
	p.bar.Describe(text)
}

// end takes the bar away. It may be called again.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Exit() // a terminal that is gone shows nothing
		_ = p.bar.Clear()
		p.bar = nil
	}
}

// sum says what there was.
func (p *progress) sum() string {
	if p.readings+p.events+p.provisional+p.leftOut == 0 {
		return "Dexcom has nothing of that time"
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s and %s in %s", counted(p.readings, "reading"), counted(p.events, "event"), counted(days(p.begins, p.ends), "day"))
	if p.leftOut > 0 {
		fmt.Fprintf(&text, "; %s left out for want of a time or a value that can be", counted(p.leftOut, "record"))
	}
	if p.provisional > 0 {
		fmt.Fprintf(&text, "; %s left out that Dexcom may still smooth: run it again in some hours", counted(p.provisional, "reading"))
	}
	return text.String()
}

// days are those from one time to another, begun ones too.
func days(from, to time.Time) int { return int((to.Sub(from) + 24*time.Hour - 1) / (24 * time.Hour)) }

// counted writes a number of things with thousands apart.
func counted(n int, thing string) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n != 1 {
		thing += "s"
	}
	return digits + " " + thing
}
