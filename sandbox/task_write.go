package sandbox

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// longestPlan is the longest planned duration: its column counts seconds in 32 bits.
const longestPlan = (1<<31 - 1) * time.Second

// taskAdd creates a task. Only an administrator gives one in another's name.
//
// https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-add.html
func taskAdd(c *call) (result, error) {
	fields, err := c.taskParameters()
	if err != nil {
		return result{}, err
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		doc := newTask(c.who.userID, c.sb.now())
		doc["GUID"] = newGUID()
		if err := setTaskDefaults(c, tx, doc); err != nil {
			return result{}, err
		}
		w := taskWrite{call: c, tx: tx, doc: doc}
		if err := w.write(fields); err != nil {
			return result{}, err
		}
		tasks, err := taskFields(c.ctx, tx)
		if err != nil {
			return result{}, err
		}
		id, err := tasks.insert(c.ctx, tx, doc)
		if err != nil {
			return result{}, err
		}
		if err := logTaskChange(c, tx, id, "NEW", nil, nil); err != nil {
			return result{}, err
		}
		if w.files != nil {
			if err := w.attach(id); err != nil {
				return result{}, err
			}
			if err := tasks.update(c.ctx, tx, id, doc, doc); err != nil {
				return result{}, err
			}
		}
		if err := settleFamily(c, tx, id); err != nil {
			return result{}, err
		}
		return answerTask(c, tx, id)
	})
}

// taskUpdate changes a task. The responsible person may move the deadline where
// the task allows it; everything else is the creator's.
//
// https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-update.html
func taskUpdate(c *call) (result, error) {
	denied := badRequest("0", "Action on the task is not allowed (internal error)")
	return c.changingTask(denied, func(tx *sql.Tx, id int64, before document) error {
		fields, err := c.taskParameters()
		if err != nil {
			return err
		}
		role, err := c.roleIn(tx, before)
		if err != nil {
			return err
		}
		if !role.may("EDIT", before) && (!role.may("CHANGE_DEADLINE", before) || !onlyDates(fields)) {
			return denied
		}
		w := taskWrite{call: c, tx: tx, id: id, doc: before.clone()}
		if err := w.write(fields); err != nil {
			return err
		}
		if w.files != nil {
			if err := w.attach(id); err != nil {
				return err
			}
		}
		return saveTask(c, tx, id, before, w.doc)
	})
}

// onlyDates tells whether nothing but the deadline and the plan is to change.
func onlyDates(fields *phpquery.Array) bool {
	for name := range fields.All() {
		f, ok := taskEntity.field(name)
		if !ok || !slices.Contains([]string{"DEADLINE", "START_DATE_PLAN", "END_DATE_PLAN"}, f.name) {
			return false
		}
	}
	return true
}

// taskDelete deletes a task. Its subtasks go to the task above.
//
// https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-delete.html
func taskDelete(c *call) (result, error) {
	id, err := c.taskID("taskId")
	if err != nil {
		return result{}, err
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		doc, err := visibleTask(c, tx, id)
		if err != nil {
			return result{}, err
		}
		role, err := c.roleIn(tx, doc)
		if err != nil {
			return result{}, err
		}
		if doc == nil || !role.may("REMOVE", doc) {
			return result{}, badRequest("1048582", "No access to delete the task")
		}
		if err := removeTask(c, tx, id, doc); err != nil {
			return result{}, err
		}
		if err := settleParent(c, tx, intOf(doc["PARENT_ID"])); err != nil {
			return result{}, err
		}
		answer := phpquery.NewArray()
		answer.Set("task", true)
		return result{value: answer, record: id}, nil
	})
}

func removeTask(c *call, tx *sql.Tx, id int64, doc document) error {
	tasks, err := taskFields(c.ctx, tx)
	if err != nil {
		return err
	}
	children, err := tasks.all(c.ctx, tx, condition{tasks.named("PARENT_ID").expression() + " = ?", []any{id}})
	if err != nil {
		return err
	}
	for _, child := range children {
		after := child.doc.clone()
		after["PARENT_ID"] = doc["PARENT_ID"]
		if err := tasks.update(c.ctx, tx, child.id, child.doc, after); err != nil {
			return err
		}
	}
	for _, part := range taskParts() {
		if err := removeParts(c.ctx, tx, part, "TASK_ID", id); err != nil {
			return err
		}
	}
	for _, name := range []string{"TASK_FROM", "TASK_TO"} {
		if err := removeParts(c.ctx, tx, taskLinkEntity, name, id); err != nil {
			return err
		}
	}
	return tasks.remove(c.ctx, tx, id)
}

