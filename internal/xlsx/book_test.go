package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
)

// longest is the bound for cells in these tests, as tables have it.
const longest = 1 << 20

const (
	relsBegin = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	relType   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	mainNS    = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
)

// parts are the parts of a workbook that is made by hand.
type parts map[string]string

// minimal are the parts of a workbook with one sheet, whose rows are given.
func minimal(rows string) parts {
	return parts{
		"_rels/.rels": relsBegin + `<Relationship Id="a" Type="` + relType + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook ` + mainNS + ` xmlns:r="` + strings.TrimSuffix(relType, "/") + `"><sheets>` +
			`<sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": relsBegin + `<Relationship Id="r1" Type="` + relType + `worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="r2" Type="` + relType + `sharedStrings" Target="/xl/sharedStrings.xml"/>` +
			`<Relationship Id="r3" Type="` + relType + `styles" Target="styles.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml": `<worksheet ` + mainNS + `><sheetData>` + rows + `</sheetData></worksheet>`,
	}
}

// with adds parts or puts others in their places.
func (p parts) with(more parts) parts {
	all := maps.Clone(p)
	maps.Copy(all, more)
	return all
}

// pack makes the archive.
func (p parts) pack(t testing.TB) []byte {
	t.Helper()
	return p.packed(t, zip.Deflate)
}

func (p parts) packed(t testing.TB, method uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(p)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = io.WriteString(w, p[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readSheet reads a sheet, the first one when it has no name: "row: cell|cell".
func readSheet(file []byte, sheet string) ([]string, error) {
	book, err := Open(bytes.NewReader(file), int64(len(file)), longest)
	if err != nil {
		return nil, err
	}
	if sheet == "" {
		sheet = book.First()
	}
	rows, err := book.Rows(sheet)
	if err != nil {
		return nil, err
	}
	var all []string
	for {
		number, cells, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return all, rows.Close()
		}
		if err != nil {
			return all, errors.Join(err, rows.Close())
		}
		all = append(all, fmt.Sprintf("%d: %s", number, strings.Join(cells, "|")))
	}
}
