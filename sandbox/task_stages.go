package sandbox

import (
	"context"
	"database/sql"
	"slices"

	"github.com/oint-go/oint/internal/phpquery"
)

// stageEntity is a column of a kanban board: of a group (ENTITY_TYPE G) or of
// the personal planner of a user (U). The first one has the system type NEW.
//
// https://apidocs.bitrix24.com/api-reference/tasks/stages/index.html
var stageEntity = &entity{
	name: "task_stage",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "TITLE", kind: textKind, max: 255, always: true},
		{name: "SORT", kind: idKind, readOnly: true, always: true},
		{name: "COLOR", kind: textKind, max: 6, always: true},
		{name: "SYSTEM_TYPE", kind: textKind, readOnly: true, always: true, null: true},
		{name: "ENTITY_ID", kind: idKind, readOnly: true, always: true, indexed: true},
		{name: "ENTITY_TYPE", kind: textKind, readOnly: true, always: true},
		{name: "ADDITIONAL_FILTER", compute: func(showing, document) any { return phpquery.NewArray() }, readOnly: true},
		{name: "TO_UPDATE", compute: func(showing, document) any { return phpquery.NewArray() }, readOnly: true},
		{name: "TO_UPDATE_ACCESS", compute: func(showing, document) any { return nil }, readOnly: true},
	},
}

// board is what has stages.
type board struct {
	kind string
	id   int64
}

// The kinds of boards.
const (
	groupBoard = "G"
	userBoard  = "U"
)

// firstStage is the system type of the stage in which tasks begin.
const firstStage = "NEW"

// defaultStages are what a board begins with.
var defaultStages = map[string][]document{
	groupBoard: {
		{"TITLE": "New", "COLOR": "00C4FB", "SYSTEM_TYPE": firstStage},
		{"TITLE": "In progress", "COLOR": stageColor, "SYSTEM_TYPE": "WORK"},
		{"TITLE": "Completed", "COLOR": "75D900", "SYSTEM_TYPE": "FINISH"},
	},
	userBoard: {
		{"TITLE": "Not Planned", "COLOR": "00C4FB", "SYSTEM_TYPE": firstStage},
		{"TITLE": "I Will Do It This Week", "COLOR": stageColor},
	},
}

const (
	stageColor = "47D1E2"
	stageStep  = 100 // between the SORT of neighbours
)

func stageMethods() []method {
	scope := []string{"task"}
	return []method{
		{name: "task.stages.get", scopes: scope, run: stagesGet},
		{name: "task.stages.add", scopes: scope, run: stageAdd},
		{name: "task.stages.update", scopes: scope, run: stageUpdate},
		{name: "task.stages.delete", scopes: scope, run: stageDelete},
		{name: "task.stages.movetask", scopes: scope, run: stageMoveTask},
	}
}

func stageDenied(problem string) error { return badRequest("ACCESS_DENIED", problem) }

// boardOf is the board of the group with an id, or the caller's planner for 0.
func (c *call) boardOf(id int64) board {
	if id > 0 {
		return board{groupBoard, id}
	}
	return board{userBoard, c.who.userID}
}

func boardOfStage(stage document) board {
	kind, _ := stage["ENTITY_TYPE"].(string)
	return board{kind, intOf(stage["ENTITY_ID"])}
}

// sees tells whether the caller may look at a board and move its tasks: the
// members of a group may, and everybody in their own planner.
func (c *call) sees(tx *sql.Tx, b board) (bool, error) {
	if b.kind == userBoard {
		return b.id == c.who.userID, nil
	}
	group, err := groupEntity.find(c.ctx, tx, b.id)
	if err != nil || group == nil {
		return false, err
	}
	user, err := userEntity.find(c.ctx, tx, c.who.userID)
	return c.who.admin || slices.Contains(ints(user["SONET_GROUP_ID"]), b.id), err
}

