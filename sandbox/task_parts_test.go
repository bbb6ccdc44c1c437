package sandbox

import (
	"database/sql"
	"fmt"
	"strings"
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

// TestTaskPartsInTask shows the parts where the task is answered, and deletes
// them with it.
func TestTaskPartsInTask(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("task.checklistitem.add", "TASKID", 1, "FIELDS", arr("TITLE", "North", "PARENT_ID", 2))
	task := p.ok("tasks.task.get", "taskId", 1).(map[string]any)["task"].(map[string]any)
	item := task["checklist"].(map[string]any)["2"].(map[string]any)
	diff(t, "item", map[string]any{
		"id": "2", "taskId": "1", "createdBy": "1", "parentId": "1", "title": "Ask the regions for their figures", "sortIndex": "0",
		"isComplete": "Y", "isImportant": "N", "toggledBy": "2", "toggledDate": "2025-01-16T09:00:00+00:00", "ufChecklistFiles": false,
		"members": []any{}, "attachments": []any{}, "entityId": "1",
		"action": map[string]any{"modify": true, "remove": true, "toggle": true, "add": true, "addAccomplice": true},
	}, item)
	diff(t, "tree", []string{"0 ", "1 Figures", "2 Ask the regions for their figures 1", "3 North 1.1", "4 Check the totals 2"}, branches(task["checkListTree"]))
	p.ok("task.commentitem.add", "TASKID", 1, "FIELDS", arr("POST_MESSAGE", "x"))
	p.ok("task.stages.movetask", "id", 1, "stageId", 5)
	p.ok("tasks.task.delete", "taskId", 1)
	for _, e := range taskPartEntities() {
		if rows := p.rowsOf(e, e.ofTask(1)); len(rows) > 0 {
			t.Errorf("%d rows of %s are left", len(rows), e.name)
		}
	}
}

// branches are the nodes of a tree of checklists: number, title and place.
func branches(node any) []string {
	n := node.(map[string]any)
	fields := n["fields"].(map[string]any)
	list := []string{strings.TrimSuffix(fmt.Sprint(n["nodeId"], " ", fields["title"], " ", fields["displaySortIndex"]), " ")}
	for _, below := range n["descendants"].([]any) {
		list = append(list, branches(below)...)
	}
	return list
}

// TestTaskNeedsResult completes a task that needs a result once it has one.
func TestTaskNeedsResult(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	info := func() []any {
		rows := p.ok("tasks.task.list", "filter", arr("ID", 2), "params", arr("WITH_RESULT_INFO", "Y")).(map[string]any)["tasks"].([]any)
		task := rows[0].(map[string]any)
		return []any{task["taskRequireResult"], task["taskHasOpenResult"], task["taskHasResult"]}
	}
	p.ok("tasks.task.update", "taskId", 2, "fields", arr("SE_PARAMETER", list(arr("CODE", 3, "VALUE", "Y"))))
	diff(t, "without a result", []any{"Y", "N", "N"}, info())
	diff(t, "complete", "400 0: Action on the task is not allowed", p.refused("tasks.task.complete", "taskId", 2))
	p.ok("task.commentitem.add", "TASKID", 2, "FIELDS", arr("POST_MESSAGE", "All called"))
	p.ok("tasks.task.result.addFromComment", "commentId", 3)
	diff(t, "with a result", []any{"Y", "Y", "Y"}, info())
	p.ok("tasks.task.complete", "taskId", 2)
	diff(t, "completed", []any{"Y", "N", "Y"}, info())
}
