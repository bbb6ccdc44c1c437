package table

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// The bounds of a workbook. A table of a million cells has some 40 MB of XML; a
// packed file that grows beyond them was made to fill the memory.
const (
	maxUnpacked = 2 << 30
	inMemory    = 16 << 20 // larger sheets are unpacked into the temporary folder
	maxRatio    = 300      // unpacked size : packed size
)

// workbook reads one sheet of an .xlsx file. Every row is read twice, as it is
// stored and as it is shown: the stored number of a date is a date only by its
// format.
type workbook struct {
	name          string
	file          *excelize.File
	stored, shown *excelize.Rows
	base1904      bool
	line          int
	columns       []string
	names         map[string]int
}

func openWorkbook(name string, f *os.File, size int64, sheet string) (Reader, error) {
	if err := checkArchive(name, f, size); err != nil {
		return nil, err
	}
	file, err := excelize.OpenReader(f, excelize.Options{
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: inMemory,
		ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd", LongTimePattern: "hh:mm:ss",
	})
	if err != nil {
		return nil, &Error{File: name, Problem: "it is no workbook", Err: err, Remedy: "Save it as .xlsx or .csv."}
	}
	w := &workbook{name: name, file: file}
	if err := w.begin(sheet); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, f.Close()
}

// checkArchive refuses what would grow beyond all bounds.
func checkArchive(name string, f *os.File, size int64) error {
	archive, err := zip.NewReader(f, size)
	if err != nil {
		return &Error{File: name, Problem: "it is no workbook", Err: err, Remedy: "Save it as .xlsx or .csv."}
	}
	var unpacked uint64
	for _, part := range archive.File {
		unpacked += part.UncompressedSize64
	}
	if unpacked > maxUnpacked || unpacked > inMemory && unpacked > maxRatio*uint64(size) {
		return &Error{File: name, Problem: fmt.Sprintf("%d bytes unpack to %d", size, unpacked), Remedy: "Save the sheet as .csv."}
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}

// begin finds the sheet and reads its header.
func (w *workbook) begin(sheet string) error {
	sheets := w.file.GetSheetList()
	switch {
	case sheet == "" && len(sheets) == 0:
		return &Error{File: w.name, Problem: "the workbook has no sheet"}
	case sheet == "":
		sheet = sheets[0]
	case !slices.Contains(sheets, sheet):
		return &Error{File: w.name, Problem: fmt.Sprintf("there is no sheet %q", sheet), Remedy: "It has " + strings.Join(sheets, ", ") + "."}
	}
	if props, err := w.file.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		w.base1904 = *props.Date1904
	}
	var err error
	if w.stored, err = w.file.Rows(sheet); err == nil {
		w.shown, err = w.file.Rows(sheet)
	}
	if err != nil {
		return &Error{File: w.name, Problem: "the sheet cannot be read", Err: err}
	}
	cells, err := w.row()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for _, c := range cells {
		w.columns = append(w.columns, c.Text)
	}
	w.names, err = header(w.name, w.columns)
	return err
}

func (w *workbook) Columns() []string { return w.columns }

func (w *workbook) Close() error {
	var errs []error
	for _, rows := range []*excelize.Rows{w.stored, w.shown} {
		if rows != nil {
			errs = append(errs, rows.Close())
		}
	}
	return errors.Join(append(errs, w.file.Close())...)
}

func (w *workbook) Next() (*Row, error) {
	cells, err := w.row()
	if err != nil {
		return nil, err
	}
	if len(cells) > len(w.columns) {
		return nil, &Error{File: w.name, Row: w.line, Column: letters(len(w.columns)), Problem: "the cell has no column in the header", Remedy: "Name the column in the first row, or empty the cell."}
	}
	for i, c := range cells {
		switch {
		case len(c.Text) > maxCell:
			return nil, &Error{File: w.name, Row: w.line, Column: w.columns[i], Problem: fmt.Sprintf("the cell has %d bytes; at most %d are possible", len(c.Text), maxCell)}
		case slices.Contains(formulaErrors, c.Text):
			return nil, &Error{File: w.name, Row: w.line, Column: w.columns[i], Problem: "the formula ends in " + c.Text, Remedy: "Mend it, or put a value into the cell."}
		}
	}
	return &Row{Number: w.line, names: w.names, cells: cells}, nil
}

// formulaErrors are what a cell holds whose formula cannot be computed.
var formulaErrors = []string{"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}

// row reads the next row that is not blank, without the empty cells at its end.
func (w *workbook) row() ([]Cell, error) {
	for w.stored.Next() && w.shown.Next() {
		w.line++
		stored, err := w.stored.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, &Error{File: w.name, Row: w.line, Problem: "the row cannot be read", Err: err}
		}
		shown, err := w.shown.Columns()
		if err != nil {
			return nil, &Error{File: w.name, Row: w.line, Problem: "the row cannot be read", Err: err}
		}
		if isBlank(stored) {
			continue
		}
		cells := make([]Cell, len(stored))
		last := 0
		for i, text := range stored {
			if i < len(shown) {
				text = w.value(text, shown[i])
			}
			if cells[i] = (Cell{Text: unquoted(text)}); text != "" {
				last = i + 1
			}
		}
		return cells[:last], nil
	}
	if err := errors.Join(w.stored.Error(), w.shown.Error()); err != nil {
		return nil, &Error{File: w.name, Row: w.line + 1, Problem: "the row cannot be read", Err: err}
	}
	return nil, io.EOF
}

// dateShown is what a date looks like in any of the usual formats. A number is
// shown with digits, blanks and marks for decimals and thousands only.
var dateShown = regexp.MustCompile(`^\p{L}*,? ?\d{1,4}[-./ ](\d{1,2}|\p{L}+)[-./ ]\d{1,4}|^\d{1,2}[-./ ]\p{L}+|\d:\d\d`)

// value is the text of a cell: a number as it is stored, a date in ISO 8601.
func (w *workbook) value(stored, shown string) string {
	if stored == shown || !dateShown.MatchString(shown) {
		return stored
	}
	serial, err := strconv.ParseFloat(stored, 64)
	if err != nil {
		return stored
	}
	at, err := excelize.ExcelDateToTime(serial, w.base1904)
	if err != nil {
		return stored
	}
	at = at.Round(time.Second)
	switch {
	case serial < 1:
		return at.Format(time.TimeOnly)
	case at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0:
		return at.Format(time.DateOnly)
	}
	return at.Format("2006-01-02T15:04:05")
}
