package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"
)

// sharedTexts are the texts that cells name by their numbers, behind each other.
type sharedTexts struct {
	text []byte
	ends []uint32
	long map[int]bool // texts that are too long for a cell
}

// maxShared is the memory that the texts may take, in bytes.
const maxShared = 256 << 20

// readShared reads the shared texts; a workbook without the part has none.
func (w *Workbook) readShared() (*sharedTexts, error) {
	texts := &sharedTexts{long: map[int]bool{}}
	p, err := w.archive.open(w.shared)
	if err != nil || p == nil {
		return texts, err
	}
	for {
		t, err := p.next()
		if errors.Is(err, io.EOF) {
			return texts, p.end(nil)
		}
		if err == nil && t == tokenStart && p.depth() > 1 {
			if string(p.scanner.name) == "si" {
				err = texts.add(p.scanner, w.longest)
			} else {
				err = p.skip()
			}
		}
		if err != nil {
			return nil, p.end(err)
		}
	}
}

func (t *sharedTexts) add(s *scanner, longest int) error {
	from := len(t.text)
	text, err := appendContent(t.text, s, from+longest)
	if err != nil {
		return err
	}
	if len(text)-from > longest {
		t.long[len(t.ends)] = true
		text = text[:from]
	}
	t.text = text
	t.ends = append(t.ends, uint32(len(text)))
	if len(t.text)+4*len(t.ends) > maxShared {
		return &Error{Problem: fmt.Sprintf("the texts of the workbook take more than %d MB", maxShared>>20), Remedy: "Save the sheet as .csv."}
	}
	return nil
}

// find returns a text by its number; false when it is too long to be kept.
func (t *sharedTexts) find(number []byte) ([]byte, bool, error) {
	n, err := strconv.Atoi(string(bytes.TrimSpace(number)))
	if err != nil || n < 0 || n >= len(t.ends) {
		return nil, false, fmt.Errorf("the workbook has no text with the number %.20q", number)
	}
	from := uint32(0)
	if n > 0 {
		from = t.ends[n-1]
	}
	return t.text[from:t.ends[n]], !t.long[n], nil
}

// appendContent appends the text of <si> or <is>: plain, or in runs with formats.
// How it is pronounced is left out. More than limit bytes are cut to one more.
func appendContent(b []byte, s *scanner, limit int) ([]byte, error) {
	from, around := len(b), s.depth()-1
	for {
		t, err := s.next()
		switch {
		case err != nil:
			return b, err
		case t == tokenEnd && s.depth() == around:
			if len(b) > limit {
				return b, nil
			}
			return b[:from+len(unescape(b[from:]))], nil
		case t != tokenStart || string(s.name) == "r":
		case string(s.name) == "t":
			b, err = appendRun(b, s, limit)
		default:
			err = s.skip()
		}
		if err != nil {
			return b, err
		}
	}
}

// appendRun appends the text of <t>. Spreadsheets drop white space around it
// unless it is to be preserved.
func appendRun(b []byte, s *scanner, limit int) ([]byte, error) {
	preserve := string(s.attr("xml:space")) == "preserve"
	from := len(b)
	b, err := s.appendText(b, limit)
	if preserve || err != nil || len(b) > limit {
		return b, err
	}
	return append(b[:from], bytes.Trim(b[from:], " \t\r\n")...), nil
}

// unescape decodes _xHHHH_, as which workbooks have the characters that XML has
// not, in place.
func unescape(b []byte) []byte {
	if !bytes.Contains(b, []byte("_x")) {
		return b
	}
	out := b[:0]
	for len(b) > 0 {
		u, ok := escaped(b)
		if !ok {
			out, b = append(out, b[0]), b[1:]
			continue
		}
		b = b[escapeLength:]
		r := rune(u)
		if low, ok := escaped(b); ok && u >= 0xd800 && u < 0xdc00 && low >= 0xdc00 && low < 0xe000 {
			r = 0x10000 + (rune(u)-0xd800)<<10 + (rune(low) - 0xdc00)
			b = b[escapeLength:]
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

const escapeLength = len("_xHHHH_")

// escaped reads an escape at the beginning of a text.
func escaped[T string | []byte](b T) (uint16, bool) {
	if len(b) < escapeLength || b[0] != '_' || b[1] != 'x' || b[escapeLength-1] != '_' {
		return 0, false
	}
	u, err := strconv.ParseUint(string(b[2:escapeLength-1]), 16, 16)
	return uint16(u & math.MaxUint16), err == nil
}
