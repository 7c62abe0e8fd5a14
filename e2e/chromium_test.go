package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// People use the pages in a browser like this one. It is started once, and each
// test has a window of its own in it that knows nothing of the others.
func TestInChromium(t *testing.T) {
	t.Parallel()
	c := startChromium(t)
	for name, test := range map[string]func(*testing.T, chromiumBrowser){
		"linking":                   testChromiumLinks,
		"linking by keyboard":       testChromiumLinksByKeyboard,
		"refusal at Dexcom":         testChromiumRefuses,
		"another person":            testChromiumFindsAnotherPerson,
		"unlinking":                 testChromiumUnlinks,
		"form-action":               testChromiumKeepsToFormAction,
		"states":                    testChromiumShowsStates,
		"demo":                      testChromiumShowsTheDemo,
		"the witness sees trouble":  testWitnessSeesTrouble,
		"the look sees what is bad": testLookSeesWhatIsBad,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, c)
		})
	}
}

// chromiumBrowser is a real browser without a window to look at.
type chromiumBrowser struct{ ctx context.Context }

// exporterName is where the browser finds this machine under a name that is not
// localhost, for which browsers make exceptions.
const exporterName = "exporter.test"

// startChromium starts one that asks nobody else, and ends with all its processes
// when the test and those within it have ended.
func startChromium(t *testing.T) chromiumBrowser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Env("XDG_CONFIG_HOME="+t.TempDir(), "XDG_CACHE_HOME="+t.TempDir()),
		chromedp.Flag("host-resolver-rules", "MAP "+exporterName+" 127.0.0.1"),
		chromedp.Flag("disable-features", "Translate,HttpsUpgrades"),
	)
	allocator, release := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		limited, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := chromedp.Cancel(limited); err != nil {
			t.Errorf("end the browser: %v", err)
		}
		end()
		release()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	return chromiumBrowser{ctx}
}
