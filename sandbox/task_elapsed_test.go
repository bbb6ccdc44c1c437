package sandbox

import (
	"encoding/json"
	"testing"
)

// elapsed are the seconds of the records of an answer, in their order.
func (p *portal) elapsed(kv ...any) []string {
	p.tb.Helper()
	seconds := []string{}
	for _, v := range p.ok("task.elapseditem.getlist", kv...).([]any) {
		seconds = append(seconds, v.(map[string]any)["SECONDS"].(string))
	}
	return seconds
}

// TestElapsed records time and sums it up in the task.
func TestElapsed(t *testing.T) {
	t.Parallel()
	p, _ := portalAt(t, "2026-03-02T08:00:00Z")
	before := p.lastChange()
	id := p.ok("task.elapseditem.add", "TASKID", 1, "ARFIELDS", arr("SECONDS", "3661", "COMMENT_TEXT", "Numbers"))
	diff(t, "id", json.Number("2"), id)
	want := map[string]any{
		"ID": "2", "TASK_ID": "1", "USER_ID": "1", "COMMENT_TEXT": "Numbers", "SECONDS": "3661", "MINUTES": "61", "SOURCE": "2",
		"CREATED_DATE": "2026-03-02T08:00:00+00:00", "DATE_START": "2026-03-02T08:00:00+00:00", "DATE_STOP": "2026-03-02T08:00:00+00:00",
	}
	diff(t, "record", want, p.ok("task.elapseditem.get", "TASKID", 1, "ITEMID", 2))
	p.ok("task.elapseditem.add", "TASKID", 1, "ARFIELDS", arr("SECONDS", 60, "USER_ID", 2, "CREATED_DATE", "2026-02-27T10:00:00"))
	diff(t, "sum", int64(3721), intOf(p.taskDoc(1)["TIME_SPENT_IN_LOGS"]))
	diff(t, "minutes", int64(62), intOf(p.taskDoc(1)["DURATION_FACT"]))
	diff(t, "update", nil, p.ok("task.elapseditem.update", "TASKID", 1, "ITEMID", 2, "ARFIELDS", arr("SECONDS", 120)))
	want["SECONDS"], want["MINUTES"] = "120", "2"
	diff(t, "changed", want, p.ok("task.elapseditem.get", "TASKID", 1, "ITEMID", 2))
	diff(t, "list", []string{"120", "60"}, p.elapsed("TASKID", 1))
	diff(t, "order", []string{"60", "120"}, p.elapsed("TASKID", 1, "ORDER", arr("CREATED_DATE", "asc")))
	diff(t, "filter", []string{"120"}, p.elapsed("TASKID", 1, "ORDER", list(), "FILTER", arr(">=CREATED_DATE", "2026-03-01")))
	diff(t, "select", []any{map[string]any{"ID": "2", "SECONDS": "120"}},
		p.ok("task.elapseditem.getlist", "TASKID", 1, "ORDER", list(), "FILTER", arr("USER_ID", 1), "SELECT", list("ID", "SECONDS")))
	diff(t, "delete", nil, p.ok("task.elapseditem.delete", "TASKID", 1, "ITEMID", 2))
	diff(t, "sum", int64(60), intOf(p.taskDoc(1)["TIME_SPENT_IN_LOGS"]))
	diff(t, "history", []string{
		"TIME_SPENT_IN_LOGS 3661", "TIME_SPENT_IN_LOGS 3721", "TIME_SPENT_IN_LOGS 180", "TIME_SPENT_IN_LOGS 60",
	}, p.logged(1, before))
}

