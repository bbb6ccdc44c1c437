package sandbox

import (
	"bytes"
	"encoding/xml"
	"regexp"
	"sync"

	"github.com/oint-go/oint/internal/phpquery"
)

// appendXML writes an answer as <response>…</response>. Keys become elements;
// the members of a list, and keys that no element can have, become <item>.
func appendXML(b []byte, body *phpquery.Array) []byte {
	b = append(b, `<?xml version="1.0" encoding="utf-8"?>`+"\n"...)
	return appendElement(b, "response", body)
}

var elementName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)
})

func appendElement(b []byte, name string, value any) []byte {
	if !elementName().MatchString(name) {
		name = "item"
	}
	b = append(append(append(b, '<'), name...), '>')
	switch v := value.(type) {
	case *phpquery.Array:
		for key, member := range v.All() {
			b = appendElement(b, key, member)
		}
	case phpquery.Object:
		for key, member := range v.All() {
			b = appendElement(b, key, member)
		}
	case []any:
		for _, member := range v {
			b = appendElement(b, "item", member)
		}
	default:
		b = appendText(b, phpquery.Text(value))
	}
	return append(append(append(b, "</"...), name...), '>')
}

func appendText(b []byte, text string) []byte {
	buffer := bytes.NewBuffer(b)
	// Writing to a buffer cannot fail.
	_ = xml.EscapeText(buffer, []byte(text))
	return buffer.Bytes()
}
