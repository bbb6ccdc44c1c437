package bitrix24

import (
	"encoding/json"
	"fmt"
	"net/url"
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
