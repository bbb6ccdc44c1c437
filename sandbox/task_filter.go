package sandbox

import (
	"fmt"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskFilter compiles the filter of tasks.task.list, which may hold filters of
// its own under keys that begin with ::SUBFILTER and join them with ::LOGIC.
type taskFilter struct {
	tasks   *entity
	visible condition
	special special
}

func (f taskFilter) where(c *call, filter *phpquery.Array) condition {
	var all []condition
	join := and
	plain := phpquery.NewArray()
	for key, v := range filter.All() {
		inner, nested := v.(*phpquery.Array)
		switch upper := strings.ToUpper(key); {
		case upper == "::LOGIC":
			if strings.EqualFold(phpquery.Text(v), "OR") {
				join = or
			}
		case strings.HasPrefix(upper, "::SUBFILTER") && nested:
			all = append(all, f.where(c, inner))
		default:
			plain.Set(key, v)
		}
	}
	for _, cl := range clauses(plain) {
		if _, known := f.tasks.field(cl.field); known || f.special[cl.field] != nil {
			all = append(all, f.tasks.where(c, []clause{cl}, f.special))
		}
	}
	if len(all) == 0 {
		return always
	}
	return join(all...)
}

// specialTaskFilters are the keys that are no fields or mean something else.
func specialTaskFilters(visible condition) special {
	return special{
		"REAL_STATUS":     taskFieldFilter("STATUS"),
		"STATUS":          subStatusFilter,
		"SUB_STATUS":      subStatusFilter,
		"SUBSTATUS":       subStatusFilter,
		"TAG":             taskFieldFilter("TAGS"),
		"ACCOMPLICE":      taskFieldFilter("ACCOMPLICES"),
		"AUDITOR":         taskFieldFilter("AUDITORS"),
		"FAVORITE":        ownFlagFilter("FAVORED_BY"),
		"IS_MUTED":        ownFlagFilter("MUTED_BY"),
		"IS_PINNED":       ownFlagFilter("PINNED_BY"),
		"ONLY_ROOT_TASKS": rootTaskFilter(visible),
		"STAGE_ID":        whereStage,
	}
}

func taskFieldFilter(name string) func(*call, clause) (condition, bool) {
	return func(_ *call, cl clause) (condition, bool) {
		// The caller of a special filter turns it round, and so does compile.
		cl.operator.negated = false
		return taskEntity.compile(taskEntity.named(name), cl), true
	}
}

func subStatusFilter(c *call, cl clause) (condition, bool) {
	cl.operator.negated = false
	return taskEntity.compile(&field{name: "STATUS", kind: idKind, sql: c.subStatusSQL()}, cl), true
}

// ownFlagFilter finds the tasks on which the caller set a flag, or with N those
// without it.
func ownFlagFilter(slot string) func(*call, clause) (condition, bool) {
	return func(c *call, cl clause) (condition, bool) {
		set := taskEntity.test(taskEntity.named(slot), equals, c.who.userID)
		return set.negate(!isYes(cl.value)), true
	}
}

// rootTaskFilter finds the tasks that stand below no other one that the caller
// may see.
func rootTaskFilter(visible condition) func(*call, clause) (condition, bool) {
	parent := taskEntity.named("PARENT_ID")
	return func(_ *call, cl clause) (condition, bool) {
		if !isYes(cl.value) {
			return always, true
		}
		above := visible.within(parent.expression()+" IN (SELECT id FROM "+taskEntity.table()+" WHERE ", ")")
		return or(taskEntity.missing(parent), above.negate(true)), true
	}
}

// taskOrders are the keys of order and what they compare.
func taskOrders(c *call) map[string]*field {
	orders := map[string]*field{
		"REAL_STATUS":           taskEntity.named("STATUS"),
		"STATUS_COMPLETE":       {sql: fmt.Sprintf("(%s = %d)", taskEntity.named("STATUS").expression(), taskCompleted)},
		"CREATED_BY_LAST_NAME":  {sql: lastNameSQL("CREATED_BY")},
		"RESPONSIBLE_LAST_NAME": {sql: lastNameSQL("RESPONSIBLE_ID")},
		"FAVORITE":              {sql: ownFlagSQL("FAVORED_BY", c.who.userID)},
		"IS_PINNED":             {sql: ownFlagSQL("PINNED_BY", c.who.userID)},
		"IS_PINNED_IN_GROUP":    {sql: ownFlagSQL("PINNED_IN_GROUP_BY", c.who.userID)},
	}
	for _, name := range []string{
		"ID", "TITLE", "TIME_SPENT_IN_LOGS", "DATE_START", "CREATED_DATE", "CHANGED_DATE", "CLOSED_DATE", "ACTIVITY_DATE",
		"START_DATE_PLAN", "END_DATE_PLAN", "DEADLINE", "PRIORITY", "MARK", "GROUP_ID", "TIME_ESTIMATE",
		"ALLOW_CHANGE_DEADLINE", "ALLOW_TIME_TRACKING", "MATCH_WORK_TIME", "SORTING",
	} {
		orders[name] = taskEntity.named(name)
	}
	return orders
}

func lastNameSQL(user string) string {
	return "(SELECT " + userEntity.named("LAST_NAME").expressionOf("u") + " FROM " + userEntity.table() + " u WHERE u.id = " +
		taskEntity.named(user).expressionOf(taskEntity.table()) + ")"
}

func ownFlagSQL(slot string, userID int64) string {
	return fmt.Sprintf("EXISTS (SELECT 1 FROM json_each(%s.keys, '$.%s') WHERE value = %d)", taskEntity.table(), slot, userID)
}

// taskOrder reads order; the latest task comes first without one.
func taskOrder(c *call) ([]ordering, error) {
	orders := taskOrders(c)
	var list []ordering
	for name, direction := range c.nested("order").All() {
		f := orders[strings.ToUpper(strings.TrimSpace(name))]
		for key, known := range orders {
			if f == nil && camelCase(key) == name {
				f = known
			}
		}
		if f == nil {
			return nil, badRequest("0", "Invalid sorting key (internal error)")
		}
		list = append(list, ordering{f, isDown(direction)})
	}
	if len(list) == 0 {
		list = []ordering{{taskEntity.named("ID"), true}}
	}
	return list, nil
}
