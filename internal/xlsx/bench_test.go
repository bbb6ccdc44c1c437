package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/xuri/excelize/v2"
)

const (
	benchRows    = 2000
	benchColumns = 45
)

// benchRow is a row as an export of users has it: some texts differ in every row,
// many are the same, and a third are empty.
func benchRow(row int, values []any) []any {
	values = values[:0]
	for i := range benchColumns {
		switch i % 6 {
		case 0:
			values = append(values, fmt.Sprintf("person%d.%d@example.org", row, i))
		case 1:
			values = append(values, "Отдел продаж")
		case 2:
			values = append(values, fmt.Sprintf("+7 900 %07d", row*31+i))
		case 3:
			values = append(values, "2026-05-26T14:15:40+00:00")
		default:
			values = append(values, "")
		}
	}
	return values
}

func benchHead() []string {
	head := make([]string, benchColumns)
	for i := range head {
		head[i] = fmt.Sprintf("UF_COLUMN_%d", i)
	}
	return head
}

func writeBench(w io.Writer) error {
	x, err := NewWriter(w, benchHead())
	if err != nil {
		return err
	}
	var values []any
	for row := range benchRows {
		values = benchRow(row, values)
		if err := x.Write(values); err != nil {
			return err
		}
	}
	return x.Close()
}

type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func BenchmarkWrite(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var size counter
		if err := writeBench(&size); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(size), "filebytes")
	}
}

func BenchmarkWriteExcelize(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		f := excelize.NewFile()
		stream, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			b.Fatal(err)
		}
		var values []any
		for row := range benchRows {
			values = benchRow(row, values)
			cell, _ := excelize.CoordinatesToCellName(1, row+1)
			if err := stream.SetRow(cell, values); err != nil {
				b.Fatal(err)
			}
		}
		var size counter
		if err := errors.Join(stream.Flush(), f.Write(&size), f.Close()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(size), "filebytes")
	}
}

func benchBook(b *testing.B) []byte {
	b.Helper()
	var file bytes.Buffer
	if err := writeBench(&file); err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}

func BenchmarkRead(b *testing.B) {
	file := benchBook(b)
	b.ReportAllocs()
	for b.Loop() {
		book, err := Open(bytes.NewReader(file), int64(len(file)), 1<<20)
		if err != nil {
			b.Fatal(err)
		}
		rows, err := book.Rows(book.First())
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for {
			_, _, err := rows.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != benchRows+1 {
			b.Fatalf("%d rows", n)
		}
	}
}

func BenchmarkReadExcelize(b *testing.B) {
	file := benchBook(b)
	b.ReportAllocs()
	for b.Loop() {
		f, err := excelize.OpenReader(bytes.NewReader(file))
		if err != nil {
			b.Fatal(err)
		}
		rows, err := f.Rows("Sheet1")
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for rows.Next() {
			if _, err := rows.Columns(); err != nil {
				b.Fatal(err)
			}
			n++
		}
		if err := errors.Join(rows.Error(), rows.Close(), f.Close()); err != nil || n != benchRows+1 {
			b.Fatalf("%d rows, %v", n, err)
		}
	}
}
