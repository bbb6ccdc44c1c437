package xlsx

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"
)

// wantError reads a workbook that cannot be read.
func wantError(t *testing.T, name string, file []byte, want string) {
	t.Helper()
	_, err := readSheet(file, "")
	var wrong *Error
	if !errors.As(err, &wrong) {
		t.Errorf("%s: %v is no Error", name, err)
		return
	}
	if !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%s: %q, want %q", name, err, want)
	}
	if wrong.Remedy == "" {
		t.Errorf("%s: no remedy", name)
	}
}

// compoundFile is the beginning of a file as Office had them before archives,
// with the names of its streams.
func compoundFile(names ...string) []byte {
	b := append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 504)...)
	b[30] = 9                                // sectors of 512 bytes
	binary.LittleEndian.PutUint32(b[48:], 1) // the directory is the second of them
	b = append(b, make([]byte, 512)...)      // the first
	for _, name := range names {
		entry := make([]byte, 128)
		for i, u := range utf16.Encode([]rune(name)) {
			binary.LittleEndian.PutUint16(entry[2*i:], u)
		}
		b = append(b, entry...)
	}
	return b
}

// TestForeign wants to hear what a file is.
func TestForeign(t *testing.T) {
	t.Parallel()
	whole := minimal(`<row><c><v>1</v></c></row>`).pack(t)
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"empty":             {nil, "it is no workbook: the file is empty"},
		"cut off":           {whole[:len(whole)/2], "it is no whole workbook: the file is cut off or damaged"},
		"password":          {compoundFile("Root Entry", "DataSpaces", "Version", "EncryptionInfo", "EncryptedPackage"), "it is no open workbook: it has a password"},
		"old":               {compoundFile("Root Entry", "Workbook"), "it is no workbook of this kind but an old one (.xls)"},
		"compound":          {compoundFile("Root Entry"), "it is no workbook of this kind but an old one, or one with a password"},
		"compound, cut":     {compoundFile()[:20], "it is no whole workbook"},
		"web page":          {[]byte("\ufeff\n<HTML xmlns:x='y'><table>"), "it is no workbook but a web page"},
		"web page, later":   {[]byte("<!-- made by x -->\n<table>"), "it is no workbook but a web page"},
		"table of 2003":     {[]byte(`<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`), "it is no workbook but an XML table of Excel 2003"},
		"CSV":               {[]byte("ID;Name\n1;x\n"), "it is no workbook but text\nIf it is CSV, give it the ending .csv."},
		"Cyrillic CSV":      {[]byte("ID;\xc8\xec\xff\n1;\xce\xeb\xe5\xe3\n"), "it is no workbook but text"},
		"UTF-16 CSV":        {[]byte("\xff\xfeI\x00D\x00"), "it is no workbook but text"},
		"PDF":               {[]byte("%PDF-1.7\n"), "it is no workbook but a PDF file"},
		"picture":           {[]byte("\x89PNG\r\n\x1a\n\x00\x00"), "it is no workbook but a binary file"},
		"archive":           {parts{"a.txt": "x"}.pack(t), "it is no workbook but some other archive"},
		"OpenDocument":      {parts{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}.pack(t), "it is no workbook of this kind but an OpenDocument file (.ods)"},
		"binary workbook":   {minimal("").with(parts{"_rels/.rels": relsBegin + `<Relationship Id="a" Type="` + relType + `officeDocument" Target="xl/workbook.bin"/></Relationships>`, "xl/workbook.bin": "x"}).without("xl/workbook.xml").pack(t), "it is no workbook of this kind but a binary one (.xlsb)"},
		"document":          {parts{"_rels/.rels": relsBegin + `<Relationship Id="a" Type="` + relType + `officeDocument" Target="word/document.xml"/></Relationships>`, "word/document.xml": "<w:document xmlns:w='w'/>"}.pack(t), "it is no workbook but a document (.docx)"},
		"Numbers":           {parts{"Index/Document.iwa": "x"}.pack(t), "it is no workbook of this kind but one of Numbers"},
		"part stands twice": {minimal("").with(parts{"XL/workbook.xml": "<x/>"}).pack(t), "the part xl/workbook.xml stands twice in the workbook"},
	} {
		wantError(t, name, test.file, test.want)
	}
}

func (p parts) without(name string) parts {
	delete(p, name)
	return p
}

