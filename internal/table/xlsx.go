package table

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/xlsx"
)

// workbook reads one sheet of an .xlsx file.
type workbook struct {
	name    string
	file    *os.File
	rows    *xlsx.Rows
	columns []string
	names   map[string]int
}

func openWorkbook(name string, f *os.File, size int64, sheet string) (Reader, error) {
	w := &workbook{name: name, file: f}
	book, err := xlsx.Open(f, size, maxCell)
	if err != nil {
		return nil, w.bad(err)
	}
	sheets := book.Sheets()
	switch {
	case len(sheets) == 0:
		return nil, &Error{File: name, Problem: "the workbook has no sheet with a table", Remedy: "Save the table as .xlsx or .csv."}
	case sheet == "":
		sheet = book.First()
	case !slices.Contains(sheets, sheet):
		return nil, &Error{File: name, Problem: fmt.Sprintf("there is no sheet %q", sheet), Remedy: "It has " + strings.Join(sheets, ", ") + "."}
	}
	if w.rows, err = book.Rows(sheet); err != nil {
		return nil, w.bad(err)
	}
	_, head, err := w.row()
	w.columns = slices.Clone(head)
	if err == nil || errors.Is(err, io.EOF) {
		w.names, err = header(name, w.columns)
	}
	if err != nil {
		_ = w.rows.Close() // it was only read; the first error is the one to tell
		return nil, err
	}
	return w, nil
}

// bad adds file and column to what is wrong in a workbook.
func (w *workbook) bad(err error) error {
	var wrong *xlsx.Error
	if !errors.As(err, &wrong) {
		return &Error{File: w.name, Problem: "it cannot be read", Err: cause(err)}
	}
	bad := &Error{File: w.name, Row: wrong.Row, Problem: wrong.Problem, Remedy: wrong.Remedy, Err: wrong.Err}
	switch {
	case wrong.Column == 0:
	case wrong.Column <= len(w.columns):
		bad.Column = w.columns[wrong.Column-1]
	default:
		bad.Column = xlsx.Letters(wrong.Column)
	}
	return bad
}

func (w *workbook) Columns() []string { return w.columns }

func (w *workbook) Fixed() bool { return true }

func (w *workbook) Close() error { return errors.Join(w.rows.Close(), w.file.Close()) }

func (w *workbook) Next() (*Row, error) {
	number, texts, err := w.row()
	if err != nil {
		return nil, err
	}
	if len(texts) > len(w.columns) {
		return nil, &Error{File: w.name, Row: number, Column: letters(len(w.columns)), Problem: "the cell has no column in the header", Remedy: "Name the column in the first row, or empty the cell."}
	}
	cells := make([]Cell, len(texts))
	for i, text := range texts {
		if isFormulaError(text) {
			return nil, &Error{File: w.name, Row: number, Column: w.columns[i], Problem: "the formula ends in " + text, Remedy: "Mend it, or put a value into the cell."}
		}
		cells[i].Text = unquoted(text)
	}
	return &Row{Number: number, names: w.names, cells: cells}, nil
}

// isFormulaError recognises what a formula ended in that was copied as a text.
func isFormulaError(text string) bool {
	switch text {
	case "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!":
		return true
	}
	return false
}

// row reads the next row that is not blank. Its cells are valid until the next
// one is read.
func (w *workbook) row() (int, []string, error) {
	for {
		number, cells, err := w.rows.Next()
		switch {
		case errors.Is(err, io.EOF):
			return 0, nil, io.EOF
		case err != nil:
			return 0, nil, w.bad(err)
		case !isBlank(cells):
			return number, cells, nil
		}
	}
}
