package sandbox

import (
	"testing"
)

// TestTaskArguments reads parameters by their places and says which one is wrong.
func TestTaskArguments(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	const wrong = "400 ERROR_CORE: TASKS_ERROR_EXCEPTION_#256; "
	const end = "; 256/TE/WRONG_ARGUMENTS<br>"
	for _, tt := range []struct {
		method string
		kv     []any
		want   string
	}{
		{"task.checklistitem.complete", nil, "Param #0 (taskId) expected by method ctaskchecklistitem::complete(), but not given."},
		{"task.checklistitem.get", []any{"TASKID", 1}, "Param #1 (itemId) expected by method ctaskchecklistitem::get(), but not given."},
		{"task.checklistitem.get", []any{"TASKID", "one", "ITEMID", 1}, `Param #0 (taskId) for method ctaskchecklistitem::get() expected to be of type "integer", but given something else.`},
		{"task.checklistitem.get", []any{"TASKID", true, "ITEMID", 1}, `Param #0 (taskId) for method ctaskchecklistitem::get() expected to be of type "integer", but given something else.`},
		{"task.checklistitem.add", []any{"FIELDS", arr("TITLE", "x"), "TASKID", 1}, `Param #0 (taskId) for method ctaskchecklistitem::add() expected to be of type "integer", but given something else.`},
		{"task.checklistitem.add", []any{"TASKID", 1}, "Param #1 (arFields) expected by method ctaskchecklistitem::add(), but not given."},
		{"task.checklistitem.add", []any{"TASKID", 1, "FIELDS", arr()}, "Param #1 (arFields) expected by method ctaskchecklistitem::add(), but not given."},
		{"task.checklistitem.add", []any{"TASKID", 1, "FIELDS", "x"}, `Param #1 (arFields) for method ctaskchecklistitem::add() expected to be of type "array", but given something else.`},
		{"task.checklistitem.getlist", nil, `Param #0 (taskId) for method ctaskchecklistitem::getlist() expected to be of type "integer", but given something else.`},
		{"task.checklistitem.getlist", []any{"TASKID", 1, "ORDER", arr("IS_COMPLETED", "asc")}, `Param #1 (arOrder) for method ctaskchecklistitem::getlist() must not contain key "IS_COMPLETED".`},
		{"task.commentitem.add", []any{"TASKID", 1, "FIELDS", arr("POST_MESSAGE", "x", "TITLE", "x")}, `Param #1 (arFields) for method ctaskcommentitem::add() must not contain key "TITLE".`},
		{"task.commentitem.getlist", []any{"TASKID", 1, "FILTER", arr(">=POST_DATE", "2025-01-01")}, `Param #1 (arOrder) for method ctaskcommentitem::getlist() must not contain key ">=POST_DATE".`},
		{"task.commentitem.getlist", []any{"TASKID", 1, "ORDER", arr(), "FILTER", arr("%POST_DATE", "2025")}, `Param #2 (arFilter) for method ctaskcommentitem::getlist() must not contain key "%POST_DATE".`},
	} {
		diff(t, tt.method, wrong+tt.want+end, p.refused(tt.method, tt.kv...))
	}
	// A list has no names at all.
	item := p.ok("task.checklistitem.get", "0", 1, "1", 2).(map[string]any)
	diff(t, "by place", "Ask the regions for their figures", item["TITLE"])
	// Whatever they are called.
	item = p.ok("task.checklistitem.get", "b", 1, "a", 2).(map[string]any)
	diff(t, "by place, not by name", "2", item["ID"])
}
