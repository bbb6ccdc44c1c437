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
	Out    string           // table to write, by the end of its name
	Select []string         // fields in their order; every field that can be written when empty
	Filter *bitrix24.Object // of the list method; may be nil
	Paths  bool             // departments by their paths
	Wrote  func(n int)      // hears how many rows were written
	Photos string           // folder to download the pictures into; empty for their addresses
	Note   func(string)     // hears of pictures that could not be downloaded
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
	photos, err := newPhotos(client, o)
	if err != nil {
		return 0, err
	}
	n := 0
	err = replaceFile(o.Out, func(to io.Writer) error {
		w, err := table.NewWriter(to, o.Out, names)
		if err != nil {
			return err
		}
		write := func(rows []exportRow) error {
			if err := photos.download(ctx, fields, rows); err != nil {
				return err
			}
			for _, row := range rows {
				if err := w.Write(row.values); err != nil {
					return err
				}
				if n++; o.Wrote != nil && n%1000 == 0 {
					o.Wrote(n)
				}
			}
			return nil
		}
		rows := make([]exportRow, 0, exportedAtOnce)
		for r, err := range entity.records(ctx, client, o.Filter, append(names, entity.ID)...) {
			if err != nil {
				return err
			}
			values := make([]any, len(fields))
			for i, f := range fields {
				values[i] = cellValue(f, r, &entity, departments, o.Paths)
			}
			if rows = append(rows, exportRow{r.id(&entity), values}); len(rows) == exportedAtOnce {
				if err := write(rows); err != nil {
					return err
				}
				rows = rows[:0]
			}
		}
		if err := write(rows); err != nil {
			return err
		}
		return w.Close()
	})
	return n, err
}

// exportedAtOnce is how many rows wait for their pictures side by side.
const exportedAtOnce = 4 * picturesAtOnce

// exportRow is a row on its way into the table.
type exportRow struct {
	id     int64
	values []any
}

// exported are the fields of an export.
func (e *Entity) exported(o ExportOptions) ([]*Field, error) {
	if o.Photos != "" && !slices.ContainsFunc(e.Fields, func(f Field) bool { return isPhoto(&f) }) {
		return nil, inputErrorf("", "--photos: %s have no pictures", e.Name)
	}
	if err := e.checkFilter(o.Filter); err != nil {
		return nil, err
	}
	var fields []*Field
	if len(o.Select) == 0 {
		for i := range e.Fields {
			f := &e.Fields[i]
			if f.Kind == Picture && o.Photos == "" {
				continue // an address is no value to keep: it changes with the picture
			}
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
	if o.Photos != "" && !slices.ContainsFunc(fields, isPhoto) {
		return nil, inputErrorf("Add PERSONAL_PHOTO to it.", "--photos: --select names no picture")
	}
	return fields, nil
}

// isPhoto tells whether a field is a picture that --photos downloads.
func isPhoto(f *Field) bool { return f.Kind == Picture && !f.ReadOnly }

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

// checkFilter refuses a filter that the portal would pass over in silence, or take
// for another parameter.
func (e *Entity) checkFilter(filter *bitrix24.Object) error {
	if filter == nil || e.Filter != "" {
		return nil
	}
	for name := range filter.All() {
		if !slices.ContainsFunc(e.Filters, func(known string) bool { return strings.EqualFold(known, name) }) {
			return inputErrorf("It takes "+strings.Join(e.Filters, ", ")+", each with one value and without operators.", "--filter: %s cannot be filtered by %s", e.Name, fmt.Sprintf("%.60q", name))
		}
	}
	return nil
}
