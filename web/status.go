package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dexcom-exporter/dexcom_exporter/collector"
	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// statusPage shows how each account is doing, what is wrong first.
type statusPage struct {
	collector   *collector.Collector
	metricsPath string
	readings    bool // there is /readings
	onScrape    bool // scrapes start the polls
	layout      *layout
}

// status is what the page shows.
type status struct {
	Headline, Names    string // how many need somebody, and who
	AsOf               string
	Still              bool
	Cards              []card
	Filtered, Filter   bool // a filter is on; there is a form for it
	Find               string
	OnlyNeedy          bool
	Unit               string
	Range              string // which of the accounts are here; empty for all
	Links              statusLinks
	MetricsPath        string
	Readings           bool
	UnitValue, Refresh string // what the form keeps; empty for nothing
}

// statusLinks are the addresses of the page in other views.
type statusLinks struct{ OtherUnit, Refresh, Everybody, Previous, Next string }

// cardsPerPage bounds the work of one page.
const cardsPerPage = 50

// fewAccounts need no filter.
const fewAccounts = 3

func (p statusPage) show(w http.ResponseWriter, r *http.Request) {
	v, err := viewOf(r.URL.Query())
	if err != nil {
		p.layout.show(w, http.StatusBadRequest, "message", message{
			Title: "No such unit", Text: []string{"Glucose is shown in mg/dL or in mmol/L: choose one on the status page."},
		})
		return
	}
	p.layout.show(w, http.StatusOK, "status", p.status(v))
}

// status looks at all accounts, and closely at those that are shown.
func (p statusPage) status(v view) status {
	all := judgeAll(p.collector.Standings())
	needy := needyOf(all)
	found := v.filter(all)
	pages := max(1, (len(found)+cardsPerPage-1)/cardsPerPage)
	v.page = min(v.page, pages-1)
	first := v.page * cardsPerPage
	here := found[first:min(first+cardsPerPage, len(found))]

	kept := v.parameters()
	s := status{
		AsOf: time.Now().Format("15:04:05 MST"), Still: v.still,
		Filtered: v.find != "" || v.needy, Filter: len(all) > fewAccounts, Find: v.find, OnlyNeedy: v.needy,
		Unit: v.unit.String(), Links: v.links(pages), MetricsPath: p.metricsPath, Readings: p.readings,
		UnitValue: kept[unitKey], Refresh: kept[refreshKey],
	}
	s.Headline, s.Names = headline(needy, len(all))
	if s.Filtered || pages > 1 {
		s.Range = rangeOf(first, len(here), len(found))
	}
	for _, j := range here {
		if c, known := p.card(j.Account, v.unit); known {
			s.Cards = append(s.Cards, c)
		}
	}
	return s
}

// card is false for an account that nobody follows any more.
func (p statusPage) card(account string, unit glucose.Unit) (card, bool) {
	s, known := p.collector.Snapshot(account)
	if !known {
		return card{}, false
	}
	readings := p.collector.Readings(account, s.Now.Add(-traceLength), s.Now)
	return cardOf(s, readings, unit, p.onScrape), true
}

// filter gives those that somebody wants to see.
func (v view) filter(all []judged) []judged {
	var found []judged
	for _, j := range all {
		if (j.needy || !v.needy) && strings.Contains(strings.ToLower(j.Account), v.find) {
			found = append(found, j)
		}
	}
	return found
}

// links are the addresses of other views than v, which has a number of pages.
func (v view) links(pages int) statusLinks {
	other := glucose.MmolL
	if v.unit == glucose.MmolL {
		other = glucose.MgDL
	}
	l := statusLinks{OtherUnit: v.in(other).address(), Refresh: v.restless(v.still).address(), Everybody: v.everybody().address()}
	if v.page > 0 {
		l.Previous = v.at(v.page - 1).address()
	}
	if v.page+1 < pages {
		l.Next = v.at(v.page + 1).address()
	}
	return l
}

func needyOf(all []judged) []judged {
	var needy []judged
	for _, j := range all {
		if j.needy {
			needy = append(needy, j)
		}
	}
	return needy
}

// headline says how many need somebody, and who, the worst first.
func headline(needy []judged, total int) (text, names string) {
	const most = 4
	switch {
	case total == 0:
		return "No accounts yet", "Name them in the configuration file."
	case len(needy) == 0:
		return "Nothing to do", ""
	}
	var phrases []string
	for _, j := range needy[:min(most, len(needy))] {
		phrases = append(phrases, j.Account+" "+j.phrase())
	}
	names = strings.Join(phrases, ", ")
	if more := len(needy) - most; more > 0 {
		names += ", and " + strconv.Itoa(more) + " more"
	}
	need := " need somebody"
	if len(needy) == 1 {
		need = " needs somebody"
	}
	return strconv.Itoa(len(needy)) + " of " + strconv.Itoa(total) + need, names + "."
}

// rangeOf says which of the accounts that were found are on a page.
func rangeOf(first, here, found int) string {
	switch {
	case found == 0:
		return "No account fits."
	case here == found:
		return counted(found, "account")
	}
	return "Accounts " + strconv.Itoa(first+1) + " to " + strconv.Itoa(first+here) + " of " + strconv.Itoa(found)
}
