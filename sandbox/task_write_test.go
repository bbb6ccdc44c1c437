package sandbox

import (
	"encoding/json"
	"testing"
)

func TestTaskAdd(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.newTask("TITLE", "Write to the partners", "DESCRIPTION", "In two languages", "PRIORITY", 2, "DEADLINE", "2027-03-01T18:00:00+03:00",
		"ACCOMPLICES", list(21, 22), "AUDITORS", list("23"), "TAGS", "letters, partners,letters", "UF_CRM_TASK", list("D_10", "C_7"),
		"UF_TASK_WEBDAV_FILES", list("n8", "n9"), "PARENT_ID", 1, "GROUP_ID", 1, "START_DATE_PLAN", "2027-02-01", "END_DATE_PLAN", "2027-02-15",
		"allowTimeTracking", "Y", "unknown", "x", "GUID", "mine", "CREATED_BY", 7, "DEPENDS_ON", list(2))
	task := p.taskOf("tasks.task.get", "taskId", id, "select", list("*", "UF_CRM_TASK", "TAGS", "DEPENDS_ON"))
	diff(t, "task", map[string]any{
		"title": "Write to the partners", "description": "In two languages", "priority": "2", "deadline": "2027-03-01T15:00:00+00:00",
		"accomplices": []any{"21", "22"}, "auditors": []any{"23"}, "ufCrmTask": []any{"D_10", "C_7"},
		"ufTaskWebdavFiles": []any{json.Number("1"), json.Number("2")}, "parentId": "1", "groupId": "1", "createdBy": "7",
		"startDatePlan": "2027-02-01T00:00:00+00:00", "durationPlan": "14", "allowTimeTracking": "Y", "dependsOn": []any{"2"},
		"tags": map[string]any{"2": map[string]any{"id": json.Number("2"), "title": "letters"}, "3": map[string]any{"id": json.Number("3"), "title": "partners"}},
	}, some(task, "title", "description", "priority", "deadline", "accomplices", "auditors", "ufCrmTask", "ufTaskWebdavFiles", "parentId",
		"groupId", "createdBy", "startDatePlan", "durationPlan", "allowTimeTracking", "dependsOn", "tags", "unknown"))
	if task["guid"] == "mine" {
		t.Error("GUID was taken from the parameters")
	}
	// Only administrators create in the name of others.
	other := p.as(employee(8)).taskOf("tasks.task.add", "fields", arr("TITLE", "x", "RESPONSIBLE_ID", 8, "CREATED_BY", 7))
	diff(t, "creator", "8", other["createdBy"].(string))
}

func TestTaskWriteErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	child := p.newTask("PARENT_ID", 1)
	grandchild := p.newTask("PARENT_ID", child)
	tests := []struct {
		name   string
		fields []any
		want   string
	}{
		{"nothing", nil, "400 100: Could not find value for parameter {fields} (internal error)"},
		{"title", []any{"RESPONSIBLE_ID", 2}, "400 ERROR_CORE: Task title is not specified<br>"},
		{"title and responsible", []any{"DESCRIPTION", "x"}, "400 ERROR_CORE: Task title is not specified<br>Responsible person not specified<br>"},
		{"nobody", []any{"TITLE", "x", "RESPONSIBLE_ID", 999}, "400 ERROR_CORE: The user specified in the \"Responsible\" field was not found<br>"},
		{"parent", []any{"TITLE", "x", "RESPONSIBLE_ID", 2, "PARENT_ID", 999}, "400 ERROR_CORE: The task specified in the \"Parent Task\" field was not found<br>"},
		{"status", []any{"TITLE", "x", "RESPONSIBLE_ID", 2, "STATUS", 9}, "400 ERROR_CORE: Invalid status<br>"},
		{
			"plan",
			[]any{"TITLE", "x", "RESPONSIBLE_ID", 2, "START_DATE_PLAN", "2027-01-02", "END_DATE_PLAN", "2027-01-01"},
			"400 ERROR_CORE: The end date specified in the scheduling is earlier than the start date<br>",
		},
		{
			"long plan",
			[]any{"TITLE", "x", "RESPONSIBLE_ID", 2, "START_DATE_PLAN", "2027-01-02", "END_DATE_PLAN", "2127-01-01"},
			"400 ERROR_CORE: The duration of the task specified in the scheduling is too long<br>",
		},
		{"date", []any{"TITLE", "x", "RESPONSIBLE_ID", 2, "DEADLINE", "soon"}, "400 ERROR_CORE: DEADLINE: the value is not a date<br>"},
	}
	for _, tt := range tests {
		diff(t, "add: "+tt.name, tt.want, p.refused("tasks.task.add", "fields", arr(tt.fields...)))
	}
	update := []struct {
		name   string
		id     int64
		fields []any
		want   string
	}{
		{"nothing", 1, nil, "400 100: Could not find value for parameter {fields} (internal error)"},
		{"title", 1, []any{"TITLE", ""}, "400 ERROR_CORE: Task title is not specified<br>"},
		{"itself", 1, []any{"PARENT_ID", 1}, "400 ERROR_CORE: Cannot bind the node to itself<br>"},
		{"circle", 1, []any{"PARENT_ID", grandchild}, "400 ERROR_CORE: Creating cyclic links in tasks is prohibited<br>"},
		{"unknown", 99, []any{"TITLE", "x"}, "400 0: Action on the task is not allowed (internal error)"},
	}
	for _, tt := range update {
		diff(t, "update: "+tt.name, tt.want, p.refused("tasks.task.update", "taskId", tt.id, "fields", arr(tt.fields...)))
	}
	diff(t, "count", 7, len(p.taskIDs("select", list("ID"))))
}

