package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// sniffed is how much of a file is looked at to find out encoding and
// delimiter, in bytes.
const sniffed = 64 << 10

// openStream opens CSV or JSON Lines, whatever it begins like.
func openStream(name string, r io.ReadCloser) (Reader, error) {
	buffered := bufio.NewReaderSize(r, sniffed)
	start, err := buffered.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, &Error{File: name, Problem: "it cannot be read", Err: cause(err)}
	}
	decode, err := decoder(name, start, errors.Is(err, io.EOF))
	if err != nil {
		return nil, err
	}
	// Spreadsheets in Cyrillic countries save Windows-1251.
	guessed := decode == nil
	if guessed {
		decode = charmap.Windows1251.NewDecoder()
	}
	text := bufio.NewReaderSize(transform.NewReader(buffered, decode), sniffed)
	start, _ = text.Peek(sniffed) // what is wrong will be told by the reading
	if bytes.HasPrefix(bytes.TrimSpace(start), []byte("{")) {
		if guessed {
			return nil, &Error{File: name, Problem: "it is JSON Lines, and no UTF-8", Remedy: "Save it as UTF-8."}
		}
		return newLines(name, closing{text, r}), nil
	}
	if bytes.IndexByte(start, '\n') < 0 && bytes.IndexByte(start, '\r') >= 0 {
		text = bufio.NewReaderSize(transform.NewReader(text, lineEnds{}), sniffed) // as old Macs end lines
		start, _ = text.Peek(sniffed)
	}
	return newCSV(name, closing{text, r}, delimiter(start), guessed)
}

// lineEnds makes line feeds of carriage returns.
type lineEnds struct{ transform.NopResetter }

// Transform implements transform.Transformer.
func (lineEnds) Transform(dst, src []byte, _ bool) (written, read int, err error) {
	n := copy(dst, src)
	for i, b := range dst[:n] {
		if b == '\r' {
			dst[i] = '\n'
		}
	}
	if n < len(src) {
		err = transform.ErrShortDst
	}
	return n, n, err
}

// closing reads one thing and closes another.
type closing struct {
	io.Reader
	io.Closer
}

// decoder finds the encoding by a byte order mark, or UTF-8 where it is valid; of
// other texts, for which it is nil, the encoding can only be guessed.
func decoder(name string, start []byte, whole bool) (transform.Transformer, error) {
	switch {
	case bytes.HasPrefix(start, []byte{0xef, 0xbb, 0xbf}):
		return unicode.UTF8BOM.NewDecoder(), nil
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}), bytes.HasPrefix(start, []byte{0xfe, 0xff}):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder(), nil
	}
	if n := bytes.Count(start, []byte{0}); n > 0 {
		if order, ok := widthOf(start); ok {
			return unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder(), nil
		}
		return nil, &Error{File: name, Problem: "it is no table but a binary file", Remedy: "Save it as CSV, or give an .xlsx file its own ending."}
	}
	if !whole {
		start = start[:lastRune(start)]
	}
	if mostlyUTF8(start) {
		return transform.Nop, nil // what is broken in it will be told by the reading
	}
	if bytes.ContainsFunc(start, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\r\n\f", r) }) {
		return nil, &Error{File: name, Problem: "it is no table but a binary file", Remedy: "Save it as CSV, or give an .xlsx file its own ending."}
	}
	return nil, nil
}

// mostlyUTF8 tells whether a text is UTF-8, if perhaps a broken one: its characters
// of several bytes outnumber the bytes that are none. In other encodings such
// pairs of bytes are rare.
func mostlyUTF8(text []byte) bool {
	long, broken := 0, 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case size > 1:
			long++
		case r == utf8.RuneError:
			broken++
		}
		text = text[size:]
	}
	return broken == 0 || long > broken
}

// lastRune is where the last, perhaps cut, character begins.
func lastRune(b []byte) int {
	i := len(b)
	for i > 0 && len(b)-i < utf8.UTFMax {
		i--
		if utf8.RuneStart(b[i]) {
			break
		}
	}
	return i
}

// widthOf tells UTF-16 without a mark from binary files: every second byte of
// Latin text is 0.
func widthOf(start []byte) (unicode.Endianness, bool) {
	var zeros [2]int
	for i, b := range start {
		if b == 0 {
			zeros[i%2]++
		}
	}
	half := len(start) / 2
	switch {
	case zeros[0] == 0 && zeros[1] > half/2:
		return unicode.LittleEndian, true
	case zeros[1] == 0 && zeros[0] > half/2:
		return unicode.BigEndian, true
	}
	return unicode.LittleEndian, false
}

