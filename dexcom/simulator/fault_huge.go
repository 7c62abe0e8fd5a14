package simulator

import (
	"io"
	"net/http"
	"strings"
)

// PadWithSpace answers what was asked for, with so many megabytes of space in
// the records. It is not built in memory.
func PadWithSpace(megabytes int) Fault {
	return pad("padded with space", megabytes, "", " ", "")
}

// PadWithField answers what was asked for, with so many megabytes in a field
// "padding" of the records, or as space where there are none.
func PadWithField(megabytes int) Fault {
	return pad("padded with a field", megabytes, `"padding":"`, "x", `",`)
}

// EndlessAnswer repeats the records of the answer without end; where there are
// none, space. It ends when the client leaves: a client without a limit of its
// own never does.
func EndlessAnswer() Fault {
	return makeBody("endless", func(d document) io.Reader {
		loop := strings.Join(texts(d.records), ",") + ","
		switch {
		case !d.list:
			return io.MultiReader(strings.NewReader("{"), repeat(" "))
		case len(d.records) == 0:
			loop = " "
		}
		return io.MultiReader(strings.NewReader(d.before), repeat(loop))
	})
}

// pad shares the padding out among the records.
func pad(name string, megabytes int, open, filler, end string) Fault {
	return makeBody(name, func(d document) io.Reader {
		each := int64(megabytes)<<20/int64(max(1, len(d.records))) + 1
		parts := []io.Reader{strings.NewReader(d.before)}
		if len(d.records) == 0 {
			parts = append(parts, io.LimitReader(repeat(" "), each))
		}
		endless := repeat(filler) // where one record stops the next goes on
		for i, record := range texts(d.records) {
			if i > 0 {
				parts = append(parts, strings.NewReader(","))
			}
			parts = append(parts, padded(record, open, io.LimitReader(endless, each), end))
		}
		return io.MultiReader(append(parts, strings.NewReader(d.after))...)
	})
}

// padded puts padding at the start of an object. What is none stays as it is.
func padded(record, open string, padding io.Reader, end string) io.Reader {
	rest, object := strings.CutPrefix(record, "{")
	switch {
	case !object:
		return strings.NewReader(record)
	case rest == "}":
		end = strings.TrimSuffix(end, ",")
	}
	return io.MultiReader(strings.NewReader("{"+open), padding, strings.NewReader(end+rest))
}

// makeBody sends a body that is made from the records while it is read.
func makeBody(name string, body func(document) io.Reader) Fault {
	return Fault{name: name, serve: func(w http.ResponseWriter, r *http.Request, endpoint http.Handler) {
		a := record(endpoint, r)
		a.stream(w, body(cutRecords(a.body.Bytes())))
	}}
}

// repeat is a text over and over, without end.
func repeat(text string) io.Reader {
	const least = 4 << 10 // a read of single letters is slow
	return &loop{text: strings.Repeat(text, least/len(text)+1)}
}

type loop struct {
	text string
	at   int
}

func (l *loop) Read(b []byte) (int, error) {
	n := copy(b, l.text[l.at:])
	l.at = (l.at + n) % len(l.text)
	return n, nil
}
