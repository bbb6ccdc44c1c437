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
// comma as the decimal mark are accepted, as in the original: "1,250" is one
// and a quarter.
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

// The forms a date may have; fractions of a second are read with all of them
// that have seconds.
var dateForms = []struct {
	layout string
	zone   bool
}{
	{"2006-01-02T15:04:05Z07:00", true},
	{"2006-01-02T15:04:05Z0700", true},
	{"2006-01-02T15:04:05Z07", true},
	{"2006-01-02T15:04Z07:00", true},
	{"2006-01-02T15:04Z0700", true},
	{"2006-01-02T15:04Z07", true},
	{"2006-01-02T15:04:05", false},
	{"2006-01-02T15:04", false},
	{"2006-01-02", false},
	{"20060102150405", false},
	{"20060102T150405Z0700", true},
	{"20060102T150405", false},
	{"20060102", false},
	{"1/2/2006 3:04:05 PM", false}, // as the original's manual has dates
	{"1/2/2006 3:04 PM", false},
}

// maxOffset is the greatest distance of a zone from UTC, in seconds.
const maxOffset = 14 * 60 * 60

// Date reads a date in ISO 8601, as the digits yyyyMMddHHmmss, or as 5/26/2026
// 2:15:40 PM. Between date and time a space may stand for the T. The second result tells whether the
// text names its zone; without one the time is in UTC and stands for the wall
// clock.
func Date(text string) (t time.Time, zoned bool, err error) {
	clean := strings.ToUpper(strings.TrimSpace(text))
	if len(clean) > 10 && clean[10] == ' ' && !strings.Contains(clean, "/") {
		clean = clean[:10] + "T" + strings.TrimLeft(clean[11:], " ")
	}
	for _, form := range dateForms {
		t, err := time.Parse(form.layout, clean)
		if err != nil {
			continue
		}
		if _, offset := t.Zone(); offset < -maxOffset || offset > maxOffset {
			break
		}
		return t, form.zone, nil
	}
	return time.Time{}, false, problemf(
		"Write it like 2026-05-26, 2026-05-26T14:15:40, 2026-05-26T14:15:40+03:00 or 20260526141540.",
		"%q is no date", shorten(text, 40))
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
