package sandbox

import (
	"cmp"
	"database/sql"
	"slices"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskChecklists are the checklists of a task as the task methods answer them:
// as items by their ids and as a tree.
type taskChecklists struct{ items, tree *phpquery.Array }

// checklistsOf answers the checklists of a task.
//
// https://apidocs.bitrix24.com/api-reference/tasks/fields.html
func checklistsOf(c *call, tx *sql.Tx, taskID int64) (taskChecklists, error) {
	rows, err := checklistEntity.all(c.ctx, tx, checklistEntity.ofTask(taskID))
	if err != nil {
		return taskChecklists{}, err
	}
	slices.SortStableFunc(rows, func(x, y row) int { return cmp.Compare(intOf(x.doc["SORT_INDEX"]), intOf(y.doc["SORT_INDEX"])) })
	task, err := taskEntity.find(c.ctx, tx, taskID)
	if err != nil {
		return taskChecklists{}, err
	}
	works, err := worksOnTask(c, tx, task)
	if err != nil {
		return taskChecklists{}, err
	}
	t := checklistTree{call: c, tx: tx, rows: rows, actions: phpquery.NewArray()}
	for _, name := range []string{"modify", "remove", "toggle", "add", "addAccomplice"} {
		t.actions.Set(name, works)
	}
	items, err := t.items()
	if err != nil {
		return taskChecklists{}, err
	}
	root, err := t.node(row{}, "")
	return taskChecklists{items, root}, err
}

// checklistTree shows the items of a task, which are in the order of siblings.
type checklistTree struct {
	call    *call
	tx      *sql.Tx
	rows    []row
	actions *phpquery.Array
	nodes   int // how many were shown
}

// items shows the items side by side. The fields are those of the checklist
// methods, under names of their own.
func (t *checklistTree) items() (*phpquery.Array, error) {
	items := phpquery.NewArray()
	for _, r := range t.rows {
		shown, err := showItem(t.call, t.tx, r)
		if err != nil {
			return nil, err
		}
		item := phpquery.NewArray()
		for _, name := range []string{
			"ID", "TASK_ID", "CREATED_BY", "PARENT_ID", "TITLE", "SORT_INDEX", "IS_COMPLETE", "IS_IMPORTANT", "TOGGLED_BY", "TOGGLED_DATE",
		} {
			v, _ := shown.Get(name)
			if name == "TOGGLED_DATE" && v == "" {
				v = nil
			}
			item.Set(camelCase(name), v)
		}
		item.Set("ufChecklistFiles", false)
		members, _ := shown.Get("MEMBERS")
		item.Set("members", members)
		item.Set("attachments", phpquery.NewArray())
		item.Set("entityId", phpquery.Text(r.doc["TASK_ID"]))
		item.Set("action", t.actions)
		items.Set(phpquery.Text(r.id), item)
	}
	return items, nil
}

// node shows an item with those below it; the root, which is no item, has the
// id 0.
func (t *checklistTree) node(item row, place string) (*phpquery.Array, error) {
	a := phpquery.NewArray()
	a.Set("nodeId", t.nodes)
	t.nodes++
	fields, err := t.fields(item, place)
	if err != nil {
		return nil, err
	}
	a.Set("fields", fields)
	a.Set("action", t.actions)
	if item.id == 0 {
		a.Set("action", phpquery.NewArray())
	}
	descendants := phpquery.NewArray()
	for i, r := range t.below(item.id) {
		// Checklists have no number; their items count from 1, and those below from 1.1.
		below := ""
		switch {
		case place != "":
			below = place + "." + phpquery.Text(i+1)
		case item.id != 0:
			below = phpquery.Text(i + 1)
		}
		child, err := t.node(r, below)
		if err != nil {
			return nil, err
		}
		descendants.Append(child)
	}
	a.Set("descendants", descendants)
	return a, nil
}

func (t *checklistTree) below(id int64) []row {
	var rows []row
	for _, r := range t.rows {
		if intOf(r.doc["PARENT_ID"]) == id {
			rows = append(rows, r)
		}
	}
	return rows
}

func (t *checklistTree) fields(item row, place string) (*phpquery.Array, error) {
	var id, taskID, sortIndex any
	members, completed := phpquery.NewArray(), 0
	if item.id != 0 {
		id, taskID, sortIndex = number(item.id), item.doc["TASK_ID"], item.doc["SORT_INDEX"]
		shown, err := showItem(t.call, t.tx, item)
		if err != nil {
			return nil, err
		}
		if v, ok := shown.Get("MEMBERS"); ok {
			members, _ = v.(*phpquery.Array)
		}
		for _, r := range t.below(item.id) {
			if r.doc["IS_COMPLETE"] == true {
				completed++
			}
		}
	}
	a := phpquery.NewArray()
	a.Set("id", id)
	a.Set("copiedId", nil)
	a.Set("entityId", taskID)
	a.Set("userId", number(t.call.who.userID))
	a.Set("createdBy", item.doc["CREATED_BY"])
	a.Set("parentId", item.doc["PARENT_ID"])
	a.Set("title", phpquery.Text(item.doc["TITLE"]))
	a.Set("sortIndex", sortIndex)
	a.Set("displaySortIndex", place)
	a.Set("isComplete", item.doc["IS_COMPLETE"] == true)
	a.Set("isImportant", item.doc["IS_IMPORTANT"] == true)
	a.Set("completedCount", completed)
	a.Set("members", members)
	a.Set("attachments", phpquery.NewArray())
	a.Set("nodeId", nil)
	return a, nil
}
