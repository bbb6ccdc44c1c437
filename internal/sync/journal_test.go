package sync

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// BenchmarkJournal is what the journal of 5,000 updates costs: a transaction for
// each portion that may be sent, and for the outcomes of each request of fifty.
func BenchmarkJournal(b *testing.B) {
	const rows, request = 5000, 50
	j, err := openJournal(b.Context(), filepath.Join(b.TempDir(), "journal"), "content")
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := j.close(); err != nil {
			b.Error(err)
		}
	}()
	results := make([]result, rows)
	for b.Loop() {
		for i := range results {
			results[i] = result{line: i, state: sent}
		}
		for some := range slices.Chunk(results, atOnce) {
			if err := j.record(b.Context(), some); err != nil {
				b.Fatal(err)
			}
		}
		for i := 0; i < rows && err == nil; i += request {
			for k := range request {
				results[i+k].state = done
			}
			err = j.record(b.Context(), results[i:i+request])
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// TestJournalOfAnotherVersion is refused, and left as it is.
func TestJournalOfAnotherVersion(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "journal")
	for _, version := range []string{"", "PRAGMA user_version = 1"} {
		j, err := openJournal(t.Context(), file, "content")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.db.ExecContext(t.Context(), version); err != nil {
			t.Fatal(err)
		}
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
	}
	_, err := openJournal(t.Context(), file, "content")
	var input *InputError
	if !errors.As(err, &input) || !strings.Contains(err.Error(), "is a journal of version 1; this program knows version 2") {
		t.Error(err)
	}
}

// TestRecordManyRows writes more rows than a statement holds.
func TestRecordManyRows(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "journal")
	j, err := openJournal(t.Context(), file, "content")
	if err != nil {
		t.Fatal(err)
	}
	const rows = 2*atOnce + 7
	results := make([]result, rows)
	for i := range results {
		results[i] = result{line: i + 2, state: sent}
	}
	if err := j.record(t.Context(), results); err != nil {
		t.Fatal(err)
	}
	if err := j.record(t.Context(), []result{{line: 3, state: done, id: 7}, {line: 4, state: failed}}); err != nil {
		t.Fatal(err)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	if j, err = openJournal(t.Context(), file, "content"); err != nil {
		t.Fatal(err)
	}
	if len(j.rows) != rows-1 || j.rows[2].state != sent || j.rows[3] != (entry{done, 7}) || j.rows[4].state != waiting {
		t.Errorf("%d rows, %v, %v, %v", len(j.rows), j.rows[2], j.rows[3], j.rows[4])
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
}

// TestDamagedJournal names a journal that was cut off, emptied of its tables or
// replaced by a folder, and what to do.
func TestDamagedJournal(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "journal")
	j, err := openJournal(t.Context(), file, "content")
	if err != nil {
		t.Fatal(err)
	}
	results := make([]result, 2000)
	for i := range results {
		results[i] = result{line: i, state: done, text: strings.Repeat("x", 20)}
	}
	if err := errors.Join(j.record(t.Context(), results), j.close()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name string) {
		t.Helper()
		_, err := openJournal(t.Context(), file, "content")
		var input *InputError
		if !errors.As(err, &input) || !strings.Contains(input.Problem, file) || input.Remedy == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, size := range []int{10, 100, 1000, 4096, 5000, 8000, 8192, 20_000, len(whole) - 4096} {
		if err := os.WriteFile(file, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		refused(fmt.Sprintf("%d of %d bytes", size, len(whole)))
	}
	for _, statement := range []string{"DROP TABLE row", "DELETE FROM plan"} {
		if err := os.WriteFile(file, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := openJournal(t.Context(), file, "content")
		if err != nil {
			t.Fatal(err)
		}
		_, err = j.db.ExecContext(t.Context(), statement)
		if err := errors.Join(err, j.close()); err != nil {
			t.Fatal(err)
		}
		refused(statement)
	}
	if err := errors.Join(os.Remove(file), os.Mkdir(file, 0o700)); err != nil {
		t.Fatal(err)
	}
	refused("a folder")
}