// manages tells whether the caller may change the stages of a board. The owner
// of the groups is the administrator.
func (c *call) manages(tx *sql.Tx, b board) (bool, error) {
	sees, err := c.sees(tx, b)
	return sees && (b.kind == userBoard || c.who.admin), err
}

// boardStages reads the stages of a board in their order, and gives a board without
// any the default ones.
func boardStages(c *call, tx *sql.Tx, b board) ([]row, error) {
	where := and(
		condition{stageEntity.named("ENTITY_ID").expression() + " = ?", []any{b.id}},
		condition{stageEntity.named("ENTITY_TYPE").expression() + " = ?", []any{fold(b.kind)}},
	)
	rows, err := stageEntity.all(c.ctx, tx, where)
	if err != nil || len(rows) > 0 {
		slices.SortStableFunc(rows, func(x, y row) int { return int(intOf(x.doc["SORT"]) - intOf(y.doc["SORT"])) })
		return rows, err
	}
	return b.begin(c.ctx, tx)
}

// begin gives a board its default stages.
func (b board) begin(ctx context.Context, tx *sql.Tx) ([]row, error) {
	var rows []row
	for i, described := range defaultStages[b.kind] {
		doc := described.clone()
		doc["ENTITY_TYPE"], doc["ENTITY_ID"], doc["SORT"] = b.kind, number(b.id), number(int64(i+1)*stageStep)
		id, err := stageEntity.insert(ctx, tx, doc)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{id, doc})
	}
	return rows, nil
}

// stagesGet answers the stages of a group, or of the caller's planner, by id.
//
// https://apidocs.bitrix24.com/api-reference/tasks/stages/task-stages-get.html
func stagesGet(c *call) (result, error) {
	b := c.boardOf(c.id("entityId"))
	return c.writing(func(tx *sql.Tx) (result, error) {
		sees, err := c.sees(tx, b)
		if err != nil {
			return result{}, err
		}
		if !sees {
			return result{}, stageDenied("You cannot view stages in this group.")
		}
		rows, err := boardStages(c, tx, b)
		if err != nil {
			return result{}, err
		}
		fields := listing{entity: stageEntity}.selected(phpquery.NewArray())
		a := phpquery.NewArray()
		for _, r := range rows {
			a.Set(phpquery.Text(r.id), stageEntity.show(c, r, fields))
		}
		return result{value: a}, nil
	})
}

// stageAdd adds a stage behind AFTER_ID, or at the beginning.
//
// https://apidocs.bitrix24.com/api-reference/tasks/stages/task-stages-add.html
func stageAdd(c *call) (result, error) {
	fields := c.nested("fields")
	entityID, _ := fields.GetFold("ENTITY_ID")
	b := c.boardOf(intval(phpquery.Text(entityID)))
	return c.writing(func(tx *sql.Tx) (result, error) {
		stage := row{doc: document{"ENTITY_TYPE": b.kind, "ENTITY_ID": number(b.id), "COLOR": stageColor}}
		if err := c.writeStage(tx, fields, stage.doc, "You do not have permission to manage stages"); err != nil {
			return result{}, err
		}
		rows, err := boardStages(c, tx, b)
		if err != nil {
			return result{}, err
		}
		if stage.id, err = stageEntity.insert(c.ctx, tx, stage.doc); err != nil {
			return result{}, err
		}
		after, _ := fields.GetFold("AFTER_ID")
		return result{value: number(stage.id), record: stage.id}, arrange(c, tx, rows, stage, intval(phpquery.Text(after)))
	})
}

// writeStage writes the parameters into the document of a board's stage.
func (c *call) writeStage(tx *sql.Tx, fields *phpquery.Array, doc document, denied string) error {
	manages, err := c.manages(tx, boardOfStage(doc))
	if err != nil {
		return err
	}
	if !manages {
		return stageDenied(denied)
	}
	if err := stageEntity.assign(c.ctx, tx, doc, fields); err != nil {
		return err
	}
	if isBlank(doc["TITLE"]) {
		return badRequest("EMPTY_TITLE", "Stage title is not specified")
	}
	if doc["COLOR"] == "" {
		doc["COLOR"] = stageColor
	}
	return nil
}

