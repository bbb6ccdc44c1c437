package sandbox

import (
	"database/sql"
	"encoding/json"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// elapsedEntity is a record of time spent on a task.
//
// https://apidocs.bitrix24.com/api-reference/tasks/elapsed-item/index.html
var elapsedEntity = &entity{
	name:   "task_elapsed",
	derive: func(doc document) { doc["MINUTES"] = number(intOf(doc["SECONDS"]) / 60) },
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "TASK_ID", kind: idKind, readOnly: true, always: true, indexed: true},
		{name: "USER_ID", kind: idKind, ref: "user", always: true},
		{name: "COMMENT_TEXT", kind: textKind, always: true},
		{name: "SECONDS", kind: idKind, always: true},
		{name: "MINUTES", kind: idKind, readOnly: true, always: true},
		{name: "SOURCE", kind: idKind, readOnly: true, always: true},
		{name: "CREATED_DATE", kind: momentKind, always: true},
		{name: "DATE_START", kind: momentKind, readOnly: true, always: true},
		{name: "DATE_STOP", kind: momentKind, readOnly: true, always: true},
	},
}

// sourceManual marks records that somebody entered.
const sourceManual = 2

func elapsedMethods() []method {
	fields := argument{name: "arFields", array: true, keys: []string{"SECONDS", "COMMENT_TEXT", "USER_ID", "CREATED_DATE"}}
	sortable := []string{"ID", "TASK_ID", "USER_ID", "SECONDS", "MINUTES", "CREATED_DATE", "DATE_START", "DATE_STOP"}
	list := positionalMethod("task.elapseditem.getlist", elapsedList,
		argument{name: "taskId", optional: true},
		argument{name: "order", array: true, optional: true, keys: sortable},
		argument{name: "filter", array: true, optional: true, keys: []string{"ID", "TASK_ID", "USER_ID", "CREATED_DATE"}, compared: true},
		argument{name: "select", array: true, optional: true},
		argument{name: "params", array: true, optional: true, keys: []string{"NAV_PARAMS"}})
	return []method{
		positionalMethod("task.elapseditem.add", elapsedAdd, taskArgument, fields),
		positionalMethod("task.elapseditem.update", elapsedUpdate, taskArgument, itemArgument, fields),
		positionalMethod("task.elapseditem.delete", elapsedDelete, taskArgument, itemArgument),
		positionalMethod("task.elapseditem.get", elapsedGet, taskArgument, itemArgument),
		withoutTask(list),
	}
}

// withoutTask lets the method be called as the documentation's example does: an
// array in the first place is the order, and the records of all tasks are meant.
func withoutTask(m method) method {
	names, run := m.positional, m.run
	m.positional = nil
	m.run = func(c *call) (result, error) {
		given := c.params
		c.params = byPosition(given, names)
		first, _ := c.params.Get(names[0])
		if _, array := first.(*phpquery.Array); array {
			c.params = byPosition(given, names[1:])
		}
		return run(c)
	}
	return m
}

func errNoTask() error { return taskError(1, "Task not found") }

func errNotAllowed() error { return taskError(4, "Action is not allowed") }

// elapsedAdd records time spent, by the caller or whom USER_ID names.
//
// https://apidocs.bitrix24.com/api-reference/tasks/elapsed-item/task-elapsed-item-add.html
func elapsedAdd(c *call) (result, error) {
	taskID := c.id("taskId")
	return c.writing(func(tx *sql.Tx) (result, error) {
		task, err := visibleTask(c, tx, taskID)
		switch {
		case err != nil:
			return result{}, err
		case task == nil:
			return result{}, errNoTask()
		}
		role, err := c.roleIn(tx, task)
		if err != nil {
			return result{}, err
		}
		if !role.may("ELAPSEDTIME.ADD", task) {
			return result{}, errNotAllowed()
		}
		now := storedTime(c.sb.now())
		doc := document{
			"TASK_ID": number(taskID), "USER_ID": number(c.who.userID), "COMMENT_TEXT": "", "SOURCE": number(sourceManual),
			"CREATED_DATE": now, "DATE_START": now, "DATE_STOP": now,
		}
		if err := elapsedEntity.assign(c.ctx, tx, doc, c.nested("arFields")); err != nil {
			return result{}, partError(err)
		}
		if _, given := doc["SECONDS"].(json.Number); !given {
			return result{}, taskError(8, "Action failed")
		}
		id, err := elapsedEntity.insert(c.ctx, tx, doc)
		if err != nil {
			return result{}, err
		}
		return result{value: number(id), record: id}, sumElapsed(c, tx, taskID)
	})
}

// sumElapsed writes the time spent into the task.
func sumElapsed(c *call, tx *sql.Tx, taskID int64) error {
	rows, err := elapsedEntity.all(c.ctx, tx, elapsedEntity.ofTask(taskID))
	if err != nil {
		return err
	}
	var seconds int64
	for _, r := range rows {
		seconds += intOf(r.doc["SECONDS"])
	}
	return changeTask(c, tx, taskID, func(task document) {
		task["TIME_SPENT_IN_LOGS"], task["DURATION_FACT"] = number(seconds), number(seconds/60)
	})
}

