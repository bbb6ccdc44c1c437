package sandbox

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// The kinds of values that fields hold. The file kind is in files.go.

// textKind is a string.
var textKind = kind{take: takeText, show: showAsIs, key: keyText, parse: parseText}

// idKind is an integer that answers show as a string.
var idKind = kind{take: takeInteger, show: showText, key: keyInteger, parse: parseInteger}

// refKind is the id of something else; 0 means none.
var refKind = kind{take: takeRef, show: showText, key: keyInteger, parse: parseInteger}

// integerKind is an integer that answers show as a number.
var integerKind = kind{take: takeInteger, show: showAsIs, key: keyInteger, parse: parseInteger}

// doubleKind is a decimal number.
var doubleKind = kind{take: takeDouble, show: showAsIs, key: keyDouble, parse: parseDouble}

// flagKind is a yes or no that answers show as true or false.
var flagKind = kind{take: takeFlag, show: showAsIs, key: keyFlag, parse: parseFlag}

// switchKind is a yes or no that answers show as 1 or 0.
var switchKind = kind{take: takeFlag, show: showSwitch, key: keyFlag, parse: parseFlag}

// letterKind is a yes or no that answers show as Y or N.
var letterKind = kind{take: takeFlag, show: showLetter, key: keyFlag, parse: parseFlag}

// dateKind is a day.
var dateKind = kind{take: takeDate, show: showDate, key: keyText, parse: parseDate, dated: true}

// momentKind is a point in time, shown in ISO 8601.
var momentKind = kind{take: takeMoment, show: showMoment(isoLayout), key: keyMoment, parse: parseMoment, dated: true}

// activityKind is a point in time in the form of LAST_ACTIVITY_DATE.
var activityKind = kind{take: takeMoment, show: showMoment("2006-01-02 15:04:05"), key: keyMoment, parse: parseMoment, dated: true}

// treeKind is a nested value that is kept and answered as it came.
var treeKind = kind{take: takeTree, show: showTree, key: func(any) any { return nil }, parse: parseText}

// isoLayout writes the offset of UTC as +00:00, as the portal does.
const isoLayout = "2006-01-02T15:04:05-07:00"

// momentLayouts are the forms in which the portal accepts dates: ISO 8601 and
// its own date format, which in the sandbox is the European one.
var momentLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02",
	"02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006",
}

func takeText(v any) (any, error) {
	if _, nested := v.(*phpquery.Array); nested {
		return nil, errIgnored
	}
	return clean(phpquery.Text(v)), nil
}

func keyText(stored any) any {
	s, _ := stored.(string)
	if s == "" {
		return nil
	}
	return fold(s)
}

func parseText(v any) (any, bool) {
	if _, nested := v.(*phpquery.Array); nested {
		return nil, false
	}
	s := fold(phpquery.Text(v))
	if s == "" {
		return nil, true
	}
	return s, true
}

func showAsIs(_ showing, stored any) any { return stored }

func showText(_ showing, stored any) any { return phpquery.Text(stored) }

func takeInteger(v any) (any, error) {
	s, err := scalar(v)
	if s == "" || err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return nil, &valueError{problem: "the value is not an integer"}
	}
	return number(n), nil
}

func takeRef(v any) (any, error) {
	stored, err := takeInteger(v)
	if stored == number(0) {
		return nil, err
	}
	return stored, err
}

func keyInteger(stored any) any { return intOf(stored) }

// parseInteger reads as PHP does: what does not begin with digits is 0.
func parseInteger(v any) (any, bool) {
	if _, nested := v.(*phpquery.Array); nested {
		return nil, false
	}
	s := phpquery.Text(v)
	if s == "" {
		return nil, true
	}
	return intval(s), true
}

func takeDouble(v any) (any, error) {
	s, err := scalar(v)
	if s == "" || err != nil {
		return nil, err
	}
	x, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		return nil, &valueError{problem: "the value is not a number"}
	}
	return json.Number(strconv.FormatFloat(x, 'f', -1, 64)), nil
}

func keyDouble(stored any) any {
	n, _ := stored.(json.Number)
	x, err := n.Float64()
	if err != nil {
		return nil
	}
	return x
}

