package sync

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/table"
)

// Kind is how the values of a field are written and compared.
type Kind uint8

// The kinds.
const (
	Text       Kind = iota
	Email           // compared without regard to case
	Phone           // compared by its digits
	Number          // a whole number
	Decimal         // a number
	Date            // a day
	Moment          // a point in time
	Flag            // yes or no, written Y and N
	Switch          // yes or no, written 1 and 0
	Department      // id of a department; in tables its path too
	Person          // id of a user; in tables the e-mail address too, or a key that is chosen
	Picture         // a file, compared by its SHA-256; see pictureValue
)

// Value is the value of a field in the form it is written to the portal; a list
// has any number of items, everything else one or, when it is empty, none.
type Value []string

// MarshalJSON writes an empty value as "", one item as a text, several as a list.
func (v Value) MarshalJSON() ([]byte, error) {
	switch len(v) {
	case 0:
		return []byte(`""`), nil
	case 1:
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// UnmarshalJSON reads a text or a list of texts.
func (v *Value) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*v = nil
		if one != "" {
			*v = Value{one}
		}
		return nil
	}
	var list []string
	if err := json.Unmarshal(data, &list); err != nil {
		return fmt.Errorf("a value is a text or a list of texts, not %.40s", data)
	}
	*v = list
	return nil
}

// String is the value in one line for people.
func (v Value) String() string { return strings.Join(v, "; ") }

// wire is the value as a parameter. An empty list has no form of its own in a
// query; the portal takes an empty text for it.
func (f *Field) wire(v Value) any {
	switch {
	case len(v) == 0:
		return ""
	case f.Multiple:
		return []string(v)
	}
	return v[0]
}

// same compares two values of the field.
func (f *Field) same(a, b Value) bool { return f.canonical(a) == f.canonical(b) }

// canonical is the form of a value in which equal ones are equal.
func (f *Field) canonical(v Value) string {
	switch len(v) {
	case 0:
		return ""
	case 1:
		return f.Kind.canonical(v[0])
	}
	items := make([]string, 0, len(v))
	for _, item := range v {
		if c := f.Kind.canonical(item); c != "" {
			items = append(items, c)
		}
	}
	slices.Sort(items)
	return strings.Join(slices.Compact(items), itemMark)
}

func (k Kind) canonical(item string) string {
	// A letter and its accent are one character or two; nobody sees which.
	item = norm.NFC.String(plainText(item))
	switch k {
	case Email:
		return strings.ToLower(item)
	case Phone:
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" \u00a0-–().\t", r) {
				return -1
			}
			return r
		}, strings.ToLower(item))
	case Picture:
		item, _, _ = strings.Cut(item, " ")
	}
	return item
}

// The marks between the items of a value and the values of a row in memory.
const (
	itemMark  = "\x1e"
	valueMark = "\x1f"
)