// TestElapsedPages lists the records of all tasks in pages.
func TestElapsedPages(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	for i := range 54 {
		p.ok("task.elapseditem.add", "TASKID", 1, "ARFIELDS", arr("SECONDS", 100+i))
	}
	diff(t, "all of a task", 54, len(p.elapsed("TASKID", 1)))
	diff(t, "first page of all", 50, len(p.elapsed(orderOnly()...)))
	page := func(size, number int) []any {
		return []any{"ORDER", arr("ID", "desc"), "FILTER", list(), "SELECT", list(), "PARAMS", arr("NAV_PARAMS", arr("nPageSize", size, "iNumPage", number))}
	}
	diff(t, "second page", 5, len(p.elapsed(page(50, 2)...)))
	diff(t, "pages are small", 50, len(p.elapsed(page(500, 1)...)))
	diff(t, "third page", []string{"149", "148"}, p.elapsed(page(2, 3)...))
	diff(t, "after the last page", []string{}, p.elapsed(page(50, 9)...))
	r, err := p.run("task.elapseditem.getlist", arr(page(2, 3)...))
	if err != nil || r.total == nil || *r.total != 55 {
		t.Errorf("total: %v, %v", r.total, err)
	}
	own := p.as(principal{userID: 12, scopes: fullScopes}) // takes part in task 2 only
	diff(t, "those of the caller's tasks", []string{"5400"}, own.elapsed(orderOnly()...))
}

// orderOnly is a list whose only element is the order.
func orderOnly() []any { return []any{"0", arr("ID", "asc")} }

func TestElapsedRights(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	const denied = "400 ERROR_CORE: TASKS_ERROR_EXCEPTION_#4; Action is not allowed; 4/TE/ACTION_NOT_ALLOWED<br>"
	const noTask = "400 ERROR_CORE: TASKS_ERROR_EXCEPTION_#1; Task not found; 1/TE/TASK_NOT_FOUND_OR_NOT_ACCESSIBLE<br>"
	accomplice := p.as(principal{userID: 12, scopes: fullScopes})
	own := accomplice.ok("task.elapseditem.add", "TASKID", 2, "ARFIELDS", arr("SECONDS", 5))
	diff(t, "update another's", denied, accomplice.refused("task.elapseditem.update", "TASKID", 2, "ITEMID", 1, "ARFIELDS", arr("SECONDS", 1)))
	diff(t, "delete another's", denied, accomplice.refused("task.elapseditem.delete", "TASKID", 2, "ITEMID", 1))
	accomplice.ok("task.elapseditem.delete", "TASKID", 2, "ITEMID", own)
	diff(t, "by an auditor", denied, p.as(principal{userID: 5, scopes: fullScopes}).refused("task.elapseditem.add", "TASKID", 1, "ARFIELDS", arr("SECONDS", 1)))
	other := p.as(principal{userID: extranetID, scopes: fullScopes})
	diff(t, "unseen", noTask, other.refused("task.elapseditem.add", "TASKID", 1, "ARFIELDS", arr("SECONDS", 1)))
	diff(t, "get unseen", noTask, other.refused("task.elapseditem.get", "TASKID", 2, "ITEMID", 1))
	diff(t, "list unseen", denied, other.refused("task.elapseditem.getlist", "TASKID", 2))
	diff(t, "record of another task", "400 ERROR_CORE: TASKS_ERROR_EXCEPTION_#512; Check listitem not found or not accessible; 512/TE/ITEM_NOT_FOUND_OR_NOT_ACCESSIBLE<br>",
		p.refused("task.elapseditem.get", "TASKID", 1, "ITEMID", 1))
	diff(t, "no seconds", "400 ERROR_CORE: TASKS_ERROR_EXCEPTION_#8; Action failed; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>",
		p.refused("task.elapseditem.add", "TASKID", 1, "ARFIELDS", arr("COMMENT_TEXT", "x")))
	diff(t, "no such user", "400 ERROR_CORE: TASKS_ERROR_EXCEPTION_#8; USER_ID: there is no user 999; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>",
		p.refused("task.elapseditem.add", "TASKID", 1, "ARFIELDS", arr("SECONDS", 1, "USER_ID", 999)))
}
