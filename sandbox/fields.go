package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/oint-go/oint/internal/phpquery"
)

// field describes one field of an entity: how it is named and shown, who may
// write it and how it compares. Everything a method does with a field follows
// from this description.
type field struct {
	name  string // as the portal writes it; parameters match in any case
	label string // what the *.fields method answers
	kind  kind
	max   int      // characters kept of a text, as the portal's column; 0 = all
	slot  string   // key in the stored document; empty = name
	ref   string   // entity whose id the value must be
	level audience // limited scopes that may read it

	// sql is the expression of a field that is compared but not stored.
	sql string

	// compute makes the answered value of a field that is not stored.
	compute func(showing, document) any

	multiple  bool // a list of values
	readOnly  bool // never taken from parameters
	mandatory bool // must not be empty when written
	always    bool // answered even when it was never set
	null      bool // without a value it is answered as null instead of ""
	hidden    bool // never answered, never a filter
	unlisted  bool // left out of the *.fields method
	asked     bool // listed only when select or one of its masks names it
	indexed   bool // has an index of its own
}

// audience is the set of limited scopes in which a field can be read.
type audience uint8

const (
	basic audience = 1 << iota // user_basic
	brief                      // user_brief
)

// document is the stored state of one row: slot to value. A value is a string,
// a bool, a json.Number or a list of these; a key that was never set is absent.
type document map[string]any

// kind is a type of value: how a parameter becomes a stored value, how a stored
// value is answered, and how it compares.
type kind struct {
	// take turns a parameter into the stored value; nil means no value.
	take func(any) (any, error)
	// show turns a stored value into the answered one.
	show func(showing, any) any
	// key turns a stored value into what filters and sorting compare: a folded
	// text or a number; nil means no value.
	key func(any) any
	// parse turns a filter's value into a key; false when it is none of this
	// kind, and then the condition finds nothing.
	parse func(any) (any, bool)
	// dated kinds do not compare as texts.
	dated bool
}

// showing is what an answer may need besides the value.
type showing struct {
	call  *call
	id    int64
	field *field
}

// errIgnored marks a parameter that the portal passes over in silence.
var errIgnored = errors.New("value ignored")

// mandatoryProblem is what is wrong with a mandatory field without a value.
const mandatoryProblem = "the field is mandatory"

// valueError is a parameter that the portal refuses.
type valueError struct{ field, problem string }

func (e *valueError) Error() string { return e.field + ": " + e.problem }

func (f *field) key() string {
	if f.slot != "" {
		return f.slot
	}
	return f.name
}

// take turns a parameter into what the document stores: a value, a list for a
// multiple field, or nil.
func (f *field) take(v any) (any, error) {
	if !f.multiple {
		stored, err := f.takeOne(v)
		if err == nil && stored == nil && f.mandatory {
			return nil, &valueError{f.name, mandatoryProblem}
		}
		return stored, err
	}
	list := []any{}
	for _, element := range elements(v) {
		stored, err := f.takeOne(element)
		if errors.Is(err, errIgnored) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if stored != nil && stored != "" {
			list = append(list, stored)
		}
	}
	if len(list) == 0 && f.mandatory {
		return nil, &valueError{f.name, mandatoryProblem}
	}
	return list, nil
}

func (f *field) takeOne(v any) (any, error) {
	stored, err := f.kind.take(v)
	if err != nil {
		var wrong *valueError
		if errors.As(err, &wrong) {
			return nil, &valueError{f.name, wrong.problem}
		}
		return nil, err
	}
	if s, ok := stored.(string); ok && f.max > 0 && utf8.RuneCountInString(s) > f.max {
		stored = string([]rune(s)[:f.max])
	}
	return stored, nil
}

// show answers the stored value; false when the field does not appear.
func (f *field) show(s showing, doc document) (any, bool) {
	s.field = f
	if f.compute != nil {
		return f.compute(s, doc), true
	}
	stored, ok := doc[f.key()]
	if !ok && !f.always {
		return nil, false
	}
	if f.multiple {
		list := phpquery.NewArray()
		values, _ := stored.([]any)
		for _, v := range values {
			list.Append(f.kind.show(s, v))
		}
		return list, true
	}
	if stored == nil || stored == "" {
		if f.null {
			return nil, true
		}
		return "", true
	}
	return f.kind.show(s, stored), true
}

// compareKey is what a filter compares: a key, a list of keys for a multiple
// field, or nil.
func (f *field) compareKey(doc document) any {
	stored, ok := doc[f.key()]
	if !ok || stored == nil || stored == "" {
		return nil
	}
	if !f.multiple {
		return f.kind.key(stored)
	}
	var keys []any
	values, _ := stored.([]any)
	for _, v := range values {
		if k := f.kind.key(v); k != nil {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return keys
}

// checkRef refuses ids that do not exist.
func (f *field) checkRef(ctx context.Context, tx *sql.Tx, stored any) error {
	if f.ref == "" || stored == nil {
		return nil
	}
	values, ok := stored.([]any)
	if !ok {
		values = []any{stored}
	}
	for _, v := range values {
		var one int
		err := tx.QueryRowContext(ctx, "SELECT 1 FROM "+tableOf(f.ref)+" WHERE id = ?", intOf(v)).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return &valueError{f.name, fmt.Sprintf("there is no %s %d", f.ref, intOf(v))}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// elements makes a list of a parameter: the values of an array, one scalar, or
// nothing for an empty one.
func elements(v any) []any {
	switch t := v.(type) {
	case *phpquery.Array:
		values := make([]any, 0, t.Len())
		for _, element := range t.All() {
			values = append(values, element)
		}
		return values
	case nil:
		return nil
	default:
		if phpquery.Text(v) == "" {
			return nil
		}
		return []any{v}
	}
}

// number is the stored form of an integer.
func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// intOf reads a stored integer.
func intOf(stored any) int64 {
	n, ok := stored.(json.Number)
	if !ok {
		return 0
	}
	return intval(n.String())
}

// ints reads a stored list of integers.
func ints(stored any) []int64 {
	values, _ := stored.([]any)
	list := make([]int64, 0, len(values))
	for _, v := range values {
		list = append(list, intOf(v))
	}
	return list
}

// numbers is the stored form of a list of integers.
func numbers(list []int64) []any {
	values := make([]any, len(list))
	for i, n := range list {
		values[i] = number(n)
	}
	return values
}

// intval reads the leading integer of a text as PHP does; 0 when there is none.
func intval(s string) int64 {
	s = strings.TrimLeft(s, " \t\r\n\v\f")
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	n, err := strconv.ParseInt(s[:end], 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return n
}

// clean removes what SQLite cannot compare: broken UTF-8 and NUL.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// fold is the comparing form of a text: the portal's database compares without
// regard to case.
func fold(s string) string { return strings.ToLower(clean(s)) }
