package sandbox

import (
	"database/sql"
	"encoding/json"
	"strings"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

// stages are the stages of a board in their order: id, title and system type.
func (p *portal) stages(entityID int) []string {
	p.tb.Helper()
	r, err := p.run("task.stages.get", arr("entityId", entityID))
	if err != nil {
		p.tb.Fatal(err)
	}
	var list []string
	for id, v := range r.value.(*phpquery.Array).All() {
		stage := v.(*phpquery.Array)
		title, _ := stage.Get("TITLE")
		kind, _ := stage.Get("SYSTEM_TYPE")
		list = append(list, strings.TrimSpace(id+" "+phpquery.Text(title)+" "+phpquery.Text(kind)))
	}
	return list
}

// TestStages keeps the chain of stages of a group and of a planner.
func TestStages(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "group", []string{"1 New NEW", "2 In progress WORK", "3 Completed FINISH"}, p.stages(1))
	diff(t, "planner", []string{"4 Not Planned NEW", "5 I Will Do It This Week"}, p.stages(0))
	stage := p.ok("task.stages.get", "entityId", 0).(map[string]any)["5"]
	diff(t, "stage", map[string]any{
		"ID": "5", "TITLE": "I Will Do It This Week", "SORT": "200", "COLOR": "47D1E2", "SYSTEM_TYPE": nil, "ENTITY_ID": "1",
		"ENTITY_TYPE": "U", "ADDITIONAL_FILTER": []any{}, "TO_UPDATE": []any{}, "TO_UPDATE_ACCESS": nil,
	}, stage)
	diff(t, "of somebody else", []string{"6 Not Planned NEW", "7 I Will Do It This Week"}, p.as(principal{userID: 2, scopes: fullScopes}).stages(0))

	diff(t, "add", json.Number("8"), p.ok("task.stages.add", "fields", arr("TITLE", "Check", "COLOR", "FF0000", "AFTER_ID", 2, "ENTITY_ID", 1)))
	diff(t, "behind a stage", []string{"1 New NEW", "2 In progress WORK", "8 Check", "3 Completed FINISH"}, p.stages(1))
	p.ok("task.stages.add", "fields", arr("TITLE", "Ideas", "ENTITY_ID", 1))
	diff(t, "at the beginning", []string{"9 Ideas NEW", "1 New", "2 In progress WORK", "8 Check", "3 Completed FINISH"}, p.stages(1))
	p.ok("task.stages.add", "fields", arr("TITLE", "Archive", "ENTITY_ID", 1, "AFTER_ID", 4)) // of the planner
	diff(t, "at the end", "10 Archive", p.stages(1)[5])
	diff(t, "update", true, p.ok("task.stages.update", "id", 8, "fields", arr("TITLE", "Review")))
	diff(t, "stays where it is", "8 Review", p.stages(1)[3])
	p.ok("task.stages.update", "id", 9, "fields", arr("AFTER_ID", 10))
	diff(t, "moved", []string{"1 New NEW", "2 In progress WORK", "8 Review", "3 Completed FINISH", "10 Archive", "9 Ideas"}, p.stages(1))
	diff(t, "delete", true, p.ok("task.stages.delete", "id", 9))
	diff(t, "the first", "400 CANT_DELETE_FIRST: Cannot delete the first stage. Move the stage to delete it.", p.refused("task.stages.delete", "id", 1))
	diff(t, "a default one", "400 IS_SYSTEM: The default stage cannot be deleted", p.refused("task.stages.delete", "id", 3))
	diff(t, "deleted", "400 NOT_FOUND: Stage not found", p.refused("task.stages.delete", "id", 9))
	diff(t, "no title", "400 EMPTY_TITLE: Stage title is not specified", p.refused("task.stages.add", "fields", arr("COLOR", "FF0000")))
	diff(t, "no new title", "400 EMPTY_TITLE: Stage title is not specified", p.refused("task.stages.update", "id", 8, "fields", arr("TITLE", " ")))
	diff(t, "update of nothing", "400 NOT_FOUND: Stage not found", p.refused("task.stages.update", "id", 99, "fields", arr("TITLE", "x")))
}

// order are the tasks of a stage as the board shows them.
func (p *portal) order(stageID int64) []int64 {
	p.tb.Helper()
	var ids []int64
	stage := p.rowsOf(stageEntity, condition{"id = ?", []any{stageID}})[0]
	c := &call{ctx: p.tb.Context(), sb: p.sb, who: p.who, params: arr()}
	_, err := c.reading(func(tx *sql.Tx) (result, error) {
		rows, err := tasksIn(c, tx, stage)
		for _, r := range rows {
			ids = append(ids, r.id)
		}
		return result{}, err
	})
	if err != nil {
		p.tb.Fatal(err)
	}
	return ids
}

