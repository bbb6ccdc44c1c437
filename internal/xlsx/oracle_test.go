package xlsx

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// foreign is a workbook that another program writes.
func foreign(t rapid.TB, fill func(f *excelize.File) error, o ...excelize.Options) []byte {
	t.Helper()
	f := excelize.NewFile()
	err := fill(f)
	var b bytes.Buffer
	if err == nil {
		err = f.Write(&b, o...)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// steps makes one error of many calls.
type steps struct{ err error }

func (s *steps) do(err error) {
	if s.err == nil {
		s.err = err
	}
}

// TestReadForeign reads styles, dates, rich text and formulas of another writer.
func TestReadForeign(t *testing.T) {
	t.Parallel()
	at := time.Date(1986, 4, 3, 14, 15, 40, 0, time.UTC)
	file := foreign(t, func(f *excelize.File) error {
		var s steps
		s.do(f.SetSheetName("Sheet1", "Люди & Co"))
		s.do(f.SetSheetRow("Люди & Co", "A1", &[]any{"007", 12.5, true, at, at.Truncate(24 * time.Hour), 36*time.Hour + 5*time.Minute, "a\nb", " x "}))
		for i, code := range []string{"dd.mm.yyyy", "[$-419]d mmmm yyyy h:mm;@", "h:mm", "[h]:mm:ss", `0"д."`, "#,##0.00 \"руб.\""} {
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
			s.do(err)
			cell := fmt.Sprintf("%s3", Letters(i+1))
			s.do(f.SetCellValue("Люди & Co", cell, 31505.5))
			s.do(f.SetCellStyle("Люди & Co", cell, cell, style))
		}
		s.do(f.SetCellRichText("Люди & Co", "B5", []excelize.RichTextRun{{Text: "rich "}, {Text: "text", Font: &excelize.Font{Bold: true}}}))
		s.do(f.MergeCell("Люди & Co", "B5", "D6"))
		s.do(f.SetCellValue("Люди & Co", "E5", 3))
		s.do(f.SetCellFormula("Люди & Co", "E5", "1+2"))
		s.do(f.SetCellFormula("Люди & Co", "A7", "1+2"))
		return s.err
	})
	got, err := readSheet(file, "Люди & Co")
	want := []string{
		"1: 007|12.5|true|1986-04-03T14:15:40|1986-04-03|36:05:00|a\nb| x ",
		"3: 1986-04-03T12:00:00|1986-04-03T12:00:00|1986-04-03T12:00:00|756132:00:00|31505.5|31505.5",
		"5: |rich text|||3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err == nil || !strings.Contains(err.Error(), "row 7, column A: the formula has no result") {
		t.Errorf("a formula that was never computed: %v", err)
	}
}

// TestReadPassword recognises a workbook that is really encrypted.
func TestReadPassword(t *testing.T) {
	t.Parallel()
	file := foreign(t, func(f *excelize.File) error { return f.SetCellValue("Sheet1", "A1", 1) }, excelize.Options{Password: "open"})
	wantError(t, "password", file, "it is no open workbook: it has a password")
}

// TestReadLikeOthers reads the same texts as another reader, however they are
// stored.
func TestReadLikeOthers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		cell := rapid.OneOf(
			rapid.Map(rapid.StringMatching(`[a-zЖ<>&"' 0-9=_x]{0,6}`), func(s string) any { return s }),
			rapid.Map(rapid.Int32(), func(n int32) any { return n }),
			rapid.Just(any(nil)),
		)
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 1, 4), 1, 5).Draw(rt, "rows")
		streamed := rapid.Bool().Draw(rt, "streamed")
		file := foreign(rt, func(f *excelize.File) error {
			var s steps
			if !streamed {
				for i, row := range rows {
					s.do(f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row))
				}
				return s.err
			}
			w, err := f.NewStreamWriter("Sheet1")
			if err != nil {
				return err
			}
			for i, row := range rows {
				s.do(w.SetRow(fmt.Sprintf("A%d", i+1), row))
			}
			s.do(w.Flush())
			return s.err
		})
		ours, err := readSheet(file, "Sheet1")
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(theirs(rt, file), filled(ours)); diff != "" {
			rt.Fatalf("(-theirs +ours):\n%s", diff)
		}
	})
}

// TestOthersRead has another reader find what was written.
func TestOthersRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.OneOf(
			rapid.Map(rapid.StringMatching(`[a-zЖ<>&"' 0-9=_x\n\t]{0,6}`), func(s string) any { return s }),
			rapid.Map(rapid.Int64Range(-maxInteger, maxInteger), func(n int64) any { return n }),
			rapid.Just(any(nil)),
		)
		rows := rapid.SliceOfN(rapid.SliceOfN(value, 2, 2), 0, 5).Draw(rt, "rows")
		var b bytes.Buffer
		w, err := NewWriter(&b, []string{"A", "Б"})
		if err != nil {
			rt.Fatal(err)
		}
		want := []string{"1: A|Б"}
		for i, row := range rows {
			if err := w.Write(row); err != nil {
				rt.Fatal(err)
			}
			cells := make([]string, len(row))
			for j, v := range row {
				if v != nil {
					cells[j] = fmt.Sprint(v)
				}
			}
			want = append(want, fmt.Sprintf("%d: %s", i+2, strings.TrimRight(strings.Join(cells, "|"), "|")))
		}
		if err := w.Close(); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(filled(want), theirs(rt, b.Bytes())); diff != "" {
			rt.Fatalf("(-ours +theirs):\n%s", diff)
		}
	})
}

// theirs are the rows of a sheet as another reader finds them.
func theirs(t rapid.TB, file []byte) []string {
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("Sheet1", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	all := make([]string, len(rows))
	for i, row := range rows {
		all[i] = fmt.Sprintf("%d: %s", i+1, strings.TrimRight(strings.Join(row, "|"), "|"))
	}
	return filled(all)
}

// filled leaves out rows without cells, which not every reader returns.
func filled(rows []string) []string {
	var found []string
	for _, row := range rows {
		if !strings.HasSuffix(row, ": ") {
			found = append(found, row)
		}
	}
	return found
}
