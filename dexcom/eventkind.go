package dexcom

// EventKinds lists every value of [Event.Kind]
// (developer.dexcom.com/docs/dexcomv3/operation/getEventsV3).
func EventKinds() []string {
	return []string{unknown, "carbs", "insulin", "exercise", "health", "blood_glucose", "notes"}
}

// EventSubtypes lists every value of [Event.Subtype] for a kind, none for a kind
// that has no subtypes
// (developer.dexcom.com/docs/dexcomv3/operation/getEventsV3).
func EventSubtypes(kind string) []string {
	switch kind {
	case "insulin":
		return []string{unknown, "fastActing", "longActing"}
	case "exercise":
		return []string{unknown, "light", "medium", "heavy"}
	case "health":
		return []string{unknown, "illness", "stress", "highSymptoms", "lowSymptoms", "cycle", "alcohol"}
	}
	return nil
}

// eventKind reads the name of a kind; clients have seen "note" for "notes".
func eventKind(name string) string {
	switch squeezed(name) {
	case "bloodglucose":
		return "blood_glucose"
	case "note":
		return "notes"
	}
	return oneOf(EventKinds(), name)
}

func eventSubtype(kind, name string) string {
	subtypes := EventSubtypes(kind)
	if subtypes == nil {
		return ""
	}
	return oneOf(subtypes, name)
}
