package sandbox

import (
	"context"
	"database/sql"
	"slices"
)

// visibleTask reads a task that the caller may see: an administrator all, others
// those in which they or employees below them take part. It is nil when there is
// no such task or the caller may not see it; methods differ in what they say then.
func visibleTask(c *call, tx *sql.Tx, id int64) (document, error) {
	doc, err := taskEntity.find(c.ctx, tx, id)
	if err != nil || doc == nil {
		return nil, err
	}
	sees, err := seesTask(c.ctx, tx, c.who.userID, c.who.admin, doc)
	if err != nil || !sees {
		return nil, err
	}
	return doc, nil
}

func seesTask(ctx context.Context, tx *sql.Tx, userID int64, admin bool, doc document) (bool, error) {
	members := taskMembers(doc)
	if admin || slices.Contains(members, userID) {
		return true, nil
	}
	below, err := subordinates(ctx, tx, userID)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(members, func(id int64) bool { return slices.Contains(below, id) }), nil
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
