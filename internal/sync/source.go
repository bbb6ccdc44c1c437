package sync

import (
	"errors"
	"io"
	"strings"

	"github.com/oint-go/oint/internal/table"
)

// absent stands for a cell that says nothing about its field.
const absent = "\x00"

// sourceRow is a row of the table in a form that takes little memory.
type sourceRow struct {
	line    int
	key     string // as it is written
	packed  string // the values of the columns
	problem string
}

// values takes the row apart: nil for a cell that says nothing, an empty value
// for one that clears the field.
func (r *sourceRow) values() []Value {
	parts := strings.Split(r.packed, valueMark)
	values := make([]Value, len(parts))
	for i, part := range parts {
		switch part {
		case absent:
		case "":
			values[i] = Value{}
		default:
			values[i] = strings.Split(part, itemMark)
		}
	}
	return values
}

func pack(values []Value) string {
	parts := make([]string, len(values))
	for i, v := range values {
		if parts[i] = strings.Join(v, itemMark); v == nil {
			parts[i] = absent
		}
	}
	return strings.Join(parts, valueMark)
}

// readTable reads the cells of all rows, before anything is asked of the portal:
// what is wrong with the table must show first.
func readTable(file string, reader table.Reader, columns []column) ([]sourceRow, error) {
	var rows []sourceRow
	names := map[string]bool{}
	for _, name := range reader.Columns() {
		names[name] = true
	}
	cells := make([]string, len(columns))
	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		if err := known(file, row, names); err != nil {
			return nil, err
		}
		for i, c := range columns {
			cell, ok := row.Cell(c.name)
			cells[i] = strings.Map(withoutMarks, cell.Text)
			if !ok {
				cells[i] = absent
			}
		}
		rows = append(rows, sourceRow{line: row.Number, packed: strings.Join(cells, valueMark)})
	}
}

// known refuses a member of JSON Lines that the first row does not have: the columns
// of a table are those of its first row.
func known(file string, row *table.Row, names map[string]bool) error {
	for name := range row.All() {
		if !names[name] {
			return inputErrorf("Give the first row a member of that name too, null if it has nothing to say.", "%s, row %d: there is %.60q, which the first row has not", file, row.Number, name)
		}
	}
	return nil
}

func withoutMarks(r rune) rune {
	if r == 0 || r == 0x1e || r == 0x1f {
		return -1
	}
	return r
}

// understand turns the cells of the rows into values.
func (p *planner) understand() {
	for i := range p.rows {
		r := &p.rows[i]
		cells := strings.Split(r.packed, valueMark)
		values := make([]Value, len(cells))
		for j, text := range cells {
			f := p.columns[j].field
			if text == absent || strings.TrimSpace(text) == "" && !p.options.ClearEmpty {
				continue
			}
			v, err := f.read(table.Cell{Text: text})
			if err == nil {
				v, err = p.refer(f, v)
			}
			if err != nil && r.problem == "" {
				r.problem = p.columns[j].name + ": " + err.Error()
			}
			if v == nil {
				v = Value{}
			}
			values[j] = v
			if f == p.key && len(v) > 0 {
				r.key = v[0]
			}
		}
		r.packed = pack(values)
	}
}

// refer turns the names of departments and persons into ids.
func (p *planner) refer(f *Field, v Value) (Value, error) {
	if f.Kind != Department && f.Kind != Person {
		return v, nil
	}
	resolved := make(Value, len(v))
	for i, item := range v {
		var err error
		if f.Kind == Department {
			resolved[i], err = p.tree.resolve(item)
		} else {
			resolved[i], err = p.people.resolve(item)
		}
		if err != nil {
			return nil, err
		}
	}
	return resolved, nil
}
