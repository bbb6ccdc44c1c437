package render

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// minCell is the narrowest a column is cut to; a table that is still too wide
// loses what stands beyond the edge.
const minCell = 8

// gap is the space between two columns.
const gap = 2

// writeTable prints rows in aligned columns. On a terminal (width > 0) columns
// that are empty in every row are left out, and long values are cut so that the
// rows fit.
func writeTable(w io.Writer, values [][]byte, width int) error {
	g, err := newGrid(together(values), false)
	if err != nil {
		return err
	}
	if len(g.rows) == 0 || len(g.columns) == 0 {
		_, err := fmt.Fprintln(w, "(no rows)")
		return err
	}
	if width > 0 {
		g.dropEmpty()
	}
	lines := append([][]string{g.columns}, g.rows...)
	widths := make([]int, len(g.columns))
	for _, line := range lines {
		for i, text := range line {
			line[i] = oneLine(text)
			widths[i] = max(widths[i], columns(line[i]))
		}
	}
	if width > 0 {
		fit(widths, width)
	}
	out := bufio.NewWriter(w)
	for _, line := range lines {
		text := tableLine(line, widths)
		if width > 0 {
			text = cut(text, width)
		}
		fmt.Fprintln(out, text)
	}
	return out.Flush()
}

// fit narrows the widest columns until a line has at most total columns.
func fit(widths []int, total int) {
	room := total - gap*(len(widths)-1)
	for limit := total; limit >= minCell; limit-- {
		sum := 0
		for i := range widths {
			widths[i] = min(widths[i], limit)
			sum += widths[i]
		}
		if sum <= room {
			return
		}
	}
}

// tableLine pads the cells of a row to their widths.
func tableLine(cells []string, widths []int) string {
	var b strings.Builder
	for i, text := range cells {
		text = cut(text, widths[i])
		b.WriteString(text)
		if i < len(cells)-1 {
			b.WriteString(strings.Repeat(" ", widths[i]-columns(text)+gap))
		}
	}
	return strings.TrimRight(b.String(), " ")
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
	if len(keep) == 0 {
		return
	}
	g.columns = pick(g.columns)
	for i := range g.rows {
		g.rows[i] = pick(g.rows[i])
	}
}

// oneLine shows line breaks and other control characters as spaces and drops
// marks that turn the direction of writing, so that a value can neither break
// the table nor steer the terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
}

// columns is the width of a text on a terminal: wide East Asian characters and
// emoji take two columns, combining marks none.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && r <= 0x115f, // Hangul Jamo
		r >= 0x2e80 && r <= 0xa4cf && r != 0x303f, // CJK, kana, Yi
		r >= 0xac00 && r <= 0xd7a3,                // Hangul
		r >= 0xf900 && r <= 0xfaff,                // CJK compatibility
		r >= 0xfe30 && r <= 0xfe6f,                // forms of punctuation
		r >= 0xff01 && r <= 0xff60,                // full width
		r >= 0xffe0 && r <= 0xffe6,                // full width signs
		r >= 0x1f300 && r <= 0x1faff,              // emoji
		r >= 0x20000 && r <= 0x3fffd:              // further CJK
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

// writeCSV prints rows as CSV (RFC 4180, but lines end with LF) with a header;
// a single object is one row. Values are printed as they are: a program that
// reads them must get what the portal has, so cells that a spreadsheet would
// take for a formula are not changed.
func writeCSV(w io.Writer, values [][]byte) error {
	g, err := newGrid(together(values), true)
	if err != nil {
		return err
	}
	if len(g.columns) == 0 {
		return nil
	}
	out := bufio.NewWriter(w)
	writer := csv.NewWriter(out)
	for _, row := range append([][]string{g.columns}, g.rows...) {
		if len(row) == 1 && row[0] == "" {
			// Readers skip a line that is empty.
			writer.Flush()
			_, _ = out.WriteString("\"\"\n")
			continue
		}
		if err := writer.Write(row); err != nil {
			return err
		}
	}
	writer.Flush()
	return errors.Join(writer.Error(), out.Flush())
}
