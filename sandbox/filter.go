package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// condition is a piece of SQL that is true or false for a row.
type condition struct {
	sql  string
	args []any
}

var (
	always = condition{sql: "1"}
	never  = condition{sql: "0"}
)

// clause is one element of a filter: ">=DATE_REGISTER" and its value.
type clause struct {
	operator operator
	field    string // upper case
	value    any
}

// comparison is what an operator does, apart from negation.
type comparison uint8

const (
	equals comparison = iota
	contains
	matches // LIKE with the % signs of the value
	between
	less
	atMost
	greater
	atLeast
)

// operator is the prefix of a filter key.
type operator struct {
	prefix  string
	compare comparison
	negated bool
}

// operators are the prefixes of [user.get] and the range of the other list
// methods; a longer prefix stands before its beginning.
//
// [user.get]: https://apidocs.bitrix24.com/api-reference/user/user-get.html
var operators = []operator{
	{"!=%", matches, true},
	{"!%=", matches, true},
	{"!><", between, true},
	{"=%", matches, false},
	{"%=", matches, false},
	{"!%", contains, true},
	{"!=", equals, true},
	{"!@", equals, true},
	{"><", between, false},
	{">=", atLeast, false},
	{"<=", atMost, false},
	{"!", equals, true},
	{"=", equals, false},
	{">", greater, false},
	{"<", less, false},
	{"@", equals, false},
	{"%", contains, false},
	{"", equals, false},
}

// parseClause splits a filter key into its prefix and its field.
func parseClause(key string, value any) clause {
	for _, o := range operators {
		if name, ok := strings.CutPrefix(key, o.prefix); ok {
			return clause{o, strings.ToUpper(strings.TrimSpace(name)), value}
		}
	}
	return clause{field: strings.ToUpper(key), value: value}
}

// clauses reads a filter. A key that comes again replaces the earlier one, so
// that a filter of its own wins over the same key at the top level.
func clauses(filters ...*phpquery.Array) []clause {
	var list []clause
	place := map[string]int{}
	for _, filter := range filters {
		for key, value := range filter.All() {
			c := parseClause(key, value)
			id := c.operator.prefix + c.field
			if i, ok := place[id]; ok {
				list[i] = c
				continue
			}
			place[id] = len(list)
			list = append(list, c)
		}
	}
	return list
}

// special filters are keys that are no fields, or more than their field. They
// answer false to leave the clause to the field of that name.
type special map[string]func(*call, clause) (condition, bool)

// where compiles clauses. Names that are neither special nor a field are passed
// over, as the portal does.
func (e *entity) where(c *call, list []clause, own special) condition {
	all := make([]condition, 0, len(list))
	for _, cl := range list {
		if build := own[cl.field]; build != nil {
			if cond, ok := build(c, cl); ok {
				all = append(all, cond.negate(cl.operator.negated))
				continue
			}
		}
		if f, ok := e.field(cl.field); ok && f.compute == nil {
			all = append(all, e.compile(f, cl))
		}
	}
	return and(all...)
}

