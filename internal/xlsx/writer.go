package xlsx

import (
	"archive/zip"
	"compress/flate"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// Writer writes a workbook with one sheet, whose first row holds the names of the
// columns. What is written goes out at once, up to what packing holds back.
type Writer struct {
	archive *zip.Writer
	sheet   io.Writer
	columns [][]byte // their letters
	row     int
	line    []byte // XML that is not written yet

	widths []int // of the columns in characters, until the first rows are known
	err    error
}

const (
	// level packs twice as fast as the usual one, into a quarter more.
	level = 3
	// measured is how many rows decide how wide the columns are.
	measured            = 100
	narrowest, broadest = 8, 60
)

// NewWriter begins a workbook.
func NewWriter(w io.Writer, columns []string) (*Writer, error) {
	if len(columns) > MaxColumns {
		return nil, &Error{Problem: fmt.Sprintf("a sheet has no room for %d columns", len(columns)), Remedy: remedyOther}
	}
	x := &Writer{archive: zip.NewWriter(w), columns: make([][]byte, len(columns)), widths: make([]int, len(columns))}
	x.archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, level) })
	head := make([]any, len(columns))
	for i, c := range columns {
		x.columns[i], x.widths[i], head[i] = []byte(Letters(i+1)), narrowest, c
	}
	for _, p := range frame() {
		part, err := x.create(p.name)
		if err == nil {
			_, err = io.WriteString(part, p.content)
		}
		if err != nil {
			return nil, err
		}
	}
	var err error
	if x.sheet, err = x.create("xl/worksheets/sheet1.xml"); err != nil {
		return nil, err
	}
	return x, x.write(head, styleHead)
}

// create begins a part. Its date is the one that spreadsheets write, so that equal
// tables are equal files.
func (x *Writer) create(name string) (io.Writer, error) {
	return x.archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)})
}

// Write writes a row. A value is a string, bool, int, int64, float64, or nil for an
// empty cell. After an error nothing more can be written.
func (x *Writer) Write(values []any) error { return x.write(values, styleText) }

func (x *Writer) write(values []any, style byte) error {
	if x.err == nil {
		x.err = x.appendRow(values, style)
	}
	if x.err == nil && x.widths == nil {
		_, x.err = x.sheet.Write(x.line)
		x.line = x.line[:0]
	}
	return x.err
}

// Close ends the workbook; the writer below stays open.
func (x *Writer) Close() error {
	if x.err != nil {
		return x.err
	}
	if err := x.begin(); err != nil {
		return err
	}
	if _, err := io.WriteString(x.sheet, sheetEnd); err != nil {
		return err
	}
	return x.archive.Close()
}

// appendRow appends a row to what is to be written.
func (x *Writer) appendRow(values []any, style byte) error {
	if x.row == MaxRows {
		return &Error{Problem: fmt.Sprintf("a sheet has no room for more than %d rows", MaxRows), Remedy: remedyOther}
	}
	if len(values) > len(x.columns) {
		return &Error{Row: x.row + 1, Problem: fmt.Sprintf("%d values for %d columns", len(values), len(x.columns))}
	}
	if x.row == measured {
		if err := x.begin(); err != nil {
			return err
		}
	}
	x.row++
	x.line = append(x.line, `<row r="`...)
	x.line = strconv.AppendInt(x.line, int64(x.row), 10)
	x.line = append(x.line, `">`...)
	for i, v := range values {
		if err := x.appendCell(i, v, style); err != nil {
			return err
		}
		if x.widths != nil {
			x.widths[i] = max(x.widths[i], characters(v))
		}
	}
	x.line = append(x.line, `</row>`...)
	return nil
}

// characters is how broad a value is shown, roughly.
func characters(v any) int {
	text, ok := v.(string)
	if !ok {
		text = fmt.Sprint(v)
	}
	return min(utf8.RuneCountInString(text)+1, broadest)
}

// begin writes what stands before the rows, once the first ones are known.
func (x *Writer) begin() error {
	if x.widths == nil {
		return nil
	}
	head := []byte(sheetBegin)
	if len(x.widths) > 0 {
		head = append(head, `<cols>`...)
		for i, width := range x.widths {
			head = fmt.Appendf(head, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, width)
		}
		head = append(head, `</cols>`...)
	}
	head = append(head, `<sheetData>`...)
	x.line, x.widths = append(head, x.line...), nil
	_, err := x.sheet.Write(x.line)
	x.line = x.line[:0]
	return err
}

// appendCell appends a cell; none for an empty one.
func (x *Writer) appendCell(column int, value any, style byte) error {
	switch v := value.(type) {
	case nil:
	case string:
		if v == "" {
			return nil
		}
		if isLongerThan(v, MaxText) {
			return &Error{
				Row: x.row, Column: column + 1, Problem: fmt.Sprintf("the text has %d characters; a cell of a workbook holds %d", length(v), MaxText),
				Remedy: remedyOther,
			}
		}
		x.reference(column)
		x.line = append(x.line, `" s="`...)
		x.line = append(x.line, style, '"')
		x.line = append(x.line, ` t="inlineStr"><is><t`...)
		if isSpace(v[0]) || isSpace(v[len(v)-1]) {
			x.line = append(x.line, ` xml:space="preserve"`...)
		}
		x.line = append(x.line, '>')
		x.line = appendEscaped(x.line, v)
		x.line = append(x.line, `</t></is></c>`...)
	case bool:
		x.reference(column)
		x.line = append(x.line, `" t="b"><v>`...)
		x.line = append(x.line, '0')
		if v {
			x.line[len(x.line)-1] = '1'
		}
		x.line = append(x.line, `</v></c>`...)
	case int:
		return x.appendCell(column, int64(v), style)
	case int64:
		if v > maxInteger || v < -maxInteger {
			return x.appendCell(column, strconv.FormatInt(v, 10), style)
		}
		x.reference(column)
		x.line = append(x.line, `"><v>`...)
		x.line = strconv.AppendInt(x.line, v, 10)
		x.line = append(x.line, `</v></c>`...)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return x.appendCell(column, strconv.FormatFloat(v, 'g', -1, 64), style)
		}
		x.reference(column)
		x.line = append(x.line, `"><v>`...)
		x.line = strconv.AppendFloat(x.line, v, 'g', -1, 64)
		x.line = append(x.line, `</v></c>`...)
	default:
		return &Error{Row: x.row, Column: column + 1, Problem: fmt.Sprintf("values of the type %T cannot be written", value)}
	}
	return nil
}

// maxInteger is the largest number of which a spreadsheet keeps all digits. Ids
// beyond it are written as texts.
const maxInteger = 999_999_999_999_999

// reference begins a cell with its name.
func (x *Writer) reference(column int) {
	x.line = append(x.line, `<c r="`...)
	x.line = append(x.line, x.columns[column]...)
	x.line = strconv.AppendInt(x.line, int64(x.row), 10)
}
