package xlsx

import (
	"errors"
	"fmt"
	"io"
)

// The bounds of a sheet.
const (
	MaxRows    = 1 << 20
	MaxColumns = 1 << 14
)

// Rows are the rows of a sheet, in their order.
type Rows struct {
	book    *Workbook
	part    *part
	shared  *sharedTexts
	formats []format
	around  int // depth of the element with the rows
	row     row
	err     error
}

// row is the row that is read.
type row struct {
	number int
	text   []byte // of its cells, behind each other
	ends   []int
	cells  []string
	raw    []byte // what is stored in a cell
}

// Rows opens a sheet of the workbook.
func (w *Workbook) Rows(name string) (*Rows, error) {
	for _, s := range w.sheets {
		if s.name != name {
			continue
		}
		shared, err := w.readShared()
		if err != nil {
			return nil, err
		}
		formats, err := w.readStyles()
		if err != nil {
			return nil, err
		}
		p, err := w.archive.open(s.part)
		if err != nil {
			return nil, err
		}
		if p == nil {
			return nil, &Error{Problem: fmt.Sprintf("the sheet %q is missing in the file", name), Remedy: remedySaveAgain}
		}
		r := &Rows{book: w, part: p, shared: shared, formats: formats}
		if err := r.begin(); err != nil {
			return nil, p.end(err)
		}
		return r, nil
	}
	return nil, &Error{Problem: fmt.Sprintf("there is no sheet %q", name)}
}

// Close ends the reading, before the last row too.
func (r *Rows) Close() error { return r.part.file.Close() }

// begin moves to the first row.
func (r *Rows) begin() error {
	for {
		t, err := r.part.next()
		if errors.Is(err, io.EOF) {
			r.err = io.EOF
			return nil
		}
		if err != nil {
			return err
		}
		if t != tokenStart {
			continue
		}
		switch name := string(r.part.scanner.name); {
		case r.part.depth() == 1 && name != "worksheet":
			return fmt.Errorf("it is no sheet but <%.40s>", name)
		case r.part.depth() == 1:
		case name == "sheetData":
			r.around = r.part.depth()
			return nil
		default:
			if err := r.part.skip(); err != nil {
				return err
			}
		}
	}
}

// Next reads a row: its number, from 1, and its cells from column A up to the last
// that is not empty. They are valid until the next call, their texts for ever. It
// returns io.EOF after the last row.
func (r *Rows) Next() (int, []string, error) {
	if r.err == nil {
		r.err = r.advance()
	}
	if r.err != nil {
		return 0, nil, r.err
	}
	return r.row.number, r.row.cells, nil
}

func (r *Rows) advance() error {
	for {
		t, err := r.part.next()
		switch {
		case err != nil:
			return r.broken(err)
		case t == tokenEnd && r.part.depth() < r.around:
			return r.finish()
		case t != tokenStart:
		case string(r.part.scanner.name) == "row":
			return r.read()
		default:
			if err := r.part.skip(); err != nil {
				return r.broken(err)
			}
		}
	}
}

// finish reads what follows the rows: the checksum comes at the end.
func (r *Rows) finish() error {
	for {
		if _, err := r.part.next(); err != nil {
			if errors.Is(err, io.EOF) {
				return io.EOF
			}
			return r.broken(err)
		}
	}
}

// broken is an error of the XML, or one that says more already.
func (r *Rows) broken(err error) error {
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // io.EOF is the end of the sheet
	}
	return &Error{Row: r.row.number + 1, Problem: "the row cannot be read", Err: err, Remedy: remedySaveAgain}
}

// read reads the row that has just begun.
func (r *Rows) read() error {
	number := r.row.number + 1
	if text := r.part.attr("r"); text != nil {
		n, rest := digits(text)
		if len(rest) > 0 || n < number || n > MaxRows {
			return &Error{Row: number, Problem: fmt.Sprintf("the row after row %d is called %.20q", r.row.number, text), Remedy: remedySaveAgain}
		}
		number = n
	}
	if number > MaxRows {
		return &Error{Row: MaxRows, Problem: "there are rows after the last one of a sheet", Remedy: remedySaveAgain}
	}
	r.row.number = number
	r.row.text, r.row.ends = r.row.text[:0], r.row.ends[:0]
	for around := r.part.depth() - 1; ; {
		t, err := r.part.next()
		switch {
		case err != nil:
		case t == tokenEnd && r.part.depth() == around:
			r.row.share()
			return nil
		case t != tokenStart:
		case string(r.part.scanner.name) == "c":
			err = r.readCell()
		default:
			err = r.part.skip()
		}
		if err != nil {
			r.row.number = number - 1 // the row that broken means
			return r.broken(err)
		}
	}
}

// share makes texts of the cells: one that all are parts of.
func (w *row) share() {
	last := len(w.ends)
	for last > 0 && w.begin(last-1) == w.ends[last-1] {
		last--
	}
	w.cells = w.cells[:0]
	whole := string(w.text)
	for i, end := range w.ends[:last] {
		w.cells = append(w.cells, whole[w.begin(i):end])
	}
}

func (w *row) begin(cell int) int {
	if cell == 0 {
		return 0
	}
	return w.ends[cell-1]
}

// digits reads a number from the beginning of a text. What is too large is as
// large as no row can be.
func digits(text []byte) (n int, rest []byte) {
	for len(text) > 0 && text[0] >= '0' && text[0] <= '9' {
		n = min(10*n+int(text[0]-'0'), 10*MaxRows)
		text = text[1:]
	}
	return n, text
}
