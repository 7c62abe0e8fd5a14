package simulator

import "slices"

// shareWord is Share's word for an arrow of the API, which knows one more.
func shareWord(word string) string {
	switch word {
	case "doubleUp":
		return "DoubleUp"
	case "singleUp":
		return "SingleUp"
	case "fortyFiveUp":
		return "FortyFiveUp"
	case "flat":
		return "Flat"
	case "fortyFiveDown":
		return "FortyFiveDown"
	case "singleDown":
		return "SingleDown"
	case "doubleDown":
		return "DoubleDown"
	case "notComputable":
		return "NotComputable"
	case "rateOutOfRange":
		return "RateOutOfRange"
	default: // none, unknown
		return "None"
	}
}

// shareNumber is the number that Share had for a word until 2021-11-30
// (nightscout/share2nightscout-bridge, commit 62b7d2a).
func shareNumber(word string) int {
	words := []string{
		"None", "DoubleUp", "SingleUp", "FortyFiveUp", "Flat",
		"FortyFiveDown", "SingleDown", "DoubleDown", "NotComputable", "RateOutOfRange",
	}
	return slices.Index(words, word)
}
