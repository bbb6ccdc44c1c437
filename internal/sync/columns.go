package sync

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mapping says which column of a table is which field.
//
//	columns:
//	  Mail: EMAIL
//	  Job title: WORK_POSITION
//	  Remarks: ""        # left out
//	others: ignore       # columns that are neither named here nor fields
type mapping struct {
	Columns map[string]string `yaml:"columns"`
	Others  string            `yaml:"others"`
}

func readMapping(file string) (mapping, error) {
	var m mapping
	if file == "" {
		return m, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return m, inputErrorf("", "--map: %v", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil && !errors.Is(err, io.EOF) {
		return m, inputErrorf("It looks like:\n  columns:\n    Mail: EMAIL\n    Remarks: \"\"\n  others: ignore", "--map: %s: %v", file, err)
	}
	if m.Others != "" && m.Others != "ignore" {
		return m, inputErrorf("", "--map: %s: others is %q; the only word is ignore", file, m.Others)
	}
	return m, nil
}

// column is a column of the table that is compared.
type column struct {
	name  string
	field *Field
}

// columns finds the fields behind the columns of a table.
func (e *Entity) columns(names []string, m mapping, key string) (found []column, passed []string, err error) {
	for name := range m.Columns {
		if !slices.Contains(names, name) {
			return nil, nil, inputErrorf("The table has "+strings.Join(names, ", ")+".", "--map: the table has no column %q", name)
		}
	}
	seen := map[string]string{}
	for _, name := range names {
		target, mapped := m.Columns[name]
		if mapped && target == "" {
			continue
		}
		if !mapped {
			target = name
		}
		f := e.field(target)
		switch {
		case f == nil && !mapped && m.Others == "ignore":
			continue
		case f == nil:
			return nil, nil, inputErrorf("Name its field in --map, or leave it out there with \"\".", "column %s: %s have no field %q", name, e.Name, target)
		case seen[f.Name] != "":
			return nil, nil, inputErrorf("Leave one of them out in --map with \"\".", "the columns %s and %s are both %s", seen[f.Name], name, f.Name)
		}
		seen[f.Name] = name
		if f.ReadOnly && f.Name != key {
			passed = append(passed, name)
			continue
		}
		found = append(found, column{name, f})
	}
	if seen[key] == "" {
		return nil, nil, inputErrorf("Name the column in --map: columns: {\"Its name\": "+key+"}.", "--key: no column of the table is %s", key)
	}
	return found, passed, nil
}

// keyField checks --key.
func (e *Entity) keyField(key string) (*Field, error) {
	name := strings.ToUpper(strings.TrimSpace(key))
	remedy := "It is " + strings.Join(e.Keys, ", ")
	if e.OwnFields != "" {
		remedy += " or a field of your own, UF_…"
	}
	if name == "" {
		return nil, inputErrorf(remedy+".", "--key says what tells %s apart", e.Name)
	}
	f := e.field(name)
	if f == nil || !slices.Contains(e.Keys, f.Name) && (e.OwnFields == "" || !strings.HasPrefix(f.Name, "UF_") || f.Multiple) {
		return nil, inputErrorf(remedy+".", "--key: %s are not told apart by %s", e.Name, fmt.Sprintf("%.60q", key))
	}
	return f, nil
}
