package sandbox

import (
	"encoding/json"
	"testing"
)

// itemsOf are the texts of a task's checklist items in the order of an answer.
func (p *portal) itemsOf(taskID int, order ...any) []string {
	p.tb.Helper()
	params := []any{"TASKID", taskID}
	if len(order) > 0 {
		params = append(params, "ORDER", arr(order...))
	}
	var titles []string
	for _, v := range p.ok("task.checklistitem.getlist", params...).([]any) {
		titles = append(titles, v.(map[string]any)["TITLE"].(string))
	}
	return titles
}

func (p *portal) item(taskID, id int) map[string]any {
	p.tb.Helper()
	return p.ok("task.checklistitem.get", "TASKID", taskID, "ITEMID", id).(map[string]any)
}

// logged are the entries of a task's history: the field and what it became.
func (p *portal) logged(taskID int, since int64) []string {
	p.tb.Helper()
	rows := p.rowsOf(taskChangeEntity, condition{"json_extract(keys, '$.TASK_ID') = ?", []any{taskID}})
	var entries []string
	for _, r := range rows {
		if r.id > since {
			to, _ := r.doc["TO_VALUE"].(string)
			entries = append(entries, r.doc["FIELD"].(string)+" "+to)
		}
	}
	return entries
}

// TestChecklist adds, changes and deletes the items of a task.
func TestChecklist(t *testing.T) {
	t.Parallel()
	p, at := portalAt(t, "2026-03-02T08:00:00Z")
	diff(t, "seeded", []string{"Check the totals", "Ask the regions for their figures", "Figures"}, p.itemsOf(1))
	before := p.lastChange()
	// The first item of a task needs a checklist above it.
	id := p.ok("task.checklistitem.add", "TASKID", 2, "FIELDS", arr("TITLE", "Write them down", "IS_COMPLETE", "N"))
	diff(t, "id", json.Number("5"), id)
	diff(t, "items", []string{"BX_CHECKLIST_1", "Write them down"}, p.itemsOf(2, "ID", "asc"))
	want := map[string]any{
		"ID": "5", "TASK_ID": "2", "PARENT_ID": "4", "CREATED_BY": "1", "TITLE": "Write them down", "SORT_INDEX": "0", "IS_COMPLETE": "N",
		"IS_IMPORTANT": "N", "TOGGLED_BY": nil, "TOGGLED_DATE": "", "MEMBERS": []any{}, "ATTACHMENTS": []any{},
	}
	diff(t, "item", want, p.item(2, 5))
	diff(t, "checklist", json.Number("0"), p.item(2, 4)["PARENT_ID"])
	// The next ones go behind it, or where PARENT_ID says.
	p.ok("task.checklistitem.add", "TASKID", 2, "FIELDS", arr("TITLE", "Call again", "IS_IMPORTANT", "Y"))
	diff(t, "second item", "1", p.item(2, 6)["SORT_INDEX"])
	p.ok("task.checklistitem.add", "TASKID", 2, "FIELDS", arr("TITLE", "On Monday", "PARENT_ID", 6, "IS_COMPLETE", "Y"))
	diff(t, "done from the start", "2026-03-02T08:00:00+00:00", p.item(2, 7)["TOGGLED_DATE"])
	p.ok("task.checklistitem.add", "TASKID", 2, "FIELDS", arr("TITLE", "Another list", "PARENT_ID", 0))
	p.ok("task.checklistitem.add", "TASKID", 2, "FIELDS", arr("TITLE", "A third list", "PARENT_ID", 1)) // of task 1
	diff(t, "no such parent", json.Number("0"), p.item(2, 9)["PARENT_ID"])

	diff(t, "update", nil, p.ok("task.checklistitem.update", "TASKID", 2, "ITEMID", 6, "FIELDS", arr("TITLE", "Call twice")))
	at("2026-03-02T09:00:00Z")
	diff(t, "complete", true, p.ok("task.checklistitem.complete", "TASKID", 2, "ITEMID", 6))
	done := p.item(2, 6)
	if done["TITLE"] != "Call twice" || done["IS_IMPORTANT"] != "Y" || done["IS_COMPLETE"] != "Y" || done["TOGGLED_BY"] != "1" {
		t.Errorf("completed: %v", done)
	}
	at("2026-03-02T10:00:00Z")
	diff(t, "complete again", true, p.ok("task.checklistitem.complete", "TASKID", 2, "ITEMID", 6))
	diff(t, "nothing toggled", "2026-03-02T09:00:00+00:00", p.item(2, 6)["TOGGLED_DATE"])
	diff(t, "renew", true, p.ok("task.checklistitem.renew", "TASKID", 1, "ITEMID", 6)) // the task is not looked at
	diff(t, "renewed", "N", p.item(2, 6)["IS_COMPLETE"])
	diff(t, "move below itself", "400 ERROR_CORE: TASKS_ERROR_EXCEPTION_#8; An item cannot be moved into itself or into an item below it; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>",
		p.refused("task.checklistitem.update", "TASKID", 2, "ITEMID", 6, "FIELDS", arr("PARENT_ID", 7)))
	p.ok("task.checklistitem.update", "TASKID", 2, "ITEMID", 6, "FIELDS", arr("PARENT_ID", 8))
	diff(t, "delete with what is below", true, p.ok("task.checklistitem.delete", "TASKID", 2, "ITEMID", 8))
	diff(t, "left", []string{"A third list", "BX_CHECKLIST_1", "Write them down"}, p.itemsOf(2, "TITLE", "asc"))
	diff(t, "history", []string{
		"CHECKLIST_ITEM_CREATE BX_CHECKLIST_1", "CHECKLIST_ITEM_CREATE Write them down", "CHECKLIST_ITEM_CREATE Call again",
		"CHECKLIST_ITEM_CREATE On Monday", "CHECKLIST_ITEM_CREATE Another list", "CHECKLIST_ITEM_CREATE A third list",
		"CHECKLIST_ITEM_RENAME Call twice", "CHECKLIST_ITEM_CHECK Call twice", "CHECKLIST_ITEM_UNCHECK Call twice", "CHECKLIST_ITEM_REMOVE ",
	}, p.logged(2, before))
}

