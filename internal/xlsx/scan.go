package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// scanner reads the XML of a part token by token: elements, attributes, text,
// CDATA, the five entities and character references. It leaves out comments and
// processing instructions, refuses document types, and looks at names without
// their prefix. What it returns is valid until the next call.
type scanner struct {
	r       io.Reader
	buf     []byte // read and not used up: buf[at:end]
	at, end int
	passed  int64 // bytes before buf
	err     error // of r

	name  []byte // of the element that begins or ends, without its prefix
	attrs []attribute
	text  []byte

	open    []byte // the names of the elements around
	marks   []int  // where each of them begins in open
	rooted  bool   // the first element has begun
	closing bool   // the end of an empty element is due
	cdata   bool   // within CDATA
	lineEnd bool   // a CR was read, for which a line feed has been returned
	decoded []byte // values with references
}

type attribute struct{ name, value []byte }

type token uint8

const (
	tokenStart token = iota + 1
	tokenEnd
	tokenText
)

const (
	scanBuffer = 64 << 10
	maxTag     = 1 << 20 // of a tag, comment or instruction, in bytes; lists of ranges are long
	maxDepth   = 256     // of elements in elements
)

func newScanner(r io.Reader) *scanner {
	return &scanner{r: r, buf: make([]byte, scanBuffer)}
}

// next reads a token; io.EOF after the last.
func (s *scanner) next() (token, error) {
	if s.closing {
		s.closing = false
		s.pop()
		return tokenEnd, nil
	}
	for {
		if s.at == s.end && !s.more() {
			return 0, s.finish()
		}
		switch {
		case s.cdata:
			if text, err := s.readCDATA(); text || err != nil {
				return tokenText, err
			}
		case s.buf[s.at] == '<':
			if t, err := s.readMarkup(); t != 0 || err != nil {
				return t, err
			}
		default:
			if err := s.readText(); err != nil {
				return 0, err
			}
			if len(s.marks) > 0 && len(s.text) > 0 {
				return tokenText, nil
			}
			if len(bytes.TrimSpace(s.text)) > 0 {
				return 0, s.broken("text outside of the elements")
			}
		}
	}
}

// finish is the error at the end of what can be read.
func (s *scanner) finish() error {
	if !errors.Is(s.err, io.EOF) {
		return s.err
	}
	if len(s.marks) > 0 || !s.rooted || s.cdata || s.at < s.end {
		return fmt.Errorf("the XML breaks off at byte %d: %w", s.passed+int64(s.end), io.ErrUnexpectedEOF)
	}
	return io.EOF
}

