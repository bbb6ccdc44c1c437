package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"
)

// sniffed is how much of a file is looked at to find out encoding and
// delimiter, in bytes.
const sniffed = 64 << 10

// openStream opens CSV or JSON Lines, whatever it begins like, unless it can only be
// JSON Lines.
func openStream(name string, r io.ReadCloser, isLines bool) (Reader, error) {
	buffered := bufio.NewReaderSize(r, sniffed)
	start, err := buffered.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, &Error{File: name, Problem: "it cannot be read", Err: cause(err)}
	}
	decode, err := decoder(name, start, errors.Is(err, io.EOF))
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(start, []byte(mark)) {
		start = start[len(mark):]
		_, _ = buffered.Discard(len(mark)) // they have been read
	}
	// JSON is UTF-8; only tables of spreadsheets in Cyrillic countries, which save
	// Windows-1251, are worth a guess.
	guessed := decode == nil && !isLines && !isObject(start)
	switch {
	case guessed:
		if encoding, word := foreign(start); encoding != "" {
			return nil, notThis(name, start, encoding, word)
		}
		decode = charmap.Windows1251.NewDecoder()
	case decode == nil:
		decode = transform.Nop
	}
	text := bufio.NewReaderSize(transform.NewReader(buffered, decode), sniffed)
	start, _ = text.Peek(sniffed) // what is wrong will be told by the reading
	if isLines || isObject(start) {
		return newLines(name, closing{text, r}), nil
	}
	if endsInCR(start) {
		text = bufio.NewReaderSize(&crReader{text}, sniffed)
		start, _ = text.Peek(sniffed)
	}
	return newCSV(name, closing{text, r}, delimiter(start), guessed)
}

// isObject tells whether a text begins as JSON Lines do.
func isObject(start []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(start), []byte("{")) }

// closing reads one thing and closes another.
type closing struct {
	io.Reader
	io.Closer
}

// endsInCR tells whether the first line that is not blank ends as lines did in old
// versions of Mac OS, and do in what Excel calls CSV (Macintosh).
func endsInCR(start []byte) bool {
	start = bytes.TrimLeft(start, "\r\n")
	quoted := false
	for i, c := range start {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			return false
		case c == '\r':
			return i+1 == len(start) || start[i+1] != '\n'
		}
	}
	return false
}

// crReader reads a text whose lines end in CR as one whose lines end in LF, also
// the lines in a cell. CR LF, which the reading of CSV knows, stays.
type crReader struct{ text *bufio.Reader }

func (c *crReader) Read(p []byte) (int, error) {
	n, err := c.text.Read(p)
	for i, b := range p[:n] {
		if b != '\r' {
			continue
		}
		after := p[i+1 : n]
		if len(after) == 0 {
			after, _ = c.text.Peek(1) // none at the end of the text
		}
		if !bytes.HasPrefix(after, []byte("\n")) {
			p[i] = '\n'
		}
	}
	return n, err
}

// delimiter is the one of the usual characters that the header has most often
// outside of quotes; a comma when it has none.
func delimiter(start []byte) rune {
	best, most := ',', 0
	for _, candidate := range ",;\t|" {
		n, quoted := 0, false
		for _, c := range string(start) {
			switch {
			case c == '"':
				quoted = !quoted
			case c == candidate && !quoted:
				n++
			}
			if c == '\n' && !quoted {
				break
			}
		}
		if n > most {
			best, most = candidate, n
		}
	}
	return best
}

// csvReader reads a CSV file.
type csvReader struct {
	file    string
	reader  *csv.Reader
	closer  io.Closer
	columns []string
	names   map[string]int
	guessed bool // the encoding; then texts may be wrong
}

func newCSV(name string, r io.ReadCloser, comma rune, guessed bool) (Reader, error) {
	reader := csv.NewReader(r)
	reader.Comma, reader.FieldsPerRecord, reader.ReuseRecord = comma, -1, true
	c := &csvReader{file: name, reader: reader, closer: r, guessed: guessed}
	first, err := c.record()
	if err == nil || errors.Is(err, io.EOF) {
		c.columns = slices.Clone(first)
		if err = c.readable(1, first); err == nil {
			c.names, err = header(name, c.columns)
		}
	}
	if err != nil {
		_ = r.Close() // it was only read; the first error is the one to tell
		return nil, err
	}
	return c, nil
}

func (c *csvReader) Columns() []string { return c.columns }

func (c *csvReader) Fixed() bool { return true }

func (c *csvReader) Close() error { return c.closer.Close() }

// record reads the next line that is not blank.
func (c *csvReader) record() ([]string, error) {
	for {
		record, err := c.reader.Read()
		var broken *csv.ParseError
		switch {
		case errors.As(err, &broken):
			return nil, &Error{
				File: c.file, Row: broken.StartLine, Problem: fmt.Sprintf("broken CSV in line %d", broken.Line), Err: broken.Err,
				Remedy: `A value with a quote is written "like ""this"" one".`,
			}
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case err != nil:
			return nil, &Error{File: c.file, Problem: "it cannot be read", Err: cause(err)}
		case !isBlank(record):
			return record, nil
		}
	}
}

func (c *csvReader) Next() (*Row, error) {
	record, err := c.record()
	if err != nil {
		return nil, err
	}
	line, _ := c.reader.FieldPos(0)
	if err := c.readable(line, record); err != nil {
		return nil, err
	}
	if len(record) != len(c.columns) {
		return nil, &Error{
			File: c.file, Row: line, Problem: fmt.Sprintf("the row has %d cells, the header %d", len(record), len(c.columns)),
			Remedy: "A value that holds the delimiter needs quotes.",
		}
	}
	row := &Row{Number: line, names: c.names, cells: make([]Cell, len(record))}
	for i, text := range record {
		row.cells[i] = Cell{Text: unquoted(text)}
	}
	return row, nil
}

// readable finds what is wrong with the texts of a row.
func (c *csvReader) readable(line int, record []string) error {
	for i, text := range record {
		bad := func(problem, remedy string) error {
			column := letters(i)
			if line > 1 && i < len(c.columns) {
				column = c.columns[i]
			}
			return &Error{File: c.file, Row: line, Column: column, Problem: problem, Remedy: remedy}
		}
		if len(text) > maxCell {
			return bad(fmt.Sprintf("the cell has %d bytes; at most %d are possible", len(text), maxCell), "Look for a quote that is not closed.")
		}
		if at := strings.IndexFunc(text, func(r rune) bool { return r == utf8.RuneError || r == 0 }); at >= 0 {
			return bad(fmt.Sprintf("a character cannot be read, the last in %s", shownTo(text, at)), remedyUTF8+" If rows are missing at its end, the file was cut off.")
		}
		if c.guessed {
			if problem := notGuessed(text); problem != "" {
				return bad(problem, remedyUTF8)
			}
		}
	}
	return nil
}
