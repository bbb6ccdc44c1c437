package sync

import (
	"errors"
	"path/filepath"
	"testing"
)

// TestPlanOfAnySize yields the same rows from memory and from the file.
func TestPlanOfAnySize(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{0, keptRows, keptRows + 1} {
		made, err := NewMade()
		if err != nil {
			t.Fatal(err)
		}
		w := newPlanWriter(made.Writer())
		for i := range rows {
			if err := w.write(&Row{Line: i + 2, Action: Update, ID: int64(i + 1), Changes: []Change{{Field: "NAME", New: Value{"New"}}}}); err != nil {
				t.Fatal(err)
			}
		}
		made.Header = Header{Portal: "b24-xxxxxx.example", Entity: "users", Key: "ID", Fields: []PlanField{{Name: "NAME", Kind: Text}}}
		file := filepath.Join(t.TempDir(), "plan.jsonl")
		if err := errors.Join(w.finish(&made.Header), made.Save(file), made.Close()); err != nil {
			t.Fatal(err)
		}
		plan, err := OpenPlan(file, false)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			next := 2
			for line, row := range plan.All() {
				if line != next || row.ID != int64(line-1) || row.Changes[0].New.String() != "New" {
					t.Fatalf("of %d rows: line %d after %d, %+v", rows, line, next-1, row)
				}
				next++
			}
			if next != rows+2 {
				t.Errorf("%d rows of %d", next-2, rows)
			}
		}
		if err := plan.Close(); err != nil {
			t.Error(err)
		}
	}
}