// plainText has the line ends of the portal, and neither blanks around it nor
// characters that nobody sees.
func plainText(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

// read is the value in a cell of a table. Departments and persons are left as
// they are written.
func (f *Field) read(cell table.Cell) (Value, error) {
	items := []string{cell.Text}
	if f.Multiple {
		items = split(cell)
	}
	var v Value
	for _, item := range items {
		item, err := f.Kind.normal(plainText(item))
		if err != nil {
			return nil, err
		}
		if item != "" {
			v = append(v, item)
		}
	}
	return v, nil
}

// split takes a list apart: a JSON list, or items between semicolons.
func split(cell table.Cell) []string {
	var list []bitrix24.Text
	if strings.HasPrefix(strings.TrimSpace(cell.Text), "[") && json.Unmarshal([]byte(cell.Text), &list) == nil {
		items := make([]string, len(list))
		for i, item := range list {
			items[i] = string(item)
		}
		return items
	}
	return strings.Split(cell.Text, ";")
}

// joined is a list in a cell; split undoes it.
func joined(v Value) string {
	for _, item := range v {
		if strings.ContainsAny(item, ";\n") || strings.HasPrefix(strings.TrimSpace(item), "[") {
			if text, err := json.Marshal([]string(v)); err == nil {
				return string(text)
			}
		}
	}
	return strings.Join(v, "; ")
}

// normal is a text in the form that the portal takes.
func (k Kind) normal(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	switch k {
	case Email:
		switch {
		case !isEmail(text):
			return "", fmt.Errorf("%q is no e-mail address", text)
		case len(text) > maxEmail:
			return "", fmt.Errorf("%.30q… is longer than the %d characters of an e-mail address; a portal would cut it off", text, maxEmail)
		}
	case Number:
		if n, err := strconv.ParseInt(strings.TrimSuffix(text, ".0"), 10, 64); err == nil {
			return strconv.FormatInt(n, 10), nil
		}
		return "", fmt.Errorf("%q is no whole number", text)
	case Decimal:
		x, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
		if err != nil {
			return "", fmt.Errorf("%q is no number", text)
		}
		return strconv.FormatFloat(x, 'f', -1, 64), nil
	case Date, Moment:
		return normalTime(k, text)
	case Flag, Switch:
		return normalFlag(k, text)
	}
	return text, nil
}

func normalFlag(k Kind, text string) (string, error) {
	yes, no := "Y", "N"
	if k == Switch {
		yes, no = "1", "0"
	}
	switch strings.ToLower(text) {
	case "y", "yes", "true", "1", "да", "истина":
		return yes, nil
	case "n", "no", "false", "0", "нет", "ложь":
		return no, nil
	}
	return "", fmt.Errorf("%q is neither yes nor no", text)
}

// timeLayouts are the ways to write a time that leave no doubt about day and
// month.
var timeLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly,
	"02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006", "2.1.2006", "2006/01/02",
}

// normalTime reads a time. One without a zone is taken as UTC; a day is the one
// that is written, whatever the zone.
func normalTime(k Kind, text string) (string, error) {
	for _, layout := range timeLayouts {
		t, err := time.Parse(layout, text)
		switch {
		case err != nil:
		case k == Date:
			return t.Format(time.DateOnly), nil
		default:
			return t.UTC().Format(time.RFC3339), nil
		}
	}
	return "", fmt.Errorf("%q is no date such as 2026-05-31 or 31.05.2026", text)
}

// maxEmail is how long an e-mail address may be (RFC 5321); a portal keeps 255
// characters.
const maxEmail = 254

// isEmail accepts a bare address whose domain has a dot.
func isEmail(text string) bool {
	address, err := mail.ParseAddress(text)
	if err != nil || address.Address != text {
		return false
	}
	_, domain, _ := strings.Cut(text, "@")
	return strings.Contains(strings.Trim(domain, "."), ".")
}

// fromPortal is the value that a field of an answer has. What cannot be read is
// kept as its text, so that it shows as different.
func (f *Field) fromPortal(raw json.RawMessage) Value {
	items := []json.RawMessage{raw}
	if f.Multiple && len(raw) > 0 && raw[0] == '[' {
		items = nil
		_ = json.Unmarshal(raw, &items) // the answer was decoded, so it is a list
	}
	var v Value
	for _, item := range items {
		var text bitrix24.Text
		if len(item) == 0 {
			continue
		}
		if string(item) == "false" && (f.Kind == Flag || f.Kind == Switch) {
			text = "0"
		} else if json.Unmarshal(item, &text) != nil {
			text = bitrix24.Text(item)
		}
		normal, err := f.Kind.normal(string(text))
		if err != nil || f.Kind == Email {
			normal = string(text)
		}
		if normal == "" || normal == "0" && (f.Kind == Department || f.Kind == Person) {
			continue
		}
		v = append(v, normal)
	}
	return v
}

var kindNames = [...]string{"text", "email", "phone", "number", "decimal", "date", "moment", "flag", "switch", "department", "person", "picture"}

// MarshalText names the kind.
func (k Kind) MarshalText() ([]byte, error) { return []byte(kindNames[k]), nil }

// UnmarshalText reads the name of a kind.
func (k *Kind) UnmarshalText(text []byte) error {
	i := slices.Index(kindNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is no kind of field", text)
	}
	*k = Kind(i)
	return nil
}
