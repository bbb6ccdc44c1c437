package bind

import (
	"encoding/json"
	"strings"
	"time"
)

// Bool reads a boolean in English or Russian, in any letter case: true/false,
// yes/no, y/n, 1/0, да/нет, истина/ложь.
func Bool(text string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "yes", "y", "1", "да", "истина":
		return true, nil
	case "false", "no", "n", "0", "нет", "ложь":
		return false, nil
	}
	return false, problemf("Use true or false; yes/no, y/n and 1/0 work too.", "%q is neither true nor false", shorten(text, 20))
}

// Number reads a number and returns its JSON text. Spaces between digits and a
// comma as the decimal mark are accepted.
func Number(text string) (json.Number, error) {
	clean := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f':
			return -1
		case ',':
			return '.'
		}
		return r
	}, strings.TrimSpace(text))
	if c := strings.TrimPrefix(clean, "-"); c != "" && c[0] >= '0' && c[0] <= '9' && json.Valid([]byte(clean)) {
		return json.Number(clean), nil
	}
	return "", problemf("Write it like 1250 or 12.5.", "%q is no number", shorten(text, 20))
}

// The forms a date may have; fractions of a second are read with all of them.
var dateForms = []struct {
	layout string
	zone   bool
}{
	{"2006-01-02T15:04:05Z07:00", true},
	{"2006-01-02T15:04:05Z0700", true},
	{"2006-01-02T15:04Z07:00", true},
	{"2006-01-02 15:04:05Z07:00", true},
	{"2006-01-02T15:04:05", false},
	{"2006-01-02T15:04", false},
	{"2006-01-02 15:04:05", false},
	{"2006-01-02 15:04", false},
	{"2006-01-02", false},
	{"20060102150405", false},
	{"20060102", false},
}

// Date reads a date in ISO 8601 or as the digits yyyyMMddHHmmss. The second
// result tells whether the text names its zone; without one the time is in UTC
// and stands for the wall clock.
func Date(text string) (t time.Time, zoned bool, err error) {
	text = strings.TrimSpace(text)
	for _, form := range dateForms {
		if t, err := time.Parse(form.layout, text); err == nil {
			return t, form.zone, nil
		}
	}
	return time.Time{}, false, problemf("Write it like 2026-05-26, 2026-05-26T14:15:40 or 2026-05-26T14:15:40+03:00.", "%q is no date", shorten(text, 40))
}

// Unescape replaces \n, \r, \f and \v by the characters they stand for; \\n is
// the two characters \n. Text that begins like JSON is left alone, for JSON has
// escapes of its own.
func Unescape(text string) string {
	trimmed := strings.TrimSpace(text)
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		return text
	}
	return unescaper.Replace(text)
}

var unescaper = strings.NewReplacer(
	`\\n`, `\n`, `\\r`, `\r`, `\\f`, `\f`, `\\v`, `\v`,
	`\n`, "\n", `\r`, "\r", `\f`, "\f", `\v`, "\v",
)
