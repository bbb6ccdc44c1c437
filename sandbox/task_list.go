package sandbox

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskGet answers one task, or an empty list when the caller may not see it.
//
// https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-get.html
func taskGet(c *call) (result, error) {
	id, err := c.taskID("taskId")
	if err != nil {
		return result{}, err
	}
	masks, err := c.listParameter("select")
	if err != nil {
		return result{}, err
	}
	return c.reading(func(tx *sql.Tx) (result, error) { return showTask(c, tx, id, masks) })
}

// taskList answers a page of the tasks that the caller may see.
//
// https://apidocs.bitrix24.com/api-reference/tasks/tasks-task-list.html
func taskList(c *call) (result, error) {
	order, err := taskOrder(c)
	if err != nil {
		return result{}, err
	}
	masks, err := c.listParameter("select")
	if err != nil {
		return result{}, err
	}
	return c.reading(func(tx *sql.Tx) (result, error) {
		tasks, err := taskFields(c.ctx, tx)
		if err != nil {
			return result{}, err
		}
		visible := visibleTasks(c)
		f := taskFilter{tasks: tasks, visible: visible, special: specialTaskFilters(visible)}
		where := and(visible, f.where(c, c.nested("filter")))
		l := listing{entity: tasks}
		start, counted := startOf(c.params)
		rows, err := l.page(c.ctx, tx, where, order, start)
		if err != nil {
			return result{}, err
		}
		shown, err := showTaskRows(c, tx, tasks, masks, rows)
		if err != nil || !counted {
			return result{value: shown}, err
		}
		total, err := l.count(c.ctx, tx, where)
		if err != nil {
			return result{}, err
		}
		answer := result{value: shown, total: &total}
		if next := start + pageSize; next < total {
			answer.next = &next
		}
		return answer, nil
	})
}

func showTaskRows(c *call, tx *sql.Tx, tasks *entity, masks []any, rows []row) (*phpquery.Array, error) {
	list, answer := phpquery.NewArray(), phpquery.NewArray()
	answer.Set("tasks", list)
	s := taskShow{call: c, tx: tx, tasks: tasks, masks: masks}
	for _, r := range rows {
		task, err := s.row(r)
		if err != nil {
			return nil, err
		}
		if err := s.addInfo(task, r); err != nil {
			return nil, err
		}
		if s.wants(false, "ACTION") {
			role, err := c.roleIn(tx, r.doc)
			if err != nil {
				return nil, err
			}
			task.Set("action", role.actions(r.doc, actionKey))
		}
		list.Append(task)
	}
	return answer, nil
}

// addInfo adds what params and select can ask for besides fields.
func (s *taskShow) addInfo(task *phpquery.Array, r row) error {
	doc := r.doc
	params := s.call.nested("params")
	asks := func(name string) bool {
		v, _ := params.GetFold(name)
		return isYes(v)
	}
	if asks("WITH_RESULT_INFO") {
		task.Set("taskRequireResult", showLetter(showing{}, optionsOf(doc)[resultOption]))
		if err := s.addResults(task, r.id); err != nil {
			return err
		}
	}
	if asks("WITH_TIMER_INFO") {
		spent, _ := taskEntity.named("TIME_SPENT_IN_LOGS").show(showing{}, doc)
		task.Set("timeElapsed", spent)
		task.Set("timerIsRunningForCurrentUser", "N")
	}
	if asks("WITH_PARSED_DESCRIPTION") {
		task.Set("parsedDescription", phpquery.Text(doc["DESCRIPTION"]))
	}
	if s.wants(false, "NEW_COMMENTS_COUNT") {
		task.Set("newCommentsCount", 0)
	}
	if s.wants(false, "COUNTERS") {
		task.Set("counter", s.counter(doc))
	}
	if s.wants(true, "SUB_STATUS") {
		task.Set("subStatus", phpquery.Text(number(s.call.subStatus(doc))))
	}
	return nil
}

// resultOption is the SE_PARAMETER of tasks that need a result to be completed.
const resultOption = "3"

// counter is what asks for the caller's attention: a passed deadline.
func (s *taskShow) counter(doc document) *phpquery.Array {
	expired, muted := 0, 0
	if s.call.subStatus(doc) == taskExpired {
		expired = 1
	}
	if showOwnFlag("MUTED_BY")(showing{call: s.call}, doc) == "Y" {
		expired, muted = 0, expired
	}
	counters, color := phpquery.NewArray(), "gray"
	counters.Set("expired", expired)
	for _, name := range []string{"newComments", "projectExpired", "projectNewComments"} {
		counters.Set(name, 0)
	}
	counters.Set("mutedExpired", muted)
	counters.Set("mutedNewComments", 0)
	if expired > 0 {
		color = "danger"
	}
	a := phpquery.NewArray()
	a.Set("counters", counters)
	a.Set("color", color)
	a.Set("value", expired)
	return a
}

// The further values of STATUS in filters, which answers call subStatus.
const (
	taskExpired   = -1
	taskNew       = -2 // nobody has looked at it
	taskExpiring  = -3
	expiresWithin = 24 * time.Hour
)

// subStatus is the state of a task with regard to its deadline and the caller.
func (c *call) subStatus(doc document) int64 {
	status, now := intOf(doc["STATUS"]), c.sb.now()
	deadline, has := timeOf(doc["DEADLINE"])
	open := status != taskSubmitted && status != taskCompleted
	switch {
	case open && has && deadline.Before(now):
		return taskExpired
	case status == taskPending && showNotViewed(showing{call: c}, doc) == "Y":
		return taskNew
	case open && has && deadline.Before(now.Add(expiresWithin)):
		return taskExpiring
	default:
		return status
	}
}

// subStatusSQL is the same as an expression.
func (c *call) subStatusSQL() string {
	me, now := c.who.userID, c.sb.now()
	members := make([]string, 0, 3)
	members = append(members, fmt.Sprintf("%s = %d", taskEntity.named("RESPONSIBLE_ID").expression(), me))
	for _, name := range []string{"ACCOMPLICES", "AUDITORS"} {
		members = append(members, fmt.Sprintf("id IN (SELECT id FROM %s WHERE value = %d)", taskEntity.linkTable(*taskEntity.named(name)), me))
	}
	status, deadline := taskEntity.named("STATUS").expression(), taskEntity.named("DEADLINE").expression()
	open := fmt.Sprintf("%s NOT IN (%d, %d)", status, taskSubmitted, taskCompleted)
	fresh := fmt.Sprintf("%s = %d AND %s <> %d AND (%s) AND json_extract(doc, '$.VIEWED_BY.\"%d\"') IS NULL",
		status, taskPending, taskEntity.named("CREATED_BY").expression(), me, strings.Join(members, " OR "), me)
	return fmt.Sprintf("(CASE WHEN %s AND %s < %d THEN %d WHEN %s THEN %d WHEN %s AND %s < %d THEN %d ELSE %s END)",
		open, deadline, now.Unix(), taskExpired, fresh, taskNew, open, deadline, now.Add(expiresWithin).Unix(), taskExpiring, status)
}
