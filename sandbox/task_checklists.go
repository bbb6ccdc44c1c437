package sandbox

import (
	"database/sql"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// checklistEntity is an item of a checklist, or with PARENT_ID 0 a checklist.
// MEMBERS are kept as the letter of the role and the id: "A12".
//
// https://apidocs.bitrix24.com/api-reference/tasks/checklist-item/index.html
var checklistEntity = &entity{
	name: "checklist_item",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "TASK_ID", kind: idKind, readOnly: true, always: true, indexed: true},
		{name: "PARENT_ID", kind: parentKind, always: true},
		{name: "CREATED_BY", kind: idKind, readOnly: true, always: true},
		{name: "TITLE", kind: textKind, always: true},
		{name: "SORT_INDEX", kind: idKind, always: true},
		{name: "IS_COMPLETE", kind: letterKind, always: true},
		{name: "IS_IMPORTANT", kind: letterKind, always: true},
		{name: "TOGGLED_BY", kind: refKind, readOnly: true, always: true, null: true},
		{name: "TOGGLED_DATE", kind: momentKind, readOnly: true, always: true},
		{name: "MEMBERS", kind: textKind, multiple: true, readOnly: true, always: true},
		{name: "ATTACHMENTS", compute: func(showing, document) any { return phpquery.NewArray() }, readOnly: true},
	},
}

// parentKind is the id of the item above: a text, but the number 0 for none.
var parentKind = kind{take: takeZero, show: showParent, key: keyInteger, parse: parseInteger}

func showParent(s showing, stored any) any {
	if intOf(stored) == 0 {
		return number(0)
	}
	return showText(s, stored)
}

// firstChecklist is the name of the checklist that the portal makes for an item
// that needs one.
const firstChecklist = "BX_CHECKLIST_1"

func checklistMethods() []method {
	fields := argument{name: "arFields", array: true}
	order := argument{name: "arOrder", array: true, optional: true, keys: []string{
		"ID", "PARENT_ID", "CREATED_BY", "TITLE", "SORT_INDEX", "IS_COMPLETE", "IS_IMPORTANT", "TOGGLED_BY", "TOGGLED_DATE",
	}}
	return []method{
		positionalMethod("task.checklistitem.add", checklistAdd, taskArgument, fields),
		positionalMethod("task.checklistitem.update", checklistUpdate, taskArgument, itemArgument, fields),
		positionalMethod("task.checklistitem.delete", checklistDelete, taskArgument, itemArgument),
		positionalMethod("task.checklistitem.get", checklistGet, taskArgument, itemArgument),
		positionalMethod("task.checklistitem.getlist", checklistList, argument{name: "taskId", typed: true}, order),
		positionalMethod("task.checklistitem.complete", toggling(true), taskArgument, itemArgument),
		positionalMethod("task.checklistitem.renew", toggling(false), taskArgument, itemArgument),
	}
}

// The portal's own words for what the methods refuse.
func errNoItemName() error { return taskError(8, "Item name not specified") }

func errNoItem() error { return taskError(512, "Check listitem not found or not accessible") }

// checklistAdd adds an item to a checklist of the task, and a checklist when
// there is none yet or PARENT_ID is none.
//
// https://apidocs.bitrix24.com/api-reference/tasks/checklist-item/task-checklist-item-add.html
func checklistAdd(c *call) (result, error) {
	taskID, fields := c.id("taskId"), c.nested("arFields")
	return c.writing(func(tx *sql.Tx) (result, error) {
		task, err := visibleTask(c, tx, taskID)
		if err != nil {
			return result{}, err
		}
		works, err := worksOnTask(c, tx, task)
		if err != nil {
			return result{}, err
		}
		if !works {
			return result{}, taskError(8, "Adding item: action not allowed")
		}
		doc := document{
			"TASK_ID": number(taskID), "CREATED_BY": number(c.who.userID), "PARENT_ID": number(0),
			"IS_COMPLETE": false, "IS_IMPORTANT": false,
		}
		if err := checklistEntity.assign(c.ctx, tx, doc, fields); err != nil {
			return result{}, partError(err)
		}
		if isBlank(doc["TITLE"]) {
			return result{}, errNoItemName()
		}
		if doc["PARENT_ID"], err = parentOf(c, tx, taskID, fields, doc); err != nil {
			return result{}, err
		}
		if doc["IS_COMPLETE"] == true {
			setToggled(c, doc)
		}
		if err := setItemMembers(c, tx, taskID, fields, doc); err != nil {
			return result{}, err
		}
		id, err := insertItem(c, tx, taskID, doc)
		return result{value: number(id), record: id}, err
	})
}

