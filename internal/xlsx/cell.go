package xlsx

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// cell is the cell that is read.
type cell struct {
	column  int    // from 1
	kind    string // of the value: n, s, str, inlineStr, b, e or d
	format  format
	formula bool
	result  bool // the cell has a <v>, perhaps an empty one
	content bool // raw holds the text of <is>
}

// longestRow is how many cells of the longest kind a row can have: cells share
// their texts, so a small file could make a row that fills the memory.
const longestRow = 16

// readCell reads the cell that has just begun, and empty ones for the gap before
// it.
func (r *Rows) readCell() error {
	c := cell{column: len(r.row.ends) + 1}
	if place := r.part.attr("r"); place != nil {
		column, number := position(place)
		if column < c.column || column > MaxColumns || number != r.row.number {
			return r.wrong(c, fmt.Sprintf("the cell is called %.20q", place), remedySaveAgain)
		}
		c.column = column
	}
	if c.column > MaxColumns {
		return r.wrong(c, "there are cells after the last column of a sheet", remedySaveAgain)
	}
	for len(r.row.ends) < c.column-1 {
		r.row.ends = append(r.row.ends, len(r.row.text))
	}
	c.kind = kindOf(r.part.attr("t"))
	if style := r.part.attr("s"); len(r.formats) > 0 && style != nil {
		if n, _ := digits(style); n < len(r.formats) {
			c.format = r.formats[n]
		}
	}
	if err := r.readStored(&c); err != nil {
		return err
	}
	if len(r.row.raw) > r.book.longest {
		return r.tooLong(c)
	}
	if err := r.appendValue(c); err != nil {
		return err
	}
	if !utf8.Valid(r.row.text[r.row.begin(c.column-1):]) {
		return r.wrong(c, "a character cannot be read", remedySaveAgain)
	}
	if len(r.row.text) > longestRow*r.book.longest {
		return r.wrong(c, fmt.Sprintf("the row has more than %d bytes", longestRow*r.book.longest), "Save the sheet as .csv.")
	}
	r.row.ends = append(r.row.ends, len(r.row.text))
	return nil
}

// kindOf avoids a new text for the kinds there are.
func kindOf(t []byte) string {
	switch string(t) {
	case "", "n":
		return "n"
	case "s":
		return "s"
	case "str":
		return "str"
	case "inlineStr":
		return "inlineStr"
	}
	return string(t)
}

// readStored reads what is in a cell up to its end.
func (r *Rows) readStored(c *cell) error {
	r.row.raw = r.row.raw[:0]
	for around := r.part.depth() - 1; ; {
		t, err := r.part.next()
		switch {
		case err != nil:
		case t == tokenEnd && r.part.depth() == around:
			return nil
		case t != tokenStart:
		case string(r.part.scanner.name) == "v" && !c.content:
			c.result = true
			r.row.raw, err = r.part.appendText(r.row.raw[:0], r.book.longest)
		case string(r.part.scanner.name) == "is":
			c.content = true
			r.row.raw, err = appendContent(r.row.raw[:0], r.part.scanner, r.book.longest)
		default:
			c.formula = c.formula || string(r.part.scanner.name) == "f"
			err = r.part.skip()
		}
		if err != nil {
			return err
		}
	}
}

// appendValue appends what a cell says.
func (r *Rows) appendValue(c cell) error {
	raw, text := r.row.raw, r.row.text
	if !c.content && c.kind != "str" {
		raw = bytes.TrimSpace(raw)
	}
	switch isText := c.kind == "str"; {
	case len(raw) > 0:
	case c.formula && !(isText && c.result): // only texts can be empty results
		return r.wrong(c, "the formula has no result, because it was never computed", "Open the workbook in a spreadsheet program and save it there, or put a value into the cell.")
	default:
		return nil
	}
	switch c.kind {
	case "s":
		found, kept, err := r.shared.find(raw)
		if err != nil {
			return r.wrong(c, err.Error(), remedySaveAgain)
		}
		if !kept {
			return r.tooLong(c)
		}
		text = append(text, found...)
	case "n":
		ok := false
		if c.format != 0 {
			text, ok = appendDate(text, raw, c.format, r.book.from1904)
			if !ok && isNoDate(raw) {
				return r.wrong(c, fmt.Sprintf("the cell is formatted as a date or time, but %.40s is none", raw), "Put a date into the cell, or format it as a number.")
			}
		}
		if !ok {
			text = appendNumber(r.row.text, raw)
		}
	case "inlineStr":
		text = append(text, raw...)
	case "str":
		text = append(text, unescape(raw)...)
	case "b":
		value := "false"
		if isTrue(raw) {
			value = "true"
		}
		text = append(text, value...)
	case "d":
		text = appendISO(text, raw)
	case "e":
		return r.wrong(c, fmt.Sprintf("the formula ends in %.40s", raw), "Mend it, or put a value into the cell.")
	default:
		return r.wrong(c, fmt.Sprintf("cells of the type %.20q are unknown", c.kind), remedySaveAgain)
	}
	r.row.text = text
	return nil
}

// wrong is an error of a cell.
func (r *Rows) wrong(c cell, problem, remedy string) error {
	return &Error{Row: r.row.number, Column: c.column, Problem: problem, Remedy: remedy}
}

func (r *Rows) tooLong(c cell) error {
	return r.wrong(c, fmt.Sprintf("the cell has more than %d bytes", r.book.longest), "Shorten the text.")
}

// position reads the name of a cell, such as AB12; 0 when it is none.
func position(name []byte) (column, number int) {
	for len(name) > 0 && column <= MaxColumns {
		c := name[0] &^ 0x20 // upper case
		if c < 'A' || c > 'Z' {
			break
		}
		column = 26*column + int(c-'A') + 1
		name = name[1:]
	}
	number, rest := digits(name)
	if len(rest) > 0 {
		return 0, 0
	}
	return column, number
}
