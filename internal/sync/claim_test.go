package sync_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/sync"
	"github.com/oint-go/oint/sandbox"
)

// claim claims a plan file for a test.
func (b *bench) claim(path string) *sync.Claim {
	b.t.Helper()
	c, err := sync.NewClaim(b.t.Context(), path)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// journal changes the journal of a plan.
func (b *bench) journal(path string, statements ...string) {
	b.t.Helper()
	db, err := sql.Open("sqlite", path+".journal")
	if err != nil {
		b.t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // its statements tell
	for _, statement := range statements {
		if _, err := db.ExecContext(b.t.Context(), statement); err != nil {
			b.t.Fatal(err)
		}
	}
}

// left is how many rows of a plan file have to be finished first.
func (b *bench) left(path string) int {
	b.t.Helper()
	c := b.claim(path)
	defer c.Close() //nolint:errcheck // nothing is written
	run, err := c.Unfinished(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	if run == nil {
		return 0
	}
	return run.Tally().Left()
}

// TestUnfinished tells plans that were interrupted from those that were not begun
// and those whose every row has an outcome.
func TestUnfinished(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	if n := b.left(filepath.Join(b.dir, "none.jsonl")); n != 0 {
		t.Errorf("no plan: %d", n)
	}
	path := b.saved("plan.jsonl", sync.Users(), "ID,NAME\n2,Planned\n3,Planned\n4,Planned\n", sync.PlanOptions{Key: "ID"})
	if n := b.left(path); n != 0 {
		t.Errorf("not begun: %d", n)
	}
	b.set(3, bitrix24.Fields{"NAME": "Somebody"})
	if tally := b.apply(path, sync.ApplyOptions{}); tally.Done != 2 || tally.Drifted != 1 {
		t.Errorf("%+v", tally)
	}
	if n := b.left(path); n != 0 {
		t.Errorf("every row has an outcome: %d", n)
	}
	// The program was killed: of one row the journal does not know whether it was
	// carried out, and of the other nothing.
	b.journal(path, "UPDATE row SET state = 1 WHERE line = 2", "DELETE FROM row WHERE line = 4")
	if n := b.left(path); n != 3 {
		t.Errorf("interrupted: %d, want 3", n)
	}
	// Its plan was overwritten by hand: there is nothing to finish.
	b.saved("plan.jsonl", sync.Users(), "ID,NAME\n5,Planned\n", sync.PlanOptions{Key: "ID"})
	if n := b.left(path); n != 0 {
		t.Errorf("another plan: %d", n)
	}
	c := b.claim(b.file("notes.jsonl", "{}\n"))
	defer c.Close() //nolint:errcheck // nothing is written
	var input *sync.InputError
	if _, err := c.Unfinished(t.Context()); !errors.As(err, &input) {
		t.Errorf("a file that is no plan: %v", err)
	}
}

// TestBegin puts plan after plan into one file. The journal always belongs to the
// one that is there, and nobody else gets in meanwhile.
func TestBegin(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	path := filepath.Join(b.dir, "plan.jsonl")
	for _, name := range []string{"First", "Second", "Second"} {
		made, err := b.plan(sync.Users(), "ID,NAME\n2,"+name+"\n", sync.PlanOptions{Key: "ID"})
		if err != nil {
			t.Fatal(err)
		}
		c := b.claim(path)
		if _, err := c.Unfinished(t.Context()); err != nil {
			t.Fatal(err)
		}
		run, err := c.Begin(t.Context(), made)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sync.NewClaim(t.Context(), path); err == nil || !strings.Contains(err.Error(), "another apply of this plan is running") {
			t.Errorf("a second claim: %v", err)
		}
		if err := run.Apply(t.Context(), b.client, sync.ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		if tally := run.Tally(); tally.Left()+tally.Failed+tally.Drifted != 0 {
			t.Errorf("%s: %+v", name, tally)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// The third changed nothing, so the rollback is that of the second, and that
	// of the first is kept.
	kept, err := filepath.Glob(filepath.Join(b.dir, "plan.rollback.*.jsonl"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("%v, %v", kept, err)
	}
	if text, err := os.ReadFile(kept[0]); err != nil || !strings.Contains(string(text), `"old":"First"`) {
		t.Errorf("%s: %v\n%s", kept[0], err, text)
	}
	if text, err := os.ReadFile(filepath.Join(b.dir, "plan.rollback.jsonl")); err != nil || !strings.Contains(string(text), `"old":"Second","new":"First"`) {
		t.Errorf("the rollback: %v\n%s", err, text)
	}
}

func TestDated(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 25, 3, 0, 3, 0, time.FixedZone("", 3600))
	for file, want := range map[string]string{
		"hr.plan.rollback.jsonl": "hr.plan.rollback.2026-11-25T02-00-03Z.jsonl",
		"out/report.csv":         "out/report.2026-11-25T02-00-03Z.csv",
	} {
		if got := sync.Dated(file, at); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
}

// TestReplace writes plans over plans. One that was begun and is not finished, or
// is being applied, stays; after a finished one the new plan can be applied.
func TestReplace(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	path := filepath.Join(b.dir, "plan.jsonl")
	refused := func(want string) {
		t.Helper()
		var input *sync.InputError
		if err := sync.CheckReplace(t.Context(), path); !errors.As(err, &input) || !strings.Contains(err.Error(), want) || input.Remedy == "" {
			t.Errorf("%v, want %q", err, want)
		}
	}
	replaced := func(rows string) {
		t.Helper()
		made, err := b.plan(sync.Users(), rows, sync.PlanOptions{Key: "ID"})
		if err != nil {
			t.Fatal(err)
		}
		if err := sync.CheckReplace(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if err := sync.Replace(t.Context(), path, made); err != nil {
			t.Fatal(err)
		}
	}
	replaced("ID,NAME\n2,First\n3,First\n")
	if _, err := os.Stat(path + ".journal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a journal before anything was applied: %v", err)
	}
	b.apply(path, sync.ApplyOptions{})
	replaced("ID,NAME\n2,Second\n3,Second\n4,Second\n")
	if tally := b.apply(path, sync.ApplyOptions{}); tally.Done != 3 {
		t.Errorf("%+v", tally)
	}
	b.journal(path, "DELETE FROM row WHERE line = 4")
	refused("plan.jsonl is a plan that was begun: 1 of its 3 rows are left")
	c := b.claim(path)
	refused("another apply of this plan is running")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	// The plan is damaged, but its journal is not.
	b.file("plan.jsonl", "{}\n")
	refused("plan.jsonl.journal is the journal of a plan that was begun, and")
}
