package render

import (
	"bytes"
	"encoding/json"
	"unicode/utf16"
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
			if r := hexRune(text[i:]); utf16.IsSurrogate(r) {
				n = 12
			}
			n = min(n, len(text)-i)
			out = append(out, plain(text[i:i+n])...)
			i += n
		default:
			out = append(out, text[i], text[i+1])
			i += 2
		}
	}
	return out
}

func hexRune(escape []byte) rune {
	var r rune
	for _, c := range escape[2:6] {
		r <<= 4
		switch {
		case c >= '0' && c <= '9':
			r |= rune(c - '0')
		case c >= 'a' && c <= 'f':
			r |= rune(c - 'a' + 10)
		case c >= 'A' && c <= 'F':
			r |= rune(c - 'A' + 10)
		}
	}
	return r
}

// plain returns an escape as the character it means, unless that character
// needs an escape or would not be seen.
func plain(escape []byte) []byte {
	var s string
	if json.Unmarshal(append(append([]byte{'"'}, escape...), '"'), &s) != nil {
		return escape
	}
	for _, r := range s {
		if r < 0x20 || r == '"' || r == '\\' || r == 0x7f || r == 0xfffd || r == 0x2028 || r == 0x2029 || r == 0xfeff {
			return escape
		}
	}
	return []byte(s)
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
