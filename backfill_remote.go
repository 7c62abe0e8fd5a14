package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// pastPage is one line of the answer of the program that runs: a chapter, or how it
// ended. An answer without an end is not whole.
type pastPage struct {
	Chapter *chapter `json:"chapter,omitempty"`
	Ended   bool     `json:"ended,omitempty"`
	Failure string   `json:"failure,omitempty"` // empty is none
}

// tellPast answers with a stretch of the past, a page a line, as fast as it is
// read and no faster than the client takes it. It stops when the client goes away.
func tellPast(told past) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var wanted stretch
		if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&wanted); err != nil {
			http.Error(w, "this is no question", http.StatusBadRequest)
			return
		}
		stream := http.NewResponseController(w)
		encoder := json.NewEncoder(w)
		send := func(p pastPage) error { return errors.Join(encoder.Encode(p), stream.Flush()) }
		end := pastPage{Ended: true}
		err := told.read(r.Context(), wanted, func(c chapter) error { return send(pastPage{Chapter: &c}) })
		if err != nil {
			end.Failure = err.Error()
		}
		_ = send(end) // a command that left hears nothing
	}
}

// remotePast has the program that runs tell what it can for a command.
type remotePast struct {
	control

	command string
}

func (p remotePast) read(ctx context.Context, s stretch, take func(chapter) error) error {
	answer, err := p.open(ctx, p.command, s)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }() // only read from
	decoder := json.NewDecoder(answer)
	for {
		var next pastPage
		switch err := decoder.Decode(&next); {
		case err != nil:
			return fmt.Errorf("the running program stopped in the middle of %s: %w", s.Account, err)
		case next.Failure != "":
			return errors.New(next.Failure)
		case next.Ended:
			return nil
		case next.Chapter == nil:
			continue // of a later version
		}
		if err := take(*next.Chapter); err != nil {
			return err
		}
	}
}
