package sync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"
)

// RollbackFile is where the plan with the old values is written.
func (p *Plan) RollbackFile() string {
	return strings.TrimSuffix(p.File, ".jsonl") + ".rollback.jsonl"
}

// rollbackFolder is where the pictures are kept that the rollback brings back.
func (p *Plan) rollbackFolder() (string, error) {
	return filepath.Abs(strings.TrimSuffix(p.RollbackFile(), ".jsonl") + "-files")
}

// writeRollback writes the plan that undoes the changes of this one: all of them
// before the first is made, so that nothing is lost with the process, and at the
// end those that were made.
func (r *Run) writeRollback(ctx context.Context, note func(string), made bool) (err error) {
	updates := 0
	for a, n := range r.Plan.Header.Counts {
		if a.changes() && a != Create {
			updates += n
		}
	}
	if updates == 0 {
		return nil
	}
	folder, err := r.Plan.rollbackFolder()
	if err != nil {
		return err
	}
	m, err := NewMade()
	if err != nil {
		return fmt.Errorf("the rollback plan cannot be written: %w", err)
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	replaced, err := r.journal.replaced(ctx)
	if err != nil {
		return err
	}
	ours := map[int]bool{}
	if made {
		if ours, err = r.ours(ctx); err != nil {
			return err
		}
	}
	w := newPlanWriter(m.Writer())
	for line, row := range r.Plan.All() {
		if !row.Action.changes() || row.Action == Create || made && !ours[line] {
			continue
		}
		if err := w.write(r.undo(row, folder, replaced[line])); err != nil {
			return err
		}
	}
	if err := r.Plan.Err(); err != nil {
		return err
	}
	h := r.Plan.Header
	h.Created, h.Undoes = time.Now().UTC().Truncate(time.Second), h.identity()
	h.ID = undoing(h.Undoes)
	if err := w.finish(&h); err != nil {
		return err
	}
	if _, err := m.rows.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := keepRollback(ctx, r.Plan.RollbackFile(), &h, note); err != nil {
		return fmt.Errorf("the rollback plan cannot be written: %w", err)
	}
	return replaceFile(r.Plan.RollbackFile(), func(w io.Writer) error { return writePlan(w, &h, m.rows) })
}

// undoing is the id of the rollback of a plan: the same when it is written again.
func undoing(identity string) string {
	sum := sha256.Sum256([]byte(identity))
	return hex.EncodeToString(sum[:8])
}

// finishRollback leaves in the rollback what was changed, once nothing more is
// sent. A process that died before it could has left that to the next one.
func (r *Run) finishRollback(ctx context.Context, note func(string)) error {
	if !r.journal.behind {
		return nil
	}
	if all := (Tally{Total: r.Plan.total, Done: r.Plan.total}); r.strays || r.Tally() != all {
		if err := r.writeRollback(ctx, note, true); err != nil {
			return err
		}
	}
	return r.journal.setBehind(ctx, false)
}

// ours are the rows that this plan has carried out, or may have.
func (r *Run) ours(ctx context.Context) (map[int]bool, error) {
	lines := map[int]bool{}
	err := r.journal.each(ctx, func(res result) error {
		if res.state == sent || res.state == done && res.text != wasSo {
			lines[res.line] = true
		}
		return nil
	})
	return lines, err
}

// undo is the row with old and new exchanged. Where it has replaced other values
// than those that were planned, these come back. Pictures that are replaced will be
// in the folder.
func (r *Run) undo(row *Row, folder string, replaced map[string]Value) *Row {
	e := r.Plan.entityOf(row)
	back := &Row{Line: row.Line, Action: row.Action, ID: row.ID, Key: row.Key, Name: row.Name}
	switch row.Action {
	case Dismiss:
		back.Action = Reactivate
	case Reactivate:
		back.Action = Dismiss
	}
	for _, c := range row.Changes {
		f := e.field(c.Field)
		from, err := r.resolve(f, c.New)
		if err != nil {
			from = c.New // the change will not be made
		}
		old := c.Old
		if other, ok := replaced[c.Field]; ok {
			old = other
		}
		for _, item := range old {
			if _, err := f.Kind.normal(item); err != nil {
				return &Row{Line: row.Line, Action: Conflict, ID: row.ID, Key: row.Key, Name: row.Name, Problem: fmt.Sprintf("%s: the old value cannot be written again: %v", f.Name, err)}
			}
		}
		if s, place, err := pictureOf(old); f.Kind == Picture && err == nil && s != "" && place == "" {
			old = pictureValue(s, keptPicture(folder, s))
		}
		back.Changes = append(back.Changes, Change{Field: c.Field, Old: from, New: old})
	}
	return back
}
