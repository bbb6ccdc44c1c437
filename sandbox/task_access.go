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
func visibleTasks(c *call) condition {
	if c.who.admin {
		return always
	}
	users := condition{
		"SELECT ? UNION SELECT id FROM " + userEntity.linkTable(*userEntity.named("UF_DEPARTMENT")) + " WHERE value IN (" + unitsBelow() + ")",
		[]any{c.who.userID, c.who.userID},
	}
	var some []condition
	for _, name := range []string{"CREATED_BY", "RESPONSIBLE_ID"} {
		some = append(some, users.within(taskEntity.named(name).expression()+" IN (", ")"))
	}
	for _, name := range []string{"ACCOMPLICES", "AUDITORS"} {
		table := taskEntity.linkTable(*taskEntity.named(name))
		some = append(some, users.within("id IN (SELECT id FROM "+table+" WHERE value IN (", "))"))
	}
	return or(some...)
}

// unitsBelow is the SQL of the departments that a user heads and those below
// them; its argument is the user.
func unitsBelow() string {
	head, parent := departmentEntity.named("UF_HEAD"), departmentEntity.named("PARENT")
	return "WITH RECURSIVE unit(id) AS (SELECT id FROM " + departmentEntity.table() + " WHERE " + head.expression() + " = ? UNION SELECT d.id FROM " +
		departmentEntity.table() + " d, unit WHERE " + parent.expressionOf("d") + " = unit.id) SELECT id FROM unit"
}

// isSuperior tells whether a user heads a department of another one, or one
// above it.
func isSuperior(ctx context.Context, tx *sql.Tx, userID, ofID int64) (superior bool, err error) {
	if userID == ofID {
		return false, nil
	}
	head, parent := departmentEntity.named("UF_HEAD"), departmentEntity.named("PARENT")
	err = tx.QueryRowContext(ctx, `WITH RECURSIVE unit(id) AS (
			SELECT value FROM json_each((SELECT doc FROM `+userEntity.table()+` WHERE id = ?), '$.UF_DEPARTMENT')
			UNION SELECT `+parent.expressionOf("d")+` FROM `+departmentEntity.table()+` d, unit WHERE d.id = unit.id)
		SELECT EXISTS (SELECT 1 FROM unit, `+departmentEntity.table()+` d WHERE d.id = unit.id AND `+head.expressionOf("d")+` = ?)`,
		ofID, userID).Scan(&superior)
	return superior, err
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
