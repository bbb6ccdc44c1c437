package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// maxCell is the widest a column of a table gets while others are waiting.
const maxCell = 40

// writeTable prints rows in aligned columns. On a terminal (width > 0) columns
// that are empty in every row are left out and lines are cut to the width.
func writeTable(w io.Writer, raw []byte, width int) error {
	g, err := newGrid(raw)
	if err != nil {
		return err
	}
	if width > 0 {
		g.dropEmpty()
	}
	if len(g.columns) == 0 {
		_, err := fmt.Fprintln(w, "(no rows)")
		return err
	}
	header := make([]string, len(g.columns))
	for i, c := range g.columns {
		header[i] = strings.ToUpper(c)
	}
	lines := append([][]string{header}, g.rows...)
	widths := make([]int, len(g.columns))
	for _, line := range lines {
		for i, text := range line {
			line[i] = oneLine(text)
			n := columns(line[i])
			if width > 0 {
				n = min(n, maxCell)
			}
			widths[i] = max(widths[i], n)
		}
	}
	for _, line := range lines {
		var b strings.Builder
		for i, text := range line {
			if width > 0 {
				text = cut(text, widths[i])
			}
			b.WriteString(text)
			if i < len(line)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-columns(text)+2))
			}
		}
		text := strings.TrimRight(b.String(), " ")
		if width > 0 {
			text = cut(text, width)
		}
		if _, err := fmt.Fprintln(w, text); err != nil {
			return err
		}
	}
	return nil
}

// dropEmpty leaves out columns without any value.
func (g *grid) dropEmpty() {
	var keep []int
	for i := range g.columns {
		for _, row := range g.rows {
			if row[i] != "" {
				keep = append(keep, i)
				break
			}
		}
	}
	pick := func(row []string) []string {
		picked := make([]string, len(keep))
		for n, i := range keep {
			picked[n] = row[i]
		}
		return picked
	}
	if len(g.rows) == 0 {
		return
	}
	g.columns = pick(g.columns)
	for i := range g.rows {
		g.rows[i] = pick(g.rows[i])
	}
}

// oneLine shows line breaks and other control characters as spaces, so that a
// value can neither break the table nor steer the terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// columns is the width of a text on a terminal: wide East Asian characters take
// two columns, combining marks none.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana),
		r >= 0xff01 && r <= 0xff60, r >= 0x1f300 && r <= 0x1faff:
		return 2
	}
	return 1
}

// cut shortens a text to a width, with an ellipsis where something is missing.
func cut(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	n := 0
	for i, r := range s {
		n += runeColumns(r)
		if n > width-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// writeCSV prints rows as CSV (RFC 4180) with a header. Values are printed as
// they are: a program that reads them must get what the portal has, so cells
// that a spreadsheet would take for a formula are not changed.
func writeCSV(w io.Writer, raw []byte) error {
	g, err := newGrid(raw)
	if err != nil {
		return err
	}
	if len(g.columns) == 0 {
		return nil
	}
	writer := csv.NewWriter(w)
	if err := writer.Write(g.columns); err != nil {
		return err
	}
	if err := writer.WriteAll(g.rows); err != nil {
		return err
	}
	writer.Flush()
	return writer.Error()
}
