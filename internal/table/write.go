package table

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"
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
		return newBook(w, columns)
	default:
		return nil, &Error{File: name, Problem: fmt.Sprintf("tables of the kind %q cannot be written", kind), Remedy: "Let the name end with " + Kinds + "."}
	}
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

// book writes a workbook with one sheet. Its rows go through a temporary file,
// so their number does not matter.
type book struct {
	w      io.Writer
	file   *excelize.File
	stream *excelize.StreamWriter
	line   int
}

func newBook(w io.Writer, columns []string) (Writer, error) {
	file := excelize.NewFile()
	stream, err := file.NewStreamWriter(file.GetSheetName(0))
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	b := &book{w: w, file: file, stream: stream}
	head := make([]any, len(columns))
	for i, c := range columns {
		head[i] = c
	}
	frozen := &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}
	if err := errors.Join(stream.SetPanes(frozen), b.Write(head)); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return b, nil
}

func (b *book) Write(values []any) error {
	b.line++
	cells := make([]any, len(values))
	for i, v := range values {
		switch t := v.(type) {
		case json.RawMessage:
			v = string(t)
		case string:
			if strings.HasPrefix(t, "'") && isFormula(t) {
				v = "'" + t // Open takes one off
			}
		}
		cells[i] = v
	}
	cell, err := excelize.CoordinatesToCellName(1, b.line)
	if err != nil {
		return fmt.Errorf("a sheet has no room for %d rows: %w", b.line, err)
	}
	return b.stream.SetRow(cell, cells)
}

func (b *book) Flush() error { return nil }

func (b *book) Close() error {
	err := b.stream.Flush()
	if err == nil {
		err = b.file.Write(b.w)
	}
	return errors.Join(err, b.file.Close())
}
