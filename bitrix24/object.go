package bitrix24

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Params are the parameters of a call by name: a Fields map where their order
// is free, an *Object where it matters.
type Params interface {
	// ordered returns the parameters in the order they are sent.
	ordered() *Object
}

// Fields are parameters without an order of their own; they are sent sorted by
// name. Values are anything encoding/json can write.
type Fields map[string]any

func (f Fields) ordered() *Object {
	o := &Object{}
	o.grow(len(f))
	o.names = slices.AppendSeq(o.names, maps.Keys(f))
	slices.Sort(o.names)
	for _, name := range o.names {
		o.values = append(o.values, f[name])
	}
	return o
}

// Object is a JSON object that keeps the order of its keys. Some REST methods
// read their parameters by position (task.checklistitem.update and others), so
// the order is part of the call. The zero value is an empty object.
type Object struct {
	names  []string
	values []any
}

// NewObject makes an object from names and values in turn:
//
//	bitrix24.NewObject("TASKID", 12, "ITEMID", 7)
//
// A name that is no string is written with fmt.Sprint; a last name without a
// value gets null.
func NewObject(namesAndValues ...any) *Object {
	o := &Object{}
	for i := 0; i < len(namesAndValues); i += 2 {
		name, ok := namesAndValues[i].(string)
		if !ok {
			name = fmt.Sprint(namesAndValues[i])
		}
		var value any
		if i+1 < len(namesAndValues) {
			value = namesAndValues[i+1]
		}
		o.Set(name, value)
	}
	return o
}

func (o *Object) ordered() *Object { return o }

// Len returns the number of keys; a nil object has none.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.names)
}

// Get returns the value under name.
func (o *Object) Get(name string) (any, bool) {
	if i := o.index(name); i >= 0 {
		return o.values[i], true
	}
	return nil, false
}

// Set puts value under name. A known name keeps its place, a new one goes to
// the end.
func (o *Object) Set(name string, value any) {
	if i := o.index(name); i >= 0 {
		o.values[i] = value
		return
	}
	o.append(name, value)
}

// SetPath puts value under a path of names joined by dots, and makes the objects
// in between: "fields.TITLE". A name with brackets is a list of one element:
// "remind[].type". What stands in the way is replaced.
func (o *Object) SetPath(path string, value any) {
	first, rest, nested := strings.Cut(path, ".")
	name, list := strings.CutSuffix(first, "[]")
	if nested {
		current, _ := o.Get(name)
		if elements, ok := current.([]any); ok && len(elements) > 0 {
			current = elements[0]
		}
		inner, ok := current.(*Object)
		if !ok {
			inner = &Object{}
		}
		inner.SetPath(rest, value)
		value = inner
	}
	if list {
		value = []any{value}
	}
	o.Set(name, value)
}

// Delete removes name.
func (o *Object) Delete(name string) {
	if i := o.index(name); i >= 0 {
		o.names = slices.Delete(o.names, i, i+1)
		o.values = slices.Delete(o.values, i, i+1)
	}
}

// All yields names and values in order.
func (o *Object) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for i := range o.Len() {
			if !yield(o.names[i], o.values[i]) {
				return
			}
		}
	}
}

// grow makes room for n more keys.
func (o *Object) grow(n int) {
	o.names, o.values = slices.Grow(o.names, n), slices.Grow(o.values, n)
}

func (o *Object) append(name string, value any) {
	o.names = append(o.names, name)
	o.values = append(o.values, value)
}

func (o *Object) index(name string) int {
	if o == nil {
		return -1
	}
	return slices.Index(o.names, name)
}

// MarshalJSON writes the keys in order.
func (o *Object) MarshalJSON() ([]byte, error) { return o.appendJSON(nil) }

// UnmarshalJSON reads an object and keeps the order of its keys. Objects inside
// become *Object, arrays []any, and numbers keep their text as json.Number.
func (o *Object) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	value, err := decodeOrdered(d)
	if err != nil {
		return err
	}
	read, ok := value.(*Object)
	if !ok {
		return fmt.Errorf("not a JSON object: %s", shorten(string(data), 40))
	}
	*o = *read
	return nil
}

func decodeOrdered(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := &Object{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := decodeOrdered(d)
			if err != nil {
				return nil, err
			}
			o.Set(name.(string), value)
		}
		_, err := d.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			value, err := decodeOrdered(d)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := d.Token()
		return list, err
	}
	return token, nil
}

func (o *Object) appendJSON(b []byte) ([]byte, error) {
	b = append(b, '{')
	var err error
	for i := range o.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, o.names[i])
		b = append(b, ':')
		if b, err = appendValue(b, o.values[i]); err != nil {
			return nil, fmt.Errorf("parameter %s: %w", o.names[i], err)
		}
	}
	return append(b, '}'), nil
}

// appendValue writes the common kinds itself and leaves the rest to
// encoding/json, without its escapes for HTML.
func appendValue(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(b, "null"...), nil
	case string:
		return appendString(b, v), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case ID:
		return strconv.AppendInt(b, int64(v), 10), nil
	case Secret:
		return appendString(b, v.text), nil
	case *Object:
		return v.appendJSON(b)
	case Content:
		return v.appendJSON(b)
	case File:
		return v.appendJSON(b)
	case Files:
		return v.appendJSON(b)
	case json.RawMessage:
		if len(v) == 0 {
			return append(b, "null"...), nil
		}
		compact := bytes.NewBuffer(b)
		if err := json.Compact(compact, v); err != nil {
			return nil, err
		}
		return compact.Bytes(), nil
	}
	buffer := bytes.NewBuffer(b)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// appendString writes a JSON string. Bytes that are no UTF-8 become U+FFFD, as
// in encoding/json.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
