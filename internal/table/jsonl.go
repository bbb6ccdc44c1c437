package table

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
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
	if l.line == 1 {
		text = bytes.TrimPrefix(text, []byte("\ufeff"))
	}
	if !utf8.Valid(text) {
		return nil, nil, &Error{File: l.file, Row: l.line, Problem: "a character cannot be read", Remedy: "Save it as UTF-8, and look whether it is complete."}
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
		if _, twice := row.names[name]; twice {
			return nil, nil, bad(fmt.Sprintf("the key %q stands twice", name), nil)
		}
		if halved(value) {
			return nil, nil, &Error{File: l.file, Row: l.line, Column: name, Problem: "it has one half of a character, such as \\ud800", Remedy: "Write such characters out, or both halves."}
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
	return row, columns, nil
}

// halved tells whether a text of a value has half of a surrogate pair, which
// encoding/json replaces without a word.
func halved(value json.RawMessage) bool {
	text := string(value)
	for {
		i := strings.IndexByte(text, '\\')
		if i < 0 || i+2 > len(text) {
			return false
		}
		text = text[i:]
		first := escaped(text)
		switch {
		case !utf16.IsSurrogate(first):
			text = text[2:]
		case utf16.DecodeRune(first, escaped(text[6:])) == utf8.RuneError:
			return true
		default:
			text = text[12:]
		}
	}
}

// escaped is the character of an escape \uXXXX that a text begins with; 0 for none.
func escaped(text string) rune {
	if len(text) < 6 || text[:2] != `\u` {
		return 0
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	if err != nil {
		return 0
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