// TestBadSheets wants row and column of what is wrong.
func TestBadSheets(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ rows, want string }{
		"formula error":        {`<row r="3"><c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>`, "row 3, column B: the formula ends in #DIV/0!"},
		"formula not computed": {`<row><c/><c><f>1+2</f></c></row>`, "row 1, column B: the formula has no result, because it was never computed"},
		"empty result":         {`<row><c><f>1+2</f><v/></c></row>`, "row 1, column A: the formula has no result"},
		"no text computed":     {`<row><c t="str"><f>1+2</f></c></row>`, "row 1, column A: the formula has no result"},
		"row twice":            {`<row r="2"/><row r="2"/>`, "row 3: the row after row 2 is called \"2\""},
		"row out of order":     {`<row r="5"/><row r="3"/>`, "row 6: the row after row 5 is called \"3\""},
		"row after the last":   {`<row r="1048577"/>`, "row 1: the row after row 0 is called \"1048577\""},
		"row behind the last":  {`<row r="1048576"/><row/>`, "row 1048576: there are rows after the last one"},
		"cell twice":           {`<row><c r="A1"/><c r="A1"/></row>`, "row 1, column B: the cell is called \"A1\""},
		"cell out of order":    {`<row><c r="C1"/><c r="B1"/></row>`, "row 1, column D: the cell is called \"B1\""},
		"cell of another row":  {`<row><c r="A2"/></row>`, "row 1, column A: the cell is called \"A2\""},
		"cell without a row":   {`<row><c r="A"/></row>`, "row 1, column A: the cell is called \"A\""},
		"cell after the last":  {`<row><c r="XFE1"/></row>`, "row 1, column A: the cell is called \"XFE1\""},
		"cell behind the last": {`<row><c r="XFD1"/><c/></row>`, "row 1, column XFE: there are cells after the last column"},
		"text out of range":    {`<row><c t="s"><v>7</v></c></row>`, "row 1, column A: the workbook has no text with the number \"7\""},
		"text below zero":      {`<row><c t="s"><v>-1</v></c></row>`, "row 1, column A: the workbook has no text with the number \"-1\""},
		"type":                 {`<row><c t="x"><v>7</v></c></row>`, "row 1, column A: cells of the type \"x\" are unknown"},
		"bytes":                {"<row><c t=\"str\"><v>\xff</v></c></row>", "row 1, column A: a character cannot be read"},
		"long cell":            {`<row><c/><c t="str"><v>` + strings.Repeat("x", longest+1) + `</v></c></row>`, "row 1, column B: the cell has more than 1048576 bytes"},
		"reference":            {`<row/><row><c><v>&nbsp;</v></c></row>`, "row 2: the row cannot be read: broken XML at byte "},
		"surrogate":            {`<row><c><v>&#xD800;</v></c></row>`, "row 1: the row cannot be read: broken XML at byte "},
		"end tag":              {`<row r="8"><c></row>`, "row 8: the row cannot be read: broken XML at byte "},
		"breaks off":           {`<row/><row><c><v>1</v></c>`, "row 2: the row cannot be read: broken XML at byte "},
		"second root":          {`</sheetData></worksheet><worksheet><sheetData>`, "row 1: the row cannot be read: broken XML at byte "},
	} {
		wantError(t, name, minimal(test.rows).pack(t), test.want)
	}
	for name, test := range map[string]struct {
		parts parts
		want  string
	}{
		"document type": {parts{"xl/worksheets/sheet1.xml": `<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>`}, "xl/worksheets/sheet1.xml cannot be read: broken XML at byte 0: a document type"},
		"day that never was": {
			minimal(`<row><c s="0"><v>59</v></c><c s="0"><v>60</v></c></row>`).with(parts{"xl/styles.xml": `<styleSheet ` + mainNS + `><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>`}),
			"row 1, column B: the cell is formatted as a date or time, but 60 is none\nPut a date into the cell, or format it as a number.",
		},
		"date below zero": {
			minimal(`<row><c s="0"><v>-1</v></c></row>`).with(parts{"xl/styles.xml": `<styleSheet ` + mainNS + `><cellXfs><xf numFmtId="22"/></cellXfs></styleSheet>`}),
			"row 1, column A: the cell is formatted as a date or time, but -1 is none",
		},
		"encoding":          {parts{"xl/worksheets/sheet1.xml": `<?xml version="1.0" encoding="windows-1251"?><worksheet/>`}, "xl/worksheets/sheet1.xml cannot be read: the encoding \"windows-1251\""},
		"no sheet":          {parts{"xl/worksheets/sheet1.xml": `<chartsheet/>`}, "xl/worksheets/sheet1.xml cannot be read: it is no sheet but <chartsheet>"},
		"empty part":        {parts{"xl/worksheets/sheet1.xml": ``}, "xl/worksheets/sheet1.xml cannot be read: the XML breaks off at byte 0"},
		"broken workbook":   {parts{"xl/workbook.xml": `<workbook`}, "xl/workbook.xml cannot be read: the XML breaks off at byte 9"},
		"broken relations":  {parts{"xl/_rels/workbook.xml.rels": `<a></b>`}, "xl/_rels/workbook.xml.rels cannot be read: broken XML"},
		"broken texts":      {parts{"xl/sharedStrings.xml": `<sst><si></sst>`}, "xl/sharedStrings.xml cannot be read: broken XML"},
		"broken styles":     {parts{"xl/styles.xml": `<styleSheet>x`}, "xl/styles.xml cannot be read: the XML breaks off"},
		"text in the depth": {parts{"xl/styles.xml": strings.Repeat("<a>", maxDepth+1)}, "xl/styles.xml cannot be read: broken XML"},
	} {
		wantError(t, name, minimal("").with(test.parts).pack(t), test.want)
	}
}

