package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
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

// loggedTaskFields are the fields whose changes the history keeps.
var loggedTaskFields = []string{
	"TITLE", "DESCRIPTION", "STATUS", "PRIORITY", "MARK", "PARENT_ID", "GROUP_ID", "STAGE_ID", "CREATED_BY", "RESPONSIBLE_ID",
	"ACCOMPLICES", "AUDITORS", "DEADLINE", "START_DATE_PLAN", "END_DATE_PLAN", "DURATION_PLAN", "TIME_ESTIMATE",
	"TIME_SPENT_IN_LOGS", "TAGS", "DEPENDS_ON", "UF_TASK_WEBDAV_FILES", "ADD_IN_REPORT", "TASK_CONTROL",
	"ALLOW_TIME_TRACKING", "ALLOW_CHANGE_DEADLINE", "FLOW_ID",
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

// logTaskChanges writes an entry for every field that is different.
func logTaskChanges(c *call, tx *sql.Tx, taskID int64, before, after document) error {
	for _, name := range loggedTaskFields {
		f := taskEntity.named(name)
		from, to := historyValue(f, before), historyValue(f, after)
		if from == to {
			continue
		}
		if err := logTaskChange(c, tx, taskID, name, from, to); err != nil {
			return err
		}
	}
	return nil
}

// historyValue is how the history writes a value: dates in seconds since 1970,
// lists with commas.
func historyValue(f *field, doc document) string {
	stored := doc[f.key()]
	if list, ok := stored.([]any); ok {
		texts := make([]string, len(list))
		for i, v := range list {
			texts[i] = phpquery.Text(v)
		}
		return strings.Join(texts, ",")
	}
	switch v := stored.(type) {
	case bool:
		return phpquery.Text(showLetter(showing{}, v))
	case json.Number:
		return v.String()
	}
	if at, ok := timeOf(stored); ok && f.kind.dated {
		return phpquery.Text(number(at.Unix()))
	}
	return phpquery.Text(stored)
}

// taskHistory lists the changes of a task, the latest first. A task that does
// not exist has none.
func taskHistory(c *call) (result, error) {
	id, err := c.taskID("taskId")
	if err != nil {
		return result{}, err
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		entries, answer := phpquery.NewArray(), phpquery.NewArray()
		answer.Set("list", entries)
		there, err := taskEntity.find(c.ctx, tx, id)
		if err != nil || there == nil {
			return result{value: answer}, err
		}
		doc, err := visibleTask(c, tx, id)
		if err != nil {
			return result{}, err
		}
		if doc == nil {
			return result{}, badRequest("0", "Access denied. (internal error)")
		}
		l := listing{
			entity: taskChangeEntity, filter: "filter", whole: true,
			extra: condition{taskChangeEntity.named("TASK_ID").expression() + " = ?", []any{id}},
		}
		rows, err := l.page(c.ctx, tx, l.where(c), historyOrder(c.params), 0)
		if err != nil {
			return result{}, err
		}
		for _, r := range rows {
			entry, err := showTaskChange(c, tx, r)
			if err != nil {
				return result{}, err
			}
			entries.Append(entry)
		}
		return result{value: answer}, nil
	})
}

func historyOrder(params *phpquery.Array) []ordering {
	if v, ok := params.GetFold("order"); ok && len(elements(v)) > 0 {
		return taskChangeEntity.orderings(params)
	}
	return []ordering{{field: taskChangeEntity.named("CREATED_DATE"), down: true}}
}

func showTaskChange(c *call, tx *sql.Tx, r row) (*phpquery.Array, error) {
	shown := taskChangeEntity.show(c, r, fieldsNamed(taskChangeEntity, "ID", "CREATED_DATE", "FIELD"))
	value := phpquery.NewArray()
	value.Set("from", r.doc["FROM_VALUE"])
	value.Set("to", r.doc["TO_VALUE"])
	shown.Set("value", value)
	userID := intOf(r.doc["USER_ID"])
	user, err := userEntity.find(c.ctx, tx, userID)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	who := phpquery.NewArray()
	who.Set("id", number(userID))
	for _, part := range []struct{ key, name string }{{"name", "NAME"}, {"lastName", "LAST_NAME"}, {"secondName", "SECOND_NAME"}, {"login", "EMAIL"}} {
		who.Set(part.key, phpquery.Text(user[part.name]))
	}
	shown.Set("user", who)
	return shown, nil
}