// TestChecklistMembers makes people of the item people of the task.
func TestChecklistMembers(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("task.checklistitem.update", "TASKID", 1, "ITEMID", 3, "FIELDS", arr("MEMBERS", arr(
		"12", arr("TYPE", "A"), "13", arr("TYPE", "U"), "999", arr("TYPE", "A"), "14", arr("TYPE", "X"))))
	members := p.item(1, 3)["MEMBERS"].([]any)
	if len(members) != 2 {
		t.Fatalf("members: %v", members)
	}
	twelve := p.user(12)
	diff(t, "member", map[string]any{
		"ID": "12", "TYPE": "A", "NAME": twelve["NAME"].(string) + " " + twelve["LAST_NAME"].(string), "PERSONAL_PHOTO": nil,
		"PERSONAL_GENDER": twelve["PERSONAL_GENDER"], "IMAGE": "", "IS_COLLABER": false,
	}, members[0])
	task := p.taskDoc(1)
	diff(t, "accomplices", []int64{12}, ints(task["ACCOMPLICES"]))
	diff(t, "auditors", []int64{5, 13}, ints(task["AUDITORS"]))
	p.ok("task.checklistitem.update", "TASKID", 1, "ITEMID", 3, "FIELDS", arr("MEMBERS", list()))
	diff(t, "members replaced", []any{}, p.item(1, 3)["MEMBERS"])
}

// TestChecklistRights: who works on a task changes its checklists, who watches
// it reads them, and others see nothing.
func TestChecklistRights(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	const head = "400 ERROR_CORE: TASKS_ERROR_EXCEPTION_#"
	responsible := p.as(principal{userID: 2, scopes: fullScopes})
	auditor := p.as(principal{userID: 5, scopes: fullScopes})
	other := p.as(principal{userID: extranetID, scopes: fullScopes})
	responsible.ok("task.checklistitem.add", "TASKID", 1, "FIELDS", arr("TITLE", "Mine"))
	for _, who := range []*portal{auditor, other} {
		diff(t, "add", head+"8; Adding item: action not allowed; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>",
			who.refused("task.checklistitem.add", "TASKID", 1, "FIELDS", arr("TITLE", "Mine")))
		diff(t, "update", head+"4; No access to edit the task; 4/TE/ACTION_NOT_ALLOWED<br>",
			who.refused("task.checklistitem.update", "TASKID", 1, "ITEMID", 2, "FIELDS", arr("TITLE", "Mine")))
		diff(t, "delete", head+"8; Deleting item: action not allowed; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>",
			who.refused("task.checklistitem.delete", "TASKID", 1, "ITEMID", 2))
	}
	diff(t, "items for the auditor", 4, len(auditor.itemsOf(1)))
	diff(t, "list", head+"8; Action failed; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>", other.refused("task.checklistitem.getlist", "TASKID", 1))
	diff(t, "complete", false, other.ok("task.checklistitem.complete", "TASKID", 1, "ITEMID", 3))
	notFound := head + "512; Check listitem not found or not accessible; 512/TE/ITEM_NOT_FOUND_OR_NOT_ACCESSIBLE<br>"
	diff(t, "get", notFound, other.refused("task.checklistitem.get", "TASKID", 1, "ITEMID", 2))
	diff(t, "item of another task", notFound, p.refused("task.checklistitem.get", "TASKID", 2, "ITEMID", 2))
	diff(t, "no such item", false, p.ok("task.checklistitem.complete", "TASKID", 1, "ITEMID", 99))
	diff(t, "zero", "400 ERROR_CORE: TASKS_ERROR_ASSERT_EXCEPTION<br>", p.refused("task.checklistitem.renew", "TASKID", 1, "ITEMID", 0))
	diff(t, "no name", head+"8; Item name not specified; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>",
		p.refused("task.checklistitem.add", "TASKID", 1, "FIELDS", arr("TITLE", " ")))
	diff(t, "no number", head+"8; SORT_INDEX: the value is not an integer; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>",
		p.refused("task.checklistitem.add", "TASKID", 1, "FIELDS", arr("TITLE", "x", "SORT_INDEX", "first")))
	diff(t, "scope", "403 insufficient_scope: The request requires higher privileges than provided by the access token",
		p.as(principal{userID: 1, admin: true, scopes: []string{"user"}}).refused("task.checklistitem.getlist", "TASKID", 1))
}
