package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"
)

// file writes a file of the test and returns its path.
func file(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// all reads a table: the header, then "row: cell|cell".
func all(t testing.TB, path string, o Options) ([]string, error) {
	t.Helper()
	r, err := Open(path, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	rows := []string{strings.Join(r.Columns(), "|")}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		var cells []string
		for _, name := range r.Columns() {
			c, _ := row.Cell(name)
			text := c.Text
			if c.JSON != nil {
				text = "json " + text
			}
			cells = append(cells, text)
		}
		rows = append(rows, fmt.Sprintf("%d: %s", row.Number, strings.Join(cells, "|")))
	}
}

func utf16le(text string, mark bool) []byte {
	var b bytes.Buffer
	if mark {
		b.Write([]byte{0xff, 0xfe})
	}
	for _, u := range utf16.Encode([]rune(text)) {
		b.Write([]byte{byte(u), byte(u >> 8)})
	}
	return b.Bytes()
}

func TestReadText(t *testing.T) {
	t.Parallel()
	cyrillic, err := charmap.Windows1251.NewEncoder().String("ID;Имя\n2;Олег\n")
	if err != nil {
		t.Fatal(err)
	}
	russian := []string{"ID|Имя", "2: 2|Олег"}
	for name, test := range map[string]struct {
		file    string
		content []byte
		want    []string
	}{
		"comma":                {"a.csv", []byte("ID,Name\n2,Oleg\n"), []string{"ID|Name", "2: 2|Oleg"}},
		"semicolon":            {"a.csv", []byte("ID;\"A,B,C\"\n2;\"x;y\"\n"), []string{"ID|A,B,C", "2: 2|x;y"}},
		"tab":                  {"a.tsv", []byte("ID\tName\r\n2\tOleg\r\n"), []string{"ID|Name", "2: 2|Oleg"}},
		"one column":           {"a.txt", []byte("ID\n2\n3"), []string{"ID", "2: 2", "3: 3"}},
		"quotes and line ends": {"a.csv", []byte("ID,Text\n2,\"say \"\"hi\"\"\nthere\"\n3,{x}\n"), []string{"ID|Text", "2: 2|say \"hi\"\nthere", "4: 3|{x}"}},
		"blank lines":          {"a.csv", []byte("\nID,Name\n\n,\n2,Oleg\n,\n"), []string{"ID|Name", "5: 2|Oleg"}},
		"UTF-8 with mark":      {"a.csv", []byte("\ufeffID;Имя\n2;Олег\n"), russian},
		"UTF-8":                {"a.csv", []byte("ID;Имя\n2;Олег\n"), russian},
		"UTF-16 with mark":     {"a.csv", utf16le("ID;Имя\n2;Олег\n", true), russian},
		"UTF-16":               {"a.csv", utf16le("ID;Name\n2;Oleg\n", false), []string{"ID|Name", "2: 2|Oleg"}},
		"Windows-1251":         {"a.csv", []byte(cyrillic), russian},
		"short Windows-1251":   {"a.csv", []byte("ID;N\n2;\xcf\xb8\xf2\xf0\n3;\xd1\xb8\xec\xe0\n"), []string{"ID|N", "2: 2|Пётр", "3: 3|Сёма"}},
		"units":                {"a.csv", []byte("ID;N\n2;\xea\xc2\xf2, \xcc\xe0\xea\xc4\xee\xed\xe0\xeb\xfc\xe4\xf1\xae\n"), []string{"ID|N", "2: 2|кВт, МакДональдс®"}},
		"carriage returns":     {"a.csv", []byte("ID,Name\r2,Oleg\r3,\"a,b\"\r"), []string{"ID|Name", "2: 2|Oleg", "3: 3|a,b"}},
		"JSON Lines with mark": {"a.jsonl", []byte("\ufeff{\"ID\":7}\n"), []string{"ID", "1: json 7"}},
		"JSON Lines, escapes":  {"a.jsonl", []byte(`{"T":"\ud83d\ude00 \\ud800"}`), []string{"T", "1: 😀 \\ud800"}},
		"formulas of ours":     {"a.csv", []byte("ID,Phone\n2,'+44 20\n3,'text\n"), []string{"ID|Phone", "2: 2|+44 20", "3: 3|'text"}},
		"JSON Lines":           {"a.jsonl", []byte(`{"ID":7,"Name":"Oleg"}` + "\n\n" + `{"Name":null,"ID":[1,2]}`), []string{"ID|Name", "1: json 7|Oleg", "3: json [1,2]|"}},
		"JSON Lines as text":   {"a.txt", []byte(`{"ID":7}`), []string{"ID", "1: json 7"}},
	} {
		got, err := all(t, file(t, test.file, test.content), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestStandardInput(t *testing.T) {
	t.Parallel()
	got, err := all(t, "-", Options{Stdin: strings.NewReader("ID,Name\n2,Oleg\n")})
	if diff := cmp.Diff([]string{"ID|Name", "2: 2|Oleg"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestBadTables wants file, row and column in every message.
func TestBadTables(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file    string
		content string
		want    string
	}{
		"empty":            {"a.csv", "", "a.csv: the table is empty"},
		"header twice":     {"a.csv", "ID,Name,ID\n", `a.csv, row 1, column C: the name "ID" stands in column A already`},
		"nameless column":  {"a.csv", "ID,,Name\n", "a.csv, row 1, column B: the column has no name"},
		"short row":        {"a.csv", "ID,Name\n1,a\n2\n", "a.csv, row 3: the row has 1 cells, the header 2"},
		"long row":         {"a.csv", "ID,Name\n1,a,b\n", "a.csv, row 2: the row has 3 cells, the header 2"},
		"stray quote":      {"a.csv", "ID,Name\n1,a\"b\n", "a.csv, row 2: broken CSV in line 2"},
		"open quote":       {"a.csv", "ID,Name\n1,\"a\n2,b\n", "a.csv, row 2: broken CSV in line"},
		"large cell":       {"a.csv", "ID,Name\n1," + strings.Repeat("x", maxCell+1) + "\n", "a.csv, row 2, column Name: the cell has 1048577 bytes"},
		"wrong encoding":   {"a.csv", "ID,Name\n" + strings.Repeat("1,a\n", 40_000) + "2,\xff\xfe\n", "a.csv, row 40002, column Name: a character cannot be read"},
		"Latin encoding":   {"a.csv", "ID,Name\n1,\xce\xeb\xe5\xe3\n2,Jos\xe9\n", `a.csv, row 3, column Name: the text is neither UTF-8 nor, as it seems, Windows-1251, where it reads "Josй"`},
		"binary":           {"a.csv", "\x7fELF\x02\x01\x01\x00\x00\x00\x01", "a.csv: it is no table but a binary file"},
		"picture":          {"a.csv", "\x89PNG\r\n\x1a\n\xff", "a.csv: it is no table but a binary file"},
		"no object":        {"a.jsonl", "[1]\n", "a.jsonl, row 1: no JSON object"},
		"broken object":    {"a.jsonl", "{\"a\":1}\n{\"a\":\n", "a.jsonl, row 2: broken JSON"},
		"cut object":       {"a.jsonl", "{\"a\":1", "a.jsonl, row 1: broken JSON"},
		"two objects":      {"a.jsonl", `{"a":1}{"a":2}`, "a.jsonl, row 1: more than one object in a line"},
		"key twice":        {"a.jsonl", `{"a":1,"a":2}`, `a.jsonl, row 1: the key "a" stands twice`},
		"large value":      {"a.jsonl", `{"a":"` + strings.Repeat("x", maxCell) + `"}`, "a.jsonl, row 1, column a: the value has 1048578 bytes"},
		"no workbook":      {"a.xlsx", "ID,Name\n", "a.xlsx: it is no workbook"},
		"old workbook":     {"a.xls", "x", "a.xls: tables of this kind cannot be read"},
		"sheet of a table": {"b.csv", "ID\n", "b.csv: only a workbook has sheets"},
	} {
		o := Options{}
		if test.file == "b.csv" {
			o.Sheet = "Sheet1"
		}
		_, err := all(t, file(t, test.file, []byte(test.content)), o)
		var bad *Error
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v is no Error", name, err)
			continue
		}
		bad.File = filepath.Base(bad.File)
		if !strings.HasPrefix(bad.Error(), test.want) {
			t.Errorf("%s: %q, want %q", name, bad.Error(), test.want)
		}
	}
	for path, want := range map[string]string{
		filepath.Join(t.TempDir(), "none.csv"): "it cannot be opened",
		t.TempDir():                            "it is a folder",
	} {
		if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

// sheet makes a workbook whose cells are set by hand.
func sheet(t *testing.T, fill func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	path := sheet(t, func(f *excelize.File) {
		check := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		check(f.SetSheetRow("Sheet1", "A1", &[]any{"ID", "Name", "Born", "Seen", "Sum", "Active", "Own"}))
		day := time.Date(1986, 4, 3, 0, 0, 0, 0, time.UTC)
		check(f.SetSheetRow("Sheet1", "A2", &[]any{12, "Олег", day, day.Add(90 * time.Minute), 1234567.5, true, day}))
		format := "dd.mm.yyyy"
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		check(err)
		check(f.SetCellStyle("Sheet1", "G2", "G2", style))
		check(f.SetSheetRow("Sheet1", "A4", &[]any{"007", "'+1", nil, nil, 3}))
		check(f.SetCellFormula("Sheet1", "E4", "1+2"))
		thousands := "#,##0.00"
		style, err = f.NewStyle(&excelize.Style{CustomNumFmt: &thousands})
		check(err)
		check(f.SetCellStyle("Sheet1", "E2", "E2", style))
		_, err = f.NewSheet("Second")
		check(err)
		check(f.SetSheetRow("Second", "A1", &[]any{"X"}))
		check(f.SetSheetRow("Second", "A2", &[]any{"#N/A"}))
		check(f.SetSheetRow("Second", "A3", &[]any{"1", "2"}))
	})
	got, err := all(t, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"ID|Name|Born|Seen|Sum|Active|Own",
		"2: 12|Олег|1986-04-03|1986-04-03T01:30:00|1234567.5|true|1986-04-03",
		"4: 007|+1|||3||",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = all(t, path, Options{Sheet: "Second"})
	if err == nil || !strings.Contains(err.Error(), "row 2, column X: the formula ends in #N/A") {
		t.Errorf("err = %v", err)
	}
	_, err = all(t, path, Options{Sheet: "Third"})
	if err == nil || !strings.Contains(err.Error(), `there is no sheet "Third"`) || !strings.Contains(err.Error(), "Sheet1, Second") {
		t.Errorf("err = %v", err)
	}
}

// TestZipBomb packs a sheet that would unpack to gigabytes.
func TestZipBomb(t *testing.T) {
	t.Parallel()
	path := file(t, "bomb.xlsx", bomb(t, 40<<20))
	if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "unpack to") {
		t.Errorf("err = %v", err)
	}
}

// TestWriteAndRead writes a table of every kind and reads the same texts back.
func TestWriteAndRead(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"a.csv", "a.xlsx", "a.jsonl"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				text := rapid.StringMatching(`[=+@'\-"a-z,;Ж 0-9\n]{0,8}[a-z]`)
				rows := rapid.SliceOfN(rapid.SliceOfN(text, 2, 2), 1, 4).Draw(rt, "rows")
				var b bytes.Buffer
				w, err := NewWriter(&b, kind, []string{"A", "B"})
				if err != nil {
					rt.Fatal(err)
				}
				for _, row := range rows {
					if err := w.Write([]any{row[0], row[1]}); err != nil {
						rt.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					rt.Fatal(err)
				}
				if kind == "a.csv" {
					wantNoFormula(rt, b.String())
				}
				r, err := reopen(t, kind, b.Bytes())
				if err != nil {
					rt.Fatal(err)
				}
				defer r.Close() //nolint:errcheck // it was only read
				for i, want := range rows {
					row, err := r.Next()
					if err != nil {
						rt.Fatalf("row %d: %v", i, err)
					}
					for j, name := range []string{"A", "B"} {
						if c, ok := row.Cell(name); !ok || c.Text != want[j] {
							rt.Fatalf("row %d: %q, want %q", i, c.Text, want[j])
						}
					}
				}
				if _, err := r.Next(); !errors.Is(err, io.EOF) {
					rt.Fatalf("after the last row: %v", err)
				}
			})
		})
	}
}

// reopen reads a table that was written: only a workbook needs a file.
func reopen(t *testing.T, kind string, content []byte) (Reader, error) {
	if kind == "a.xlsx" {
		return Open(file(t, kind, content), Options{})
	}
	return Open("-", Options{Stdin: bytes.NewReader(content)})
}

func wantNoFormula(t *rapid.T, text string) {
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records {
		for _, cell := range record {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Fatalf("a cell is a formula: %q", cell)
			}
		}
	}
}

func TestWriteKinds(t *testing.T) {
	t.Parallel()
	values := []any{"a\"b", 7, true, nil, json.RawMessage(`[1,{"x":"<"}]`), json.Number("1.10")}
	columns := []string{"text", "int", "bool", "none", "json", "number"}
	for kind, want := range map[string]string{
		"a.csv":   "text,int,bool,none,json,number\n\"a\"\"b\",7,true,,\"[1,{\"\"x\"\":\"\"<\"\"}]\",1.10\n",
		"a.jsonl": `{"text":"a\"b","int":7,"bool":true,"none":null,"json":[1,{"x":"<"}],"number":1.10}` + "\n",
	} {
		var b bytes.Buffer
		w, err := NewWriter(&b, kind, columns)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Write(values), w.Close()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
	if _, err := NewWriter(io.Discard, "a.pdf", columns); err == nil || !strings.Contains(err.Error(), Kinds) {
		t.Errorf("a.pdf: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	for _, seed := range []string{"ID,Name\n2,Oleg\n", "{\"a\":1}\n", "\xff\xfeI\x00", "a;b\n\"x\"\"\n", "PK\x03\x04"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := Open("-", Options{Stdin: bytes.NewReader(content)})
		for n := 0; err == nil && n <= len(content)+1; n++ {
			_, err = r.Next()
		}
		if err == nil {
			t.Error("more rows than bytes")
		}
	})
}
