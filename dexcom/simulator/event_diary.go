package simulator

import "math"

// entry is something that happened to the person and was written down.
type entry struct {
	key     int64 // unique for the person
	kind    string
	subtype string
	at      millis  // when it happened
	amount  float64 // in the kind's unit, a multiple of step; 0 for kinds without
	step    float64
	text    string
}

// entriesADay is the room for the keys of one day: five meals, five doses of
// insulin for them, and what else there is once a day.
const entriesADay = 16

// diary holds the person's entries from from until before to, and some around.
func (p *Person) diary(from, to millis) []entry {
	var entries []entry
	c := p.curve()
	for n := from.slot(day) - 1; n <= to.slot(day)+1; n++ {
		entries = p.writeMeals(entries, n)
		entries = p.writeDay(entries, n, c)
	}
	return entries
}

// writeMeals appends the carbs of local day number n and the insulin for them.
func (p *Person) writeMeals(entries []entry, n millis) []entry {
	gramsPerUnit := p.between(forInsulin, 0, 8, 15)
	for i, m := range p.plan(n).meals {
		key := int64(n)*entriesADay + int64(i)
		if m.size <= 0 {
			continue
		}
		grams := multiple(45*m.size*p.between(forCarbs, key, 0.9, 1.1), 5)
		entries = append(entries, entry{key: key, kind: "carbs", at: m.at, amount: grams, step: 5})
		if p.chance(forInsulin, 2*key) < 0.95 {
			entries = append(entries, entry{
				key:     key + 5,
				kind:    "insulin",
				subtype: "fastActing",
				at:      m.at - 10*minute + p.spread(forInsulin, 2*key+1, 15*minute),
				amount:  multiple(grams/gramsPerUnit, 0.5),
				step:    0.5,
			})
		}
	}
	return entries
}

// writeDay appends what there is once a day at most.
func (p *Person) writeDay(entries []entry, n millis, c *curve) []entry {
	key, midnight := int64(n)*entriesADay+10, p.midnight(n)
	add := func(why purpose, share float64, earliest, width millis, e entry) {
		e.key = key
		key++
		if p.chance(why, 4*e.key) < share {
			e.at = midnight + earliest + p.spread(why, 4*e.key+1, width)
			entries = append(entries, e)
		}
	}
	add(forInsulin, 1, 21*hour+30*minute, hour, entry{
		kind: "insulin", subtype: "longActing", amount: multiple(p.between(forInsulin, 1, 8, 30), 1), step: 1,
	})
	add(forExercise, 0.4, 17*hour, 90*minute, entry{
		kind: "exercise", subtype: pick(p, forExercise, 4*key+2, "light", "medium", "heavy"),
		amount: multiple(p.between(forExercise, 4*key+3, 15, 95), 5), step: 5,
	})
	add(forHealth, 0.12, 8*hour, 13*hour, entry{
		kind:    "health",
		subtype: pick(p, forHealth, 4*key+2, "illness", "stress", "highSymptoms", "lowSymptoms", "cycle", "alcohol"),
	})
	add(forFingerStick, 0.2, 7*hour, 14*hour, entry{kind: "bloodGlucose", step: 1})
	if last := &entries[len(entries)-1]; last.kind == "bloodGlucose" {
		last.amount = multiple(c.at(last.at)*p.between(forFingerStick, 4*last.key+2, 0.9, 1.1), 1)
	}
	add(forNote, 0.15, 7*hour, 15*hour, entry{
		kind: "notes", text: pick(p, forNote, 4*key+2, "new sensor, left arm", "slept badly", "forgot the snack", "sensor itchy"),
	})
	return entries
}

// multiple rounds to a multiple of step above zero.
func multiple(x, step float64) float64 {
	return step * math.Max(1, math.Round(x/step))
}
