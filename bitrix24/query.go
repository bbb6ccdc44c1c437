package bitrix24

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// queryOf writes parameters as a query: lists and objects in PHP's brackets.
func queryOf(params *Object) (string, error) { return (&queryWriter{}).write(params) }

// batchQuery writes the parameters of a command in a batch. A query has only
// texts, so true and false become what PHP makes of them, 1 and 0, and an empty
// list, which has no member to write, an empty text.
func batchQuery(params *Object) (string, error) { return (&queryWriter{php: true}).write(params) }

type queryWriter struct {
	b   strings.Builder
	php bool
}

func (w *queryWriter) write(params *Object) (string, error) {
	for name, value := range params.All() {
		if file, ok := value.(File); ok {
			if err := w.file(name, file); err != nil {
				return "", fmt.Errorf("parameter %s: %w", name, err)
			}
			continue
		}
		text, err := appendValue(nil, value)
		if err == nil {
			err = w.value(name, text)
		}
		if err != nil {
			return "", fmt.Errorf("parameter %s: %w", name, err)
		}
	}
	return w.b.String(), nil
}

func (w *queryWriter) value(name string, value json.RawMessage) error {
	switch value[0] {
	case '{':
		var o Object
		if err := o.UnmarshalJSON(value); err != nil {
			return err
		}
		return w.members(name, o.names, o.values)
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(value, &list); err != nil {
			return err
		}
		keys, elements := make([]string, len(list)), make([]any, len(list))
		for i := range list {
			keys[i], elements[i] = strconv.Itoa(i), list[i]
		}
		return w.members(name, keys, elements)
	case '"':
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return err
		}
		w.pair(name, text)
		return nil
	}
	text := string(value)
	switch {
	case text == "null":
		text = ""
	case w.php && text == "true":
		text = "1"
	case w.php && text == "false":
		text = "0"
	}
	w.pair(name, text)
	return nil
}

func (w *queryWriter) members(name string, keys []string, values []any) error {
	if len(keys) == 0 && w.php {
		w.pair(name, "")
	}
	for i, key := range keys {
		text, err := appendValue(nil, values[i])
		if err != nil {
			return err
		}
		if err := w.value(name+"["+key+"]", text); err != nil {
			return err
		}
	}
	return nil
}

// file writes the pair [name, base64] without a detour through JSON, which would
// hold a large file in memory several times.
func (w *queryWriter) file(name string, f File) error {
	content, err := f.Content.bytes()
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	w.pair(name+"[0]", f.Name)
	w.pair(name+"[1]", "")
	w.b.Grow(base64.StdEncoding.EncodedLen(len(content)) / 10 * 11)
	var text [4 << 10]byte
	for piece := range slices.Chunk(content, base64.StdEncoding.DecodedLen(len(text))) {
		base64.StdEncoding.Encode(text[:], piece)
		for _, c := range text[:base64.StdEncoding.EncodedLen(len(piece))] {
			switch c {
			case '+':
				w.b.WriteString("%2B")
			case '/':
				w.b.WriteString("%2F")
			case '=':
				w.b.WriteString("%3D")
			default:
				w.b.WriteByte(c)
			}
		}
	}
	return nil
}

func (w *queryWriter) pair(name, value string) {
	if w.b.Len() > 0 {
		w.b.WriteByte('&')
	}
	w.b.WriteString(escape(name))
	w.b.WriteByte('=')
	w.b.WriteString(escape(value))
}

// escape encodes for a query; a space is %20, which every server reads.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
