package sync

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/oint-go/oint/internal/table"
)

var reportColumns = []string{"row", "action", "outcome", "id", "key", "name", "changes", "code", "message"}

// Outcomes of the report besides those of states.
const (
	outcomeNothing = "nothing to do"
	outcomeSkipped = "not applied" // a conflict of the plan
)

func (s state) String() string {
	return [...]string{"not sent", "unknown", "done", "failed", "drift"}[s]
}

// Report writes what became of every row of the plan as a table, a row for each.
func (r *Run) Report(ctx context.Context, file string) error {
	results := make(map[int]result)
	err := r.journal.each(ctx, func(res result) error {
		results[res.line] = res
		return nil
	})
	if err != nil {
		return err
	}
	shown := r.Plan.Header.fields()
	return replaceFile(file, func(to io.Writer) error {
		w, err := table.NewReport(to, file, reportColumns)
		if err != nil {
			return err
		}
		for line, row := range r.Plan.All() {
			if err := w.Write(reportRow(row, shown, results[line])); err != nil {
				return err
			}
		}
		if err := r.Plan.Err(); err != nil {
			return err
		}
		return w.Close()
	})
}

func reportRow(row *Row, shown map[string]*Field, res result) []any {
	outcome, message, id := res.state.String(), res.text, row.ID
	switch {
	case row.Action == Unchanged:
		outcome = outcomeNothing
	case row.Action == Conflict:
		outcome, message = outcomeSkipped, row.Problem
	}
	if id == 0 {
		id = res.id
	}
	if res.state == sent {
		message = "it may have been carried out; the same command looks again"
	}
	fields := make([]string, len(row.Changes))
	for i, c := range row.Changes {
		f := shown[c.Field]
		if fields[i] = fmt.Sprintf("%s: %s → %s", c.Field, f.shown(c.Old), f.shown(c.New)); row.Action == Create {
			fields[i] = fmt.Sprintf("%s: %s", c.Field, f.shown(c.New))
		}
	}
	return []any{blankZero(int64(row.Line)), string(row.Action), outcome, blankZero(id), row.Key, row.Name, strings.Join(fields, "\n"), res.code, message}
}

func blankZero(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}
