package simulator

import "time"

// shareRecord is an element of the answer of ReadPublisherLatestGlucoseValues
// (recordings of github.com/gagebenne/pydexcom, 2025). Trend is a word or, until
// 2021-11-30, a number.
type shareRecord struct {
	WT    *string `json:",omitempty"`
	ST    string
	DT    *string `json:",omitempty"`
	Value int
	Trend any
}

func (p *Person) shareRecord(x published, c *curve) shareRecord {
	if x.void {
		return p.errorRecord(x)
	}
	value, trend := p.shareGlucose(x.sample, c)
	r := shareRecord{Value: value, Trend: p.spellTrend(trend, x.key)}
	p.writeTimes(&r, x)
	return r
}

// errorRecord has an error code of the receivers of old in place of a glucose
// (nightscout/cgm-remote-monitor, lib/plugins/errorcodes.js).
func (p *Person) errorRecord(x published) shareRecord {
	code := pick(p, forShareCode, x.key, 1, 2, 3, 5, 6, 9, 10, 12)
	r := shareRecord{Value: code, Trend: p.spellTrend("None", x.key)}
	p.writeTimes(&r, x)
	return r
}

// placeholder is a record that is none, dated 1899 or 1970. Its other fields are
// assumed.
func (p *Person) placeholder(n int64) shareRecord {
	year1899 := floor(time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC))
	date := shareDate(pick(p, forShareCode, n, 0, year1899), "")
	return shareRecord{WT: &date, ST: date, DT: &date, Trend: p.spellTrend("None", n)}
}

// spellTrend is a trend's word or, for some, its number.
func (p *Person) spellTrend(word string, key int64) any {
	if p.OldShare || p.odd(forShareNumbers, 0, 0.5) {
		return shareNumber(word)
	}
	if p.odd(forShareWord, key, 0.5) {
		switch word {
		case "NotComputable":
			return "NOT COMPUTABLE"
		case "RateOutOfRange":
			return "RATE OUT OF RANGE"
		}
	}
	return word
}
