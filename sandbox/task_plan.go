package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskPlanEntity is a task in the daily plan of a user, which begins with the
// tasks that the user starts.
var taskPlanEntity = &entity{
	name: "task_plan",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "USER_ID", kind: refKind, indexed: true},
		{name: "TASK_ID", kind: refKind, indexed: true},
	},
}

// planTask puts a task into the daily plan of a user.
func planTask(ctx context.Context, tx *sql.Tx, userID, taskID int64) error {
	user, task := taskPlanEntity.named("USER_ID"), taskPlanEntity.named("TASK_ID")
	var id int64
	err := tx.QueryRowContext(ctx, "SELECT id FROM "+taskPlanEntity.table()+" WHERE "+user.expression()+" = ? AND "+task.expression()+" = ?",
		userID, taskID).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		if err != nil {
			return fmt.Errorf("read daily plan: %w", err)
		}
		return nil
	}
	_, err = taskPlanEntity.insert(ctx, tx, document{"USER_ID": number(userID), "TASK_ID": number(taskID)})
	return err
}

// taskPlan lists the tasks of the caller's daily plan that are not done yet.
//
// https://apidocs.bitrix24.com/api-reference/tasks/planner/task-planner-get-list.html
func taskPlan(c *call) (result, error) {
	return c.reading(func(tx *sql.Tx) (result, error) {
		planned, err := taskPlanEntity.all(c.ctx, tx, condition{taskPlanEntity.named("USER_ID").expression() + " = ?", []any{c.who.userID}})
		if err != nil {
			return result{}, err
		}
		ids := phpquery.NewArray()
		for _, r := range planned {
			doc, err := visibleTask(c, tx, intOf(r.doc["TASK_ID"]))
			if err != nil {
				return result{}, err
			}
			switch intOf(doc["STATUS"]) {
			case taskPending, taskStarted:
				ids.Append(r.doc["TASK_ID"])
			}
		}
		return result{value: ids}, nil
	})
}
