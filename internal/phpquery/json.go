package phpquery

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Object is an array that is always written as a JSON object, also when it is
// empty or a list.
type Object struct{ *Array }

// Decode reads JSON into nil, bool, string, json.Number and *Array, which keep
// the order of keys and the text of numbers.
func Decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := decode(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("text after the JSON")
	}
	return v, nil
}

// maxDepth is how deep PHP's json_decode goes: its limit of 512 counts what is
// inside the innermost brackets too.
const maxDepth = 511

func decode(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if depth == maxDepth {
		return nil, fmt.Errorf("more than %d brackets inside each other", maxDepth)
	}
	a := NewArray()
	for d.More() {
		key := ""
		if delim == '{' {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			key = name.(string)
		}
		v, err := decode(d, depth+1)
		if err != nil {
			return nil, err
		}
		if delim == '{' {
			a.Set(key, v)
		} else {
			a.Append(v)
		}
	}
	_, err = d.Token()
	return a, err
}

// AppendJSON writes a value as PHP's json_encode does: an array with the keys
// 0…n-1 is a list, also an empty one; slashes and non-ASCII stay as they are.
// Values of other types are left to encoding/json.
func AppendJSON(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case json.Number:
		if v == "" {
			return append(b, '0'), nil
		}
		return append(b, v...), nil
	case *Array:
		return appendArray(b, v, v.IsList())
	case Object:
		return appendArray(b, v.Array, false)
	case []any:
		return appendList(b, v)
	case string:
		if isPlain(v) {
			b = append(b, '"')
			b = append(b, v...)
			return append(b, '"'), nil
		}
	}
	buffer := bytes.NewBuffer(b)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// isPlain tells whether a text needs no escapes, as most do.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func appendList(b []byte, list []any) ([]byte, error) {
	b = append(b, '[')
	var err error
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = AppendJSON(b, v); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendArray(b []byte, a *Array, list bool) ([]byte, error) {
	open, end := byte('{'), byte('}')
	if list {
		open, end = '[', ']'
	}
	b = append(b, open)
	var err error
	first := true
	for key, value := range a.All() {
		if !first {
			b = append(b, ',')
		}
		first = false
		if !list {
			if b, err = AppendJSON(b, key); err != nil {
				return nil, err
			}
			b = append(b, ':')
		}
		if b, err = AppendJSON(b, value); err != nil {
			return nil, err
		}
	}
	return append(b, end), nil
}

// MarshalJSON makes an array a value for encoding/json too.
func (a *Array) MarshalJSON() ([]byte, error) { return AppendJSON(nil, a) }

// MarshalJSON keeps an object one inside other values too.
func (o Object) MarshalJSON() ([]byte, error) { return AppendJSON(nil, o) }
