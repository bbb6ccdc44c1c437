package bitrix24

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// ID is the id of a user, department, task … The portal sends ids as numbers or
// as texts, depending on the method; both are read. "No id" in its forms null,
// false, "" and [] reads as 0.
type ID int64

// String returns the id in decimal.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// UnmarshalJSON reads a number or a text.
func (id *ID) UnmarshalJSON(data []byte) error {
	text, err := scalarText(data)
	if err != nil {
		return fmt.Errorf("id: %w", err)
	}
	switch text {
	case "", "false":
		*id = 0
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("id: %q is no whole number", text)
	}
	*id = ID(n)
	return nil
}

// IDs is a list of ids. A single id and "none" (null, false, "", []) are read
// as lists too.
type IDs []ID

// UnmarshalJSON reads a list, an object of ids or a single id.
func (ids *IDs) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if len(data) > 0 && data[0] == '[' {
		var list []ID
		if err := json.Unmarshal(data, &list); err != nil {
			return err
		}
		*ids = list
		return nil
	}
	var id ID
	if err := id.UnmarshalJSON(data); err != nil {
		return err
	}
	*ids = nil
	if id != 0 {
		*ids = IDs{id}
	}
	return nil
}

// Bool is a boolean in any of the portal's forms: true and false, "Y" and "N",
// 1 and 0 as number or text. null, "" and [] read as false.
type Bool bool

// UnmarshalJSON reads any of the forms.
func (b *Bool) UnmarshalJSON(data []byte) error {
	text, err := scalarText(data)
	if err != nil {
		return fmt.Errorf("boolean: %w", err)
	}
	switch strings.ToLower(text) {
	case "true", "y", "1", "yes":
		*b = true
	case "false", "n", "0", "no", "":
		*b = false
	default:
		return fmt.Errorf("boolean: %q is none", text)
	}
	return nil
}

// Text is a text that the portal may also send as a number, and as null, false
// or [] when it is empty.
type Text string

// UnmarshalJSON reads any scalar.
func (t *Text) UnmarshalJSON(data []byte) error {
	text, err := scalarText(data)
	if err != nil {
		return fmt.Errorf("text: %w", err)
	}
	if text == "false" && data[0] != '"' {
		text = ""
	}
	*t = Text(text)
	return nil
}

// scalarText returns the text of a JSON scalar; null and an empty array, PHP's
// habits for "nothing", are the empty text.
func scalarText(data []byte) (string, error) {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0 || string(data) == "null":
		return "", nil
	case data[0] == '"':
		if bytes.IndexByte(data, '\\') < 0 {
			return string(data[1 : len(data)-1]), nil
		}
		var s string
		err := json.Unmarshal(data, &s)
		return s, err
	case data[0] == '[' || data[0] == '{':
		if len(bytes.TrimSpace(data[1:len(data)-1])) == 0 {
			return "", nil
		}
		return "", fmt.Errorf("%s is no single value", shorten(string(data), 40))
	}
	return string(data), nil
}

// shorten cuts a text to at most n runes.
func shorten(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n]) + "…"
}
