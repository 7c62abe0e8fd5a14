package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// witness sees what happens in a window: where it goes, and all that a person with
// the developer tools open would find wrong.
type witness struct {
	mu        sync.Mutex // guards what follows
	trouble   []string
	documents map[network.RequestID]string // their methods
	hops      []hop
	told      int // of the hops
}

// hop is an answer that the window was given on its way.
type hop struct {
	method, address string // without what may be secret in it
	status          int64
}

func (h hop) String() string { return fmt.Sprintf("%-4s %s: %d", h.method, h.address, h.status) }

// see takes the browser's events, one after the other.
func (w *witness) see(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.leaves(e)
	case *network.EventResponseReceived:
		w.arrives(e)
	case *network.EventLoadingFailed:
		if !e.Canceled || e.BlockedReason != "" {
			w.note("request failed: %s %s %s", e.Type, e.ErrorText, e.BlockedReason)
		}
	case *runtime.EventConsoleAPICalled:
		if !slices.Contains([]string{"log", "info", "debug"}, string(e.Type)) {
			w.note("console.%s: %s", e.Type, said(e.Args))
		}
	case *runtime.EventExceptionThrown:
		w.note("exception: %s", e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if e.Entry.Source != log.EntrySourceNetwork { // that is told by the request itself
			w.note("log of %s, %s: %s", e.Entry.Source, e.Entry.Level, e.Entry.Text)
		}
	case *audits.EventIssueAdded:
		w.note("issue: %s%s", e.Issue.Code, violated(e.Issue))
	}
}

// note adds to the trouble. The caller holds mu.
func (w *witness) note(format string, args ...any) {
	w.trouble = append(w.trouble, fmt.Sprintf(format, args...))
}

// leaves follows the window to a page. The caller holds mu.
func (w *witness) leaves(e *network.EventRequestWillBeSent) {
	if e.Type != network.ResourceTypeDocument {
		return
	}
	if e.RedirectResponse != nil {
		w.hops = append(w.hops, hop{w.documents[e.RequestID], redacted(e.RedirectResponse.URL), e.RedirectResponse.Status})
	}
	w.documents[e.RequestID] = e.Request.Method
}

// arrives notes the page that came, whose status the tests expect, and what else
// failed. The caller holds mu.
func (w *witness) arrives(e *network.EventResponseReceived) {
	switch {
	case e.Type == network.ResourceTypeDocument:
		w.hops = append(w.hops, hop{w.documents[e.RequestID], redacted(e.Response.URL), e.Response.Status})
	case e.Response.Status >= 400 && !strings.HasSuffix(e.Response.URL, "/favicon.ico"): // our pages let none be asked for, Dexcom's have none here
		w.note("%s: %d", redacted(e.Response.URL), e.Response.Status)
	}
}

// redacted is an address without the parameters' values, which may be secret.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that cannot be read"
	}
	var names []string
	for name := range u.Query() {
		names = append(names, name+"=…")
	}
	slices.Sort(names)
	text := u.Scheme + "://" + u.Host + u.Path
	if len(names) > 0 {
		text += "?" + strings.Join(names, "&")
	}
	return text
}

// said are the words that a page wrote to the console.
func said(args []*runtime.RemoteObject) string {
	var words []string
	for _, arg := range args {
		words = append(words, string(arg.Value)+arg.Description)
	}
	return strings.Join(words, " ")
}

// violated is what an issue is about, where it is the page's policy.
func violated(issue *audits.InspectorIssue) string {
	if issue.Details == nil || issue.Details.ContentSecurityPolicyIssueDetails == nil {
		return ""
	}
	d := issue.Details.ContentSecurityPolicyIssueDetails
	return ": " + d.ViolatedDirective + " " + redacted(d.BlockedURL)
}

// last is the newest answer.
func (w *witness) last() hop {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.hops) == 0 {
		return hop{}
	}
	return w.hops[len(w.hops)-1]
}

// since are the hops that were not told yet.
func (w *witness) since() []hop {
	w.mu.Lock()
	defer w.mu.Unlock()
	told := w.told
	w.told = len(w.hops)
	return slices.Clone(w.hops[told:])
}

// seen takes the trouble so far off the witness.
func (w *witness) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	trouble := w.trouble
	w.trouble = nil
	return trouble
}
