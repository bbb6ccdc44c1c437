package xlsx

import (
	"fmt"
	"strings"
)

// Error is what is wrong in a workbook, and where.
type Error struct {
	Row     int // of the sheet, from 1; 0 when it is the workbook as a whole
	Column  int // from 1; 0 when it is the row as a whole
	Problem string
	Remedy  string
	Err     error // the cause; may be nil
}

// Error names row, column, problem and remedy.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Row > 0 {
		fmt.Fprintf(&b, "row %d", e.Row)
		if e.Column > 0 {
			b.WriteString(", column " + Letters(e.Column))
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Problem)
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if e.Remedy != "" {
		b.WriteString("\n" + e.Remedy)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// remedySaveAgain is for files that another program wrote against the rules.
const remedySaveAgain = "Open it in a spreadsheet program and save it again, or save the sheet as .csv."

// damaged is an error of a part that is not what it should be.
func damaged(part string, err error) error {
	return &Error{Problem: part + " cannot be read", Err: err, Remedy: remedySaveAgain}
}

// Letters name a column, from 1, as spreadsheets do: A, Z, AA.
func Letters(column int) string {
	name := ""
	for ; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}
