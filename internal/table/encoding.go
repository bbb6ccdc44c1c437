package table

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	utf16 "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// decoder finds the encoding by a byte order mark, or UTF-8 where it is valid or
// nearly so; of other texts, for which it is nil, the encoding can only be guessed.
func decoder(name string, start []byte, whole bool) (transform.Transformer, error) {
	switch {
	case bytes.HasPrefix(start, []byte(mark)):
		return transform.Nop, nil
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}), bytes.HasPrefix(start, []byte{0xfe, 0xff}):
		return utf16.UTF16(utf16.LittleEndian, utf16.UseBOM).NewDecoder(), nil
	}
	if n := bytes.Count(start, []byte{0}); n > 0 {
		if order, ok := widthOf(start); ok {
			return utf16.UTF16(order, utf16.IgnoreBOM).NewDecoder(), nil
		}
		return nil, &Error{File: name, Problem: "it is no table but a binary file", Remedy: "Save it as CSV, or give an .xlsx file its own ending."}
	}
	if !whole {
		start = start[:lastRune(start)]
	}
	if utf8.Valid(start) {
		return transform.Nop, nil
	}
	if bytes.ContainsFunc(start, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\r\n\f", r) }) {
		return nil, &Error{File: name, Problem: "it is no table but a binary file", Remedy: "Save it as CSV, or give an .xlsx file its own ending."}
	}
	if valid, broken := utf8In(start); valid > broken {
		return transform.Nop, nil // whoever reads the broken characters tells where they are
	}
	return nil, nil
}

// mark is the byte order mark of UTF-8.
const mark = "\xef\xbb\xbf"

const remedyUTF8 = "Save the table as UTF-8."

// shownTo quotes what stands before a character that cannot be read, and that.
func shownTo(text string, at int) string {
	_, size := utf8.DecodeRuneInString(text[at:])
	before := []rune(text[:at])
	return fmt.Sprintf("%q", string(before[max(len(before)-20, 0):])+text[at:at+size])
}

// utf8In counts the characters of more than one byte, and the bytes that belong to
// none. Texts in Windows-1251 hardly have such characters: a capital letter would
// have to come before a punctuation mark, and every other letter is a broken byte.
func utf8In(text []byte) (valid, broken int) {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			broken++
		case size > 1:
			valid++
		}
		text = text[size:]
	}
	return valid, broken
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
func widthOf(start []byte) (utf16.Endianness, bool) {
	var zeros [2]int
	for i, b := range start {
		if b == 0 {
			zeros[i%2]++
		}
	}
	half := len(start) / 2
	switch {
	case zeros[0] == 0 && zeros[1] > half/2:
		return utf16.LittleEndian, true
	case zeros[1] == 0 && zeros[0] > half/2:
		return utf16.BigEndian, true
	}
	return utf16.LittleEndian, false
}