// compile makes the condition of one field. A missing value is unequal to every
// text and inside no range; a value that is no date finds nothing at all.
func (e *entity) compile(f *field, cl clause) condition {
	given := []any{cl.value}
	if a, ok := cl.value.(*phpquery.Array); ok {
		given = elements(a)
		if len(given) == 0 {
			return never.negate(cl.operator.negated)
		}
	}
	o := cl.operator
	if o.compare == equals && o.prefix == "" && f.kind.pattern(given) {
		o.compare = matches
	}
	if o.compare == contains || o.compare == matches {
		if f.kind.dated {
			return never
		}
		var some []condition
		for _, v := range given {
			some = append(some, e.test(f, o.compare, like(o.compare, v)))
		}
		return or(some...).negate(o.negated)
	}
	keys := make([]any, 0, len(given))
	for _, v := range given {
		if k, ok := f.kind.parse(v); ok {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return never
	}
	return e.rangeOf(f, o.compare, keys).negate(o.negated)
}

// pattern tells whether a value without a prefix is a LIKE pattern: the
// documentation finds the names that begin with "Iv" by NAME: "Iv%".
func (k kind) pattern(given []any) bool {
	if k.dated {
		return false
	}
	for _, v := range given {
		if !strings.Contains(phpquery.Text(v), "%") {
			return false
		}
	}
	return true
}

// like is the folded text to look for.
func like(how comparison, v any) any {
	s := fold(phpquery.Text(v))
	if how == matches {
		s = strings.NewReplacer(`\`, `\\`, `_`, `\_`).Replace(s)
	}
	return s
}

// rangeOf compares with keys that were understood; nil among them is "no value".
func (e *entity) rangeOf(f *field, how comparison, keys []any) condition {
	if how == between {
		if len(keys) != 2 || keys[0] == nil || keys[1] == nil {
			return never
		}
		return e.test(f, between, keys...)
	}
	var some []condition
	var rest []any
	for _, k := range keys {
		if k != nil {
			rest = append(rest, k)
			continue
		}
		switch how {
		case equals, atMost:
			some = append(some, e.missing(f))
		case greater:
			some = append(some, e.missing(f).negate(true))
		case atLeast:
			some = append(some, always)
		default:
			some = append(some, never)
		}
	}
	if how == equals && len(rest) > 0 {
		return or(append(some, e.test(f, equals, rest...))...)
	}
	for _, k := range rest {
		some = append(some, e.test(f, how, k))
	}
	return or(some...)
}

// missing is true for rows without a value.
func (e *entity) missing(f *field) condition {
	return condition{sql: f.expression() + " IS NULL"}
}

// test compares the field's key, or for a multiple field any of its keys.
func (e *entity) test(f *field, how comparison, keys ...any) condition {
	switch {
	case f.multiple && f.indexed:
		return compare("value", how, keys).within("id IN (SELECT id FROM "+e.linkTable(*f)+" WHERE ", ")")
	case f.multiple:
		return compare("value", how, keys).within("EXISTS (SELECT 1 FROM json_each(keys, '$."+f.key()+"') WHERE ", ")")
	default:
		return compare(f.expression(), how, keys)
	}
}

// maxPattern is the longest pattern that SQLite's LIKE takes.
const maxPattern = 50000

func compare(expression string, how comparison, keys []any) condition {
	switch how {
	case contains:
		return condition{"instr(" + expression + ", ?) > 0", keys}
	case matches:
		if s, ok := keys[0].(string); ok && len(s) > maxPattern {
			return never
		}
		return condition{expression + ` LIKE ? ESCAPE '\'`, keys}
	case between:
		return condition{expression + " BETWEEN ? AND ?", keys}
	case less:
		return condition{expression + " < ?", keys}
	case atMost:
		return condition{expression + " <= ?", keys}
	case greater:
		return condition{expression + " > ?", keys}
	case atLeast:
		return condition{expression + " >= ?", keys}
	}
	if len(keys) == 1 {
		return condition{expression + " = ?", keys}
	}
	return oneOf(expression, keys)
}

// oneOf hands the list over as one JSON text, because SQL parameters are few.
func oneOf[T any](expression string, keys []T) condition {
	list, err := json.Marshal(keys)
	if err != nil {
		return never
	}
	return condition{expression + " IN (SELECT value FROM json_each(?))", []any{string(list)}}
}

func (c condition) within(before, after string) condition {
	return condition{before + c.sql + after, c.args}
}

// negate turns the condition round; what SQL calls unknown counts as false.
func (c condition) negate(yes bool) condition {
	if !yes {
		return c
	}
	return condition{fmt.Sprintf("NOT ifnull((%s), 0)", c.sql), c.args}
}

func and(all ...condition) condition { return join(all, " AND ", always) }

func or(some ...condition) condition { return join(some, " OR ", never) }

func join(list []condition, word string, empty condition) condition {
	switch len(list) {
	case 0:
		return empty
	case 1:
		return list[0]
	}
	var joined condition
	for i, c := range list {
		if i > 0 {
			joined.sql += word
		}
		joined.sql += "(" + c.sql + ")"
		joined.args = append(joined.args, c.args...)
	}
	return joined
}
