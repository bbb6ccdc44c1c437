package sandbox

import (
	"database/sql"
	"strconv"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskLinkEntity is a dependence of a task on another one in the Gantt chart.
var taskLinkEntity = &entity{
	name: "task_link",
	fields: []field{
		{name: "ID", kind: idKind, readOnly: true},
		{name: "TASK_FROM", kind: refKind, indexed: true},
		{name: "TASK_TO", kind: refKind, indexed: true},
		{name: "TYPE", kind: idKind},
		{name: "CREATED_BY", kind: refKind},
	},
}

// lastLinkType is the highest type of a dependence: start-start, start-finish,
// finish-start and finish-finish count from 0.
const lastLinkType = 3

func errLinkDenied(what string) error {
	return badRequest("ACTION_NOT_ALLOWED", what)
}

// taskLinkAdd makes a task depend on another one, without circles.
//
// https://apidocs.bitrix24.com/api-reference/tasks/task-dependence-add.html
func taskLinkAdd(c *call) (result, error) {
	denied := errLinkDenied("Unable to add a link between tasks")
	from, to, err := c.linkedTasks(denied)
	if err != nil {
		return result{}, err
	}
	kind, err := strconv.ParseInt(c.text("linkType"), 10, 64)
	if err != nil || kind < 0 || kind > lastLinkType || from == to {
		return result{}, denied
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		if err := c.mayLink(tx, from, to, denied); err != nil {
			return result{}, err
		}
		link, err := findLink(c, tx, from, to)
		if err != nil {
			return result{}, err
		}
		if link != 0 {
			return result{}, badRequest("ILLEGAL_NEW_LINK", "A link between tasks already exists")
		}
		circle, err := leadsTo(c, tx, to, from)
		if err != nil {
			return result{}, err
		}
		if circle {
			return result{}, denied
		}
		_, err = taskLinkEntity.insert(c.ctx, tx, document{
			"TASK_FROM": number(from), "TASK_TO": number(to), "TYPE": number(kind), "CREATED_BY": number(c.who.userID),
		})
		return result{value: phpquery.NewArray(), record: to}, err
	})
}

// taskLinkDelete ends a dependence.
//
// https://apidocs.bitrix24.com/api-reference/tasks/task-dependence-delete.html
func taskLinkDelete(c *call) (result, error) {
	denied := errLinkDenied("It is not possible to delete the dependency between tasks")
	from, to, err := c.linkedTasks(denied)
	if err != nil {
		return result{}, err
	}
	return c.writing(func(tx *sql.Tx) (result, error) {
		if err := c.mayLink(tx, from, to, denied); err != nil {
			return result{}, err
		}
		link, err := findLink(c, tx, from, to)
		if err != nil {
			return result{}, err
		}
		if link == 0 {
			return result{}, badRequest("ILLEGAL_NEW_LINK", "The dependency between tasks does not exist")
		}
		return result{value: phpquery.NewArray(), record: to}, taskLinkEntity.remove(c.ctx, tx, link)
	})
}

// linkedTasks reads the two ids that both methods take.
func (c *call) linkedTasks(denied error) (from, to int64, err error) {
	var ids [2]int64
	for i, name := range []string{"taskIdFrom", "taskIdTo"} {
		v, ok := c.params.GetFold(name)
		if !ok {
			return 0, 0, errMissing(name)
		}
		if ids[i] = intval(phpquery.Text(v)); ids[i] <= 0 {
			return 0, 0, denied
		}
	}
	return ids[0], ids[1], nil
}

// mayLink refuses unless the caller sees the first task and plans the second.
func (c *call) mayLink(tx *sql.Tx, from, to int64, denied error) error {
	first, err := visibleTask(c, tx, from)
	if err != nil {
		return err
	}
	second, err := visibleTask(c, tx, to)
	if err != nil {
		return err
	}
	if first == nil || second == nil {
		return denied
	}
	role, err := c.roleIn(tx, second)
	if err == nil && !role.may("EDIT.PLAN", second) {
		err = denied
	}
	return err
}

// findLink is the id of the dependence between two tasks; 0 when there is none.
func findLink(c *call, tx *sql.Tx, from, to int64) (int64, error) {
	links, err := taskLinkEntity.all(c.ctx, tx, and(
		condition{taskLinkEntity.named("TASK_FROM").expression() + " = ?", []any{from}},
		condition{taskLinkEntity.named("TASK_TO").expression() + " = ?", []any{to}},
	))
	if err != nil || len(links) == 0 {
		return 0, err
	}
	return links[0].id, nil
}

// leadsTo tells whether dependences lead from one task to another.
func leadsTo(c *call, tx *sql.Tx, from, to int64) (found bool, err error) {
	begin, end := taskLinkEntity.named("TASK_FROM").expressionOf("l"), taskLinkEntity.named("TASK_TO").expressionOf("l")
	err = tx.QueryRowContext(c.ctx, `WITH RECURSIVE reached(id) AS (
			VALUES (?) UNION SELECT `+end+` FROM `+taskLinkEntity.table()+` l, reached WHERE `+begin+` = reached.id)
		SELECT EXISTS (SELECT 1 FROM reached WHERE id = ?)`, from, to).Scan(&found)
	return found, err
}