// removeParts deletes the rows of an entity that a field ties to the task.
func removeParts(ctx context.Context, tx *sql.Tx, part *entity, name string, taskID int64) error {
	where := part.named(name).expression() + " = ?"
	if _, err := tx.ExecContext(ctx, "DELETE FROM "+part.table()+" WHERE "+where, taskID); err != nil {
		return fmt.Errorf("delete %s of task %d: %w", part.name, taskID, err)
	}
	return nil
}

// taskParameters is the parameter fields, which must not be empty.
func (c *call) taskParameters() (*phpquery.Array, error) {
	fields := c.nested("fields")
	if fields.Len() == 0 {
		return nil, errMissing("fields")
	}
	return fields, nil
}

// changingTask runs a change of the task that taskId names and answers the
// changed task.
func (c *call) changingTask(denied error, change func(*sql.Tx, int64, document) error) (result, error) {
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
			return result{}, denied
		}
		if err := change(tx, id, doc); err != nil {
			return result{}, err
		}
		if err := settleFamily(c, tx, id); err != nil {
			return result{}, err
		}
		return answerTask(c, tx, id)
	})
}

// saveTask stores a changed task: who changed it, when, and each change in the
// history.
func saveTask(c *call, tx *sql.Tx, id int64, before, after document) error {
	tasks, err := taskFields(c.ctx, tx)
	if err != nil {
		return err
	}
	now := storedTime(c.sb.now())
	after["CHANGED_BY"], after["CHANGED_DATE"], after["ACTIVITY_DATE"] = number(c.who.userID), now, now
	after["OUTLOOK_VERSION"] = number(intOf(before["OUTLOOK_VERSION"]) + 1)
	views := map[string]any{}
	for user, at := range viewsOf(before) {
		views[user] = at
	}
	views[phpquery.Text(number(c.who.userID))] = now
	after["VIEWED_BY"] = views
	if err := logTaskChanges(c, tx, id, before, after); err != nil {
		return err
	}
	if intOf(after["STATUS"]) == taskCompleted && intOf(before["STATUS"]) != taskCompleted {
		if err := closeResults(c, tx, id); err != nil {
			return err
		}
	}
	return tasks.update(c.ctx, tx, id, before, after)
}

