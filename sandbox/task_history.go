package sandbox

import (
	"context"
	"database/sql"
	"time"
)

// taskChangeEntity is one change of a task, in the shape of
// [tasks.task.history.list].
//
// [tasks.task.history.list]: https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-history-list.html
var taskChangeEntity = &entity{
	name:  "task_change",
	camel: true,
	fields: []field{
		{name: "ID", kind: integerKind, readOnly: true},
		{name: "CREATED_DATE", kind: momentKind, always: true},
		{name: "FIELD", kind: textKind, always: true},
		{name: "FROM_VALUE", kind: treeKind, hidden: true},
		{name: "TO_VALUE", kind: treeKind, hidden: true},
		{name: "USER_ID", kind: refKind, hidden: true},
		{name: "TASK_ID", kind: refKind, hidden: true, indexed: true},
	},
}

// logTaskChange writes an entry into the history of a task. The values are texts
// or nil.
func logTaskChange(c *call, tx *sql.Tx, taskID int64, name string, from, to any) error {
	return insertTaskChange(c.ctx, tx, taskID, c.who.userID, c.sb.now(), name, from, to)
}

func insertTaskChange(ctx context.Context, tx *sql.Tx, taskID, userID int64, at time.Time, name string, from, to any) error {
	_, err := taskChangeEntity.insert(ctx, tx, document{
		"CREATED_DATE": storedTime(at), "FIELD": name, "FROM_VALUE": from, "TO_VALUE": to,
		"USER_ID": number(userID), "TASK_ID": number(taskID),
	})
	return err
}
