package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// TestWorkbookErrors wants file, row and the column's name.
func TestWorkbookErrors(t *testing.T) {
	t.Parallel()
	set := func(f *excelize.File, cells map[string]any) {
		for cell, value := range cells {
			if err := f.SetCellValue("Sheet1", cell, value); err != nil {
				t.Error(err)
			}
		}
	}
	for name, test := range map[string]struct {
		fill func(f *excelize.File)
		want string
	}{
		"no cells": {func(*excelize.File) {}, "a.xlsx: the table is empty"},
		"formula": {func(f *excelize.File) {
			set(f, map[string]any{"A1": "ID", "B1": "Name"})
			if err := f.SetCellFormula("Sheet1", "B2", "1+2"); err != nil {
				t.Error(err)
			}
		}, "a.xlsx, row 2, column Name: the formula has no result"},
		"formula without a column": {func(f *excelize.File) {
			set(f, map[string]any{"A1": "ID"})
			if err := f.SetCellFormula("Sheet1", "C3", "1+2"); err != nil {
				t.Error(err)
			}
		}, "a.xlsx, row 3, column C: the formula has no result"},
		"text of a formula error": {func(f *excelize.File) { set(f, map[string]any{"A1": "ID", "A2": "#REF!"}) }, "a.xlsx, row 2, column ID: the formula ends in #REF!"},
		"cell without a header":   {func(f *excelize.File) { set(f, map[string]any{"A1": "ID", "B2": 1}) }, "a.xlsx, row 2, column B: the cell has no column in the header"},
		"header twice":            {func(f *excelize.File) { set(f, map[string]any{"A1": "ID", "B1": "ID"}) }, `a.xlsx, row 1, column B: the name "ID" stands in column A already`},
	} {
		_, err := all(t, sheet(t, test.fill), Options{})
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
}

// TestLongText refuses what a cell cannot hold, but cuts it in a report.
func TestLongText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 40_000)
	w, err := NewWriter(io.Discard, "a.xlsx", []string{"A", "B"})
	if err != nil {
		t.Fatal(err)
	}
	err = w.Write([]any{1, long})
	want := "a.xlsx, row 2, column B: the text has 40000 characters; a cell of a workbook holds 32767\nWrite .csv or .jsonl."
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}

	var b bytes.Buffer
	report, err := NewReport(&b, "a.xlsx", []string{"A"})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(report.Write([]any{long}), report.Close()); err != nil {
		t.Fatal(err)
	}
	got, err := all(t, file(t, "a.xlsx", b.Bytes()), Options{})
	if diff := cmp.Diff([]string{"A", "2: " + long[:32766] + "…"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := NewWriter(io.Discard, "a.xlsx", make([]string, 20_000)); err == nil || !strings.HasPrefix(err.Error(), "a.xlsx: a sheet has no room for 20000 columns") {
		t.Errorf("columns: %v", err)
	}
}

// TestTypedCells writes what has a type in a workbook as such, and everything else
// as a text.
func TestTypedCells(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w, err := NewWriter(&b, "a.xlsx", []string{"A", "twenty-four letters long", "C", "D", "E", "F"})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write([]any{7, true, 1.5, "=1", nil, int64(8)}), w.Close()); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	for i, want := range []excelize.CellType{excelize.CellTypeUnset, excelize.CellTypeBool, excelize.CellTypeUnset, excelize.CellTypeInlineString} {
		if got, err := f.GetCellType("Sheet1", fmt.Sprintf("%c2", 'A'+i)); err != nil || got != want {
			t.Errorf("column %c: type %d, %v, want %d", 'A'+i, got, err, want)
		}
	}
	if panes, err := f.GetPanes("Sheet1"); err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the header does not stay in sight: %+v, %v", panes, err)
	}
	for column, want := range map[string]float64{"A": 8, "B": 25} {
		if got, err := f.GetColWidth("Sheet1", column); err != nil || got != want {
			t.Errorf("column %s is %v broad, %v, want %v", column, got, err, want)
		}
	}
	if formula, err := f.GetCellFormula("Sheet1", "D2"); formula != "" || err != nil {
		t.Errorf("a formula: %q, %v", formula, err)
	}
}