// newGUID is a random identifier (RFC 9562, version 4) in braces.
func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("{%x-%x-%x-%x-%x}", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// taskWrite writes parameters into the document of a task.
type taskWrite struct {
	call     *call
	tx       *sql.Tx
	id       int64 // 0 for a new task
	doc      document
	files    []any // what UF_TASK_WEBDAV_FILES shall hold, when it was given
	problems []string
}

// write takes the parameters and tells everything that is wrong with them at
// once, as the portal does.
func (w *taskWrite) write(fields *phpquery.Array) error {
	tasks, err := taskFields(w.call.ctx, w.tx)
	if err != nil {
		return err
	}
	for name, v := range fields.All() {
		if err := w.writeField(tasks, name, v); err != nil {
			return err
		}
	}
	if err := w.check(tasks); err != nil {
		return err
	}
	if len(w.problems) > 0 {
		return badRequest("ERROR_CORE", strings.Join(w.problems, "<br>")+"<br>")
	}
	w.derive()
	names, _ := w.doc["TAGS"].([]any)
	return keepTags(w.call.ctx, w.tx, names)
}

func (w *taskWrite) writeField(tasks *entity, name string, v any) error {
	if strings.EqualFold(name, "SE_PARAMETER") {
		w.writeOptions(v)
		return nil
	}
	f, ok := tasks.field(name)
	if !ok {
		return nil
	}
	switch f.name {
	case "TAGS":
		w.doc["TAGS"] = takeTags(v)
		return nil
	case "UF_TASK_WEBDAV_FILES":
		w.files = append([]any{}, elements(v)...)
		return nil
	case "CREATED_BY":
		if !w.call.who.admin {
			return nil
		}
	case "STATUS":
		w.writeStatus(v)
		return nil
	}
	one := phpquery.NewArray()
	one.Set(f.name, v)
	err := tasks.assign(w.call.ctx, w.tx, w.doc, one)
	var wrong *valueError
	if errors.As(err, &wrong) {
		w.problems = append(w.problems, taskProblem(wrong))
		return nil
	}
	return err
}

// taskProblem says in the portal's words what is wrong with a field.
func taskProblem(wrong *valueError) string {
	switch wrong.field {
	case "RESPONSIBLE_ID":
		return `The user specified in the "Responsible" field was not found`
	case "PARENT_ID":
		return noParentTask
	}
	if wrong.problem == mandatoryProblem {
		return "Required field " + wrong.field + " value not entered"
	}
	return wrong.Error()
}

const noParentTask = `The task specified in the "Parent Task" field was not found`

// writeOptions takes SE_PARAMETER, a list of {CODE, VALUE}.
func (w *taskWrite) writeOptions(v any) {
	options := map[string]any{}
	for code, value := range optionsOf(w.doc) {
		options[code] = value
	}
	for _, element := range elements(v) {
		if a, ok := element.(*phpquery.Array); ok {
			code, _ := a.GetFold("CODE")
			value, _ := a.GetFold("VALUE")
			options[phpquery.Text(code)] = isYes(value)
		}
	}
	w.doc["SE_PARAMETER"] = options
}

// optionsOf are the further options of a task by their codes.
func optionsOf(doc document) map[string]any {
	options, _ := doc["SE_PARAMETER"].(map[string]any)
	return options
}

func (w *taskWrite) writeStatus(v any) {
	switch status := intval(phpquery.Text(v)); status {
	case taskPending, taskStarted, taskSubmitted, taskCompleted, taskDeferred:
		setTaskStatus(w.call, w.doc, status)
	default:
		w.problems = append(w.problems, "Invalid status")
	}
}

// check looks at the task as a whole.
func (w *taskWrite) check(tasks *entity) error {
	if w.doc["TITLE"] == nil || w.doc["TITLE"] == "" {
		w.problems = append(w.problems, "Task title is not specified")
	}
	if intOf(w.doc["RESPONSIBLE_ID"]) == 0 && !slices.Contains(w.problems, taskProblem(&valueError{field: "RESPONSIBLE_ID"})) {
		w.problems = append(w.problems, "Responsible person not specified")
	}
	if err := w.checkParent(); err != nil {
		return err
	}
	for i := range tasks.fields {
		f := &tasks.fields[i]
		if f.mandatory && f.compareKey(w.doc) == nil && w.id == 0 {
			w.problems = append(w.problems, taskProblem(&valueError{f.name, mandatoryProblem}))
		}
	}
	start, starts := timeOf(w.doc["START_DATE_PLAN"])
	end, ends := timeOf(w.doc["END_DATE_PLAN"])
	switch {
	case starts && ends && end.Before(start):
		w.problems = append(w.problems, "The end date specified in the scheduling is earlier than the start date")
	case starts && ends && end.Sub(start) > longestPlan:
		w.problems = append(w.problems, "The duration of the task specified in the scheduling is too long")
	}
	return nil
}

// checkParent refuses a task above itself, directly or by way of others.
func (w *taskWrite) checkParent() error {
	parent := intOf(w.doc["PARENT_ID"])
	if parent != 0 && parent == w.id {
		w.problems = append(w.problems, "Cannot bind the node to itself")
		return nil
	}
	for at, first := parent, true; at != 0; first = false {
		doc, err := taskEntity.find(w.call.ctx, w.tx, at)
		if err != nil {
			return err
		}
		if doc == nil && first {
			w.problems = append(w.problems, noParentTask)
			return nil
		}
		if at = intOf(doc["PARENT_ID"]); at != 0 && at == w.id {
			w.problems = append(w.problems, "Creating cyclic links in tasks is prohibited")
			return nil
		}
	}
	return nil
}

// derive sets what follows from other fields.
func (w *taskWrite) derive() {
	start, starts := timeOf(w.doc["START_DATE_PLAN"])
	end, ends := timeOf(w.doc["END_DATE_PLAN"])
	if starts && ends {
		w.doc["DURATION_PLAN"] = number(int64(end.Sub(start) / durationUnit(phpquery.Text(w.doc["DURATION_TYPE"]))))
	}
}

func durationUnit(name string) time.Duration {
	const day = 24 * time.Hour
	switch name {
	case "secs":
		return time.Second
	case "mins":
		return time.Minute
	case "hours":
		return time.Hour
	case "weeks":
		return 7 * day
	case "monts", "months": //nolint:misspell // the portal's own word
		return 30 * day
	case "years":
		return 365 * day
	default:
		return day
	}
}
