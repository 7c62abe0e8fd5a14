package simulator

// eventQuirk is what leaves an event without part of its meaning.
type eventQuirk int

const (
	plainEvent       eventQuirk = iota
	valuelessEvent              // "" or, for exercise, -1
	subtypelessEvent            // null or no key
	oddSubtype                  // a word that no documentation knows
	oddEvent                    // neither type nor unit is known
)

// eventQuirk draws what is odd about an event with an id, its truth included.
func (p *Person) eventQuirk(id int64, e entry) eventQuirk {
	if !p.Quirks {
		return plainEvent
	}
	quirk := eventQuirk(p.chance(forEventQuirk, id) * 40)
	switch {
	case quirk > oddEvent,
		quirk == valuelessEvent && e.amount == 0,
		quirk != valuelessEvent && quirk != oddEvent && e.subtype == "":
		return plainEvent
	default:
		return quirk
	}
}

// garble takes from the truth what nobody can understand.
func (q eventQuirk) garble(t *Event) {
	switch q {
	case subtypelessEvent:
		t.SubType = ""
	case oddSubtype:
		t.SubType = "unknown"
	case valuelessEvent:
		t.Value, t.HasValue, t.Unit = 0, false, ""
	case oddEvent:
		t.Type, t.SubType, t.Text = "unknown", "unknown", ""
		t.Value, t.HasValue, t.Unit = 0, false, ""
	case plainEvent:
	}
}
