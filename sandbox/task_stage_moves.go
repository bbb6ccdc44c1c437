package sandbox

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"slices"
)

// plannedEntity is the place of a task in the personal planner of a user. The
// stage in the kanban of a group is a field of the task.
var plannedEntity = &entity{
	name: "task_planned",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "TASK_ID", kind: idKind, readOnly: true, indexed: true},
		{name: "STAGE_ID", kind: idKind, readOnly: true, indexed: true},
		{name: "USER_ID", kind: idKind, readOnly: true},
	},
}

// sortStep is the distance of SORTING between tasks of a stage.
const sortStep = 1024

// stageMoveTask moves a task to a stage: before or after another one, or to its
// top.
//
// https://apidocs.bitrix24.com/api-reference/tasks/stages/task-stages-move-task.html
func stageMoveTask(c *call) (result, error) {
	taskID := c.id("id")
	return c.writing(func(tx *sql.Tx) (result, error) {
		stage, err := c.stage(tx, "stageId")
		if err != nil {
			return result{}, err
		}
		task, err := visibleTask(c, tx, taskID)
		if err != nil {
			return result{}, err
		}
		if task == nil {
			return result{}, badRequest("TASK_NOT_FOUND", "Task not found or access to it is denied")
		}
		b := boardOfStage(stage.doc)
		sees, err := c.sees(tx, b)
		if err != nil {
			return result{}, err
		}
		if !sees {
			return result{}, badRequest("ACCESS_DENIED_MOVE", "You cannot move this task")
		}
		if b.kind == groupBoard {
			if intOf(task["GROUP_ID"]) != b.id {
				return result{}, badRequest("DIFFERENT_STAGES", "The task and the stage are of different boards")
			}
			err = changeTask(c, tx, taskID, func(doc document) { doc["STAGE_ID"] = number(stage.id) })
		} else {
			err = plan(c, tx, taskID, stage.id)
		}
		if err != nil {
			return result{}, err
		}
		return result{value: true, record: taskID}, sortTask(c, tx, stage, taskID)
	})
}

// plan puts a task into a stage of the caller's planner.
func plan(c *call, tx *sql.Tx, taskID, stageID int64) error {
	rows, err := plannedEntity.all(c.ctx, tx, plannedEntity.ofTask(taskID))
	if err != nil {
		return err
	}
	doc := document{"TASK_ID": number(taskID), "STAGE_ID": number(stageID), "USER_ID": number(c.who.userID)}
	for _, r := range rows {
		if intOf(r.doc["USER_ID"]) == c.who.userID {
			return plannedEntity.update(c.ctx, tx, r.id, r.doc, doc)
		}
	}
	_, err = plannedEntity.insert(c.ctx, tx, doc)
	return err
}

// tasksIn reads the tasks of a stage in their order. In the first one of a group
// are also those that nobody has moved yet.
func tasksIn(c *call, tx *sql.Tx, stage row) ([]row, error) {
	where := inPlan(stage.id)
	if b := boardOfStage(stage.doc); b.kind == groupBoard {
		stages := []int64{stage.id}
		if stage.doc["SYSTEM_TYPE"] == firstStage {
			stages = append(stages, 0)
		}
		where = and(
			condition{taskEntity.named("GROUP_ID").expression() + " = ?", []any{b.id}},
			oneOf(taskEntity.named("STAGE_ID").expression(), stages),
		)
	}
	rows, err := taskEntity.all(c.ctx, tx, where)
	slices.SortStableFunc(rows, func(x, y row) int { return cmp.Compare(sorting(x.doc), sorting(y.doc)) })
	return rows, err
}

// inPlan finds the tasks in stages of planners.
func inPlan(stages ...int64) condition {
	task := plannedEntity.named("TASK_ID").expression()
	return oneOf(plannedEntity.named("STAGE_ID").expression(), stages).within("id IN (SELECT "+task+" FROM "+plannedEntity.table()+" WHERE ", ")")
}

func sorting(task document) float64 {
	n, _ := task["SORTING"].(json.Number)
	x, err := n.Float64()
	if err != nil {
		return 0
	}
	return x
}

// sortTask gives a moved task its place among those of the stage.
func sortTask(c *call, tx *sql.Tx, stage row, taskID int64) error {
	rows, err := tasksIn(c, tx, stage)
	if err != nil {
		return err
	}
	here := slices.IndexFunc(rows, func(r row) bool { return r.id == taskID })
	if here < 0 {
		return nil
	}
	moved := rows[here]
	rows = slices.Delete(rows, here, here+1)
	for i, r := range slices.Insert(rows, c.placeAmong(rows), moved) {
		if err := noteTask(c, tx, r.id, func(doc document) { doc["SORTING"] = number(int64(i+1) * sortStep) }); err != nil {
			return err
		}
	}
	return nil
}

// placeAmong is where before or after puts a task; a neighbour that is not in
// the stage counts for nothing.
func (c *call) placeAmong(rows []row) int {
	at := func(name string) int {
		id := c.id(name)
		return slices.IndexFunc(rows, func(r row) bool { return r.id == id })
	}
	if i := at("before"); i >= 0 {
		return i
	}
	return at("after") + 1
}

// keepTasks gives the tasks that nobody has moved yet the stage they are in,
// before it stops being the first one.
func keepTasks(c *call, tx *sql.Tx, first row) error {
	if boardOfStage(first.doc).kind != groupBoard {
		return nil
	}
	tasks, err := tasksIn(c, tx, first)
	if err != nil {
		return err
	}
	for _, r := range tasks {
		if err := noteTask(c, tx, r.id, func(doc document) { doc["STAGE_ID"] = number(first.id) }); err != nil {
			return err
		}
	}
	return nil
}

// whereStage finds tasks by a stage of their group or of a planner.
func whereStage(_ *call, cl clause) (condition, bool) {
	var stages []int64
	for _, v := range elements(cl.value) {
		if id, ok := parseInteger(v); ok && id != nil {
			stages = append(stages, id.(int64))
		}
	}
	if cl.operator.compare != equals || len(stages) == 0 {
		return condition{}, false
	}
	return or(oneOf(taskEntity.named("STAGE_ID").expression(), stages), inPlan(stages...)), true
}
