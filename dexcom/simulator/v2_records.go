package simulator

import (
	"net/http"
	"time"
)

// v2Records serves the records of a window, which the function gives in
// ascending order, as the only member of an object.
func v2Records[R any](member string, ascending func(p *Person, start, end, now time.Time) []R) endpoint {
	return func(p *Person, now time.Time, w http.ResponseWriter, r *http.Request) {
		start, end, err := window(r.URL.Query(), v2Window)
		if err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		var records []R
		if p.v2Covers() {
			records = ascending(p, start, end, now)
		}
		answer(w, http.StatusOK, map[string][]R{member: newestFirst(p, floor(start), records)})
	}
}
