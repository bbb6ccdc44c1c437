package xlsx

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// utf8Reader turns the text of a part into UTF-8 without a mark. XML in UTF-16
// begins with a mark, or else with the two bytes of its first <.
func utf8Reader(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 16)
	start, _ := b.Peek(3) // what is wrong will be told by the reading
	order := unicode.LittleEndian
	switch {
	case bytes.HasPrefix(start, []byte{0xef, 0xbb, 0xbf}):
		_, _ = b.Discard(3) // they have been looked at
		return b
	case bytes.HasPrefix(start, []byte{0, '<'}):
		order = unicode.BigEndian
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}), bytes.HasPrefix(start, []byte{0xfe, 0xff}), bytes.HasPrefix(start, []byte{'<', 0}):
	default:
		return b
	}
	return transform.NewReader(b, unicode.UTF16(order, unicode.UseBOM).NewDecoder())
}

// checkDeclaration refuses encodings that a workbook must not have. UTF-16 has
// become UTF-8 before.
func checkDeclaration(instruction []byte) error {
	if !bytes.HasPrefix(instruction, []byte("xml ")) {
		return nil
	}
	_, encoding, ok := strings.Cut(string(instruction), "encoding")
	encoding = strings.Trim(encoding, " \t\r\n=")
	if !ok || len(encoding) < 2 {
		return nil
	}
	encoding, _, _ = strings.Cut(encoding[1:], encoding[:1])
	switch strings.ToLower(encoding) {
	case "utf-8", "utf8", "utf-16", "us-ascii", "ascii":
		return nil
	}
	return fmt.Errorf("the encoding %.40q", encoding)
}
