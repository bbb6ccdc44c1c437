package bitrix24

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Reference stands for a value in the result of an earlier command of the same
// chain. It is written as $result[name][path]…
type Reference struct {
	command string
	path    []string
}

// Ref refers to the result of the command with the given name, or at the given
// position from 0, and to a place in it: Ref("deal", "ID"), Ref("users", 0, "ID").
// Commands that refer to one another, and those between them, travel in one
// request: at most 50.
func Ref(command string, path ...any) Reference {
	r := Reference{command: command}
	for _, p := range path {
		r.path = append(r.path, fmt.Sprint(p))
	}
	return r
}

// MarshalJSON writes the reference with the name it was made with.
func (r Reference) MarshalJSON() ([]byte, error) { return json.Marshal(r.under(r.command)) }

func (r Reference) under(key string) string {
	var b strings.Builder
	b.WriteString("$result[" + key + "]")
	for _, p := range r.path {
		b.WriteString("[" + p + "]")
	}
	return b.String()
}

// in returns the value that a reference stands for.
func (r Reference) in(result json.RawMessage) (json.RawMessage, error) {
	for _, step := range r.path {
		var members map[string]json.RawMessage
		var elements []json.RawMessage
		switch {
		case json.Unmarshal(result, &members) == nil && members[step] != nil:
			result = members[step]
		case json.Unmarshal(result, &elements) == nil:
			var at int
			if _, err := fmt.Sscan(step, &at); err != nil || at < 0 || at >= len(elements) {
				return nil, &refError{fmt.Sprintf("the result of %q has no %s", r.command, strings.Join(r.path, "."))}
			}
			result = elements[at]
		default:
			return nil, &refError{fmt.Sprintf("the result of %q has no %s", r.command, strings.Join(r.path, "."))}
		}
	}
	return result, nil
}

// references calls found with every Reference among the parameters, in whatever
// they are: it looks as deep as JSON goes.
func references(value any, found func(Reference)) { referencesIn(value, maxDepth, found) }

// maxDepth bounds the search, so that a pointer to itself ends it.
const maxDepth = 100

func referencesIn(value any, depth int, found func(Reference)) {
	if depth == 0 {
		return
	}
	switch v := value.(type) {
	case nil, string, bool, int, int64, float64, ID, json.RawMessage, json.Number, Secret, []string, []int:
	case Reference:
		found(v)
	case *Object:
		for _, member := range v.All() {
			referencesIn(member, depth-1, found)
		}
	case Fields:
		for _, member := range v {
			referencesIn(member, depth-1, found)
		}
	case []any:
		for _, member := range v {
			referencesIn(member, depth-1, found)
		}
	default:
		members(reflect.ValueOf(value), func(part any) { referencesIn(part, depth-1, found) })
	}
}

// members calls visit with what a value of any type is made of and shows in JSON.
func members(v reflect.Value, visit func(any)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			visit(v.Elem().Interface())
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return // bytes
		}
		for i := range v.Len() {
			visit(v.Index(i).Interface())
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			visit(entries.Value().Interface())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				visit(v.Field(i).Interface())
			}
		}
	}
}

// replaced copies parameters with each Reference replaced by what with makes of
// it.
func replaced(value any, with func(Reference) any) any {
	switch v := value.(type) {
	case Reference:
		return with(v)
	case *Object:
		o := &Object{}
		for name, member := range v.All() {
			o.append(name, replaced(member, with))
		}
		return o
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = replaced(v[i], with)
		}
		return list
	}
	inside := map[string]Reference{}
	references(value, func(r Reference) { inside[r.under(r.command)] = r })
	if len(inside) == 0 {
		return value
	}
	// A value of any other type is replaced in its JSON, where references are
	// known by their texts.
	text, err := appendValue(nil, value)
	if err != nil {
		return value // the query cannot be written either, and says why
	}
	return replaced(placed(text, inside), with)
}

// placed takes JSON apart and puts references in the place of their texts.
func placed(raw json.RawMessage, inside map[string]Reference) any {
	switch raw[0] {
	case '{':
		o := &Object{}
		for name, member := range objectMembers(raw) {
			o.append(name, placed(member, inside))
		}
		return o
	case '[':
		list := []any{}
		for member := range arrayElements(raw) {
			list = append(list, placed(member, inside))
		}
		return list
	case '"':
		if r, ok := inside[plainText(raw)]; ok {
			return r
		}
	}
	return raw
}
