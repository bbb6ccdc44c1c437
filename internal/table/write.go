package table

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/oint-go/oint/internal/xlsx"
)

// Writer writes a table row by row.
type Writer interface {
	// Write writes a row: a value for every column. Values are texts, numbers,
	// booleans, nil, or JSON, which tables that know no JSON get as its text.
	Write(values []any) error
	// Flush puts the rows so far where a crash does not lose them, as far as a
	// table of that kind can: a workbook is written at its end.
	Flush() error
	// Close ends the table; the writer below stays open.
	Close() error
}

// Kinds are the kinds of tables that can be written, by the end of their name.
const Kinds = ".csv, .xlsx or .jsonl"

// NewWriter writes a table of the kind that a file of that name has. Texts that
// a spreadsheet would take for formulas get an apostrophe in CSV, which Open
// takes off again; in a workbook they are marked as texts.
func NewWriter(w io.Writer, name string, columns []string) (Writer, error) {
	switch kind := strings.ToLower(filepath.Ext(name)); kind {
	case ".csv":
		c := &csvWriter{csv.NewWriter(w)}
		return c, c.writer.Write(columns)
	case ".jsonl", ".ndjson":
		return &lineWriter{w: w, columns: columns}, nil
	case ".xlsx":
		return newBook(w, name, columns)
	default:
		return nil, &Error{File: name, Problem: fmt.Sprintf("tables of the kind %q cannot be written", kind), Remedy: "Let the name end with " + Kinds + "."}
	}
}

// NewReport is NewWriter for tables that people read: a text for which a cell of a
// workbook has no room is cut there, and ends in an ellipsis, where NewWriter
// refuses it.
func NewReport(w io.Writer, name string, columns []string) (Writer, error) {
	writer, err := NewWriter(w, name, columns)
	if b, ok := writer.(*book); ok {
		b.short = true
	}
	return writer, err
}

type csvWriter struct{ writer *csv.Writer }

func (c *csvWriter) Write(values []any) error {
	record := make([]string, len(values))
	for i, v := range values {
		record[i] = textOf(v)
		if _, isText := v.(string); isText && isFormula(record[i]) {
			record[i] = "'" + record[i]
		}
	}
	return c.writer.Write(record)
}

// Flush writes what Write holds back.
func (c *csvWriter) Flush() error {
	c.writer.Flush()
	return c.writer.Error()
}

func (c *csvWriter) Close() error { return c.Flush() }

// textOf is a value as the text of a cell.
func textOf(v any) string {
	switch t := v.(type) {
	case nil:
		return ""
	case string:
		return t
	case json.RawMessage:
		return string(t)
	case bool:
		if t {
			return "true"
		}
		return "false"
	default:
		return fmt.Sprint(v)
	}
}

type lineWriter struct {
	w       io.Writer
	columns []string
}

func (l *lineWriter) Write(values []any) error {
	var b strings.Builder
	b.WriteByte('{')
	for i, v := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range []any{l.columns[i], v} {
			var text strings.Builder
			e := json.NewEncoder(&text)
			e.SetEscapeHTML(false)
			if err := e.Encode(part); err != nil {
				return err
			}
			b.WriteString(strings.TrimSuffix(text.String(), "\n"))
			if j == 0 {
				b.WriteByte(':')
			}
		}
	}
	b.WriteString("}\n")
	_, err := io.WriteString(l.w, b.String())
	return err
}

func (l *lineWriter) Flush() error { return nil }

func (l *lineWriter) Close() error { return nil }

// book writes a workbook with one sheet.
type book struct {
	name  string
	sheet *xlsx.Writer
	cells []any
	short bool // texts that are too long for a cell are cut
}

func newBook(w io.Writer, name string, columns []string) (Writer, error) {
	b := &book{name: name}
	var err error
	if b.sheet, err = xlsx.NewWriter(w, columns); err != nil {
		return nil, b.bad(err)
	}
	return b, nil
}

func (b *book) Write(values []any) error {
	b.cells = b.cells[:0]
	for _, v := range values {
		switch v.(type) {
		case nil, bool, int, int64, float64:
			b.cells = append(b.cells, v)
			continue
		}
		text := textOf(v)
		if strings.HasPrefix(text, "'") && isFormula(text) {
			text = "'" + text // Open takes one off
		}
		if b.short {
			text = xlsx.Shorten(text)
		}
		b.cells = append(b.cells, text)
	}
	return b.bad(b.sheet.Write(b.cells))
}

// bad adds the file to what cannot be written.
func (b *book) bad(err error) error {
	var wrong *xlsx.Error
	if !errors.As(err, &wrong) {
		return err
	}
	bad := &Error{File: b.name, Row: wrong.Row, Problem: wrong.Problem, Remedy: wrong.Remedy, Err: wrong.Err}
	if wrong.Column > 0 {
		bad.Column = xlsx.Letters(wrong.Column)
	}
	return bad
}

func (b *book) Flush() error { return nil }

func (b *book) Close() error { return b.sheet.Close() }
