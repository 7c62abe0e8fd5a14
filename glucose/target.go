package glucose

// Targets are what a person's figures should be: shares of readings (Battelino
// 2019, doi 10.2337/dci19-0028) and the CV (Rodbard 2009,
// doi 10.1089/dia.2008.0132).
type Targets struct {
	Bounds   Bounds // of the ranges that the shares are of
	Target   Limit
	Below    Limit // low and very low together
	VeryLow  Limit
	Above    Limit // high and very high together
	VeryHigh Limit
	CV       Limit
}

// StandardTargets are those of most people with type 1 or type 2 diabetes.
func StandardTargets() Targets {
	return Targets{
		Bounds: StandardBounds(), Target: over(70), Below: under(4), VeryLow: under(1), Above: under(25), VeryHigh: under(5), CV: atMost(36),
	}
}

// OlderAdultTargets are those of people who are older or whom a low endangers
// more: in the standard ranges.
func OlderAdultTargets() Targets {
	return Targets{Bounds: StandardBounds(), Target: over(50), Below: under(1), VeryHigh: under(10), CV: atMost(36)}
}

// PregnancyTargets are those of pregnancies with type 1 diabetes.
func PregnancyTargets() Targets {
	return Targets{Bounds: PregnancyBounds(), Target: over(70), Below: under(4), VeryLow: under(1), Above: under(25), CV: atMost(36)}
}

// TargetsOf gives the targets that have a name: standard, older_adult or pregnancy.
func TargetsOf(targetRange string) (targets Targets, known bool) {
	switch targetRange {
	case "standard":
		return StandardTargets(), true
	case "older_adult":
		return OlderAdultTargets(), true
	case "pregnancy":
		return PregnancyTargets(), true
	}
	return Targets{}, false
}