// more reads on; false at the end and after an error.
func (s *scanner) more() bool {
	if s.err != nil {
		return false
	}
	if s.at > 0 {
		copy(s.buf, s.buf[s.at:s.end])
		s.passed += int64(s.at)
		s.end -= s.at
		s.at = 0
	}
	if s.end == len(s.buf) {
		if len(s.buf) >= maxTag {
			s.err = s.broken(fmt.Sprintf("a tag of more than %d bytes", maxTag))
			return false
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		s.err = err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	s.err = io.ErrNoProgress
	return false
}

func (s *scanner) broken(problem string) error {
	return fmt.Errorf("broken XML at byte %d: %s", s.passed+int64(s.at), problem)
}

// readMarkup reads what begins with <. It returns no token for what is left out.
func (s *scanner) readMarkup() (token, error) {
	s.lineEnd = false
	if !s.has(2) {
		return 0, s.finish()
	}
	switch s.buf[s.at+1] {
	case '?':
		text, err := s.until(2, "?>")
		if err == nil {
			err = checkDeclaration(text)
		}
		return 0, err
	case '!':
		return 0, s.readDeclaration()
	}
	n, err := s.tagEnd()
	if err != nil {
		return 0, err
	}
	tag := s.buf[s.at+1 : s.at+n]
	if tag[0] == '/' {
		err = s.readEnd(tag[1:])
		s.at += n + 1
		return tokenEnd, err
	}
	err = s.readStart(tag)
	s.at += n + 1
	return tokenStart, err
}

// readDeclaration reads what begins with <!.
func (s *scanner) readDeclaration() error {
	if s.has(4) && string(s.buf[s.at:s.at+4]) == "<!--" {
		_, err := s.until(4, "-->")
		return err
	}
	const begin = "<![CDATA["
	if len(s.marks) > 0 && s.has(len(begin)) && string(s.buf[s.at:s.at+len(begin)]) == begin {
		s.at += len(begin)
		s.cdata = true
		return nil
	}
	return s.broken("a document type, which no workbook has")
}

// has tells whether n bytes can be looked at.
func (s *scanner) has(n int) bool {
	for s.end-s.at < n {
		if !s.more() {
			return false
		}
	}
	return true
}

// until returns what stands between the first from bytes and an end, and moves
// behind it.
func (s *scanner) until(from int, end string) ([]byte, error) {
	for {
		if s.end-s.at >= from {
			if i := bytes.Index(s.buf[s.at+from:s.end], []byte(end)); i >= 0 {
				text := s.buf[s.at+from : s.at+from+i]
				s.at += from + i + len(end)
				return text, nil
			}
		}
		if !s.more() {
			return nil, s.finish()
		}
	}
}

// tagEnd finds the > of a tag, counted from its <.
func (s *scanner) tagEnd() (int, error) {
	quote := byte(0)
	for i := 1; ; {
		for ; s.at+i < s.end; i++ {
			switch c := s.buf[s.at+i]; {
			case c == '<':
				return 0, s.broken("a < within a tag")
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '>':
				if i == 1 {
					return 0, s.broken("a tag without a name")
				}
				return i, nil
			}
		}
		if !s.more() {
			return 0, s.finish()
		}
	}
}

// readStart reads the inside of a start tag.
func (s *scanner) readStart(tag []byte) error {
	if len(s.marks) == 0 && s.rooted {
		return s.broken("a second root element")
	}
	if len(s.marks) == maxDepth {
		return s.broken(fmt.Sprintf("more than %d elements in each other", maxDepth))
	}
	s.rooted = true
	if tag[len(tag)-1] == '/' {
		s.closing = true
		tag = tag[:len(tag)-1]
	}
	full, rest := splitName(tag)
	if len(full) == 0 {
		return s.broken("a tag without a name")
	}
	s.marks = append(s.marks, len(s.open))
	s.open = append(s.open, full...)
	s.name = local(full)
	return s.readAttributes(rest)
}

func (s *scanner) readAttributes(rest []byte) error {
	s.attrs, s.decoded = s.attrs[:0], s.decoded[:0]
	for {
		if rest = trimLeft(rest); len(rest) == 0 {
			return nil
		}
		var name []byte
		name, rest = splitName(rest)
		rest = trimLeft(rest)
		if len(name) == 0 || len(rest) == 0 || rest[0] != '=' {
			return s.broken("an attribute without a value")
		}
		if rest = trimLeft(rest[1:]); len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return s.broken("a value without quotes")
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return s.broken("a value without its second quote")
		}
		value := rest[1 : 1+end]
		if bytes.IndexByte(value, '&') >= 0 {
			var ok bool
			if value, ok = s.expand(value); !ok {
				return s.broken("an unknown reference in an attribute")
			}
		}
		s.attrs = append(s.attrs, attribute{name, value})
		rest = rest[end+2:]
	}
}

// expand replaces the references in a value.
func (s *scanner) expand(value []byte) ([]byte, bool) {
	from := len(s.decoded)
	for len(value) > 0 {
		i := bytes.IndexByte(value, '&')
		if i < 0 {
			break
		}
		end := bytes.IndexByte(value[i:], ';')
		if end < 0 {
			return nil, false
		}
		s.decoded = append(s.decoded, value[:i]...)
		var ok bool
		if s.decoded, ok = appendReference(s.decoded, value[i+1:i+end]); !ok {
			return nil, false
		}
		value = value[i+end+1:]
	}
	s.decoded = append(s.decoded, value...)
	return s.decoded[from:], true
}

// readEnd reads the inside of an end tag.
func (s *scanner) readEnd(tag []byte) error {
	full, rest := splitName(tag)
	if len(trimLeft(rest)) > 0 || len(s.marks) == 0 || !bytes.Equal(full, s.open[s.marks[len(s.marks)-1]:]) {
		return s.broken("an end tag of another element")
	}
	s.pop()
	return nil
}

// pop leaves an element.
func (s *scanner) pop() {
	last := len(s.marks) - 1
	s.name = local(s.open[s.marks[last]:])
	s.open = s.open[:s.marks[last]]
	s.marks = s.marks[:last]
}

// depth is the number of elements around.
func (s *scanner) depth() int { return len(s.marks) }

// attr is the value of an attribute without a prefix; nil when it is not there.
func (s *scanner) attr(name string) []byte {
	for i := range s.attrs {
		if string(s.attrs[i].name) == name {
			return s.attrs[i].value
		}
	}
	return nil
}

// related is the value of an attribute id that has a prefix, whichever it is.
func (s *scanner) related() []byte {
	for i := range s.attrs {
		if bytes.HasSuffix(s.attrs[i].name, []byte(":id")) && !bytes.HasPrefix(s.attrs[i].name, []byte("xmlns:")) {
			return s.attrs[i].value
		}
	}
	return nil
}

// skip moves behind the end of the element that has just begun.
func (s *scanner) skip() error {
	for around := s.depth() - 1; ; {
		t, err := s.next()
		if err != nil {
			return err
		}
		if t == tokenEnd && s.depth() == around {
			return nil
		}
	}
}

// splitName splits a name from what follows it.
func splitName(tag []byte) (name, rest []byte) {
	for i, c := range tag {
		switch c {
		case ' ', '\t', '\r', '\n', '=', '/', '"', '\'':
			return tag[:i], tag[i:]
		}
	}
	return tag, nil
}

func local(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i > 0 && i+1 < len(name) {
		return name[i+1:]
	}
	return name
}

func trimLeft(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	return b
}

// isSpace tells whether XML takes a byte for white space.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