// seenElapsed reads a record of a task that the caller may see.
func seenElapsed(c *call, tx *sql.Tx) (row, error) {
	taskID, id := c.id("taskId"), c.id("itemId")
	task, err := visibleTask(c, tx, taskID)
	if err != nil {
		return row{}, err
	}
	if task == nil {
		return row{}, errNoTask()
	}
	doc, err := elapsedEntity.find(c.ctx, tx, id)
	if err == nil && (doc == nil || intOf(doc["TASK_ID"]) != taskID) {
		err = errNoItem()
	}
	return row{id, doc}, err
}

// changingElapsed runs a change of a record: the caller's own, or any for an
// administrator. The answer is null.
func changingElapsed(c *call, change func(*sql.Tx, row) error) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		record, err := seenElapsed(c, tx)
		if err != nil {
			return result{}, err
		}
		if !c.who.admin && intOf(record.doc["USER_ID"]) != c.who.userID {
			return result{}, errNotAllowed()
		}
		if err := change(tx, record); err != nil {
			return result{}, err
		}
		return result{record: record.id}, sumElapsed(c, tx, intOf(record.doc["TASK_ID"]))
	})
}

// elapsedUpdate changes the named fields of a record.
//
// https://apidocs.bitrix24.com/api-reference/tasks/elapsed-item/task-elapsed-item-update.html
func elapsedUpdate(c *call) (result, error) {
	return changingElapsed(c, func(tx *sql.Tx, record row) error {
		after := record.doc.clone()
		if err := elapsedEntity.assign(c.ctx, tx, after, c.nested("arFields")); err != nil {
			return partError(err)
		}
		return elapsedEntity.update(c.ctx, tx, record.id, record.doc, after)
	})
}

// elapsedDelete deletes a record.
//
// https://apidocs.bitrix24.com/api-reference/tasks/elapsed-item/task-elapsed-item-delete.html
func elapsedDelete(c *call) (result, error) {
	return changingElapsed(c, func(tx *sql.Tx, record row) error {
		return elapsedEntity.remove(c.ctx, tx, record.id)
	})
}

// elapsedGet answers a record.
//
// https://apidocs.bitrix24.com/api-reference/tasks/elapsed-item/task-elapsed-item-get.html
func elapsedGet(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		record, err := seenElapsed(c, tx)
		if err != nil {
			return result{}, err
		}
		return result{value: elapsedEntity.show(c, record, listing{entity: elapsedEntity}.selected(phpquery.NewArray()))}, nil
	})
}

// elapsedList answers the records of a task at once, or a page of those of all
// tasks that the caller may see.
//
// https://apidocs.bitrix24.com/api-reference/tasks/elapsed-item/task-elapsed-item-get-list.html
func elapsedList(c *call) (result, error) {
	taskID := c.id("taskId")
	return c.reading(func(tx *sql.Tx) (result, error) {
		where, err := elapsedOf(c, tx, taskID)
		if err != nil {
			return result{}, err
		}
		order := c.nested("order")
		if order.Len() == 0 {
			order.Set("ID", "asc")
		}
		rows, err := elapsedEntity.listOfTask(c, tx, where, order, c.nested("filter"))
		if err != nil {
			return result{}, err
		}
		total := int64(len(rows))
		fields := listing{entity: elapsedEntity, selects: true}.selected(c.params)
		list := phpquery.NewArray()
		for _, r := range rowsOfPage(rows, c.nested("params"), taskID == 0) {
			list.Append(elapsedEntity.show(c, r, fields))
		}
		return result{value: list, total: &total}, nil
	})
}

// elapsedOf finds the records of a task, or of every visible one when its id is 0.
func elapsedOf(c *call, tx *sql.Tx, taskID int64) (condition, error) {
	if taskID != 0 {
		task, err := visibleTask(c, tx, taskID)
		if err == nil && task == nil {
			err = errNotAllowed()
		}
		return elapsedEntity.ofTask(taskID), err
	}
	task := elapsedEntity.named("TASK_ID").expression()
	return visibleTasks(c).within(task+" IN (SELECT id FROM "+taskEntity.table()+" WHERE ", ")"), nil
}

// rowsOfPage cuts the page out that NAV_PARAMS asks for: nPageSize rows, 50 at
// most, and iNumPage from 1. Without it all rows are answered, or the first page
// of a list of all tasks.
func rowsOfPage(rows []row, params *phpquery.Array, paged bool) []row {
	size, page := int64(pageSize), int64(1)
	given, _ := params.GetFold("NAV_PARAMS")
	if nav, ok := given.(*phpquery.Array); ok {
		paged = true
		for key, v := range nav.All() {
			n := intval(phpquery.Text(v))
			switch {
			case n <= 0:
			case strings.EqualFold(key, "nPageSize"):
				size = min(n, pageSize)
			case strings.EqualFold(key, "iNumPage"):
				page = n
			}
		}
	}
	if !paged {
		return rows
	}
	first := min(int64(len(rows)), (page-1)*size)
	return rows[first:min(int64(len(rows)), first+size)]
}
