package sandbox

import (
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskPartEntities are what a task has besides its fields.
func taskPartEntities() []*entity {
	return []*entity{checklistEntity, commentEntity, commentFileEntity, resultEntity, elapsedEntity, plannedEntity}
}

func taskPartMethods() []method {
	return slices.Concat(checklistMethods(), commentMethods(), resultMethods(), elapsedMethods(), stageMethods())
}

// worksOnTask tells whether the caller may change what belongs to a task, of
// which there may be none.
func worksOnTask(c *call, tx *sql.Tx, task document) (bool, error) {
	if task == nil {
		return false, nil
	}
	role, err := c.roleIn(tx, task)
	return role.may("CHECKLIST.ADD", task), err
}

// ofTask finds the parts of a task.
func (e *entity) ofTask(id int64) condition {
	return condition{e.named("TASK_ID").expression() + " = ?", []any{id}}
}

// listOfTask answers parts of a task in the given order and all at once; the
// latest come first when there is none.
func (e *entity) listOfTask(c *call, tx *sql.Tx, where condition, order, filter *phpquery.Array) ([]row, error) {
	if order.Len() == 0 {
		order.Set("ID", "desc")
	}
	params := phpquery.NewArray()
	params.Set("order", order)
	params.Set("filter", filter)
	narrowed := *c
	narrowed.params = params
	l := listing{entity: e, filter: "filter", extra: where, whole: true}
	return l.page(c.ctx, tx, l.where(&narrowed), e.orderings(params), 0)
}

// answerParts answers the parts of the task that taskId names, each as show shows
// it.
func (e *entity) answerParts(c *call, order, filter *phpquery.Array, show func(*call, *sql.Tx, row) (*phpquery.Array, error)) (result, error) {
	taskID := c.id("taskId")
	return c.reading(func(tx *sql.Tx) (result, error) {
		task, err := visibleTask(c, tx, taskID)
		if err != nil {
			return result{}, err
		}
		if task == nil {
			return result{}, taskError(8, "Action failed")
		}
		rows, err := e.listOfTask(c, tx, e.ofTask(taskID), order, filter)
		if err != nil {
			return result{}, err
		}
		list := phpquery.NewArray()
		for _, r := range rows {
			shown, err := show(c, tx, r)
			if err != nil {
				return result{}, err
			}
			list.Append(shown)
		}
		return result{value: list}, nil
	})
}

// partError makes a portal's refusal of a value that a field does not take.
func partError(err error) error {
	var wrong *valueError
	if errors.As(err, &wrong) {
		return taskError(8, wrong.Error())
	}
	return err
}

// changeTask changes a task that the caller cannot change by naming its fields,
// and writes its history.
func changeTask(c *call, tx *sql.Tx, id int64, change func(document)) error {
	before, err := taskEntity.find(c.ctx, tx, id)
	if err != nil || before == nil {
		return err
	}
	after := before.clone()
	change(after)
	return saveTask(c, tx, id, before, after)
}

// noteTask changes what follows from other things, which counts as no change of
// the task.
func noteTask(c *call, tx *sql.Tx, id int64, change func(document)) error {
	tasks, err := taskFields(c.ctx, tx)
	if err != nil {
		return err
	}
	before, err := tasks.find(c.ctx, tx, id)
	if err != nil || before == nil {
		return err
	}
	after := before.clone()
	change(after)
	return tasks.update(c.ctx, tx, id, before, after)
}

// authorName is how a person signs.
func authorName(user document) string {
	first, _ := user["NAME"].(string)
	last, _ := user["LAST_NAME"].(string)
	return strings.TrimSpace(first + " " + last)
}
