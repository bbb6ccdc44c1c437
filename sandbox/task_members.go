package sandbox

import (
	"database/sql"

	"github.com/oint-go/oint/internal/phpquery"
)

// memberMethods are what a user does with a task for itself
// (https://apidocs.bitrix24.com/api-reference/tasks/user-actions/index.html).
func memberMethods() []method {
	return []method{
		{name: "tasks.task.favorite.add", scopes: taskScopes, run: taskFavorite(with)},
		{name: "tasks.task.favorite.remove", scopes: taskScopes, run: taskFavorite(without)},
		{name: "tasks.task.startwatch", scopes: taskScopes, run: taskWatch(with)},
		{name: "tasks.task.stopwatch", scopes: taskScopes, run: taskWatch(without)},
		{name: "tasks.task.mute", scopes: taskScopes, run: taskOwnFlag("MUTED_BY", with)},
		{name: "tasks.task.unmute", scopes: taskScopes, run: taskOwnFlag("MUTED_BY", without)},
		{name: "tasks.task.pin", scopes: taskScopes, run: taskOwnFlag("PINNED_BY", with)},
		{name: "tasks.task.unpin", scopes: taskScopes, run: taskOwnFlag("PINNED_BY", without)},
	}
}

// changeList is how a method changes a list of users.
type changeList func(ids []int64, id int64) []int64

// taskFavorite answers true, also when nothing had to change.
func taskFavorite(change changeList) func(*call) (result, error) {
	return func(c *call) (result, error) {
		id, err := c.taskID("taskId")
		if err != nil {
			return result{}, err
		}
		return c.writing(func(tx *sql.Tx) (result, error) {
			doc, err := visibleTask(c, tx, id)
			if err != nil {
				return result{}, err
			}
			if doc == nil {
				return result{}, badRequest("1", "Task not found or not accessible")
			}
			return result{value: true, record: id}, changeOwnFlag(c, tx, id, doc, "FAVORED_BY", change)
		})
	}
}

// taskOwnFlag answers the task, or an empty list when the caller may not see it.
func taskOwnFlag(slot string, change changeList) func(*call) (result, error) {
	return func(c *call) (result, error) {
		id, err := c.taskID("id", "taskId")
		if err != nil {
			return result{}, err
		}
		return c.writing(func(tx *sql.Tx) (result, error) {
			doc, err := visibleTask(c, tx, id)
			if err != nil {
				return result{}, err
			}
			if doc == nil {
				return result{value: phpquery.NewArray()}, nil
			}
			if err := changeOwnFlag(c, tx, id, doc, slot, change); err != nil {
				return result{}, err
			}
			return answerTask(c, tx, id)
		})
	}
}

// changeOwnFlag sets a flag of the caller, which is no change of the task.
func changeOwnFlag(c *call, tx *sql.Tx, id int64, before document, slot string, change changeList) error {
	tasks, err := taskFields(c.ctx, tx)
	if err != nil {
		return err
	}
	after := before.clone()
	after[slot] = numbers(change(ints(before[slot]), c.who.userID))
	return tasks.update(c.ctx, tx, id, before, after)
}

func taskWatch(change changeList) func(*call) (result, error) {
	denied := badRequest("1048584", "a:0:{}")
	return func(c *call) (result, error) {
		return c.changingTask(denied, func(tx *sql.Tx, id int64, before document) error {
			after := before.clone()
			after["AUDITORS"] = numbers(change(ints(before["AUDITORS"]), c.who.userID))
			return saveTask(c, tx, id, before, after)
		})
	}
}
