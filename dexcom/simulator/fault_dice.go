package simulator

import "strings"

// dice draw the faults of numbered requests.
type dice struct {
	seed   uint64
	chance float64
	faults []Fault
}

// throw is the fault of a request; the zero fault lets it pass.
func (d dice) throw(number int64) Fault {
	if len(d.faults) == 0 || fraction(draw(d.seed, forFault, number)) >= d.chance {
		return Fault{}
	}
	return d.faults[draw(d.seed, forFaultKind, number)%uint64(len(d.faults))]
}

// of are the dice for one person's requests to one endpoint.
func (d dice) of(asked Target) dice {
	d.seed = seeded(d.seed, strings.Join([]string{asked.Version, asked.Endpoint, asked.Person}, "/"))
	return d
}
