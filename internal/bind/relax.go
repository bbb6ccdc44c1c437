package bind

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of JSON.
const maxDepth = 512

// Relax rewrites lenient JSON to strict JSON. Besides JSON it reads texts in
// single quotes, keys without quotes, comments (// and # to the end of the
// line, /* */), commas before a closing bracket, and line breaks inside quotes.
// A byte order mark before it is skipped.
//
// The order of keys and the text of numbers stay as they are; of a key that
// stands twice the last value wins. Anything else is a *SyntaxError: nothing is
// guessed.
func Relax(text []byte) (json.RawMessage, error) {
	r := &relaxer{in: bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))}
	out, err := r.document()
	if err != nil {
		return nil, err
	}
	return out, nil
}

// relaxer is a recursive descent over the text. It returns the strict text of
// each value, so that a repeated key can replace the value before it.
type relaxer struct {
	in    []byte
	pos   int
	depth int
}

func (r *relaxer) document() ([]byte, error) {
	if !utf8.Valid(r.in) {
		return nil, r.fail("a byte that is no UTF-8 text; save the text as UTF-8", badByte(r.in))
	}
	if err := r.space(); err != nil {
		return nil, err
	}
	if r.pos == len(r.in) {
		return nil, r.fail("there is no JSON", r.pos)
	}
	out, err := r.value()
	if err != nil {
		return nil, err
	}
	if err := r.space(); err != nil {
		return nil, err
	}
	if r.pos < len(r.in) {
		return nil, r.fail("text after the end of the JSON", r.pos)
	}
	return out, nil
}

// badByte is the place of the first byte that is no UTF-8.
func badByte(b []byte) int {
	for i := 0; i < len(b); {
		c, size := utf8.DecodeRune(b[i:])
		if c == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(b)
}

func (r *relaxer) fail(problem string, at int) *SyntaxError {
	before := r.in[:at]
	line := 1 + bytes.Count(before, []byte("\n"))
	before = before[bytes.LastIndexByte(before, '\n')+1:]
	return &SyntaxError{
		Line: line, Column: 1 + utf8.RuneCount(before), Problem: problem,
		Near: shorten(strings.ToValidUTF8(string(r.in[at:min(len(r.in), at+80)]), "\ufffd"), 20),
	}
}

// space skips white space and comments.
func (r *relaxer) space() error {
	for r.pos < len(r.in) {
		rest := r.in[r.pos:]
		switch {
		case bytes.HasPrefix(rest, []byte("/*")):
			end := bytes.Index(rest[2:], []byte("*/"))
			if end < 0 {
				return r.fail("a comment without its */", r.pos)
			}
			r.pos += end + 4
		case bytes.HasPrefix(rest, []byte("//")), rest[0] == '#':
			end := bytes.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			r.pos += end
		default:
			c, size := utf8.DecodeRune(rest)
			if !unicode.IsSpace(c) && c != '\ufeff' {
				return nil
			}
			r.pos += size
		}
	}
	return nil
}

func (r *relaxer) value() ([]byte, error) {
	if r.pos == len(r.in) {
		return nil, r.fail("the text ends where a value should stand", r.pos)
	}
	switch c := r.in[r.pos]; {
	case c == '{':
		return r.object()
	case c == '[':
		return r.array()
	case c == '"' || c == '\'':
		s, err := r.quoted()
		if err != nil {
			return nil, err
		}
		return quote(s), nil
	default:
		return r.word()
	}
}

// enter counts a level of nesting.
func (r *relaxer) enter() error {
	r.depth++
	if r.depth > maxDepth {
		return r.fail(fmt.Sprintf("more than %d brackets inside each other", maxDepth), r.pos)
	}
	r.pos++
	return r.space()
}

// next reads the comma or the closing bracket after a member.
func (r *relaxer) next(open int, end byte) (done bool, err error) {
	if err := r.space(); err != nil {
		return false, err
	}
	if r.pos == len(r.in) {
		return false, r.fail(fmt.Sprintf("the %q that opens here is never closed", r.in[open]), open)
	}
	switch r.in[r.pos] {
	case ',':
		r.pos++
		if err := r.space(); err != nil {
			return false, err
		}
		if r.pos < len(r.in) && r.in[r.pos] == end {
			r.pos++
			return true, nil
		}
		if r.pos == len(r.in) {
			return false, r.fail(fmt.Sprintf("the %q that opens here is never closed", r.in[open]), open)
		}
		return false, nil
	case end:
		r.pos++
		return true, nil
	}
	problem := fmt.Sprintf("expected a comma or %q", end)
	if mark := r.in[r.pos-1]; mark == '\'' || mark == '"' {
		problem += fmt.Sprintf(" (inside such quotes the quote itself is written \\%c)", mark)
	}
	return false, r.fail(problem, r.pos)
}

func (r *relaxer) object() ([]byte, error) {
	open := r.pos
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer func() { r.depth-- }()
	var (
		keys   []string
		values [][]byte
		at     = map[string]int{}
	)
	done := r.pos < len(r.in) && r.in[r.pos] == '}'
	if done {
		r.pos++
	}
	for !done {
		key, err := r.key(open)
		if err != nil {
			return nil, err
		}
		value, err := r.value()
		if err != nil {
			return nil, err
		}
		if i, twice := at[key]; twice {
			values[i] = value
		} else {
			at[key] = len(keys)
			keys, values = append(keys, key), append(values, value)
		}
		if done, err = r.next(open, '}'); err != nil {
			return nil, err
		}
	}
	out := []byte{'{'}
	for i, key := range keys {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, quote(key)...), ':'), values[i]...)
	}
	return append(out, '}'), nil
}

