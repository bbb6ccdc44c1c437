package bitrix24

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// The functions of this file cut JSON into its parts without copying it. They
// take only JSON that was checked as a whole before: an answer has pages of rows,
// and encoding/json would check every part again at every level.

// objectMembers yields the members of an object; of anything else nothing.
func objectMembers(raw json.RawMessage) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		i := skipSpace(raw, 0)
		if i >= len(raw) || raw[i] != '{' {
			return
		}
		for i = skipSpace(raw, i+1); i < len(raw) && raw[i] == '"'; {
			end := skipValue(raw, i)
			name := memberName(raw[i:end])
			start := skipSpace(raw, skipSpace(raw, end)+1) // past the colon
			end = skipValue(raw, start)
			if !yield(name, raw[start:end:end]) {
				return
			}
			if i = skipSpace(raw, end); i < len(raw) && raw[i] == ',' {
				i = skipSpace(raw, i+1)
			}
		}
	}
}

// arrayElements yields the elements of an array; of anything else nothing.
func arrayElements(raw json.RawMessage) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		i := skipSpace(raw, 0)
		if i >= len(raw) || raw[i] != '[' {
			return
		}
		for i = skipSpace(raw, i+1); i < len(raw) && raw[i] != ']'; {
			end := skipValue(raw, i)
			if !yield(raw[i:end:end]) {
				return
			}
			if i = skipSpace(raw, end); i < len(raw) && raw[i] == ',' {
				i = skipSpace(raw, i+1)
			}
		}
	}
}

// objectMember returns one member, or nil.
func objectMember(raw json.RawMessage, name string) json.RawMessage {
	for n, value := range objectMembers(raw) {
		if n == name {
			return value
		}
	}
	return nil
}

func memberName(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 && utf8.Valid(quoted) {
		return string(quoted[1 : len(quoted)-1])
	}
	var name string
	_ = json.Unmarshal(quoted, &name) // checked before
	return name
}

func skipSpace(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the place behind the value that begins at i, and always one
// behind i.
func skipValue(raw []byte, i int) int {
	depth := 0
	for start := i; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			if i = skipString(raw, i); depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				return i + depth + 1
			}
		case ',', ' ', '\n', '\t', '\r':
			if depth == 0 && i > start {
				return i
			}
		}
	}
	return len(raw)
}

// skipString returns the place of the quote that ends the string at i.
func skipString(raw []byte, i int) int {
	for i++; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(raw) - 1
}
