package web

// question is a page that asks before something is forgotten.
type question struct {
	Account     string
	Replacement string // what the answer about another person belongs to
	way
}