// key reads a key and the colon after it.
func (r *relaxer) key(open int) (string, error) {
	if r.pos == len(r.in) {
		return "", r.fail("the '{' that opens here is never closed", open)
	}
	start := r.pos
	var key string
	if c := r.in[r.pos]; c == '"' || c == '\'' {
		var err error
		if key, err = r.quoted(); err != nil {
			return "", err
		}
	} else {
		key = r.bare()
		if key == "" {
			return "", r.fail("expected a key", start)
		}
	}
	if err := r.space(); err != nil {
		return "", err
	}
	if r.pos == len(r.in) || r.in[r.pos] != ':' {
		return "", r.fail("expected a colon after the key", r.pos)
	}
	r.pos++
	return key, r.space()
}

// bare reads the characters of a key without quotes: letters with their marks,
// digits and what Bitrix24's filters put before them (">=DATE", "!ID", "%NAME").
func (r *relaxer) bare() string {
	start := r.pos
	for r.pos < len(r.in) {
		c, size := utf8.DecodeRune(r.in[r.pos:])
		if !unicode.In(c, unicode.L, unicode.M, unicode.Nd) && !strings.ContainsRune("_$-.!<>=%@+", c) {
			break
		}
		r.pos += size
	}
	return string(r.in[start:r.pos])
}

func (r *relaxer) array() ([]byte, error) {
	open := r.pos
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer func() { r.depth-- }()
	out := []byte{'['}
	done := r.pos < len(r.in) && r.in[r.pos] == ']'
	if done {
		r.pos++
	}
	for !done {
		if r.pos == len(r.in) {
			return nil, r.fail("the '[' that opens here is never closed", open)
		}
		value, err := r.value()
		if err != nil {
			return nil, err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, value...)
		if done, err = r.next(open, ']'); err != nil {
			return nil, err
		}
	}
	return append(out, ']'), nil
}

// word reads true, false, null or a number; the text of a number is kept.
func (r *relaxer) word() ([]byte, error) {
	start := r.pos
	for r.pos < len(r.in) {
		c, size := utf8.DecodeRune(r.in[r.pos:])
		if unicode.IsSpace(c) || strings.ContainsRune(",:]}[{\"'/#", c) {
			break
		}
		r.pos += size
	}
	text := r.in[start:r.pos]
	switch string(text) {
	case "true", "false", "null":
		return text, nil
	case "":
		return nil, r.fail("expected a value", start)
	}
	if json.Valid(text) {
		return text, nil
	}
	if c := text[0]; c == '-' || c == '+' || c == '.' || c >= '0' && c <= '9' {
		return nil, r.fail("no number as JSON writes it (put quotes around a text)", start)
	}
	return nil, r.fail("a text without quotes", start)
}

// quoted reads a text in single or double quotes.
func (r *relaxer) quoted() (string, error) {
	open := r.pos
	mark := r.in[open]
	r.pos++
	var b strings.Builder
	for r.pos < len(r.in) {
		c := r.in[r.pos]
		switch {
		case c == mark:
			r.pos++
			return b.String(), nil
		case c == '\\':
			if err := r.escape(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
			r.pos++
		}
	}
	return "", r.fail("the quote that opens here is never closed", open)
}

// escape reads a backslash and what follows.
func (r *relaxer) escape(b *strings.Builder) error {
	start := r.pos
	if r.pos+1 == len(r.in) {
		return r.fail("the text ends after a backslash", start)
	}
	c := r.in[r.pos+1]
	r.pos += 2
	switch c {
	case '"', '\'', '\\', '/':
		b.WriteByte(c)
	case 'b', 'f', 'n', 'r', 't':
		b.WriteByte("\b\f\n\r\t"[strings.IndexByte("bfnrt", c)])
	case 'u':
		return r.unicode(b, start)
	default:
		return r.fail("a backslash before a character that needs none (write \\\\ for a backslash)", start)
	}
	return nil
}

// unicode reads the digits of \uXXXX, and of the second half of a pair. A half
// alone becomes U+FFFD, as in encoding/json.
func (r *relaxer) unicode(b *strings.Builder, start int) error {
	c, ok := hexRune(r.in[r.pos:])
	if !ok {
		return r.fail("\\u needs four hexadecimal digits", start)
	}
	r.pos += 4
	if utf16.IsSurrogate(c) {
		low, ok := rune(0), false
		if bytes.HasPrefix(r.in[r.pos:], []byte(`\u`)) {
			low, ok = hexRune(r.in[r.pos+2:])
		}
		if c = utf16.DecodeRune(c, low); ok && c != unicode.ReplacementChar {
			r.pos += 6
		}
	}
	b.WriteRune(c)
	return nil
}

// hexRune reads four hexadecimal digits.
func hexRune(text []byte) (rune, bool) {
	if len(text) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[:4]), 16, 16)
	return rune(n), err == nil
}

// quote writes a JSON text without escapes for HTML.
func quote(s string) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	// A string can always be encoded.
	_ = encoder.Encode(s)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
