package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestWrite reads back what was written, each kind of value.
func TestWrite(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w, err := NewWriter(&b, []string{"A", "Б", "C"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]any{
		{"007", "=1+2", nil},
		{5, int64(-7), 1.5},
		{true, false, "true"},
		{int64(math.MaxInt64), 1e21, math.Inf(1)},
		{},
		{"", nil, " x "},
		{"\x00\x1f\r\n\t", "_x000D_ _x005F_", "\ufffe\uffff<&>\"'"},
		{"a\xffb", "\U0001F600", "_x\U0001F600"},
	} {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := readSheet(b.Bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1: A|Б|C", "2: 007|=1+2", "3: 5|-7|1.5", "4: true|false|true",
		"5: 9223372036854775807|1000000000000000000000|+Inf", "6: ", "7: || x ",
		"8: \x00\x1f\r\n\t|_x000D_ _x005F_|\ufffe\uffff<&>\"'", "9: a\ufffdb|\U0001F600|_x\U0001F600",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRoundTrip writes any texts and reads them back.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`(_x[0-9A-Fa-f]{4}_|_|x|[ \t\r\n]){1,6}`))
		rows := rapid.SliceOfN(rapid.SliceOfN(text, 1, 3), 0, 2*measured).Draw(rt, "rows")
		var b bytes.Buffer
		w, err := NewWriter(&b, []string{"A", "B", "C"})
		if err != nil {
			rt.Fatal(err)
		}
		want := []string{"1: A|B|C"}
		for i, row := range rows {
			values := make([]any, len(row))
			last := 0
			for j, v := range row {
				if values[j] = v; v != "" {
					last = j + 1
				}
			}
			if err := w.Write(values); err != nil {
				rt.Fatal(err)
			}
			want = append(want, fmt.Sprintf("%d: %s", i+2, strings.Join(row[:last], "|")))
		}
		if err := w.Close(); err != nil {
			rt.Fatal(err)
		}
		got, err := readSheet(b.Bytes(), "Sheet1")
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			rt.Fatalf("%v (-want +got):\n%s", err, diff)
		}
	})
}

// TestBounds refuses what a spreadsheet would call damaged, and writes what is
// just allowed.
func TestBounds(t *testing.T) {
	t.Parallel()
	w, err := NewWriter(io.Discard, []string{"A", "B"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write([]any{strings.Repeat("Ж", MaxText), strings.Repeat("\U0001F600", MaxText/2)}); err != nil {
		t.Error(err)
	}
	want := &Error{Row: 3, Column: 2, Problem: "the text has 32768 characters; a cell of a workbook holds 32767", Remedy: remedyOther}
	var wrong *Error
	if err := w.Write([]any{nil, strings.Repeat("\U0001F600", MaxText/2+1)}); !errors.As(err, &wrong) || cmp.Diff(want, wrong) != "" {
		t.Errorf("a long text: %v", err)
	}
	if err := w.Close(); !errors.As(err, &wrong) {
		t.Errorf("closed after an error: %v", err)
	}

	if w, err = NewWriter(io.Discard, []string{"A"}); err != nil {
		t.Fatal(err)
	}
	w.row = MaxRows - 1
	if err := w.Write([]any{"x"}); err != nil {
		t.Error(err)
	}
	if err := w.Write([]any{"x"}); err == nil || !strings.Contains(err.Error(), "no room for more than 1048576 rows\nWrite .csv") {
		t.Errorf("a row too many: %v", err)
	}
	if _, err := NewWriter(io.Discard, make([]string, MaxColumns+1)); err == nil || !strings.Contains(err.Error(), "no room for 16385 columns") {
		t.Errorf("a column too many: %v", err)
	}
	if w, err = NewWriter(io.Discard, []string{"A"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Write([]any{1, 2}); err == nil || !strings.Contains(err.Error(), "row 2: 2 values for 1 columns") {
		t.Errorf("a value too many: %v", err)
	}
	if w, err = NewWriter(io.Discard, []string{"A"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Write([]any{struct{}{}}); err == nil || !strings.Contains(err.Error(), "row 2, column A: values of the type struct {} cannot be written") {
		t.Errorf("an unknown type: %v", err)
	}
}

// TestFullDisk tells what the writer below says.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left")
	for _, room := range []int{0, 100, 2000, 20_000} {
		w, err := NewWriter(&disk{room, full}, []string{"A"})
		for i := 0; err == nil && i < 20_000; i++ {
			err = w.Write([]any{noise(20) + fmt.Sprint(i)})
		}
		if err == nil {
			err = w.Close()
		}
		if !errors.Is(err, full) {
			t.Errorf("room for %d bytes: %v", room, err)
		}
	}
}

type disk struct {
	room int
	full error
}

func (d *disk) Write(p []byte) (int, error) {
	if d.room -= len(p); d.room < 0 {
		return 0, d.full
	}
	return len(p), nil
}

func TestShorten(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", strings.Repeat("a", MaxText), strings.Repeat("Ж", MaxText)} {
		if got := Shorten(text); got != text {
			t.Errorf("%d bytes became %d", len(text), len(got))
		}
	}
	for _, text := range []string{strings.Repeat("a", MaxText+1), strings.Repeat("\U0001F600", MaxText), strings.Repeat("Ж", 2*MaxText)} {
		got := Shorten(text)
		if n := length(got); n > MaxText || n < MaxText-1 || !strings.HasSuffix(got, "…") || !strings.HasPrefix(text, strings.TrimSuffix(got, "…")) {
			t.Errorf("%d characters became %d", length(text), n)
		}
	}
}

// TestMemory writes and reads tables of different lengths in the same memory.
func TestMemory(t *testing.T) {
	var few, many uint64
	for _, test := range []struct {
		rows int
		held *uint64
	}{{1000, &few}, {10_000, &many}} {
		var size counter
		w, err := NewWriter(&size, benchHead())
		if err != nil {
			t.Fatal(err)
		}
		var values []any
		for row := range test.rows {
			values = benchRow(row, values)
			if err := w.Write(values); err != nil {
				t.Fatal(err)
			}
		}
		*test.held = heldBy(w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if many > few+256<<10 {
		t.Errorf("10,000 rows hold %d bytes, 1,000 rows %d", many, few)
	}
}

// heldBy is the memory in use while something is alive.
func heldBy(alive any) uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	runtime.KeepAlive(alive)
	return m.HeapAlloc
}
