package sandbox

import (
	"database/sql"
	"testing"
)

// rowsOf reads what the portal keeps.
func (p *portal) rowsOf(e *entity, where condition) []row {
	p.tb.Helper()
	var rows []row
	err := p.sb.store.read(p.tb.Context(), func(tx *sql.Tx) (err error) {
		rows, err = e.all(p.tb.Context(), tx, where)
		return err
	})
	if err != nil {
		p.tb.Fatal(err)
	}
	return rows
}

// lastChange is the id of the latest entry of all histories.
func (p *portal) lastChange() int64 {
	p.tb.Helper()
	rows := p.rowsOf(taskChangeEntity, always)
	return rows[len(rows)-1].id
}

func (p *portal) taskDoc(id int64) document {
	p.tb.Helper()
	rows := p.rowsOf(taskEntity, condition{"id = ?", []any{id}})
	if len(rows) != 1 {
		p.tb.Fatalf("there is no task %d", id)
	}
	return rows[0].doc
}

// TestTaskPartSeeds gives examples something to work on.
func TestTaskPartSeeds(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	for e, want := range map[*entity]int{checklistEntity: 3, commentEntity: 2, resultEntity: 1, elapsedEntity: 1, stageEntity: 5} {
		if rows := p.rowsOf(e, always); len(rows) != want || rows[0].id != 1 {
			t.Errorf("%s: %d rows, want %d", e.name, len(rows), want)
		}
	}
	diff(t, "time spent", int64(5400), intOf(p.taskDoc(2)["TIME_SPENT_IN_LOGS"]))
	diff(t, "comments", int64(1), intOf(p.taskDoc(4)["COMMENTS_COUNT"]))
}

// closed closes the results of a task, as its completion does.
func (p *portal) closed(taskID int64) error {
	c := &call{ctx: p.tb.Context(), sb: p.sb, who: p.who}
	return p.sb.store.write(p.tb.Context(), func(tx *sql.Tx) error { return closeResults(c, tx, taskID) })
}
