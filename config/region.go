package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// The parts of the world that Dexcom serves apart (developer.dexcom.com/docs/dexcomv3/endpoint-overview; for Share only
// clients know it).
const (
	unitedStates = "the United States"
	japan        = "Japan"
	elsewhere    = "every country but the United States and Japan"
	simulated    = "Dexcom's simulated people"
)

// region is a part of the world under the name that a key of the file has for it.
type region struct{ name, where string }

// regions are those among which a key lets choose.
type regions []region

// apiRegions returns the regions of the official API.
func apiRegions() regions {
	return regions{{"us", unitedStates}, {"eu", elsewhere}, {"jp", japan}, {"sandbox", simulated}}
}

// shareRegions returns the regions of Dexcom Share.
func shareRegions() regions {
	return regions{{"us", unitedStates}, {"ous", elsewhere}, {"jp", japan}}
}

// region reads the name of one of choices.
func (v value) region(choices regions) string {
	name, ok := v.required().scalar("a string")
	if choices.has(name) {
		return name
	}
	if ok {
		v.fail("%s", choices.refusal(name))
	}
	return choices[0].name
}

// has reports whether name is the name of a region.
func (r regions) has(name string) bool {
	return slices.ContainsFunc(r, func(one region) bool { return one.name == name })
}

// refusal says what to write instead of name, without showing it.
func (r regions) refusal(name string) string {
	choices := make([]string, len(r))
	for i, one := range r {
		choices[i] = fmt.Sprintf("%s (%s)", one.name, one.where)
	}
	text := "unknown region, choose one of " + strings.Join(choices, ", ")
	if i := slices.IndexFunc(r, func(one region) bool { return one.where == place(name) }); i >= 0 {
		text += "; did you mean " + r[i].name + "?"
	}
	return text
}

// place returns the part of the world that a name can only mean, empty when that is not certain: ca is Canada to one and
// California to another.
func place(name string) string {
	const (
		abroad    = "eu europe ous outsideus outsideusa outsidetheus nonus international intl restofworld restoftheworld"
		codes     = "at au be ch cz de dk es fi fr gb gr ie is it lu nl no nz pl pt se uk"
		countries = "australia austria belgium canada france germany ireland italy netherlands spain sweden switzerland unitedkingdom"
	)
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
	switch {
	case slices.Contains([]string{"us", "usa", "unitedstates", "unitedstatesofamerica"}, letters):
		return unitedStates
	case slices.Contains([]string{"jp", "jpn", "japan"}, letters):
		return japan
	case letters == "sandbox":
		return simulated
	case slices.Contains(strings.Fields(abroad+" "+codes+" "+countries), letters):
		return elsewhere
	}
	return ""
}
