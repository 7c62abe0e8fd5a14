package collector

// spare is the room for more that a slice has when it was fitted.
const spare = 64

// fitted gives a slice that has little more room than it needs: what grew while thousands
// came at once gives that back.
func fitted[T any](s []T) []T {
	if cap(s)-len(s) <= 2*spare {
		return s
	}
	return append(make([]T, 0, len(s)+spare), s...)
}
