package sandbox

import (
	"database/sql"
	"slices"

	"github.com/oint-go/oint/internal/phpquery"
)

// statusMethods change the state of a task. The codes of their refusals differ.
//
// https://apidocs.bitrix24.com/api-reference/tasks/status/index.html
func statusMethods() []method {
	return []method{
		statusMethod("complete", "COMPLETE", "0", completedStatus),
		statusMethod("approve", "APPROVE", "1048582", fixedStatus(taskCompleted)),
		statusMethod("disapprove", "DISAPPROVE", "1048582", fixedStatus(taskPending)),
		statusMethod("renew", "RENEW", "1048582", fixedStatus(taskPending)),
		statusMethod("defer", "DEFER", "1048582", fixedStatus(taskDeferred)),
		statusMethod("pause", "PAUSE", "1048582", fixedStatus(taskPending)),
		statusMethod("start", "START", "0", fixedStatus(taskStarted)),
	}
}

func statusMethod(name, action, code string, status func(*call, document) int64) method {
	run := func(c *call) (result, error) {
		return c.changingTask(errTaskDenied(code), func(tx *sql.Tx, id int64, before document) error {
			role, err := c.roleIn(tx, before)
			if err != nil {
				return err
			}
			if !role.may(action, before) {
				return errTaskDenied(code)
			}
			if action == "COMPLETE" {
				lacks, err := lacksResult(c, tx, id, before)
				if err != nil {
					return err
				}
				if lacks {
					return errTaskDenied(code)
				}
			}
			after := before.clone()
			setTaskStatus(c, after, status(c, before))
			if action == "START" {
				if err := planTask(c.ctx, tx, c.who.userID, id); err != nil {
					return err
				}
			}
			return saveTask(c, tx, id, before, after)
		})
	}
	return method{name: "tasks.task." + name, scopes: taskScopes, run: run}
}

func fixedStatus(status int64) func(*call, document) int64 {
	return func(*call, document) int64 { return status }
}

// completedStatus is the end of a task, or the wait for its creator's approval.
func completedStatus(c *call, doc document) int64 {
	if doc["TASK_CONTROL"] == true && c.who.userID != intOf(doc["CREATED_BY"]) {
		return taskSubmitted
	}
	return taskCompleted
}

// setTaskStatus gives a task another state and the dates that go with it.
func setTaskStatus(c *call, doc document, status int64) {
	if intOf(doc["STATUS"]) == status {
		return
	}
	now := storedTime(c.sb.now())
	doc["STATUS"], doc["STATUS_CHANGED_BY"], doc["STATUS_CHANGED_DATE"] = number(status), number(c.who.userID), now
	switch {
	case status == taskSubmitted || status == taskCompleted && doc["CLOSED_DATE"] == nil:
		doc["CLOSED_BY"], doc["CLOSED_DATE"] = number(c.who.userID), now
	case status == taskCompleted:
	default:
		doc["CLOSED_BY"] = number(0)
		delete(doc, "CLOSED_DATE")
	}
	if status == taskStarted {
		doc["DATE_START"] = now
	}
}

// taskDelegate hands a task over. Who was responsible becomes an observer, and
// the work begins anew.
//
// https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-delegate.html
func taskDelegate(c *call) (result, error) {
	denied := errTaskDenied("0")
	return c.changingTask(denied, func(tx *sql.Tx, id int64, before document) error {
		given, ok := c.params.GetFold("userId")
		if !ok {
			return badRequest("100", "Could not find value for parameter {userId}")
		}
		role, err := c.roleIn(tx, before)
		if err != nil {
			return err
		}
		if !role.may("DELEGATE", before) {
			return denied
		}
		userID, was := intval(phpquery.Text(given)), intOf(before["RESPONSIBLE_ID"])
		user, err := userEntity.find(c.ctx, tx, userID)
		if err != nil {
			return err
		}
		if user == nil {
			return badRequest("ERROR_CORE", taskProblem(&valueError{field: "RESPONSIBLE_ID"})+"<br>")
		}
		after := before.clone()
		after["RESPONSIBLE_ID"] = number(userID)
		setTaskStatus(c, after, taskPending)
		if userID != was {
			after["AUDITORS"] = numbers(with(without(ints(before["AUDITORS"]), userID), was))
		}
		return saveTask(c, tx, id, before, after)
	})
}

// with is the list with the id, without is the list without it.
func with(ids []int64, id int64) []int64 {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(slices.Clone(ids), id)
}

func without(ids []int64, id int64) []int64 {
	return slices.DeleteFunc(slices.Clone(ids), func(other int64) bool { return other == id })
}
