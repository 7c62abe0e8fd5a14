package dexcom

import (
	"context"
	"net/url"
	"time"
)

// fetchWindows asks a list endpoint for the records with from <= system time < to,
// both widened to whole seconds, with as few requests as the version allows.
func fetchWindows[T any](ctx context.Context, c *Client, endpoint string, from, to time.Time, decode func(Version, []byte) (List[T], error)) (List[T], error) {
	return stitch(c.version.maxWindow(), from, to, func(from, to time.Time) (List[T], error) {
		return fetchList(ctx, c, endpoint, window(from, to), decode)
	})
}

// fetchList asks a list endpoint once.
func fetchList[T any](ctx context.Context, c *Client, endpoint string, query url.Values, decode func(Version, []byte) (List[T], error)) (List[T], error) {
	body, err := c.get(ctx, endpoint, query)
	if err != nil {
		return List[T]{}, err
	}
	list, err := decode(c.version, body)
	if err != nil {
		return List[T]{}, &Error{Op: endpoint, Reason: ReasonDecode, Err: err}
	}
	return list, nil
}

// stitch cuts [from, to), widened to whole seconds, into windows that Dexcom
// accepts, half-open so that no record falls into two, and joins the answers.
func stitch[T any](longest time.Duration, from, to time.Time, fetch func(from, to time.Time) (List[T], error)) (List[T], error) {
	var all List[T]
	from, to = from.Truncate(time.Second), to.Add(time.Second-1).Truncate(time.Second)
	for from.Before(to) {
		end := from.Add(longest)
		if end.After(to) {
			end = to
		}
		part, err := fetch(from, end)
		if err != nil {
			return List[T]{}, err
		}
		all.UserID = part.UserID
		all.Records = append(all.Records, part.Records...)
		all.Skipped = append(all.Skipped, part.Skipped...)
		all.hashes = append(all.hashes, part.hashes...)
		from = end
	}
	return all, nil
}

// window writes the parameters of a half-open window as every example of Dexcom's
// shows them: UTC without a zone.
func window(from, to time.Time) url.Values {
	const layout = "2006-01-02T15:04:05"
	return url.Values{
		"startDate": {from.UTC().Format(layout)},
		"endDate":   {to.UTC().Format(layout)},
	}
}
