package render

import (
	"bytes"
	"encoding/json"
	"slices"
)

// grid is an answer as rows and columns.
type grid struct {
	columns []string
	rows    [][]string
}

// member is a key of an object with the JSON of its value.
type member struct {
	name  string
	value json.RawMessage
}

// members reads an object in its order.
func members(raw []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var list []member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: name.(string)}
		if err := d.Decode(&m.value); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

// newGrid finds the rows of an answer: its result, and inside it the list that
// stands there (items, tasks …). A list of objects has a column for each key.
// An object is one row of that kind when asRow is set, else it has a row for
// each key. Anything else is one cell.
func newGrid(raw []byte, asRow bool) (*grid, error) {
	raw = bytes.TrimSpace(raw)
	if !isObject(raw) {
		return valueGrid(raw)
	}
	list, err := members(raw)
	if err != nil {
		return nil, err
	}
	for _, m := range list {
		if m.name == "result" {
			if raw, err = unwrap(m.value); err != nil {
				return nil, err
			}
			if !isObject(raw) {
				return valueGrid(raw)
			}
			if list, err = members(raw); err != nil {
				return nil, err
			}
			break
		}
	}
	if asRow {
		return listGrid([]json.RawMessage{raw})
	}
	g := &grid{columns: []string{"key", "value"}}
	for _, m := range list {
		g.rows = append(g.rows, []string{m.name, cell(m.value)})
	}
	return g, nil
}

// valueGrid is a list, or anything else as one cell.
func valueGrid(raw []byte) (*grid, error) {
	elements := []json.RawMessage{raw}
	if len(raw) > 0 && raw[0] == '[' {
		elements = nil
		if err := json.Unmarshal(raw, &elements); err != nil {
			return nil, err
		}
	}
	return listGrid(elements)
}

// paging are the keys beside a list that tell where it goes on.
var paging = []string{"total", "next", "hasMore", "hasMorePages", "hasNextPage"}

// unwrap returns what stands inside an object that only wraps it: one list or
// object under a name like items, tasks or item, and nothing beside it but
// paging. Names of that kind are in lower case, those of fields and ids are
// not.
func unwrap(raw json.RawMessage) (json.RawMessage, error) {
	if !isObject(raw) {
		return raw, nil
	}
	list, err := members(raw)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(m member) bool { return slices.Contains(paging, m.name) })
	if len(list) != 1 || list[0].name == "" || list[0].name[0] < 'a' || list[0].name[0] > 'z' {
		return raw, nil
	}
	if inner := list[0].value; isObject(inner) || len(inner) > 0 && inner[0] == '[' {
		return inner, nil
	}
	return raw, nil
}

// together makes one value of several: their list.
func together(values [][]byte) []byte {
	if len(values) == 1 {
		return values[0]
	}
	return slices.Concat([]byte{'['}, bytes.Join(values, []byte{','}), []byte{']'})
}

func listGrid(elements []json.RawMessage) (*grid, error) {
	g := &grid{}
	at := map[string]int{}
	column := func(name string) int {
		i, known := at[name]
		if !known {
			i = len(g.columns)
			at[name] = i
			g.columns = append(g.columns, name)
		}
		return i
	}
	for _, element := range elements {
		var row []string
		put := func(i int, text string) {
			for len(row) <= i {
				row = append(row, "")
			}
			row[i] = text
		}
		if !isObject(element) {
			put(column("value"), cell(element))
			g.rows = append(g.rows, row)
			continue
		}
		list, err := members(element)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			put(column(m.name), cell(m.value))
		}
		g.rows = append(g.rows, row)
	}
	for i := range g.rows {
		for len(g.rows[i]) < len(g.columns) {
			g.rows[i] = append(g.rows[i], "")
		}
	}
	return g, nil
}

func isObject(raw []byte) bool { return len(raw) > 0 && raw[0] == '{' }

// cell is a value as the text of one cell: texts without quotes, null empty,
// lists and objects as compact JSON.
func cell(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	var s string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case raw[0] == '"':
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
	case raw[0] == '{' || raw[0] == '[':
		var b bytes.Buffer
		if json.Compact(&b, raw) == nil {
			return string(unescape(b.Bytes()))
		}
	}
	return string(raw)
}