// TestLongShared names the cell that has a shared text without bounds, and no
// other.
func TestLongShared(t *testing.T) {
	t.Parallel()
	file := minimal(`<row><c t="s"><v>1</v></c><c t="s"><v>0</v></c></row>`).with(parts{
		"xl/sharedStrings.xml": `<sst><si><t>` + strings.Repeat("x", longest) + `</t><r><t>y</t></r></si><si><t>a</t></si></sst>`,
	}).pack(t)
	wantError(t, "shared", file, "row 1, column B: the cell has more than 1048576 bytes")
}

// TestWideRow keeps a row from sharing one text over and over.
func TestWideRow(t *testing.T) {
	t.Parallel()
	file := minimal(`<row>` + strings.Repeat(`<c t="s"><v>0</v></c>`, longestRow+1) + `</row>`).with(parts{
		"xl/sharedStrings.xml": `<sst><si><t>` + strings.Repeat("x", longest) + `</t></si></sst>`,
	}).pack(t)
	wantError(t, "wide", file, "row 1, column Q: the row has more than 16777216 bytes")
}

// TestLargeCell reads a cell of 50 MB without keeping it.
func TestLargeCell(t *testing.T) {
	file := minimal(`<row><c/><c t="inlineStr"><is><t>` + strings.Repeat(noise(64<<10), 800) + `</t></is></c></row>`).pack(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	wantError(t, "cell", file, "row 1, column B: the cell has more than 1048576 bytes")
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
		t.Errorf("%d bytes were taken", took)
	}
}

// noise is a text that hardly shrinks.
func noise(n int) string {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + random.IntN(26))
	}
	return string(b)
}

// TestBombs unpacks nothing that grows without bounds, whatever sizes are
// declared.
func TestBombs(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat(" ", 40<<20)
	honest := minimal("").with(parts{"xl/worksheets/sheet1.xml": zeros}).pack(t)
	wantError(t, "honest", honest, "its ")

	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range minimal("") {
		packed := deflated(t, content)
		declared := uint64(len(content))
		if strings.HasSuffix(name, "sheet1.xml") {
			packed = deflated(t, zeros)
		}
		w, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CRC32: crc32.ChecksumIEEE([]byte(content)), CompressedSize64: uint64(len(packed)), UncompressedSize64: declared})
		if err == nil {
			_, err = w.Write(packed)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	wantError(t, "liar", b.Bytes(), "xl/worksheets/sheet1.xml cannot be read")

	a := &archive{size: 100, left: 1000}
	if _, err := io.Copy(io.Discard, &metered{strings.NewReader(zeros), a}); err == nil || !strings.Contains(err.Error(), "its 100 bytes unpack to more") {
		t.Errorf("metered: %v", err)
	}
}

func deflated(t *testing.T, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDamage tells a bit that fell over: the checksum stands behind the rows.
func TestDamage(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range minimal(`<row><c><v>12345</v></c></row>`) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = io.WriteString(w, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	file := bytes.Replace(b.Bytes(), []byte("12345"), []byte("12346"), 1)
	wantError(t, "damage", file, "row 2: the row cannot be read: zip: checksum error")

	locked := bytes.Clone(b.Bytes())
	for i := range locked { // the flag stands in the directory at the end
		if bytes.HasPrefix(locked[i:], []byte("PK\x01\x02")) {
			locked[i+8] |= 1
		}
	}
	wantError(t, "password", locked, "the archive has a password")
}