func parseDouble(v any) (any, bool) {
	stored, err := takeDouble(v)
	if err != nil {
		return nil, false
	}
	if stored == nil {
		return nil, true
	}
	return keyDouble(stored), true
}

// takeFlag knows the portal's ways to say yes and no; anything else is ignored.
func takeFlag(v any) (any, error) {
	if b, ok := v.(bool); ok {
		return b, nil
	}
	s, err := scalar(v)
	if err != nil {
		return nil, err
	}
	switch strings.ToLower(s) {
	case "y", "true", "1":
		return true, nil
	case "n", "false", "0":
		return false, nil
	}
	return nil, errIgnored
}

func keyFlag(stored any) any {
	if stored == true {
		return int64(1)
	}
	return int64(0)
}

func parseFlag(v any) (any, bool) {
	if phpquery.Text(v) == "" {
		return int64(0), true
	}
	stored, err := takeFlag(v)
	if err != nil {
		return nil, false
	}
	return keyFlag(stored), true
}

func showSwitch(_ showing, stored any) any { return number(keyFlag(stored).(int64)) }

func showLetter(_ showing, stored any) any {
	if stored == true {
		return "Y"
	}
	return "N"
}

func takeDate(v any) (any, error) {
	t, ok, err := moment(v)
	if err != nil || !ok {
		return nil, err
	}
	return t.Format(time.DateOnly), nil
}

func showDate(_ showing, stored any) any {
	return phpquery.Text(stored) + "T00:00:00+00:00"
}

func parseDate(v any) (any, bool) {
	t, ok, err := moment(v)
	return t.Format(time.DateOnly), ok && err == nil
}

func takeMoment(v any) (any, error) {
	t, ok, err := moment(v)
	if err != nil || !ok {
		return nil, err
	}
	return storedTime(t), nil
}

func keyMoment(stored any) any {
	t, ok := timeOf(stored)
	if !ok {
		return nil
	}
	return t.Unix()
}

func parseMoment(v any) (any, bool) {
	t, ok, err := moment(v)
	return t.Unix(), ok && err == nil
}

func showMoment(layout string) func(showing, any) any {
	return func(_ showing, stored any) any {
		t, ok := timeOf(stored)
		if !ok {
			return ""
		}
		return t.Format(layout)
	}
}

// moment reads a date of any accepted form; false for an empty value.
func moment(v any) (time.Time, bool, error) {
	s, err := scalar(v)
	if s == "" || err != nil {
		return time.Time{}, false, err
	}
	for _, layout := range momentLayouts {
		t, err := time.Parse(layout, s)
		if err == nil && t.Year() >= 1 && t.Year() <= 9999 {
			return t, true, nil
		}
	}
	return time.Time{}, false, &valueError{problem: "the value is not a date"}
}

// storedTime is the stored form of a point in time: the portal's time zone is UTC.
func storedTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func timeOf(stored any) (time.Time, bool) {
	s, _ := stored.(string)
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil
}

// scalar is the text of a value that must not be nested.
func scalar(v any) (string, error) {
	if _, nested := v.(*phpquery.Array); nested {
		return "", &valueError{problem: "the field is not multiple"}
	}
	return strings.TrimSpace(phpquery.Text(v)), nil
}

func takeTree(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	return plain(v), nil
}

func showTree(_ showing, stored any) any { return wire(stored) }

// plain turns a parameter into values that a document can store; wire undoes it.
func plain(v any) any {
	a, ok := v.(*phpquery.Array)
	if !ok {
		return v
	}
	// Pairs, because a JSON object does not keep the order of its keys.
	pairs := make([]any, 0, a.Len())
	for k, element := range a.All() {
		pairs = append(pairs, []any{k, plain(element)})
	}
	return map[string]any{"array": pairs}
}

func wire(stored any) any {
	m, ok := stored.(map[string]any)
	if !ok {
		return stored
	}
	a := phpquery.NewArray()
	pairs, _ := m["array"].([]any)
	for _, p := range pairs {
		if pair, ok := p.([]any); ok && len(pair) == 2 {
			a.Set(phpquery.Text(pair[0]), wire(pair[1]))
		}
	}
	return a
}
