package xlsx

import (
	"fmt"
	"unicode/utf8"
)

// MaxText is how many characters a cell of a workbook holds, counted as UTF-16
// does. Spreadsheets call a file with longer ones damaged.
const MaxText = 32767

// isLongerThan tells whether a text has more than n characters.
func isLongerThan(text string, n int) bool { return len(text) > n && length(text) > n }

// length is the length of a text in UTF-16.
func length(text string) int {
	n := 0
	for _, r := range text {
		if n++; r >= 0x10000 {
			n++
		}
	}
	return n
}

// Shorten cuts a text to what a cell holds. The last character is an ellipsis then.
func Shorten(text string) string {
	if !isLongerThan(text, MaxText) {
		return text
	}
	n := 0
	for i, r := range text {
		if n++; r >= 0x10000 {
			n++
		}
		if n >= MaxText {
			return text[:i] + "…"
		}
	}
	return text
}

// appendEscaped appends a text as XML. Characters that XML has not, and what looks
// like the escape of one, are escaped as workbooks do.
func appendEscaped(b []byte, text string) []byte {
	from := 0
	for i := 0; i < len(text); {
		c := text[i]
		if isPlain(c) {
			i++
			continue
		}
		size, replacement := 1, ""
		switch {
		case c == '&':
			replacement = "&amp;"
		case c == '<':
			replacement = "&lt;"
		case c == '>':
			replacement = "&gt;"
		case c == '_':
			if _, ok := escaped(text[i:]); ok {
				replacement = "_x005F_"
			}
		case c < ' ':
			replacement = fmt.Sprintf("_x%04X_", c)
		default:
			var r rune
			r, size = utf8.DecodeRuneInString(text[i:])
			switch {
			case r == utf8.RuneError && size == 1:
				replacement = string(utf8.RuneError)
			case r == 0xfffe || r == 0xffff:
				replacement = fmt.Sprintf("_x%04X_", r)
			}
		}
		if replacement != "" {
			b = append(b, text[from:i]...)
			b = append(b, replacement...)
			from = i + size
		}
		i += size
	}
	return append(b, text[from:]...)
}

// isPlain tells whether a byte stands for itself wherever it is.
func isPlain(c byte) bool {
	switch c {
	case '&', '<', '>', '_':
		return false
	case '\t', '\n':
		return true
	}
	return c >= ' ' && c < utf8.RuneSelf
}