// TestTaskUpdate changes what is given and nothing else, and keeps who may.
func TestTaskUpdate(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	before := p.task(1)
	after := p.taskOf("tasks.task.update", "taskId", 1, "fields", arr("PRIORITY", 2, "MARK", "P", "AUDITORS", list(), "MARK2", "x"))
	diff(t, "changed", map[string]any{"priority": "2", "mark": "P", "auditors": []any{}, "outlookVersion": "2", "changedBy": "1"},
		some(after, "priority", "mark", "auditors", "outlookVersion", "changedBy"))
	diff(t, "kept", some(before, "title", "description", "deadline", "guid", "createdDate", "status"),
		some(after, "title", "description", "deadline", "guid", "createdDate", "status"))
	if after["viewedDate"] == nil || after["changedDate"] == before["changedDate"] {
		t.Errorf("viewed %v, changed %v", after["viewedDate"], after["changedDate"])
	}

	denied := "400 0: Action on the task is not allowed (internal error)"
	responsible := p.as(employee(2))
	diff(t, "responsible", denied, responsible.refused("tasks.task.update", "taskId", 1, "fields", arr("DEADLINE", "2028-01-01")))
	p.ok("tasks.task.update", "taskId", 1, "fields", arr("ALLOW_CHANGE_DEADLINE", "Y"))
	diff(t, "deadline", "2028-01-01T00:00:00+00:00", responsible.taskOf("tasks.task.update", "taskId", 1, "fields", arr("DEADLINE", "2028-01-01"))["deadline"].(string))
	diff(t, "title", denied, responsible.refused("tasks.task.update", "taskId", 1, "fields", arr("DEADLINE", "2028-01-01", "TITLE", "x")))
	diff(t, "stranger", denied, p.as(employee(30)).refused("tasks.task.update", "taskId", 1, "fields", arr("TITLE", "x")))

	// Files are replaced: those that are named by their attachment stay.
	p.ok("tasks.task.update", "taskId", 1, "fields", arr("UF_TASK_WEBDAV_FILES", list("n8", "n9")))
	p.ok("tasks.task.update", "taskId", 1, "fields", arr("UF_TASK_WEBDAV_FILES", list(2, 77, "n13", "n6", "n999")))
	files := p.taskOf("tasks.task.get", "taskId", 1, "select", list("UF_TASK_WEBDAV_FILES"))["ufTaskWebdavFiles"]
	diff(t, "files", any([]any{json.Number("2"), json.Number("3")}), files)
	diff(t, "attached", any(map[string]any{"attachmentId": json.Number("4")}), p.ok("tasks.task.files.attach", "taskId", 1, "fileId", 9))
	files = p.taskOf("tasks.task.get", "taskId", 1, "select", list("UF_TASK_WEBDAV_FILES"))["ufTaskWebdavFiles"]
	diff(t, "files", any([]any{json.Number("2"), json.Number("3"), json.Number("4")}), files)
	diff(t, "no file", "400 100: Could not find value for parameter {fileId} (internal error)", p.refused("tasks.task.files.attach", "taskId", 1))
	diff(t, "bad file", "400 100: Invalid value {x} to match with parameter {fileId}. Should be value of type int. (internal error)",
		p.refused("tasks.task.files.attach", "taskId", 1, "fileId", "x"))
	for _, id := range []int{0, 999, 6, 11} { // none, a folder and a file in the trash
		diff(t, "no file", "400 ERROR_CORE: Insufficient permissions.<br>", p.refused("tasks.task.files.attach", "taskId", 1, "fileId", id))
	}
	own := p.as(employee(8))
	id := own.newTask()
	diff(t, "drive of another", "400 ERROR_CORE: Insufficient permissions.<br>", own.refused("tasks.task.files.attach", "taskId", id, "fileId", 13))
	own.ok("tasks.task.files.attach", "taskId", id, "fileId", 8)
	diff(t, "not mine", "400 0: Access denied (internal error)", responsible.refused("tasks.task.files.attach", "taskId", 1, "fileId", 9))
	diff(t, "unknown", "400 0: Access denied (internal error)", p.refused("tasks.task.files.attach", "taskId", 99, "fileId", 9))
}

