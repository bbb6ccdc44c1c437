package render

import (
	"bytes"
	"encoding/json"
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

// newGrid finds the rows of an answer: its result, and inside an object the one
// list that stands there (items, tasks …). A list of objects has a column for
// each key; an object has a row for each key; anything else is one cell.
func newGrid(raw []byte) (*grid, error) {
	raw = bytes.TrimSpace(raw)
	if isObject(raw) {
		list, err := members(raw)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			if m.name == "result" {
				return newGrid(onlyList(m.value))
			}
		}
		g := &grid{columns: []string{"key", "value"}}
		for _, m := range list {
			g.rows = append(g.rows, []string{m.name, cell(m.value)})
		}
		return g, nil
	}
	if len(raw) > 0 && raw[0] == '[' {
		var elements []json.RawMessage
		if err := json.Unmarshal(raw, &elements); err != nil {
			return nil, err
		}
		return listGrid(elements)
	}
	return &grid{columns: []string{"value"}, rows: [][]string{{cell(raw)}}}, nil
}

// onlyList returns the list inside an object that holds a single key with a
// list, else the value itself.
func onlyList(raw json.RawMessage) json.RawMessage {
	if !isObject(raw) {
		return raw
	}
	list, err := members(raw)
	if err == nil && len(list) == 1 && len(list[0].value) > 0 && list[0].value[0] == '[' {
		return list[0].value
	}
	return raw
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
