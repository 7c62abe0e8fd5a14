package simulator

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// Fault is one way in which an answer goes wrong. The zero value lets it pass.
//
// An http.Transport sends a GET again by itself if a connection that it used
// before is lost without an answer, and so does not show each lost one.
type Fault struct {
	name    string
	serve   func(w http.ResponseWriter, r *http.Request, endpoint http.Handler)
	spoiled *atomic.Int64
}

// String is the name by which a fault is counted.
func (f Fault) String() string { return f.name }

// SpoiledRecords is how many records the fault has spoiled so far, in all
// answers and clouds together. Only [SpoilRecords] spoils any. It is safe for
// concurrent use.
func (f Fault) SpoiledRecords() int {
	if f.spoiled == nil {
		return 0
	}
	return int(f.spoiled.Load())
}

// LoseAnswer does what was asked and then drops the connection: the client
// sees an EOF. Over HTTP/2, which has no connection of its own, it is a 502.
func LoseAnswer() Fault {
	return Fault{name: "answer lost", serve: func(w http.ResponseWriter, r *http.Request, endpoint http.Handler) {
		record(endpoint, r)
		hangUp(w, io.EOF)
	}}
}

// DelayAnswer does what was asked at once but answers after d. A client that
// does not wait so long is too late to undo it.
func DelayAnswer(d time.Duration) Fault {
	return Fault{name: "answer delayed", serve: func(w http.ResponseWriter, r *http.Request, endpoint http.Handler) {
		a := record(endpoint, r)
		if sleep(r.Context(), d) {
			a.replay(w)
		} else {
			hangUp(w, io.EOF)
		}
	}}
}

// Answer answers so, before anything was done.
func Answer(status int, contentType, body string) Fault {
	name := fmt.Sprintf("answer %d %s", status, contentType)
	return Fault{name: name, serve: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}}
}

// AnswerJSON answers with a status and a JSON body of no standard shape,
// before anything was done.
func AnswerJSON(status int) Fault {
	return Answer(status, "application/json", fmt.Sprintf(`{"errors":[%q]}`, http.StatusText(status)))
}

// AnswerHTML answers with a status and a page, like a proxy in front of
// Dexcom, before anything was done.
func AnswerHTML(status int) Fault {
	body := fmt.Sprintf("<!DOCTYPE html>\n<title>%[1]d %[2]s</title>\n<h1>%[2]s</h1>\n", status, http.StatusText(status))
	return Answer(status, "text/html", body)
}

// sleep waits, and tells whether somebody still waits too.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
