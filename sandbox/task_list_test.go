package sandbox

import (
	"fmt"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

// taskIDs walks every page of tasks.task.list.
func (p *portal) taskIDs(kv ...any) []int {
	p.tb.Helper()
	ids := []int{}
	for start := int64(0); ; {
		r, err := p.run("tasks.task.list", arr(append(kv, "start", start)...))
		if err != nil {
			p.tb.Fatalf("tasks.task.list %v: %v", kv, err)
		}
		tasks, _ := r.value.(*phpquery.Array).Get("tasks")
		for _, row := range tasks.(*phpquery.Array).All() {
			id, _ := row.(*phpquery.Array).Get("id")
			ids = append(ids, int(intval(phpquery.Text(id))))
		}
		if r.next == nil {
			if r.total == nil || *r.total != int64(len(ids)) {
				p.tb.Fatalf("tasks.task.list %v: %d rows, total %v", kv, len(ids), r.total)
			}
			return ids
		}
		start = *r.next
	}
}

func TestTaskFilter(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("tasks.task.favorite.add", "taskId", 2)
	p.ok("tasks.task.favorite.add", "taskId", 4)
	p.ok("tasks.task.mute", "id", 4)
	p.ok("tasks.task.update", "taskId", 3, "fields", arr("UF_CRM_TASK", list("D_10", "L_2"), "DEPENDS_ON", list(1), "UF_TASK_CUSTOMER", "Hartley"))
	tests := []struct {
		filter []any
		want   []int
	}{
		{nil, []int{5, 4, 3, 2, 1}},
		{[]any{"ID", list(1, 3)}, []int{3, 1}},
		{[]any{">ID", 3}, []int{5, 4}},
		{[]any{"<=ID", 2}, []int{2, 1}},
		{[]any{"!ID", 2}, []int{5, 4, 3, 1}},
		{[]any{"id", 2}, []int{2}},
		{[]any{"CREATED_BY", 1}, []int{5, 3, 1}},
		{[]any{"createdBy", 2}, []int{2}},
		{[]any{"RESPONSIBLE_ID", 11, "CREATED_BY", 2}, []int{2}},
		{[]any{"!RESPONSIBLE_ID", list(2, 11)}, []int{5, 4, 3}},
		{[]any{"REAL_STATUS", 3}, []int{2}},
		{[]any{"REAL_STATUS", list(5, 6)}, []int{5, 4}},
		{[]any{">=REAL_STATUS", 4, "!REAL_STATUS", 5}, []int{5, 3}},
		{[]any{"STATUS", -1}, []int{2}},
		{[]any{"STATUS", 3}, []int{}},
		{[]any{"!STATUS", 6}, []int{4, 3, 2, 1}},
		{[]any{"TITLE", "%the%"}, []int{5, 4, 2, 1}},
		{[]any{"%TITLE", "договор"}, []int{3}},
		{[]any{"TAG", "Reports"}, []int{1}},
		{[]any{"ACCOMPLICE", 12}, []int{2}},
		{[]any{"AUDITOR", 5}, []int{1}},
		{[]any{"!AUDITOR", 5}, []int{5, 4, 3, 2}},
		{[]any{"PARENT_ID", 1}, []int{5}},
		{[]any{"ONLY_ROOT_TASKS", "Y"}, []int{4, 3, 2, 1}},
		{[]any{"GROUP_ID", 1}, []int{5}},
		{[]any{"DEPENDS_ON", 1}, []int{3}},
		{[]any{"UF_CRM_TASK", "D_10"}, []int{3}},
		{[]any{"UF_TASK_CUSTOMER", "hartley"}, []int{3}},
		{[]any{"<DEADLINE", "2026-01-01"}, []int{2}},
		{[]any{">=CREATED_DATE", "2025-01-17"}, []int{5, 4, 3}},
		{[]any{"CLOSED_DATE", ""}, []int{}},
		{[]any{"FAVORITE", "Y"}, []int{4, 2}},
		{[]any{"!FAVORITE", "Y"}, []int{5, 3, 1}},
		{[]any{"IS_MUTED", "Y"}, []int{4}},
		{[]any{"::SUBFILTER-PARAMS", arr("FAVORITE", "Y"), "!REAL_STATUS", 5}, []int{2}},
		{[]any{"::SUBFILTER-1", arr("::LOGIC", "OR", "CREATED_BY", 10, "::SUBFILTER-2", arr("GROUP_ID", 1, "REAL_STATUS", 6))}, []int{5, 4}},
		{[]any{"NO_SUCH_FIELD", 1}, []int{5, 4, 3, 2, 1}},
	}
	for _, tt := range tests {
		diff(t, describe(arr(tt.filter...)), tt.want, p.taskIDs("filter", arr(tt.filter...)))
	}
	diff(t, "own", []int{2, 1}, p.as(employee(2)).taskIDs())
	diff(t, "member", []int{2}, p.as(employee(12)).taskIDs())
	diff(t, "nobody", []int{}, p.as(employee(30)).taskIDs())
	diff(t, "below a hidden one", []int{5}, p.as(employee(6)).taskIDs("filter", arr("ONLY_ROOT_TASKS", "Y", "REAL_STATUS", 6)))
	diff(t, "not viewed", []int{1}, p.as(employee(2)).taskIDs("filter", arr("STATUS", -2)))
	p.as(employee(2)).ok("tasks.task.defer", "taskId", 1)
	p.as(employee(2)).ok("tasks.task.renew", "taskId", 1)
	diff(t, "viewed", []int{}, p.as(employee(2)).taskIDs("filter", arr("STATUS", -2)))
}

func TestTaskOrder(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("tasks.task.favorite.add", "taskId", 2)
	tests := []struct {
		order []any
		want  []int
	}{
		{[]any{"ID", "asc"}, []int{1, 2, 3, 4, 5}},
		{[]any{"TITLE", "ASC"}, []int{2, 5, 1, 4, 3}},
		{[]any{"DEADLINE", "desc", "CREATED_DATE", "asc"}, []int{1, 2, 3, 4, 5}},
		{[]any{"REAL_STATUS", "asc"}, []int{1, 2, 3, 4, 5}},
		{[]any{"realStatus", "desc"}, []int{5, 4, 3, 2, 1}},
		{[]any{"STATUS_COMPLETE", "desc", "ID", "asc"}, []int{4, 1, 2, 3, 5}},
		{[]any{"FAVORITE", "desc", "ID", "asc"}, []int{2, 1, 3, 4, 5}},
		// The creators are called Calderón (of 4), Fairweather (of 1 and 3) and Montclair (of 2).
		{[]any{"GROUP_ID", "desc", "CREATED_BY_LAST_NAME", "asc", "ID", "asc"}, []int{5, 4, 1, 3, 2}},
	}
	for _, tt := range tests {
		diff(t, describe(arr(tt.order...)), tt.want, p.taskIDs("order", arr(tt.order...)))
	}
	for _, key := range []string{"AUDITORS", "GUID", "COLOUR"} {
		diff(t, key, "400 0: Invalid sorting key (internal error)", p.refused("tasks.task.list", "order", arr(key, "asc")))
	}
}

func TestTaskListShape(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	rows := p.ok("tasks.task.list", "filter", arr("ID", 2), "select", list("ID", "TITLE", "RESPONSIBLE_ID", "ACCOMPLICES", "TAGS", "COUNTERS", "subStatus", "ACTION"),
		"params", arr("WITH_RESULT_INFO", true, "WITH_TIMER_INFO", true, "WITH_PARSED_DESCRIPTION", true)).(map[string]any)["tasks"].([]any)
	row := rows[0].(map[string]any)
	if row["action"].(map[string]any)["pause"] != true {
		t.Errorf("action: %v", row["action"])
	}
	delete(row, "action")
	person := func(id, name, position string) map[string]any {
		return map[string]any{"id": id, "name": name, "link": "/company/personal/user/" + id + "/", "icon": defaultAvatar, "workPosition": position}
	}
	eleven, twelve := p.user(11), p.user(12)
	named := func(u map[string]any) string { return fmt.Sprintf("%s %s", u["NAME"], u["LAST_NAME"]) }
	diff(t, "row", map[string]any{
		"id": "2", "title": "Call the new customers", "responsibleId": "11", "accomplices": []any{"12"}, "group": []any{},
		"responsible":       person("11", named(eleven), eleven["WORK_POSITION"].(string)),
		"accomplicesData":   map[string]any{"12": person("12", named(twelve), twelve["WORK_POSITION"].(string))},
		"taskRequireResult": "N", "taskHasOpenResult": "N", "taskHasResult": "N", "timeElapsed": "5400", "timerIsRunningForCurrentUser": "N",
		"parsedDescription": "", "tags": []any{}, "subStatus": "-1",
		"counter": map[string]any{"color": "danger", "value": 1, "counters": map[string]any{
			"expired": 1, "newComments": 0, "projectExpired": 0, "projectNewComments": 0, "mutedExpired": 0, "mutedNewComments": 0,
		}},
	}, row)
	for range 60 {
		p.newTask()
	}
	diff(t, "all", 65, len(p.taskIDs("select", list("ID"))))
	r, err := p.run("tasks.task.list", arr("start", -1, "filter", arr(">ID", 10), "order", arr("ID", "asc"), "select", list("ID")))
	if err != nil || r.total != nil || r.next != nil {
		t.Errorf("start=-1: total %v, next %v, %v", r.total, r.next, err)
	}
}

// TestTaskHistory keeps every change, the latest first.
func TestTaskHistory(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.newTask()
	p.ok("tasks.task.update", "taskId", id, "fields", arr("TITLE", "Count the tables", "DEADLINE", "2027-01-01", "TAGS", "furniture"))
	p.as(employee(20)).ok("tasks.task.start", "taskId", id)
	p.as(employee(20)).ok("tasks.task.startwatch", "taskId", id)
	entries := p.ok("tasks.task.history.list", "taskId", id).(map[string]any)["list"].([]any)
	var got []string
	for _, e := range entries {
		entry := e.(map[string]any)
		value := entry["value"].(map[string]any)
		got = append(got, fmt.Sprintf("%v %v: %v > %v", phpquery.Text(entry["user"].(map[string]any)["id"]), entry["field"], value["from"], value["to"]))
	}
	diff(t, "changes", []string{
		"20 AUDITORS:  > 20", "20 STATUS: 2 > 3", "1 TAGS:  > furniture", "1 DEADLINE:  > 1798761600",
		"1 TITLE: Count the chairs > Count the tables", "1 NEW: <nil> > <nil>",
	}, got)
	one := p.ok("tasks.task.history.list", "taskId", id, "filter", arr("FIELD", "STATUS"), "order", arr("ID", "asc")).(map[string]any)["list"].([]any)
	diff(t, "filtered", 1, len(one))
	user := p.user(20)
	entry := one[0].(map[string]any)
	diff(t, "user", any(map[string]any{
		"id": number(20), "name": user["NAME"], "lastName": user["LAST_NAME"], "secondName": secondName(user), "login": user["EMAIL"],
	}), entry["user"])
	diff(t, "hidden", "400 0: Access denied. (internal error)", p.as(employee(30)).refused("tasks.task.history.list", "taskId", id))
	diff(t, "unknown", any(map[string]any{"list": []any{}}), p.ok("tasks.task.history.list", "taskId", 99))
}

func secondName(user map[string]any) any {
	if name, ok := user["SECOND_NAME"]; ok {
		return name
	}
	return ""
}
