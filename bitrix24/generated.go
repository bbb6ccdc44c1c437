package bitrix24

import (
	"reflect"
	"slices"
	"time"
)

// What the generated methods share. Ids travel as texts, as in the original's
// requests, and optional parameters that are not set are not sent.

// setText sends a text unless it is empty.
func setText(o *Object, name, value string) {
	if value != "" {
		o.append(name, value)
	}
}

// setID sends an id unless it is zero.
func setID(o *Object, name string, value ID) {
	if value != 0 {
		o.append(name, value.String())
	}
}

// yesNo is the portal's "Y" or "N".
func yesNo(b bool) string {
	if b {
		return "Y"
	}
	return "N"
}

// merge copies params to the top level of o.
func merge(o *Object, params Params) {
	if params == nil {
		return
	}
	given := params.ordered()
	o.grow(given.Len() + 1) // what is merged seldom stands alone
	for name, value := range given.All() {
		o.Set(name, value)
	}
}

// pick copies the known keys of a structure to the top level of o: lists, dates
// and texts. A single value becomes a list, a time its day.
func pick(o *Object, params Params, lists, dates, texts []string) {
	if params == nil {
		return
	}
	for name, value := range params.ordered().All() {
		switch {
		case slices.Contains(lists, name):
			if kind := reflect.TypeOf(value); kind == nil || kind.Kind() != reflect.Slice {
				value = []any{value}
			}
		case slices.Contains(dates, name):
			if day, ok := value.(time.Time); ok {
				value = day.Format(time.DateOnly)
			}
		case !slices.Contains(texts, name):
			continue
		}
		o.Set(name, value)
	}
}

// blank empties the values of a template and keeps its nesting.
func blank(o *Object) {
	for i, value := range o.values {
		o.values[i] = blanked(value)
	}
}

func blanked(value any) any {
	switch v := value.(type) {
	case *Object:
		blank(v)
		return v
	case []any:
		for i := range v {
			v[i] = blanked(v[i])
		}
		return v
	}
	return ""
}
