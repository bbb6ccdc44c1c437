package sandbox

import (
	"database/sql"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// The options of SE_PARAMETER that tie a task to its subtasks.
const (
	datesOption    = "1" // its dates follow from those of its subtasks
	completeOption = "2" // it is completed with its subtasks, and they with it
)

// settleFamily does what the options of a changed task and of the one above it
// ask for.
func settleFamily(c *call, tx *sql.Tx, id int64) error {
	doc, err := taskEntity.find(c.ctx, tx, id)
	if err != nil || doc == nil {
		return err
	}
	if optionsOf(doc)[completeOption] == true && intOf(doc["STATUS"]) == taskCompleted {
		if err := completeSubtasks(c, tx, id); err != nil {
			return err
		}
	}
	return settleParent(c, tx, intOf(doc["PARENT_ID"]))
}

func subtasksOf(c *call, tx *sql.Tx, id int64) ([]row, error) {
	return taskEntity.all(c.ctx, tx, condition{taskEntity.named("PARENT_ID").expression() + " = ?", []any{id}})
}

func completeSubtasks(c *call, tx *sql.Tx, id int64) error {
	children, err := subtasksOf(c, tx, id)
	if err != nil {
		return err
	}
	for _, child := range children {
		if intOf(child.doc["STATUS"]) == taskCompleted {
			continue
		}
		after := child.doc.clone()
		setTaskStatus(c, after, taskCompleted)
		if err := saveTask(c, tx, child.id, child.doc, after); err != nil {
			return err
		}
		if err := settleFamily(c, tx, child.id); err != nil {
			return err
		}
	}
	return nil
}

// settleParent is for the task above a changed or deleted one; 0 is none.
func settleParent(c *call, tx *sql.Tx, id int64) error {
	before, err := taskEntity.find(c.ctx, tx, id)
	if err != nil || before == nil {
		return err
	}
	children, err := subtasksOf(c, tx, id)
	if err != nil || len(children) == 0 {
		return err
	}
	after, changed := before.clone(), false
	if optionsOf(before)[completeOption] == true && intOf(before["STATUS"]) != taskCompleted && allCompleted(children) {
		setTaskStatus(c, after, taskCompleted)
		changed = true
	}
	if optionsOf(before)[datesOption] == true {
		for name, latest := range map[string]bool{"DEADLINE": true, "START_DATE_PLAN": false, "END_DATE_PLAN": true} {
			if date := outermost(children, name, latest); date != "" && date != phpquery.Text(before[name]) {
				after[name], changed = date, true
			}
		}
	}
	if !changed {
		return nil
	}
	if err := saveTask(c, tx, id, before, after); err != nil {
		return err
	}
	return settleFamily(c, tx, id)
}

func allCompleted(tasks []row) bool {
	for _, task := range tasks {
		if intOf(task.doc["STATUS"]) != taskCompleted {
			return false
		}
	}
	return true
}

// outermost is the latest or the earliest date of several tasks; empty when none
// of them has one.
func outermost(tasks []row, name string, latest bool) string {
	var found time.Time
	for _, task := range tasks {
		if at, ok := timeOf(task.doc[name]); ok && (found.IsZero() || at.After(found) == latest) {
			found = at
		}
	}
	if found.IsZero() {
		return ""
	}
	return storedTime(found)
}