// TestTaskDelete leaves nothing of the task, and its subtasks one level higher.
func TestTaskDelete(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	child := p.newTask("PARENT_ID", 5)
	denied := "400 1048582: No access to delete the task"
	diff(t, "responsible", denied, p.as(employee(6)).refused("tasks.task.delete", "taskId", 5))
	diff(t, "unknown", denied, p.refused("tasks.task.delete", "taskId", 99))
	diff(t, "deleted", any(map[string]any{"task": true}), p.ok("tasks.task.delete", "taskId", 5))
	diff(t, "gone", any([]any{}), p.ok("tasks.task.get", "taskId", 5))
	diff(t, "history", any(map[string]any{"list": []any{}}), p.ok("tasks.task.history.list", "taskId", 5))
	diff(t, "child", "1", p.task(child)["parentId"].(string))
	p.ok("task.dependence.add", "taskIdFrom", 2, "taskIdTo", child, "linkType", 0)
}

// TestTaskFamily ties tasks to their subtasks by the options of SE_PARAMETER.
func TestTaskFamily(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	both := list(arr("CODE", 1, "VALUE", "Y"), arr("CODE", "2", "VALUE", "Y"))
	parent := p.newTask("SE_PARAMETER", both)
	first := p.newTask("PARENT_ID", parent, "DEADLINE", "2027-02-01", "START_DATE_PLAN", "2027-01-10", "END_DATE_PLAN", "2027-01-20")
	second := p.newTask("PARENT_ID", parent, "DEADLINE", "2027-01-15", "START_DATE_PLAN", "2027-01-05", "END_DATE_PLAN", "2027-01-12")
	dates := func(deadline, start, end string) map[string]any {
		return map[string]any{"deadline": deadline + "T00:00:00+00:00", "startDatePlan": start + "T00:00:00+00:00", "endDatePlan": end + "T00:00:00+00:00"}
	}
	diff(t, "dates", dates("2027-02-01", "2027-01-05", "2027-01-20"), some(p.task(parent), "deadline", "startDatePlan", "endDatePlan"))
	p.ok("tasks.task.update", "taskId", first, "fields", arr("DEADLINE", "2027-01-31"))
	diff(t, "earlier", dates("2027-01-31", "2027-01-05", "2027-01-20"), some(p.task(parent), "deadline", "startDatePlan", "endDatePlan"))

	p.ok("tasks.task.complete", "taskId", first)
	diff(t, "one is open", "2", p.task(parent)["status"].(string))
	p.ok("tasks.task.complete", "taskId", second)
	diff(t, "all are done", "5", p.task(parent)["status"].(string))

	p.ok("tasks.task.renew", "taskId", parent)
	third := p.newTask("PARENT_ID", parent)
	below := p.newTask("PARENT_ID", third)
	p.ok("tasks.task.complete", "taskId", parent)
	diff(t, "with the parent", "5", p.task(third)["status"].(string))
	diff(t, "without the option", "2", p.task(below)["status"].(string))

	p.ok("tasks.task.update", "taskId", parent, "fields", arr("SE_PARAMETER", list(arr("CODE", 2, "VALUE", "N")), "STATUS", 2))
	p.ok("tasks.task.renew", "taskId", first)
	p.ok("tasks.task.complete", "taskId", first)
	diff(t, "no option any more", "2", p.task(parent)["status"].(string))
	p.ok("tasks.task.delete", "taskId", first)
	diff(t, "after a deletion", dates("2027-01-15", "2027-01-05", "2027-01-12"), some(p.task(parent), "deadline", "startDatePlan", "endDatePlan"))
}
