package sandbox

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"path"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// linkKind is a file that answers show as a link.
var linkKind = kind{take: takeFile, show: showLink, key: keyFile, parse: parseInteger}

// attachedKind is a file in a user-defined field, shown with what the method
// that downloads it needs.
var attachedKind = kind{take: takeFile, show: showAttached, key: keyFile, parse: parseInteger}

// upload is a file that came as a parameter and is not stored yet.
type upload struct {
	name    string
	content []byte
}

// takeFile reads the pair [name, base64]. A pair that cannot be decoded is
// passed over in silence. Anything else, such as the id of a file on the drive,
// empties the field, also in silence: that is what the portal does.
func takeFile(v any) (any, error) {
	pair, ok := v.(*phpquery.Array)
	if !ok || pair.Len() == 0 {
		return nil, nil
	}
	name, text := fileParts(pair)
	if name == "" {
		return nil, errIgnored
	}
	content, err := decodeBase64(text)
	if err != nil || len(content) == 0 {
		return nil, errIgnored
	}
	return upload{name, content}, nil
}

func fileParts(pair *phpquery.Array) (name, text string) {
	first, _ := pair.Get("0")
	second, _ := pair.Get("1")
	name = path.Base(strings.ReplaceAll(clean(phpquery.Text(first)), `\`, "/"))
	if name == "." || name == "/" || name == ".." {
		return "", ""
	}
	return name, phpquery.Text(second)
}

func decodeBase64(text string) ([]byte, error) {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, text)
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
}

// The stored form of a file is its id and its name.
func storedFile(id int64, name string) any {
	return map[string]any{"id": number(id), "name": name}
}

func fileOf(stored any) (id int64, name string) {
	m, _ := stored.(map[string]any)
	name, _ = m["name"].(string)
	return intOf(m["id"]), name
}

func keyFile(stored any) any {
	id, _ := fileOf(stored)
	return id
}

func showLink(s showing, stored any) any {
	id, name := fileOf(stored)
	return s.call.fileURL(id, name)
}

func showAttached(s showing, stored any) any {
	id, name := fileOf(stored)
	data := phpquery.NewArray()
	data.Set("id", number(s.id))
	data.Set("field", s.field.name)
	data.Set("value", number(id))
	a := phpquery.NewArray()
	a.Set("id", number(id))
	a.Set("showUrl", s.call.fileURL(id, name))
	a.Set("downloadData", data)
	return a
}

// keepFiles stores the uploads in a new value and drops the files that the old
// value had and the new one does not.
func keepFiles(ctx context.Context, tx *sql.Tx, before, after any) (any, error) {
	for _, v := range listOf(before) {
		if id, _ := fileOf(v); id != 0 {
			if err := dropFile(ctx, tx, id); err != nil {
				return nil, err
			}
		}
	}
	if u, ok := after.(upload); ok {
		return u.store(ctx, tx)
	}
	list, ok := after.([]any)
	if !ok {
		return after, nil
	}
	for i, v := range list {
		if u, ok := v.(upload); ok {
			stored, err := u.store(ctx, tx)
			if err != nil {
				return nil, err
			}
			list[i] = stored
		}
	}
	return list, nil
}

func listOf(stored any) []any {
	if list, ok := stored.([]any); ok {
		return list
	}
	return []any{stored}
}

func (u upload) store(ctx context.Context, tx *sql.Tx) (any, error) {
	f, err := keepFile(ctx, within(tx), u.name, bytes.NewReader(u.content))
	return storedFile(f.id, f.name), err
}
