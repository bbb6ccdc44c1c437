package render

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape writes characters that PHP escapes without need (\/ and \u041e) as
// themselves. The JSON means the same and can be read.
func unescape(text []byte) []byte {
	if !bytes.ContainsRune(text, '\\') {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] != '\\' || i+1 == len(text) {
			out = append(out, text[i])
			i++
			continue
		}
		switch {
		case text[i+1] == '/':
			out = append(out, '/')
			i += 2
		case text[i+1] == 'u' && i+6 <= len(text):
			n := 6
			if utf16.IsSurrogate(hexRune(text[i:])) && bytes.HasPrefix(text[i+6:], []byte(`\u`)) && i+12 <= len(text) {
				n = 12
			}
			character, size := plain(text[i : i+n])
			out = append(out, character...)
			i += size
		default:
			out = append(out, text[i], text[i+1])
			i += 2
		}
	}
	return out
}

// hexRune is the number behind \u.
func hexRune(escape []byte) rune {
	n, err := strconv.ParseUint(string(escape[2:6]), 16, 16)
	if err != nil {
		return utf8.RuneError
	}
	return rune(n)
}

// plain returns an escape, or two that make a pair, as the character it means
// and how many bytes of the escape that used. A character that needs an escape
// or would not be seen keeps it; so does half a pair.
func plain(escape []byte) ([]byte, int) {
	r := hexRune(escape)
	size := 6
	if utf16.IsSurrogate(r) {
		if len(escape) < 12 {
			return escape, size
		}
		if r = utf16.DecodeRune(r, hexRune(escape[6:])); r == utf8.RuneError {
			return escape[:size], size
		}
		size = 12
	}
	if r == '"' || r == '\\' || r == utf8.RuneError || !unicode.IsPrint(r) {
		return escape[:size], size
	}
	return utf8.AppendRune(nil, r), size
}

// colour marks keys, texts and other values of indented or compact JSON.
func colour(text []byte) []byte {
	const key, str, scalar, end = "\x1b[34m", "\x1b[32m", "\x1b[33m", "\x1b[0m"
	out := make([]byte, 0, len(text)*3/2)
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '"':
			n := stringEnd(text[i:])
			mark := str
			if i+n < len(text) && text[i+n] == ':' {
				mark = key
			}
			out = append(append(append(out, mark...), text[i:i+n]...), end...)
			i += n
		case bytes.IndexByte([]byte("{}[]:, \n"), c) >= 0:
			out = append(out, c)
			i++
		default:
			n := bytes.IndexAny(text[i:], ",]} \n")
			if n < 0 {
				n = len(text) - i
			}
			out = append(append(append(out, scalar...), text[i:i+n]...), end...)
			i += n
		}
	}
	return out
}

// stringEnd is the length of the JSON text that begins at b[0].
func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}
