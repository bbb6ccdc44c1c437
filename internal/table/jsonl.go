package table

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// lines reads JSON Lines: an object a line, whose values keep their types.
type lines struct {
	file    string
	reader  *bufio.Reader
	closer  io.Closer
	line    int
	first   *Row
	err     error
	columns []string
}

// newLines reads the first row for its columns; what is wrong with it is told by
// Next.
func newLines(name string, r io.ReadCloser) Reader {
	l := &lines{file: name, reader: bufio.NewReaderSize(r, sniffed), closer: r}
	l.first, l.columns, l.err = l.read()
	return l
}

func (l *lines) Columns() []string { return l.columns }

func (l *lines) Fixed() bool { return false }

func (l *lines) Close() error { return l.closer.Close() }

func (l *lines) Next() (*Row, error) {
	if first, err := l.first, l.err; first != nil || err != nil {
		l.first = nil
		return first, err
	}
	row, _, err := l.read()
	if err != nil {
		l.err = err
	}
	return row, err
}

func (l *lines) read() (*Row, []string, error) {
	for {
		text, err := l.readLine()
		if len(bytes.TrimSpace(text)) > 0 {
			return l.row(text)
		}
		if err != nil {
			return nil, nil, err
		}
	}
}

// readLine reads a line of bounded length.
func (l *lines) readLine() ([]byte, error) {
	l.line++
	var text []byte
	for {
		piece, err := l.reader.ReadSlice('\n')
		text = append(text, piece...)
		switch {
		case len(text) > 16*maxCell:
			return nil, &Error{File: l.file, Row: l.line, Problem: fmt.Sprintf("the line has more than %d bytes", 16*maxCell), Remedy: "Every row is one line."}
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return nil, &Error{File: l.file, Row: l.line, Problem: "it cannot be read", Err: cause(err)}
		}
		return text, err
	}
}

func (l *lines) row(text []byte) (*Row, []string, error) {
	bad := func(problem string, err error) error {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // io.EOF is the end of the table
		}
		return &Error{File: l.file, Row: l.line, Problem: problem, Err: err, Remedy: `Every line is one JSON object: {"ID": 7, "NAME": "Oleg"}.`}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return nil, nil, bad("no JSON object", err)
	}
	row := &Row{Number: l.line, names: map[string]int{}}
	var columns []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, nil, bad("broken JSON", err)
		}
		name, _ := key.(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, nil, bad("broken JSON", err)
		}
		if len(value) > maxCell {
			return nil, nil, &Error{File: l.file, Row: l.line, Column: name, Problem: fmt.Sprintf("the value has %d bytes; at most %d are possible", len(value), maxCell)}
		}
		if problem := unreadable(value); problem != "" {
			return nil, nil, &Error{File: l.file, Row: l.line, Column: name, Problem: problem, Remedy: remedyUTF8}
		}
		if _, twice := row.names[name]; twice {
			return nil, nil, bad(fmt.Sprintf("the key %q stands twice", name), nil)
		}
		row.names[name] = len(row.cells)
		columns = append(columns, name)
		row.cells = append(row.cells, cellOf(value))
	}
	if _, err := d.Token(); err != nil {
		return nil, nil, bad("broken JSON", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, bad("more than one object in a line", nil)
	}
	if problem := unreadable(text); problem != "" {
		return nil, nil, &Error{File: l.file, Row: l.line, Problem: "in a key, " + problem, Remedy: remedyUTF8}
	}
	return row, columns, nil
}

// unreadable tells what characters of a JSON text encoding/json would replace:
// bytes that are not UTF-8, and halves of characters that are written as \ud83d.
func unreadable(text []byte) string {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return "a character cannot be read, the last in " + shownTo(string(text), i)
		case r == '\\':
			half := escaped(text[i:])
			switch {
			case half < 0:
				size = len(`\n`)
			case !utf16.IsSurrogate(half):
				size = len(`\u0000`)
			case utf16.DecodeRune(half, escaped(text[i+len(`\u0000`):])) == utf8.RuneError:
				return fmt.Sprintf("%s is half a character", text[i:i+len(`\u0000`)])
			default:
				size = len(`\u0000\u0000`)
			}
		}
		i += size
	}
	return ""
}

// escaped is the number of the \u0000 that a text begins with; below zero when it
// begins otherwise.
func escaped(text []byte) rune {
	if len(text) < len(`\u0000`) || !bytes.HasPrefix(text, []byte(`\u`)) {
		return -1
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// cellOf keeps a text as such and everything else with its type.
func cellOf(value json.RawMessage) Cell {
	var text string
	switch {
	case string(value) == "null":
		return Cell{}
	case json.Unmarshal(value, &text) == nil:
		return Cell{Text: text}
	}
	return Cell{Text: string(value), JSON: value}
}
