package sync

import (
	"context"
	"encoding/json"
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
	if err := entity.checkFilter(o.Filter); err != nil {
		return 0, err
	}
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
	x := &exporter{options: o, fields: fields, photos: photos}
	err = replaceFile(o.Out, func(to io.Writer) (err error) {
		if x.w, err = table.NewWriter(to, o.Out, names); err != nil {
			return err
		}
		for r, err := range entity.records(ctx, client, o.Filter, append(names, entity.ID)...) {
			if err != nil {
				return err
			}
			values := make([]any, len(fields))
			for i, f := range fields {
				values[i] = cellValue(f, r, &entity, departments, o.Paths)
			}
			if err := x.add(ctx, exportRow{r.id(&entity), values}); err != nil {
				return err
			}
		}
		if err := x.flush(ctx); err != nil {
			return err
		}
		return x.w.Close()
	})
	return x.n, err
}

// exporter writes rows, some at a time: their pictures are downloaded side by
// side.
type exporter struct {
	options ExportOptions
	fields  []*Field
	photos  *photos
	w       table.Writer
	rows    []exportRow
	n       int // written
}

// exportedAtOnce is how many rows wait for their pictures side by side.
const exportedAtOnce = 4 * picturesAtOnce

// exportRow is a row on its way into the table.
type exportRow struct {
	id     int64
	values []any
}

func (x *exporter) add(ctx context.Context, row exportRow) error {
	if x.rows = append(x.rows, row); len(x.rows) < exportedAtOnce {
		return nil
	}
	return x.flush(ctx)
}

func (x *exporter) flush(ctx context.Context) error {
	if err := x.photos.download(ctx, x.fields, x.rows); err != nil {
		return err
	}
	for _, row := range x.rows {
		if err := x.w.Write(row.values); err != nil {
			return err
		}
		if x.n++; x.options.Wrote != nil && x.n%1000 == 0 {
			x.options.Wrote(x.n)
		}
	}
	x.rows = x.rows[:0]
	return nil
}

// exported are the fields of an export.
func (e *Entity) exported(o ExportOptions) ([]*Field, error) {
	if o.Photos != "" && !slices.ContainsFunc(e.Fields, func(f Field) bool { return isPhoto(&f) }) {
		return nil, inputErrorf("", "--photos: %s have no pictures", e.Name)
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
	if filter == nil {
		return nil
	}
	remedy := "It takes " + strings.Join(e.Filters, ", ") + ", each with one value and without operators."
	if e.Filter != "" {
		remedy = "It takes fields of the table, UF_… and " + strings.Join(e.Filters, ", ") + ", with operators such as >= or % before them."
	}
	for key, value := range filter.All() {
		if !e.filters(key) {
			return inputErrorf(remedy, "--filter: %s cannot be filtered by %s", e.Name, fmt.Sprintf("%.60q", key))
		}
		if e.Filter != "" {
			continue
		}
		if text, err := json.Marshal(value); err != nil || text[0] == '[' || text[0] == '{' {
			return inputErrorf(remedy, "--filter: %s has more than one value", key)
		}
	}
	return nil
}

// filters tells whether the portal knows a key of a filter. A field of its own,
// UF_…, is taken for one that exists.
func (e *Entity) filters(key string) bool {
	known := func(name string) bool {
		return slices.ContainsFunc(e.Filters, func(known string) bool { return strings.EqualFold(known, name) })
	}
	if e.Filter == "" {
		return known(key)
	}
	name := strings.ToUpper(strings.TrimLeft(key, "!=<>@%*?~"))
	return known(name) || e.field(name) != nil || e.OwnFields != "" && strings.HasPrefix(name, "UF_")
}