// parentOf is the id of the item above a new or changed one. An id that the
// task does not have is none.
func parentOf(c *call, tx *sql.Tx, taskID int64, fields *phpquery.Array, doc document) (any, error) {
	items, err := checklistEntity.all(c.ctx, tx, checklistEntity.ofTask(taskID))
	if err != nil {
		return nil, err
	}
	if _, given := fields.GetFold("PARENT_ID"); given {
		parent := intOf(doc["PARENT_ID"])
		if !slices.ContainsFunc(items, func(r row) bool { return r.id == parent }) {
			parent = 0
		}
		return number(parent), nil
	}
	for _, r := range items {
		if intOf(r.doc["PARENT_ID"]) == 0 {
			return number(r.id), nil
		}
	}
	root, err := insertItem(c, tx, taskID, document{
		"TASK_ID": number(taskID), "CREATED_BY": number(c.who.userID), "PARENT_ID": number(0), "TITLE": firstChecklist,
		"IS_COMPLETE": false, "IS_IMPORTANT": false,
	})
	return number(root), err
}

// insertItem puts an item behind its siblings, unless it has a place.
func insertItem(c *call, tx *sql.Tx, taskID int64, doc document) (int64, error) {
	if doc["SORT_INDEX"] == nil || doc["SORT_INDEX"] == "" {
		siblings, err := checklistEntity.all(c.ctx, tx, checklistEntity.ofTask(taskID))
		if err != nil {
			return 0, err
		}
		next := int64(0)
		for _, r := range siblings {
			if intOf(r.doc["PARENT_ID"]) == intOf(doc["PARENT_ID"]) {
				next = max(next, intOf(r.doc["SORT_INDEX"])+1)
			}
		}
		doc["SORT_INDEX"] = number(next)
	}
	id, err := checklistEntity.insert(c.ctx, tx, doc)
	if err != nil {
		return 0, err
	}
	return id, logTaskChange(c, tx, taskID, "CHECKLIST_ITEM_CREATE", "", doc["TITLE"])
}

// checklistUpdate changes the named fields of an item.
//
// https://apidocs.bitrix24.com/api-reference/tasks/checklist-item/task-checklist-item-update.html
func checklistUpdate(c *call) (result, error) {
	taskID, fields := c.id("taskId"), c.nested("arFields")
	return c.writing(func(tx *sql.Tx) (result, error) {
		item, err := workedItem(c, tx, taskID, c.id("itemId"))
		if err != nil {
			return result{}, err
		}
		if item.id == 0 {
			return result{}, taskError(4, "No access to edit the task")
		}
		after := item.doc.clone()
		if err := checklistEntity.assign(c.ctx, tx, after, fields); err != nil {
			return result{}, partError(err)
		}
		if isBlank(after["TITLE"]) {
			return result{}, errNoItemName()
		}
		if _, given := fields.GetFold("PARENT_ID"); given {
			if after["PARENT_ID"], err = parentOf(c, tx, taskID, fields, after); err != nil {
				return result{}, err
			}
			below, err := itemsBelow(c, tx, item)
			if err != nil {
				return result{}, err
			}
			if slices.Contains(below, intOf(after["PARENT_ID"])) {
				return result{}, taskError(8, "An item cannot be moved into itself or into an item below it")
			}
		}
		if err := setItemMembers(c, tx, taskID, fields, after); err != nil {
			return result{}, err
		}
		return result{record: item.id}, changeItem(c, tx, item, after)
	})
}

