package web

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

// view is what somebody wants to see of the status page. It lives in the page's
// address, so that a bookmark keeps it. Its zero value is the plain page.
type view struct {
	unit  glucose.Unit
	find  string // in the names of accounts, in lower case
	needy bool   // only accounts that need somebody
	page  int    // from 0
	still bool   // the page does not load itself again
}

// The parameters of the address, and their values that are not free.
const (
	unitKey, findKey, onlyKey, pageKey, refreshKey = "unit", "find", "only", "page", "refresh"

	onlyNeedy, refreshOff = "needed", "off"
)

// longestFind bounds what is looked for in names.
const longestFind = 64

// viewOf reads an address. Only a unit that does not exist is an error: every
// other page may be taken for the one that was meant, a value in another unit not.
func viewOf(query url.Values) (view, error) {
	v := view{needy: query.Get(onlyKey) == onlyNeedy, still: query.Get(refreshKey) == refreshOff}
	if name := query.Get(unitKey); name != "" {
		unit, err := glucose.ParseUnit(name)
		if err != nil {
			return view{}, err
		}
		v.unit = unit
	}
	v.find = sought(query.Get(findKey))
	if n, err := strconv.Atoi(query.Get(pageKey)); err == nil && n > 0 {
		v.page = n - 1
	}
	return v, nil
}

// sought is what to look for in names.
func sought(text string) string {
	text = strings.ToLower(strings.ToValidUTF8(strings.TrimSpace(text), ""))
	return strings.TrimSpace(strings.ToValidUTF8(text[:min(len(text), longestFind)], ""))
}

// address is where the view is shown.
func (v view) address() string {
	query := url.Values{}
	for key, value := range v.parameters() {
		if value != "" {
			query.Set(key, value)
		}
	}
	if len(query) == 0 {
		return "/"
	}
	return "/?" + query.Encode()
}

// parameters are those of the address, empty where they say nothing.
func (v view) parameters() map[string]string {
	all := map[string]string{findKey: v.find}
	if v.unit != (view{}).unit {
		all[unitKey] = v.unit.String()
	}
	if v.needy {
		all[onlyKey] = onlyNeedy
	}
	if v.page > 0 {
		all[pageKey] = strconv.Itoa(v.page + 1)
	}
	if v.still {
		all[refreshKey] = refreshOff
	}
	return all
}

// in is the view with another unit.
func (v view) in(unit glucose.Unit) view {
	v.unit = unit
	return v
}

// at is the view of another page.
func (v view) at(page int) view {
	v.page = page
	return v
}

// restless is the view that loads itself again, or not.
func (v view) restless(restless bool) view {
	v.still = !restless
	return v
}

// everybody is the view without a filter.
func (v view) everybody() view {
	v.find, v.needy, v.page = "", false, 0
	return v
}
