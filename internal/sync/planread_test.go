package sync

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// planOf writes a plan of so many updates and opens it.
func planOf(t *testing.T, rows int) *Plan {
	t.Helper()
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
	t.Cleanup(func() {
		if err := plan.Close(); err != nil {
			t.Error(err)
		}
	})
	return plan
}

// TestPlanOfAnySize yields the same rows from memory and from the file.
func TestPlanOfAnySize(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{0, keptRows, keptRows + 1, keptRows + blockRows} {
		plan := planOf(t, rows)
		for range 2 {
			next := 2
			for line, row := range plan.All() {
				if line != next || row.ID != int64(line-1) || row.Changes[0].New.String() != "New" {
					t.Fatalf("of %d rows: line %d after %d, %+v", rows, line, next-1, row)
				}
				next++
			}
			if next != rows+2 || plan.Err() != nil {
				t.Errorf("%d rows of %d: %v", next-2, rows, plan.Err())
			}
		}
	}
}

// TestPlanChangedInPlace ends before a row that is not what was checked, and
// nothing of its block is sent.
func TestPlanChangedInPlace(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(plan []byte) []byte{
		"a value": func(plan []byte) []byte {
			at := bytes.LastIndex(plan, []byte(`"New"`))
			return append(append(bytes.Clone(plan[:at]), `"Old"`...), plan[at+5:]...)
		},
		"a line gone": func(plan []byte) []byte { return plan[:bytes.LastIndexByte(plan[:len(plan)-1], '\n')+1] },
		"nonsense":    func(plan []byte) []byte { return append(bytes.Clone(plan[:len(plan)-9]), "xxxxxxxx\n"...) },
		"emptied":     func([]byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := planOf(t, keptRows+1)
			text, err := os.ReadFile(plan.File)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(plan.File, edit(text), 0o600); err != nil {
				t.Fatal(err)
			}
			n := 0
			for range plan.All() {
				n++
			}
			if err := plan.Err(); n > keptRows || err == nil || !strings.Contains(err.Error(), "plan.jsonl was changed while it is being applied") {
				t.Errorf("after %d rows: %v", n, err)
			}
		})
	}
	portal, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := portal.Close(); err != nil {
			t.Error(err)
		}
	})
	client, err := bitrix24.New(portal.Access().Webhook, bitrix24.WithTransport(portal.Transport()), bitrix24.WithLimits(bitrix24.NoLimits))
	if err != nil {
		t.Fatal(err)
	}
	plan := planOf(t, keptRows+1)
	run, err := Open(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(plan.File)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(text, []byte(`"New"`), []byte(`"Old"`), 1)
	if err := os.WriteFile(plan.File, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	var input *InputError
	if err := run.Apply(t.Context(), client, ApplyOptions{}); !errors.As(err, &input) || !strings.Contains(err.Error(), "was changed") {
		t.Error(err)
	}
	for _, c := range portal.Log() {
		if c.Method == "user.update" {
			t.Fatalf("user %d was changed", c.Record)
		}
	}
	// Put back, it goes on.
	if err := run.Close(); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(plan.File, text, 0o600); err != nil {
		t.Fatal(err)
	}
	plan, err = OpenPlan(plan.File, false)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close() //nolint:errcheck // it was only read
	if run, err = Open(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
	if err := run.Apply(t.Context(), client, ApplyOptions{Overwrite: true}); err != nil || run.Tally().Left() != 0 || run.Tally().Done == 0 {
		t.Errorf("%+v, %v", run.Tally(), err)
	}
	if err := run.Close(); err != nil {
		t.Error(err)
	}
}