// changeItem stores an item and writes into the history of its task what became
// of it.
func changeItem(c *call, tx *sql.Tx, item row, after document) error {
	taskID := intOf(item.doc["TASK_ID"])
	if from, to := item.doc["TITLE"], after["TITLE"]; from != to {
		if err := logTaskChange(c, tx, taskID, "CHECKLIST_ITEM_RENAME", from, to); err != nil {
			return err
		}
	}
	if item.doc["IS_COMPLETE"] != after["IS_COMPLETE"] {
		setToggled(c, after)
		name := "CHECKLIST_ITEM_UNCHECK"
		if after["IS_COMPLETE"] == true {
			name = "CHECKLIST_ITEM_CHECK"
		}
		if err := logTaskChange(c, tx, taskID, name, after["TITLE"], after["TITLE"]); err != nil {
			return err
		}
	}
	return checklistEntity.update(c.ctx, tx, item.id, item.doc, after)
}

func setToggled(c *call, doc document) {
	doc["TOGGLED_BY"], doc["TOGGLED_DATE"] = number(c.who.userID), storedTime(c.sb.now())
}

// workedItem reads an item of a task that the caller may change; its id is 0
// when there is none.
func workedItem(c *call, tx *sql.Tx, taskID, id int64) (row, error) {
	task, err := visibleTask(c, tx, taskID)
	if err != nil {
		return row{}, err
	}
	works, err := worksOnTask(c, tx, task)
	if err != nil || !works {
		return row{}, err
	}
	doc, err := checklistEntity.find(c.ctx, tx, id)
	if err != nil || doc == nil || intOf(doc["TASK_ID"]) != taskID {
		return row{}, err
	}
	return row{id, doc}, nil
}

// itemsBelow are the ids of an item and all below it.
func itemsBelow(c *call, tx *sql.Tx, item row) ([]int64, error) {
	all, err := checklistEntity.all(c.ctx, tx, checklistEntity.ofTask(intOf(item.doc["TASK_ID"])))
	if err != nil {
		return nil, err
	}
	below := []int64{item.id}
	for level := below; len(level) > 0; {
		var next []int64
		for _, r := range all {
			if slices.Contains(level, intOf(r.doc["PARENT_ID"])) && !slices.Contains(below, r.id) {
				next = append(next, r.id)
			}
		}
		below, level = append(below, next...), next
	}
	return below, nil
}

// checklistDelete deletes an item with everything below it.
//
// https://apidocs.bitrix24.com/api-reference/tasks/checklist-item/task-checklist-item-delete.html
func checklistDelete(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		item, err := workedItem(c, tx, c.id("taskId"), c.id("itemId"))
		if err != nil {
			return result{}, err
		}
		if item.id == 0 {
			return result{}, taskError(8, "Deleting item: action not allowed")
		}
		below, err := itemsBelow(c, tx, item)
		if err != nil {
			return result{}, err
		}
		for _, id := range below {
			if err := checklistEntity.remove(c.ctx, tx, id); err != nil {
				return result{}, err
			}
		}
		err = logTaskChange(c, tx, intOf(item.doc["TASK_ID"]), "CHECKLIST_ITEM_REMOVE", item.doc["TITLE"], "")
		return result{value: true, record: item.id}, err
	})
}

// toggling makes the methods that tick and untick an item. They look at the id
// of the item only, and answer false when there is none.
//
// https://apidocs.bitrix24.com/api-reference/tasks/checklist-item/task-checklist-item-complete.html
func toggling(complete bool) func(*call) (result, error) {
	return func(c *call) (result, error) {
		id := c.id("itemId")
		if c.id("taskId") <= 0 || id <= 0 {
			return result{}, errTaskAssert()
		}
		return c.writing(func(tx *sql.Tx) (result, error) {
			doc, err := checklistEntity.find(c.ctx, tx, id)
			if err != nil || doc == nil {
				return result{value: false}, err
			}
			task, err := visibleTask(c, tx, intOf(doc["TASK_ID"]))
			if err != nil || task == nil {
				return result{value: false}, err
			}
			after := doc.clone()
			after["IS_COMPLETE"] = complete
			return result{value: true, record: id}, changeItem(c, tx, row{id, doc}, after)
		})
	}
}

func isBlank(stored any) bool {
	s, _ := stored.(string)
	return strings.TrimSpace(s) == ""
}
