package sync

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/oint-go/oint/bitrix24"
)

// photos downloads the pictures of an export; nil leaves their addresses.
type photos struct {
	client *bitrix24.Client
	folder string
	from   string // folder of the table, which the paths in it begin at
	note   func(string)
}

func newPhotos(client *bitrix24.Client, o ExportOptions) (*photos, error) {
	if o.Photos == "" {
		return nil, nil
	}
	folder, err := filepath.Abs(o.Photos)
	if err != nil {
		return nil, err
	}
	from, err := filepath.Abs(filepath.Dir(o.Out))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, inputErrorf("", "--photos: %v", err)
	}
	return &photos{client, folder, from, o.Note}, nil
}

// download puts paths into the cells of rows in the place of addresses. A picture
// that cannot be downloaded keeps its address: the plan of such a table leaves it
// as it is.
func (p *photos) download(ctx context.Context, fields []*Field, rows []exportRow) error {
	if p == nil {
		return nil
	}
	type cell struct {
		row   exportRow
		field int
	}
	var cells []cell
	for _, row := range rows {
		for i, f := range fields {
			if isPhoto(f) && row.values[i] != "" {
				cells = append(cells, cell{row, i})
			}
		}
	}
	problems := make([]error, len(cells))
	sideBySide(len(cells), func(i int) {
		c := cells[i]
		address, _ := c.row.values[c.field].(string)
		var path string
		if path, problems[i] = p.save(ctx, photoName(c.row.id, fields[c.field]), address); problems[i] == nil {
			c.row.values[c.field] = path
		}
	})
	for i, err := range problems {
		var full *os.PathError
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &full):
			return err
		case p.note != nil:
			p.note(fmt.Sprintf("%s of %d stays an address: %v", fields[cells[i].field].Name, cells[i].row.id, err))
		}
	}
	return nil
}

// photoName is what a picture is called without its ending.
func photoName(id int64, f *Field) string {
	if f.Name == "PERSONAL_PHOTO" {
		return fmt.Sprint(id)
	}
	return fmt.Sprintf("%d-%s", id, f.Name)
}

// save downloads a picture and answers its path from the folder of the table.
func (p *photos) save(ctx context.Context, name, address string) (path string, err error) {
	r, err := p.client.Download(ctx, address)
	if err != nil {
		return "", err
	}
	defer r.Close() //nolint:errcheck // it was only read
	f, err := os.CreateTemp(p.folder, ".oint-*")
	if err != nil {
		return "", err
	}
	_, endings, err := sumOf(r, maxPicture, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	file := filepath.Join(p.folder, name+endings[0])
	if err := os.Rename(f.Name(), file); err != nil {
		return "", err
	}
	if near, err := filepath.Rel(p.from, file); err == nil {
		file = near
	}
	return filepath.ToSlash(file), nil
}
