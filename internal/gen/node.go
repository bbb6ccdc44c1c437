package main

import (
	"reflect"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// lines remembers where a mapping and its keys stand. Every struct that is
// read from the source embeds it.
type lines struct {
	start int
	keys  map[string]int
}

// at returns the line of a key, or that of the mapping when the key is not there.
func (l *lines) at(key string) int {
	if line, ok := l.keys[key]; ok {
		return line
	}
	return l.start
}

// has tells whether the key is written.
func (l *lines) has(key string) bool {
	_, ok := l.keys[key]
	return ok
}

// read tells whether it is a mapping at all; when not, that is said already and
// there is nothing to check.
func (l *lines) read() bool { return l.keys != nil }

func (l *lines) note(start int, keys map[string]int) { l.start, l.keys = start, keys }

// noter is what embeds lines.
type noter interface {
	note(start int, keys map[string]int)
}

// nodeReader fills structs from YAML nodes. The yaml package does that too, but
// it stops at the first unknown key, guesses types ("no" becomes false) and
// forgets the lines.
type nodeReader struct {
	file string
	*problems
}

// mapping fills a struct by its yaml tags.
func (r *nodeReader) mapping(node *yaml.Node, target reflect.Value) {
	if node.Kind != yaml.MappingNode {
		r.add(r.file, node.Line, "expected keys with values")
		return
	}
	fields := map[string]reflect.Value{}
	for i := range target.NumField() {
		if tag := target.Type().Field(i).Tag.Get("yaml"); tag != "" {
			fields[tag] = target.Field(i)
		}
	}
	keys := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		field, known := fields[key.Value]
		switch _, twice := keys[key.Value]; {
		case !known:
			r.add(r.file, key.Line, "unknown key %q", key.Value)
			continue
		case twice:
			r.add(r.file, key.Line, "the key %s stands twice", key.Value)
			continue
		}
		keys[key.Value] = key.Line
		r.value(key.Value, value, field)
	}
	if n, ok := target.Addr().Interface().(noter); ok {
		n.note(node.Line, keys)
	}
}

// value fills one field. Texts are taken as they are written: 2, true and no
// are texts where a text is expected.
func (r *nodeReader) value(key string, node *yaml.Node, field reflect.Value) {
	switch field.Kind() {
	case reflect.Slice:
		if field.Type() == reflect.TypeFor[[]sourcePair]() {
			field.Set(reflect.ValueOf(r.pairs(key, node)))
			return
		}
		if node.Kind != yaml.SequenceNode {
			r.add(r.file, node.Line, "%s: expected a list", key)
			return
		}
		list := reflect.MakeSlice(field.Type(), len(node.Content), len(node.Content))
		for i, item := range node.Content {
			r.value(key, item, list.Index(i))
		}
		field.Set(list)
	case reflect.Struct:
		r.mapping(node, field)
	default:
		r.scalar(key, node, field)
	}
}

// pairs reads a mapping whose keys are free, in their order.
func (r *nodeReader) pairs(key string, node *yaml.Node) []sourcePair {
	if node.Kind != yaml.MappingNode {
		r.add(r.file, node.Line, "%s: expected keys with values", key)
		return nil
	}
	var pairs []sourcePair
	for i := 0; i+1 < len(node.Content); i += 2 {
		var pair sourcePair
		r.scalar(key, node.Content[i], reflect.ValueOf(&pair.Key).Elem())
		r.scalar(key, node.Content[i+1], reflect.ValueOf(&pair.Value).Elem())
		pairs = append(pairs, pair)
	}
	return pairs
}

func (r *nodeReader) scalar(key string, node *yaml.Node, field reflect.Value) {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" {
		r.add(r.file, node.Line, "%s: expected a value", key)
		return
	}
	switch field.Kind() {
	case reflect.Bool:
		if node.Value != "true" && node.Value != "false" {
			r.add(r.file, node.Line, "%s: expected true or false, not %q", key, node.Value)
		}
		field.SetBool(node.Value == "true")
	case reflect.Int:
		n, err := strconv.Atoi(node.Value)
		if err != nil {
			r.add(r.file, node.Line, "%s: expected a whole number, not %q", key, node.Value)
		}
		field.SetInt(int64(n))
	default:
		field.SetString(node.Value)
	}
}
