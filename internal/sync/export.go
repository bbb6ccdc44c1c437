package sync

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/table"
)

// ExportOptions say what to export.
type ExportOptions struct {
	Out    string          // table to write, by the end of its name
	Select []string        // fields in their order; every field that can be written when empty
	Filter bitrix24.Params // of the list method; may be nil
	Paths  bool            // departments by their paths
	Wrote  func(n int)     // hears how many rows were written
}

// Export writes the records of a portal as a table, row by row. The file appears
// whole or not at all. It returns how many rows it has.
func Export(ctx context.Context, client *bitrix24.Client, entity Entity, o ExportOptions) (int, error) {
	if err := entity.complete(ctx, client); err != nil {
		return 0, err
	}
	fields, err := entity.exported(o)
	if err != nil {
		return 0, err
	}
	var departments *tree
	if o.Paths || slices.ContainsFunc(fields, func(f *Field) bool { return f.Name == pathField }) {
		if departments, err = loadTree(ctx, client); err != nil {
			return 0, err
		}
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	n := 0
	err = replaceFile(o.Out, func(to io.Writer) error {
		w, err := table.NewWriter(to, o.Out, names)
		if err != nil {
			return err
		}
		values := make([]any, len(fields))
		for r, err := range entity.records(ctx, client, o.Filter, append(names, entity.ID)...) {
			if err != nil {
				return err
			}
			for i, f := range fields {
				values[i] = cellValue(f, r, &entity, departments, o.Paths)
			}
			if err := w.Write(values); err != nil {
				return err
			}
			if n++; o.Wrote != nil && n%1000 == 0 {
				o.Wrote(n)
			}
		}
		return w.Close()
	})
	return n, err
}

// exported are the fields of an export.
func (e *Entity) exported(o ExportOptions) ([]*Field, error) {
	if o.Filter != nil && e.Filter == "" {
		return nil, inputErrorf("", "--filter: %s cannot be filtered", e.Name)
	}
	var fields []*Field
	if len(o.Select) == 0 {
		for i := range e.Fields {
			f := &e.Fields[i]
			if !f.ReadOnly || f.Name == e.ID || f.Name == pathField && o.Paths {
				fields = append(fields, f)
			}
		}
		return fields, nil
	}
	for _, name := range o.Select {
		f := e.field(strings.TrimSpace(name))
		switch {
		case f == nil:
			return nil, inputErrorf("", "--select: %s have no field %s", e.Name, fmt.Sprintf("%.60q", name))
		case slices.Contains(fields, f):
			return nil, inputErrorf("", "--select: %s stands twice", f.Name)
		}
		fields = append(fields, f)
	}
	return fields, nil
}

// cellValue is the value of a field as a cell that a plan reads back.
func cellValue(f *Field, r record, e *Entity, departments *tree, paths bool) any {
	if f.Name == pathField {
		return departments.path(r.id(e))
	}
	v := f.fromPortal(r[f.Name])
	if f.Kind == Department && paths {
		for i, item := range v {
			if id, err := strconv.ParseInt(item, 10, 64); err == nil {
				v[i] = departments.path(id)
			}
		}
	}
	if f.Multiple {
		return joined(v)
	}
	return v.String()
}
