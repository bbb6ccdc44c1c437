package bitrix24

import "strings"

// Filter is the filter of a method of REST 3.0, where every condition must hold
// (https://apidocs.bitrix24.com/api-reference/rest-v3.html):
//
//	bitrix24.Filter{
//		bitrix24.Where("status").Equals("NEW"),
//		bitrix24.AnyOf(bitrix24.Where("id").In(1, 2), bitrix24.Where("id").AtLeast(100)),
//	}
//
// A method of REST v2 takes a structure with prefixes instead, e.g.
// Fields{">=ID": 100}.
type Filter []Condition

// MarshalJSON writes a list, an empty filter too.
func (f Filter) MarshalJSON() ([]byte, error) {
	if f == nil {
		return []byte("[]"), nil
	}
	return appendValue(nil, []Condition(f))
}

// Condition is one condition of a Filter; Where and AnyOf make them.
type Condition struct {
	field, operator string
	value           any
	any             []Condition
}

// AnyOf holds when at least one of the conditions does.
func AnyOf(conditions ...Condition) Condition { return Condition{any: conditions} }

// FilterField is a field that a Condition is about.
type FilterField struct{ name string }

// Where names the field of a condition. The method's own field list, e.g.
// tasks.task.field.list, says which fields can be filtered.
func Where(field string) FilterField { return FilterField{field} }

// Equals holds for the value.
func (f FilterField) Equals(value any) Condition { return f.is("=", value) }

// Differs holds for every other value.
func (f FilterField) Differs(value any) Condition { return f.is("!=", value) }

// Above holds for greater values.
func (f FilterField) Above(value any) Condition { return f.is(">", value) }

// AtLeast holds for the value and greater ones.
func (f FilterField) AtLeast(value any) Condition { return f.is(">=", value) }

// Below holds for smaller values.
func (f FilterField) Below(value any) Condition { return f.is("<", value) }

// AtMost holds for the value and smaller ones.
func (f FilterField) AtMost(value any) Condition { return f.is("<=", value) }

// In holds for any of the values.
func (f FilterField) In(values ...any) Condition { return f.is("in", values) }

// Between holds from the first value to the last, both included.
func (f FilterField) Between(first, last any) Condition {
	return f.is("between", []any{first, last})
}

func (f FilterField) is(operator string, value any) Condition {
	return Condition{field: f.name, operator: operator, value: value}
}

// MarshalJSON writes [field, operator, value] or the group of AnyOf. A condition
// that says nothing is an error: a filter without it would match too much.
func (c Condition) MarshalJSON() ([]byte, error) {
	switch {
	case c.operator == "" && len(c.any) == 0:
		return nil, configErrorf("filter", "a condition without a field and without alternatives")
	case c.operator == "":
		return appendValue(nil, struct {
			Logic      string      `json:"logic"`
			Conditions []Condition `json:"conditions"`
		}{"or", c.any})
	case strings.TrimSpace(c.field) == "":
		return nil, configErrorf("filter", "a condition without a field")
	}
	if values, ok := c.value.([]any); ok && c.operator == "in" && len(values) == 0 {
		return nil, configErrorf("filter", "%s in no values", c.field)
	}
	return appendValue(nil, []any{c.field, c.operator, c.value})
}
