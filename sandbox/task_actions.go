package sandbox

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskActions are what somebody can do with a task, in the order of
// [tasks.task.getaccess].
//
// [tasks.task.getaccess]: https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-get-access.html
var taskActions = []string{
	"ACCEPT", "DECLINE", "COMPLETE", "APPROVE", "DISAPPROVE", "START", "PAUSE", "DELEGATE", "REMOVE", "EDIT", "DEFER",
	"RENEW", "CREATE", "CHANGE_DEADLINE", "CHECKLIST_ADD_ITEMS", "ADD_FAVORITE", "DELETE_FAVORITE", "RATE", "TAKE",
	"EDIT.ORIGINATOR", "CHECKLIST.REORDER", "ELAPSEDTIME.ADD", "DAYPLAN.TIMER.TOGGLE", "EDIT.PLAN", "CHECKLIST.ADD",
	"FAVORITE.ADD", "FAVORITE.DELETE",
}

// taskRole is what a user is to a task.
type taskRole struct {
	userID int64
	sees   bool
	edits  bool // the creator, its superiors and administrators
	works  bool // the responsible person and the accomplices
	owns   bool // the responsible person
	admin  bool
}

// roleIn finds out what a user is to a task.
func roleIn(ctx context.Context, tx *sql.Tx, userID int64, admin bool, doc document) (taskRole, error) {
	creator, responsible := intOf(doc["CREATED_BY"]), intOf(doc["RESPONSIBLE_ID"])
	r := taskRole{userID: userID, admin: admin, owns: userID == responsible}
	r.works = r.owns || slices.Contains(ints(doc["ACCOMPLICES"]), userID)
	r.edits = admin || userID == creator
	r.sees = r.edits || slices.Contains(taskMembers(doc), userID)
	if r.edits {
		return r, nil
	}
	var err error
	if r.edits, err = isSuperior(ctx, tx, userID, creator); err != nil {
		return r, err
	}
	r.sees = r.sees || r.edits
	for _, member := range taskMembers(doc) {
		if r.sees {
			break
		}
		if r.sees, err = isSuperior(ctx, tx, userID, member); err != nil {
			return r, err
		}
	}
	return r, nil
}

// may tells whether the role allows an action in the task's present state.
func (r taskRole) may(action string, doc document) bool {
	status := intOf(doc["STATUS"])
	open := status == taskPending || status == taskStarted || status == taskDeferred
	takesPart := r.edits || r.works
	favorite := slices.Contains(ints(doc["FAVORED_BY"]), r.userID)
	switch action {
	case "COMPLETE":
		return takesPart && open
	case "APPROVE", "DISAPPROVE":
		return (r.admin || r.userID == intOf(doc["CREATED_BY"])) && status == taskSubmitted
	case "START", "DEFER":
		return takesPart && status == taskPending
	case "PAUSE":
		return takesPart && status == taskStarted
	case "RENEW":
		return takesPart && (status == taskSubmitted || status == taskCompleted || status == taskDeferred)
	case "DELEGATE":
		return (r.edits || r.owns) && open
	case "REMOVE", "EDIT", "RATE":
		return r.edits
	case "CHANGE_DEADLINE", "EDIT.PLAN":
		return r.edits || r.owns && doc["ALLOW_CHANGE_DEADLINE"] == true
	case "CHECKLIST_ADD_ITEMS", "CHECKLIST.REORDER", "CHECKLIST.ADD", "ELAPSEDTIME.ADD":
		return takesPart
	case "DAYPLAN.TIMER.TOGGLE":
		return takesPart && open && doc["ALLOW_TIME_TRACKING"] == true
	case "CREATE":
		return r.sees
	case "ADD_FAVORITE", "FAVORITE.ADD":
		return r.sees && !favorite
	case "DELETE_FAVORITE", "FAVORITE.DELETE":
		return r.sees && favorite
	default:
		return false
	}
}

// actions lists every action with its answer, under the names that spell makes.
func (r taskRole) actions(doc document, spell func(string) string) *phpquery.Array {
	a := phpquery.NewArraySize(len(taskActions))
	for _, action := range taskActions {
		a.Set(spell(action), r.may(action, doc))
	}
	return a
}

// actionKey writes CHANGE_DEADLINE as changeDeadline and EDIT.PLAN as edit.plan.
func actionKey(action string) string {
	if strings.Contains(action, ".") {
		return strings.ToLower(action)
	}
	return camelCase(action)
}

// taskAccess answers what users may do with a task; somebody who does not exist
// may do nothing.
//
// https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-get-access.html
func taskAccess(c *call) (result, error) {
	id, err := c.taskID("taskId")
	if err != nil {
		return result{}, err
	}
	users, err := c.listParameter("users")
	if err != nil {
		return result{}, err
	}
	if len(users) == 0 {
		users = []any{number(c.who.userID)}
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		allowed, answer := phpquery.NewArray(), phpquery.NewArray()
		answer.Set("allowedActions", allowed)
		doc, err := visibleTask(c, tx, id)
		if err != nil || doc == nil {
			return result{value: answer}, err
		}
		for _, v := range users {
			userID := intval(phpquery.Text(v))
			user, err := userEntity.find(c.ctx, tx, userID)
			if err != nil {
				return result{}, err
			}
			var role taskRole
			if user != nil {
				if role, err = roleIn(c.ctx, tx, userID, user["ADMIN"] == true, doc); err != nil {
					return result{}, err
				}
			}
			allowed.Set(phpquery.Text(number(userID)), role.actions(doc, func(action string) string { return action }))
		}
		return result{value: answer}, nil
	})
}
