package sandbox

import (
	"context"
	"database/sql"
	"strconv"

	"github.com/oint-go/oint/internal/phpquery"
)

// visibleTask reads a task that the caller may see: an administrator all, others
// those in which they or employees below them take part. It is nil when there is
// no such task or the caller may not see it; methods differ in what they say then.
func visibleTask(c *call, tx *sql.Tx, id int64) (document, error) {
	doc, err := taskEntity.find(c.ctx, tx, id)
	if err != nil || doc == nil {
		return nil, err
	}
	role, err := c.roleIn(tx, doc)
	if err != nil || !role.sees {
		return nil, err
	}
	return doc, nil
}

// roleIn is what the caller is to a task.
func (c *call) roleIn(tx *sql.Tx, doc document) (taskRole, error) {
	return roleIn(c.ctx, tx, c.who.userID, c.who.admin, doc)
}

// visibleTasks is the condition for lists, see visibleTask.
func visibleTasks(c *call, tx *sql.Tx) (condition, error) {
	if c.who.admin {
		return always, nil
	}
	below, err := subordinates(c.ctx, tx, c.who.userID)
	if err != nil {
		return condition{}, err
	}
	users := append(below, c.who.userID)
	var some []condition
	for _, name := range []string{"CREATED_BY", "RESPONSIBLE_ID"} {
		f, _ := taskEntity.field(name)
		some = append(some, oneOf(f.expression(), users))
	}
	for _, name := range []string{"ACCOMPLICES", "AUDITORS"} {
		f, _ := taskEntity.field(name)
		some = append(some, oneOf("value", users).within("id IN (SELECT id FROM "+taskEntity.linkTable(*f)+" WHERE ", ")"))
	}
	return or(some...), nil
}

// subordinates are the employees of the departments that a user heads and of
// those below them, without the user.
func subordinates(ctx context.Context, tx *sql.Tx, userID int64) ([]int64, error) {
	head, _ := departmentEntity.field("UF_HEAD")
	parent, _ := departmentEntity.field("PARENT")
	unit, _ := userEntity.field("UF_DEPARTMENT")
	rows, err := tx.QueryContext(ctx, `WITH RECURSIVE unit(id) AS (
			SELECT id FROM `+departmentEntity.table()+` WHERE `+head.expression()+` = ?
			UNION SELECT d.id FROM `+departmentEntity.table()+` d, unit WHERE `+parent.expressionOf("d")+` = unit.id)
		SELECT DISTINCT id FROM `+userEntity.linkTable(*unit)+` WHERE value IN (SELECT id FROM unit) AND id <> ?`, userID, userID)
	if err != nil {
		return nil, err
	}
	return scanIDs(rows)
}

// The portal's own words for what task methods refuse.
func errNoTaskID() error {
	return badRequest("100", "CTaskItem All parameters in the constructor must have real class type (internal error)")
}

func errWrongTaskID() error { return badRequest("0", "wrong task id") }

func errMissing(name string) error {
	return badRequest("100", "Could not find value for parameter {"+name+"} (internal error)")
}

func errWrongType(name, value, wanted string) error {
	return badRequest("100", "Invalid value {"+value+"} to match with parameter {"+name+"}. Should be value of type "+wanted+". (internal error)")
}

// errTaskDenied refuses an action; the methods do not agree on its code.
func errTaskDenied(code string) error { return badRequest(code, "Action on the task is not allowed") }

// taskID reads the parameter that names a task.
func (c *call) taskID(names ...string) (int64, error) {
	for _, name := range names {
		v, ok := c.params.GetFold(name)
		if !ok {
			continue
		}
		if id, err := strconv.ParseInt(phpquery.Text(v), 10, 64); err == nil && id > 0 {
			return id, nil
		}
		return 0, errWrongTaskID()
	}
	return 0, errNoTaskID()
}

// listParameter reads a parameter that must be a list when it is there.
func (c *call) listParameter(name string) ([]any, error) {
	v, ok := c.params.GetFold(name)
	if !ok {
		return nil, nil
	}
	if _, ok := v.(*phpquery.Array); !ok {
		return nil, errWrongType(name, phpquery.Text(v), "array")
	}
	return elements(v), nil
}
