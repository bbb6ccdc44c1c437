package table

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/oint-go/oint/internal/xlsx"
)

// Reader yields the rows of a table.
type Reader interface {
	// Columns are the names of the columns. For JSON Lines they are the keys of
	// the first row; later rows may have others.
	Columns() []string
	// Fixed tells whether every row has just these columns.
	Fixed() bool
	// Next returns the next row, io.EOF after the last, or an *Error.
	Next() (*Row, error)
	Close() error
}

// Row is one row of a table.
type Row struct {
	Number int // its line in the table, the header's is 1; of JSON Lines the first row has 1
	names  map[string]int
	cells  []Cell
}

// Cell is one value. An empty text is an empty cell.
type Cell struct {
	Text string
	JSON json.RawMessage // the value with its type; nil for a text
}

// Cell returns the value under a column; false when the row has no such column.
func (r *Row) Cell(column string) (Cell, bool) {
	i, ok := r.names[column]
	if !ok || i >= len(r.cells) {
		return Cell{}, ok
	}
	return r.cells[i], true
}

// All yields the names of the row's columns with their cells, in no order.
func (r *Row) All() iter.Seq2[string, Cell] {
	return func(yield func(string, Cell) bool) {
		for name := range r.names {
			cell, _ := r.Cell(name)
			if !yield(name, cell) {
				return
			}
		}
	}
}

// Error is what is wrong in a table, and where.
type Error struct {
	File    string
	Row     int    // 0 when it is the file as a whole
	Column  string // name, or letter of the column when it has none
	Problem string
	Remedy  string
	Err     error // the cause; may be nil
}

// Error names file, row, column, problem and remedy.
func (e *Error) Error() string {
	place := e.File
	if e.Row > 0 {
		place += fmt.Sprintf(", row %d", e.Row)
	}
	if e.Column != "" {
		place += ", column " + e.Column
	}
	text := place + ": " + e.Problem
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Remedy != "" {
		text += "\n" + e.Remedy
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Options say how to read a table.
type Options struct {
	Sheet string    // of a workbook; the first one when empty
	Stdin io.Reader // what the name "-" stands for
}

// maxCell is the longest value of a cell, in bytes. A portal takes no longer
// ones; a larger one is a file that is no table, or a quote that was forgotten.
const maxCell = 1 << 20

// Open opens a table by the end of its name: .csv, .tsv, .txt, .xlsx, .jsonl or
// .ndjson. The name "-" is standard input, CSV or JSON Lines.
func Open(name string, o Options) (Reader, error) {
	if name == "-" {
		return openStream("standard input", io.NopCloser(o.Stdin), false)
	}
	kind := strings.ToLower(filepath.Ext(name))
	if kind == ".xls" || kind == ".xlsb" || kind == ".ods" {
		return nil, &Error{File: name, Problem: "tables of this kind cannot be read", Remedy: "Save it as .xlsx or .csv."}
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, &Error{File: name, Problem: "it cannot be opened", Err: cause(err), Remedy: "Check the path and its rights."}
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = &Error{File: name, Problem: "it is a folder", Remedy: "Name a file."}
	case kind == ".xlsx" || kind == ".xlsm":
		var r Reader
		if r, err = openWorkbook(name, file, info.Size(), o.Sheet); err == nil {
			return r, nil
		}
	case o.Sheet != "":
		err = &Error{File: name, Problem: "only a workbook has sheets", Remedy: "Leave the sheet out."}
	default:
		var r Reader
		if r, err = openStream(name, file, kind == ".jsonl" || kind == ".ndjson"); err == nil {
			return r, nil
		}
	}
	_ = file.Close() // it was only read; the first error is the one to tell
	return nil, err
}

// cause takes the path out of an error that has it already.
func cause(err error) error {
	if e, ok := err.(*os.PathError); ok { //nolint:errorlint // as os.Open returns it
		return e.Err
	}
	return err
}

// header checks the names of the columns and indexes them.
func header(file string, names []string) (map[string]int, error) {
	index := make(map[string]int, len(names))
	for i, name := range names {
		name = strings.TrimSpace(name)
		names[i] = name
		switch other, twice := index[name]; {
		case name == "":
			return nil, &Error{File: file, Row: 1, Column: letters(i), Problem: "the column has no name", Remedy: "The first row holds the names of the columns."}
		case twice:
			return nil, &Error{File: file, Row: 1, Column: letters(i), Problem: fmt.Sprintf("the name %q stands in column %s already", name, letters(other)), Remedy: "Give every column a name of its own."}
		}
		index[name] = i
	}
	if len(names) == 0 {
		return nil, &Error{File: file, Problem: "the table is empty", Remedy: "The first row holds the names of the columns."}
	}
	return index, nil
}

// letters name a column, from 0, as spreadsheets do: A, Z, AA.
func letters(i int) string { return xlsx.Letters(i + 1) }

// isBlank tells whether all cells of a row are empty.
func isBlank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// unquoted takes off the mark that Write puts before a text that a spreadsheet
// would take for a formula.
func unquoted(text string) string {
	if strings.HasPrefix(text, "'") && isFormula(text) {
		return text[1:]
	}
	return text
}

// isFormula tells whether a spreadsheet would compute a text instead of showing
// it, or a text that was marked against that.
func isFormula(text string) bool {
	text = strings.TrimLeft(text, "'")
	return text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0]))
}
