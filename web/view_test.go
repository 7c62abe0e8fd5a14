package web

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dexcom-exporter/dexcom_exporter/glucose"
)

func TestViewOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]view{
		"":                                {},
		"unit=mg/dL":                      {},
		"unit=mmol%2FL":                   {unit: glucose.MmolL},
		"unit=mmol/L&unit=x":              {unit: glucose.MmolL},
		"find=+Alice+":                    {find: "alice"},
		"only=needed":                     {needy: true},
		"only=all":                        {},
		"page=1":                          {},
		"page=7":                          {page: 6},
		"page=-7":                         {},
		"page=1e3":                        {},
		"refresh=off":                     {still: true},
		"refresh=0":                       {},
		"other=1&find=%ff":                {},
		"find=" + strings.Repeat("a", 99): {find: strings.Repeat("a", 64)},
	} {
		query, err := url.ParseQuery(address)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := viewOf(query); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", address, got, err, want)
		}
	}
}

// Whatever the address says: it is refused, or there is an address for what it means.
func FuzzViewOf(f *testing.F) {
	for _, seed := range []string{"", "unit=mmol/L&find=A&only=needed&page=3&refresh=off", "page=-1&find=%ff", "unit=%00", ";&=", "find=" + strings.Repeat("é", 40)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		query, _ := url.ParseQuery(address) // what is sound of it, as net/http has it
		v, err := viewOf(query)
		if err != nil {
			return
		}
		if v.page < 0 || len(v.find) > longestFind || !utf8.ValidString(v.find) {
			t.Fatalf("%q: %+v", address, v)
		}
		again, err := url.Parse(v.address())
		if err != nil || again.Path != "/" {
			t.Fatalf("%q leads to %q: %v", address, v.address(), err)
		}
		if same, err := viewOf(again.Query()); err != nil || same != v {
			t.Fatalf("%q: %+v, and from its own address %+v, %v", address, v, same, err)
		}
	})
}
