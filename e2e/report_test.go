package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/dexcom/simulator"
)

// reported is a family whose pages are printed: somebody with all that a page can
// have, and somebody with next to nothing.
func reported(t *testing.T) *family {
	t.Helper()
	since := time.Now().Add(-100 * 24 * time.Hour)
	f := newFamily(t,
		&simulator.Person{Name: "erin", Seed: 5, HoldBack: time.Hour, Since: since, Mean: 150, Swing: 90, AwayShare: 0.2, Quirks: true},
		&simulator.Person{Name: "finn", Seed: 6, HoldBack: time.Hour, Since: time.Now().Add(-40 * time.Hour)},
	)
	return f
}

// The page prints on one sheet of A4, whatever is on it.
func TestReportPrintsOnOnePage(t *testing.T) {
	t.Parallel()
	for _, person := range []string{"erin", "finn"} {
		f := reported(t)
		f.linkHere(t, person) // as alice, the only account
		config := f.config(t)
		for _, days := range []int{1, 14, 30, 90} {
			for _, unit := range []string{"mg/dL", "mmol/L"} {
				page := filepath.Join(t.TempDir(), "alice.html")
				if got := run(t, "report", "alice", config, fmt.Sprintf("--days=%d", days), "--unit="+unit, "--output="+page); got.status != 0 {
					t.Fatalf("%s: %+v", person, got)
				}
				if pages, sheet := printed(t, page); pages != 1 || sheet != "595 x 842" {
					t.Errorf("%s, %d days in %s: %d pages of %s", person, days, unit, pages, sheet)
				}
			}
		}
	}
}

// A page that would not fit is seen: this test can fail.
func TestReportThatIsTooLong(t *testing.T) {
	t.Parallel()
	page := write(t, "long.html", "<style>@page { size: A4 }</style>"+strings.Repeat("<p>line</p>", 60))
	if pages, sheet := printed(t, page); pages != 2 || sheet != "595 x 842" {
		t.Errorf("%d pages of %s", pages, sheet)
	}
}

// A narrow screen has to scroll in one direction only.
func TestReportOnAPhone(t *testing.T) {
	t.Parallel()
	f := reported(t)
	f.linkHere(t, "erin")
	page := filepath.Join(t.TempDir(), "alice.html")
	if got := run(t, "report", "alice", f.config(t), "--unit=mmol/L", "--output="+page); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := json.Marshal(string(text)) // which leaves no tag as it is
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{320, 375, 768} {
		// A frame is as narrow as it is told, which a window is not.
		outer := write(t, "frame.html", fmt.Sprintf(`<iframe id="f" style="width:%dpx;height:900px"></iframe><p id="said"></p><script>
f.onload = () => { const d = f.contentDocument.documentElement; said.textContent = "wide " + d.scrollWidth + " of " + d.clientWidth + "."; };
f.srcdoc = %s;</script>`, width, inner))
		dom, err := exec.CommandContext(t.Context(), "chromium", chromium(t, "--dump-dom", "file://"+outer)...).Output()
		found := regexp.MustCompile(`wide (\d+) of (\d+)\.`).FindSubmatch(dom)
		if err != nil || found == nil || string(found[1]) != string(found[2]) {
			t.Errorf("%d pixels: %q, %v", width, found, err)
		}
	}
}

// printed prints a page as a browser does: the number of sheets and their size in
// points.
func printed(t *testing.T, page string) (pages int, sheet string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.pdf")
	output, err := exec.CommandContext(t.Context(), "chromium", chromium(t, "--print-to-pdf="+file, "file://"+page)...).CombinedOutput()
	if err != nil {
		t.Fatalf("print: %v\n%s", err, output)
	}
	pdf, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var width, height float64
	box := regexp.MustCompile(`/MediaBox \[0 0 ([\d. ]+)\]`).FindSubmatch(pdf)
	if box == nil {
		t.Fatal("the PDF has no page")
	}
	if _, err := fmt.Sscan(string(box[1]), &width, &height); err != nil {
		t.Fatal(err)
	}
	return len(regexp.MustCompile(`/Type /Page\s`).FindAll(pdf, -1)), fmt.Sprintf("%.0f x %.0f", width, height)
}

// chromium gives the arguments of a browser without a window, which leaves nothing
// behind and asks nobody.
func chromium(t *testing.T, args ...string) []string {
	t.Helper()
	return append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
		"--no-pdf-header-footer", "--virtual-time-budget=5000", "--user-data-dir=" + t.TempDir(),
	}, args...)
}