// arrange puts a stage behind another one, at the beginning for 0 and at the end
// for one that the board does not have, and numbers all of them anew.
func arrange(c *call, tx *sql.Tx, rows []row, stage row, after int64) error {
	others := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.id == stage.id })
	place := 0
	if after != 0 {
		place = len(others)
		if i := slices.IndexFunc(others, func(r row) bool { return r.id == after }); i >= 0 {
			place = i + 1
		}
	}
	ordered := slices.Insert(others, place, stage)
	if len(rows) > 0 && ordered[0].id != rows[0].id {
		if err := keepTasks(c, tx, rows[0]); err != nil {
			return err
		}
	}
	for i, r := range ordered {
		doc := r.doc.clone()
		doc["SORT"] = number(int64(i+1) * stageStep)
		switch {
		case i == 0:
			doc["SYSTEM_TYPE"] = firstStage
		case doc["SYSTEM_TYPE"] == firstStage:
			delete(doc, "SYSTEM_TYPE")
		}
		if err := stageEntity.update(c.ctx, tx, r.id, r.doc, doc); err != nil {
			return err
		}
	}
	return nil
}

// stage reads the stage that a parameter names.
func (c *call) stage(tx *sql.Tx, name string) (row, error) {
	id := c.id(name)
	doc, err := stageEntity.found(c.ctx, tx, id, badRequest("NOT_FOUND", "Stage not found"))
	return row{id, doc}, err
}

// stageUpdate changes a stage; AFTER_ID moves it.
//
// https://apidocs.bitrix24.com/api-reference/tasks/stages/task-stages-update.html
func stageUpdate(c *call) (result, error) {
	fields := c.nested("fields")
	return c.writing(func(tx *sql.Tx) (result, error) {
		stage, err := c.stage(tx, "id")
		if err != nil {
			return result{}, err
		}
		after := stage.doc.clone()
		if err := c.writeStage(tx, fields, after, "You cannot modify stages in this group"); err != nil {
			return result{}, err
		}
		if err := stageEntity.update(c.ctx, tx, stage.id, stage.doc, after); err != nil {
			return result{}, err
		}
		moved := row{stage.id, after}
		done := result{value: true, record: stage.id}
		behind, given := fields.GetFold("AFTER_ID")
		if afterID := intval(phpquery.Text(behind)); given && afterID != stage.id {
			rows, err := boardStages(c, tx, boardOfStage(after))
			if err != nil {
				return result{}, err
			}
			return done, arrange(c, tx, rows, moved, afterID)
		}
		return done, nil
	})
}

// stageDelete deletes a stage that is empty and no default one.
//
// https://apidocs.bitrix24.com/api-reference/tasks/stages/task-stages-delete.html
func stageDelete(c *call) (result, error) {
	return c.writing(func(tx *sql.Tx) (result, error) {
		stage, err := c.stage(tx, "id")
		if err != nil {
			return result{}, err
		}
		manages, err := c.manages(tx, boardOfStage(stage.doc))
		if err != nil {
			return result{}, err
		}
		kind, _ := stage.doc["SYSTEM_TYPE"].(string)
		switch {
		case !manages:
			return result{}, stageDenied("You cannot manage stages")
		case kind == firstStage:
			return result{}, badRequest("CANT_DELETE_FIRST", "Cannot delete the first stage. Move the stage to delete it.")
		case kind != "":
			return result{}, badRequest("IS_SYSTEM", "The default stage cannot be deleted")
		}
		tasks, err := tasksIn(c, tx, stage)
		if err != nil {
			return result{}, err
		}
		if len(tasks) > 0 {
			return result{}, badRequest("NO_EMPTY", "The stage contains tasks. Move them to another stage first.")
		}
		return result{value: true, record: stage.id}, stageEntity.remove(c.ctx, tx, stage.id)
	})
}