// delimiter is the one of the usual characters that the header has most often
// outside of quotes; a comma when it has none.
func delimiter(start []byte) rune {
	best, most := ',', 0
	for _, candidate := range ",;\t|" {
		n, quoted := 0, false
		for _, c := range string(start) {
			switch {
			case c == '"':
				quoted = !quoted
			case c == candidate && !quoted:
				n++
			}
			if c == '\n' && !quoted {
				break
			}
		}
		if n > most {
			best, most = candidate, n
		}
	}
	return best
}

// csvReader reads a CSV file.
type csvReader struct {
	file    string
	reader  *csv.Reader
	closer  io.Closer
	columns []string
	names   map[string]int
	guessed bool // the encoding; then texts may be wrong
}

func newCSV(name string, r io.ReadCloser, comma rune, guessed bool) (Reader, error) {
	reader := csv.NewReader(r)
	reader.Comma, reader.FieldsPerRecord, reader.ReuseRecord = comma, -1, true
	c := &csvReader{file: name, reader: reader, closer: r, guessed: guessed}
	first, err := c.record()
	if err == nil || errors.Is(err, io.EOF) {
		c.columns = slices.Clone(first)
		if c.names, err = header(name, c.columns); err == nil {
			err = c.readable(1, c.columns, c.columns)
		}
	}
	if err != nil {
		_ = r.Close() // it was only read; the first error is the one to tell
		return nil, err
	}
	return c, nil
}

func (c *csvReader) Columns() []string { return c.columns }

func (c *csvReader) Close() error { return c.closer.Close() }

// record reads the next line that is not blank.
func (c *csvReader) record() ([]string, error) {
	for {
		record, err := c.reader.Read()
		var broken *csv.ParseError
		switch {
		case errors.As(err, &broken):
			return nil, &Error{
				File: c.file, Row: broken.StartLine, Problem: fmt.Sprintf("broken CSV in line %d", broken.Line), Err: broken.Err,
				Remedy: `A value with a quote is written "like ""this"" one".`,
			}
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case err != nil:
			return nil, &Error{File: c.file, Problem: "it cannot be read", Err: cause(err)}
		case !isBlank(record):
			return record, nil
		}
	}
}

func (c *csvReader) Next() (*Row, error) {
	record, err := c.record()
	if err != nil {
		return nil, err
	}
	line, _ := c.reader.FieldPos(0)
	if len(record) != len(c.columns) {
		return nil, &Error{
			File: c.file, Row: line, Problem: fmt.Sprintf("the row has %d cells, the header %d", len(record), len(c.columns)),
			Remedy: "A value that holds the delimiter needs quotes.",
		}
	}
	row := &Row{Number: line, names: c.names, cells: make([]Cell, len(record))}
	for i, text := range record {
		if len(text) > maxCell {
			return nil, &Error{File: c.file, Row: line, Column: c.columns[i], Problem: fmt.Sprintf("the cell has %d bytes; at most %d are possible", len(text), maxCell), Remedy: "Look for a quote that is not closed."}
		}
		row.cells[i] = Cell{Text: unquoted(text)}
	}
	return row, c.readable(line, c.columns, record)
}

// readable refuses cells with characters that were not decoded, or not well.
func (c *csvReader) readable(line int, columns, cells []string) error {
	for i, text := range cells {
		if strings.ContainsRune(text, utf8.RuneError) || strings.ContainsRune(text, 0) {
			return &Error{File: c.file, Row: line, Column: columns[i], Problem: "a character cannot be read", Remedy: "Save the table as UTF-8, and look whether it is complete."}
		}
		if c.guessed && (mixed(text) || foreign().MatchString(text)) {
			return &Error{File: c.file, Row: line, Column: columns[i], Problem: fmt.Sprintf("the text is neither UTF-8 nor, as it seems, Windows-1251, where it reads %.60q", text), Remedy: "Save the table as UTF-8."}
		}
	}
	return nil
}

// foreign finds what KOI8-R and CP866 look like when they are read as
// Windows-1251: words in small and capital letters the wrong way round, and signs
// inside words.
var foreign = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|\PL)[а-яё][А-ЯЁ]{3,}(?:\PL|$)|[¤¬¦]\pL|\pL[¤¬¦]|®\pL`)
})

// mixed tells whether small Latin and Cyrillic letters stand side by side, as
// they do when another encoding than Windows-1251 is read as it.
func mixed(text string) bool {
	var before rune
	for _, r := range text {
		if latin(r) && cyrillic(before) || cyrillic(r) && latin(before) {
			return true
		}
		before = r
	}
	return false
}

func latin(r rune) bool { return r >= 'a' && r <= 'z' }

func cyrillic(r rune) bool { return r >= 'Ѐ' && r <= 'ӿ' }