// TestMoveTask moves tasks in the kanban of a group and in the caller's planner.
func TestMoveTask(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	before := p.lastChange()
	diff(t, "not moved yet", []int64{5}, p.order(1))
	diff(t, "move", true, p.ok("task.stages.movetask", "id", 5, "stageId", 2))
	diff(t, "moved", []int64{5}, p.order(2))
	diff(t, "field", int64(2), intOf(p.taskDoc(5)["STAGE_ID"]))
	diff(t, "to where it is", true, p.ok("task.stages.movetask", "id", 5, "stageId", 2))
	diff(t, "history", []string{"STAGE_ID 2"}, p.logged(5, before))
	diff(t, "not empty", "400 IS_SYSTEM: The default stage cannot be deleted", p.refused("task.stages.delete", "id", 2))
	diff(t, "another board", "400 DIFFERENT_STAGES: The task and the stage are of different boards", p.refused("task.stages.movetask", "id", 1, "stageId", 2))

	// The planner holds any task the caller sees.
	for _, id := range []int{1, 2, 3} {
		p.ok("task.stages.movetask", "id", id, "stageId", 5)
	}
	diff(t, "to the top", []int64{3, 2, 1}, p.order(5))
	p.ok("task.stages.movetask", "id", 3, "stageId", 5, "after", 2)
	diff(t, "after", []int64{2, 3, 1}, p.order(5))
	p.ok("task.stages.movetask", "id", 1, "stageId", 5, "before", 2)
	diff(t, "before", []int64{1, 2, 3}, p.order(5))
	p.ok("task.stages.movetask", "id", 4, "stageId", 5, "after", 3)
	diff(t, "a new one", []int64{1, 2, 3, 4}, p.order(5))
	p.ok("task.stages.movetask", "id", 4, "stageId", 4, "after", 3) // not in that stage
	diff(t, "no such neighbour", []int64{4}, p.order(4))
	tasks := func(order string, stages ...any) []string {
		var ids []string
		rows := p.ok("tasks.task.list", "filter", arr("STAGE_ID", list(stages...)), "order", arr(order, "asc"), "select", list("ID"))
		for _, v := range rows.(map[string]any)["tasks"].([]any) {
			ids = append(ids, v.(map[string]any)["id"].(string))
		}
		return ids
	}
	diff(t, "tasks of a stage of the planner", []string{"1", "2", "3"}, tasks("SORTING", 5))
	diff(t, "tasks of a stage of the group", []string{"5"}, tasks("ID", 2))
	diff(t, "not empty", "400 NO_EMPTY: The stage contains tasks. Move them to another stage first.", p.refused("task.stages.delete", "id", 5))
	for _, id := range []int{1, 2, 3} {
		p.ok("task.stages.movetask", "id", id, "stageId", 4)
	}
	p.ok("task.stages.delete", "id", 5)
	diff(t, "no such stage", "400 NOT_FOUND: Stage not found", p.refused("task.stages.movetask", "id", 1, "stageId", 5))
	diff(t, "no such task", "400 TASK_NOT_FOUND: Task not found or access to it is denied", p.refused("task.stages.movetask", "id", 99, "stageId", 4))
}

// TestMoveFirstStage keeps tasks in their column when it stops being the first.
func TestMoveFirstStage(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("task.stages.update", "id", 1, "fields", arr("AFTER_ID", 3))
	diff(t, "stages", []string{"2 In progress NEW", "3 Completed FINISH", "1 New"}, p.stages(1))
	diff(t, "tasks", []int64{5}, p.order(1))
}

// TestStageRights: members of a group see and move, its owner arranges, and the
// planner is everybody's own.
func TestStageRights(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	member := p.as(principal{userID: extranetID, scopes: fullScopes})
	other := p.as(principal{userID: 2, scopes: fullScopes})
	diff(t, "member sees", 3, len(member.stages(1)))
	for _, who := range []*portal{member, other} {
		diff(t, "add", "400 ACCESS_DENIED: You do not have permission to manage stages", who.refused("task.stages.add", "fields", arr("TITLE", "x", "ENTITY_ID", 1), "isAdmin", true))
		diff(t, "update", "400 ACCESS_DENIED: You cannot modify stages in this group", who.refused("task.stages.update", "id", 2, "fields", arr("TITLE", "x")))
		diff(t, "delete", "400 ACCESS_DENIED: You cannot manage stages", who.refused("task.stages.delete", "id", 2, "isAdmin", "Y"))
		diff(t, "another's planner", "400 ACCESS_DENIED: You cannot modify stages in this group", who.refused("task.stages.update", "id", 5, "fields", arr("TITLE", "x")))
	}
	diff(t, "get", "400 ACCESS_DENIED: You cannot view stages in this group.", other.refused("task.stages.get", "entityId", 1))
	diff(t, "get of no group", "400 ACCESS_DENIED: You cannot view stages in this group.", p.refused("task.stages.get", "entityId", 99, "isAdmin", "Y"))
	diff(t, "move in another's planner", "400 ACCESS_DENIED_MOVE: You cannot move this task", other.refused("task.stages.movetask", "id", 1, "stageId", 5))
	diff(t, "move outside", "400 ACCESS_DENIED_MOVE: You cannot move this task", p.as(principal{userID: 6, scopes: fullScopes}).refused("task.stages.movetask", "id", 5, "stageId", 2))
	other.ok("task.stages.add", "fields", arr("TITLE", "Mine"))
	diff(t, "own planner", []string{"8 Mine NEW", "6 Not Planned", "7 I Will Do It This Week"}, other.stages(0))
}
