package bind

import (
	"encoding/json"
	"fmt"

	"github.com/oint-go/oint/bitrix24"
)

// tree is JSON with columns of a table in its texts. Cells are put in after the
// JSON has been read, so that whatever is in them stays one value.
type tree interface {
	// append writes the value for a row; false when it is left out.
	append(b []byte, cells Cells, empty Empty) ([]byte, bool)
	columns() []string
}

type (
	constantTree []byte
	textTree     struct{ pattern }
	listTree     []tree
	objectTree   []member
	member       struct {
		name  string
		value tree
	}
)

// parseTree reads strict JSON.
func parseTree(raw json.RawMessage) (tree, error) {
	wrapped, err := members(fmt.Appendf(nil, `{"v":%s}`, raw))
	if err != nil {
		return nil, err
	}
	value, _ := wrapped.Get("v")
	return treeOf(value)
}

func treeOf(value any) (tree, error) {
	switch v := value.(type) {
	case string:
		p, err := parsePattern(v)
		if err != nil || len(p.columns()) > 0 {
			return textTree{p}, err
		}
		text, _ := p.fill(nil)
		return constantTree(quote(text)), nil
	case []any:
		list := listTree{}
		for _, element := range v {
			t, err := treeOf(element)
			if err != nil {
				return nil, err
			}
			list = append(list, t)
		}
		return list, nil
	case *bitrix24.Object:
		object := objectTree{}
		for name, value := range v.All() {
			if p, err := parsePattern(name); err == nil && len(p.columns()) > 0 {
				return nil, problemf("Write the key out; only values can come from the table.", "the key %q has a column in it", shorten(name, 40))
			}
			t, err := treeOf(value)
			if err != nil {
				return nil, inKey(name, err)
			}
			object = append(object, member{name, t})
		}
		return object, nil
	}
	raw, err := json.Marshal(value) // a number keeps its text
	return constantTree(raw), err
}

func (t constantTree) append(b []byte, _ Cells, _ Empty) ([]byte, bool) { return append(b, t...), true }
func (constantTree) columns() []string                                  { return nil }

func (t textTree) append(b []byte, cells Cells, empty Empty) ([]byte, bool) {
	text, isEmpty := t.fill(cells)
	if isEmpty {
		return append(b, `""`...), empty == Clear
	}
	if column, ok := t.column(); ok {
		if raw := cells(column).JSON; raw != nil {
			return append(b, raw...), true
		}
	}
	return append(b, quote(text)...), true
}

// append leaves a list out of which every element was left out.
func (t listTree) append(b []byte, cells Cells, empty Empty) ([]byte, bool) {
	b = append(b, '[')
	n := 0
	for _, element := range t {
		b, n = appendPart(b, "", element, n, cells, empty)
	}
	return append(b, ']'), n > 0 || len(t) == 0
}

func (t listTree) columns() (names []string) {
	for _, element := range t {
		names = append(names, element.columns()...)
	}
	return names
}

// append leaves a structure out of which every member was left out.
func (t objectTree) append(b []byte, cells Cells, empty Empty) ([]byte, bool) {
	b = append(b, '{')
	n := 0
	for _, m := range t {
		b, n = appendPart(b, string(quote(m.name))+":", m.value, n, cells, empty)
	}
	return append(b, '}'), n > 0 || len(t) == 0
}

func (t objectTree) columns() (names []string) {
	for _, m := range t {
		names = append(names, m.value.columns()...)
	}
	return names
}

// appendPart writes an element after n others, unless it is left out.
func appendPart(b []byte, key string, part tree, n int, cells Cells, empty Empty) ([]byte, int) {
	before := len(b)
	if n > 0 {
		b = append(b, ',')
	}
	b, ok := part.append(append(b, key...), cells, empty)
	if !ok {
		return b[:before], n
	}
	return b, n + 1
}
