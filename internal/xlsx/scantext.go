package xlsx

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// readText reads a piece of text outside of CDATA. The piece may be empty.
func (s *scanner) readText() error {
	if s.buf[s.at] == '&' {
		return s.readReference()
	}
	piece := s.buf[s.at:s.end]
	if i := bytes.IndexByte(piece, '<'); i >= 0 {
		piece = piece[:i]
	}
	if i := bytes.IndexByte(piece, '&'); i >= 0 {
		piece = piece[:i]
	}
	s.take(piece)
	return nil
}

// readReference reads an entity or a character reference.
func (s *scanner) readReference() error {
	const longest = len("&#x0010FFFF;")
	s.has(longest) // there may be less before the end
	end := bytes.IndexByte(s.buf[s.at:min(s.end, s.at+longest)], ';')
	if end < 0 {
		return s.broken("an & that begins no reference")
	}
	var ok bool
	if s.decoded, ok = appendReference(s.decoded[:0], s.buf[s.at+1:s.at+end]); !ok {
		return s.broken("an unknown reference")
	}
	s.text, s.lineEnd = s.decoded, false
	s.at += end + 1
	return nil
}

// readCDATA reads a piece of CDATA; false when there is none before its end.
func (s *scanner) readCDATA() (bool, error) {
	const end = "]]>"
	s.has(len(end)) // there may be less before the end
	piece := s.buf[s.at:s.end]
	switch i := bytes.Index(piece, []byte(end)); {
	case i == 0:
		s.at += len(end)
		s.cdata = false
		return false, nil
	case i > 0:
		piece = piece[:i]
	case len(piece) < len(end):
		return false, s.finish()
	default:
		piece = piece[:len(piece)-len(end)+1] // the end may have begun
	}
	s.take(piece)
	return len(s.text) > 0, nil
}

// take returns a piece of text up to a CR, which ends a line as a line feed does,
// alone or with one.
func (s *scanner) take(piece []byte) {
	if s.lineEnd && piece[0] == '\n' {
		s.at++
		piece = piece[1:]
	}
	s.lineEnd = false
	switch i := bytes.IndexByte(piece, '\r'); {
	case i == 0:
		s.at++
		s.decoded = append(s.decoded[:0], '\n')
		s.text, s.lineEnd = s.decoded, true
		return
	case i > 0:
		piece = piece[:i]
	}
	s.at += len(piece)
	s.text = piece
}

// appendReference appends the character that a reference stands for.
func appendReference(b, name []byte) ([]byte, bool) {
	switch string(name) {
	case "amp":
		return append(b, '&'), true
	case "lt":
		return append(b, '<'), true
	case "gt":
		return append(b, '>'), true
	case "quot":
		return append(b, '"'), true
	case "apos":
		return append(b, '\''), true
	}
	digits, base := bytes.TrimPrefix(name, []byte("#")), 10
	if len(digits) == len(name) {
		return b, false
	}
	if len(digits) > 0 && digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	if err != nil || n == 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return b, false
	}
	return utf8.AppendRune(b, rune(n)), true
}

// appendText appends the text of the element that has just begun and moves
// behind its end. It stops to keep what is longer than limit, and returns one
// byte more than that then.
func (s *scanner) appendText(b []byte, limit int) ([]byte, error) {
	for around := s.depth() - 1; ; {
		t, err := s.next()
		switch {
		case err != nil:
			return b, err
		case t == tokenText:
			b = appendUpTo(b, s.text, limit)
		case t == tokenStart:
			if err := s.skip(); err != nil {
				return b, err
			}
		case s.depth() == around:
			return b, nil
		}
	}
}

func appendUpTo(b, text []byte, limit int) []byte {
	return append(b, text[:min(len(text), limit+1-len(b))]...)
}
