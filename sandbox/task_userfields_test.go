package sandbox

import (
	"encoding/json"
	"testing"
)

func TestTaskUserfieldErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	tests := []struct {
		params any
		want   string
	}{
		{arr(), "400 ERROR_CORE: The 'USER_TYPE_ID' field is not found."},
		{arr("USER_TYPE_ID", "colour", "FIELD_NAME", "X"), "400 ERROR_CORE: Invalid user type specified."},
		{arr("USER_TYPE_ID", "string"), "400 ERROR_CORE: The 'FIELD_NAME' field is not found."},
		{arr("USER_TYPE_ID", "string", "FIELD_NAME", "uf_task_customer"), "400 ERROR_CORE: The field UF_TASK_CUSTOMER for the object TASKS_TASK already exists."},
		{arr("USER_TYPE_ID", "string", "FIELD_NAME", "UF_X-1"), "400 ERROR_CORE: Fail to create new user field"},
		{arr("USER_TYPE_ID", "string", "FIELD_NAME", "UF_CRM_TASK"), "400 ERROR_CORE: Fail to create new user field"},
		{arr("USER_TYPE_ID", "string", "FIELD_NAME", "X", "SORT", "first"), "400 ERROR_CORE: SORT: the value is not an integer"},
	}
	for _, tt := range tests {
		diff(t, describe(tt.params), tt.want, p.refused("task.item.userfield.add", "PARAMS", tt.params))
	}
	invalid := "400 ERROR_CORE: ID is not defined or invalid."
	diff(t, "get", "400 ERROR_CORE: No parameters found.", p.refused("task.item.userfield.get"))
	for name, more := range map[string][]any{"get": nil, "update": {"DATA", arr("SORT", 1)}, "delete": nil} {
		method := "task.item.userfield." + name
		diff(t, name, invalid, p.refused(method, append([]any{"ID", "x"}, more...)...))
		diff(t, name, invalid, p.refused(method, append([]any{"ID", 0}, more...)...))
		diff(t, name, "400 ERROR_NOT_FOUND: The entity with ID '99' is not found.", p.refused(method, append([]any{"ID", 99}, more...)...))
		if name != "get" {
			diff(t, name, "400 ERROR_CORE: Access denied.", p.refused(method, append([]any{"ID", 1}, more...)...))
			diff(t, name, "400 ERROR_CORE: Access denied.", p.as(employee(4)).refused(method, append([]any{"ID", 4}, more...)...))
		}
	}
	diff(t, "add", "400 ERROR_CORE: Access denied.", p.as(employee(4)).refused("task.item.userfield.add", "PARAMS", arr("USER_TYPE_ID", "string", "FIELD_NAME", "X")))
	arguments := "400 ERROR_CORE: TASKS_ERROR_EXCEPTION_#0; Invalid arguments for Bitrix\\Tasks\\Integration\\Rest\\Task\\UserField::"
	diff(t, "update", arguments+"update; 0/TE", p.refused("task.item.userfield.update", "ID", 4))
	diff(t, "delete", arguments+"delete; 0/TE", p.refused("task.item.userfield.delete"))
}

func TestTaskUserfields(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	id := p.ok("task.item.userfield.add", "PARAMS", arr("USER_TYPE_ID", "string", "FIELD_NAME", "TASK_CLIENT_REQUEST", "XML_ID", "REQUEST",
		"EDIT_FORM_LABEL", arr("de", "Kundenanfrage", "en", "Client request"), "LABEL", "Request", "SORT", 220, "SETTINGS", arr("DEFAULT_VALUE", "Clarify", "ROWS", 10)))
	diff(t, "id", any(json.Number("5")), id)
	field := p.ok("task.item.userfield.get", "ID", 5).(map[string]any)
	label := func(text string) map[string]any {
		return map[string]any{"de": text, "en": text, "es": text, "fr": text, "ru": text}
	}
	form := label("")
	form["de"], form["en"] = "Kundenanfrage", "Client request"
	diff(t, "field", map[string]any{
		"ID": "5", "ENTITY_ID": "TASKS_TASK", "FIELD_NAME": "UF_TASK_CLIENT_REQUEST", "USER_TYPE_ID": "string", "XML_ID": "REQUEST",
		"SORT": "220", "MULTIPLE": "N", "MANDATORY": "N", "SHOW_FILTER": "N", "SHOW_IN_LIST": "Y", "EDIT_IN_LIST": "Y", "IS_SEARCHABLE": "N",
		"SETTINGS": map[string]any{
			"SIZE": json.Number("20"), "ROWS": json.Number("10"), "REGEXP": "", "MIN_LENGTH": json.Number("0"), "MAX_LENGTH": json.Number("0"), "DEFAULT_VALUE": "Clarify",
		},
		"EDIT_FORM_LABEL": form, "LIST_COLUMN_LABEL": label("Request"), "LIST_FILTER_LABEL": label("Request"),
		"ERROR_MESSAGE": label("Request"), "HELP_MESSAGE": label("Request"),
	}, field)
	rows := p.ok("task.item.userfield.getlist", "ORDER", arr("FIELD_NAME", "asc"), "FILTER", arr("USER_TYPE_ID", "string")).([]any)
	names := []any{}
	for _, r := range rows {
		names = append(names, r.(map[string]any)["FIELD_NAME"])
	}
	diff(t, "list", []any{"UF_TASK_CLIENT_REQUEST", "UF_TASK_CUSTOMER"}, names)

	diff(t, "update", any(true), p.ok("task.item.userfield.update", "ID", 5, "DATA", arr("LABEL", "Wish", "EDIT_FORM_LABEL", arr("en", "Wish"), "MULTIPLE", "Y")))
	field = p.ok("task.item.userfield.get", "ID", 5).(map[string]any)
	form["en"] = "Wish"
	diff(t, "updated", map[string]any{"MULTIPLE": "Y", "XML_ID": "REQUEST", "EDIT_FORM_LABEL": form, "HELP_MESSAGE": label("Wish")},
		some(field, "MULTIPLE", "XML_ID", "EDIT_FORM_LABEL", "HELP_MESSAGE"))
	// The parameters are read by their places, whatever they are called.
	diff(t, "turned round", "400 ERROR_CORE: ID is not defined or invalid.", p.refused("task.item.userfield.update", "DATA", arr("SORT", 1), "ID", 5))

	diff(t, "delete", any(true), p.ok("task.item.userfield.delete", "ID", 5))
	diff(t, "gone", "400 ERROR_NOT_FOUND: The entity with ID '5' is not found.", p.refused("task.item.userfield.get", "ID", 5))
}

// TestTaskUserfieldValues uses fields of every type on tasks.
func TestTaskUserfieldValues(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	add := func(kind, name string, kv ...any) {
		p.ok("task.item.userfield.add", "PARAMS", arr(append([]any{"USER_TYPE_ID", kind, "FIELD_NAME", name}, kv...)...))
	}
	add("double", "UF_BUDGET", "LABEL", "Budget")
	add("datetime", "UF_REVIEW")
	add("boolean", "UF_LEGAL", "MULTIPLE", "Y", "SETTINGS", arr("DEFAULT_VALUE", 1))
	add("string", "UF_NAMES", "MULTIPLE", "Y")
	id := p.newTask("UF_BUDGET", "12.345", "UF_REVIEW", "2027-01-02T10:00:00", "UF_NAMES", list("a", "b"), "ufTaskCustomer", "Vogt")
	chosen := p.taskOf("tasks.task.get", "taskId", id, "select", list("UF_*"))
	diff(t, "values", map[string]any{
		"ufBudget": json.Number("12.35"), "ufReview": "2027-01-02T10:00:00+00:00", "ufLegal": json.Number("1"), "ufNames": []any{"a", "b"}, "ufTaskCustomer": "Vogt",
	}, some(chosen, "ufBudget", "ufReview", "ufLegal", "ufNames", "ufTaskCustomer"))
	if _, ok := p.task(id)["ufBudget"]; ok {
		t.Error("a custom field is answered without being asked for")
	}
	diff(t, "filter", []int{int(id)}, p.taskIDs("filter", arr(">UF_BUDGET", 12, "UF_NAMES", "B")))
	diff(t, "wrong", "400 ERROR_CORE: UF_BUDGET: the value is not a number<br>", p.refused("tasks.task.update", "taskId", id, "fields", arr("UF_BUDGET", "much")))
	p.ok("tasks.task.start", "taskId", id)
	diff(t, "kept", []int{int(id)}, p.taskIDs("filter", arr("UF_NAMES", "a")))

	p.ok("task.item.userfield.update", "ID", 5, "DATA", arr("MANDATORY", "Y"))
	diff(t, "mandatory", "400 ERROR_CORE: Required field UF_BUDGET value not entered<br>", p.refused("tasks.task.add", "fields", arr("TITLE", "x", "RESPONSIBLE_ID", 2)))
	diff(t, "emptied", "400 ERROR_CORE: Required field UF_BUDGET value not entered<br>", p.refused("tasks.task.update", "taskId", id, "fields", arr("UF_BUDGET", "")))
	fields := p.ok("tasks.task.getFields").(map[string]any)["fields"].(map[string]any)
	diff(t, "described", any(map[string]any{"title": "Budget", "type": "double", "required": true}), fields["UF_BUDGET"])
	diff(t, "system", any(map[string]any{"title": "CRM Entities", "type": "crm"}), fields["UF_CRM_TASK"])
	diff(t, "status", any(map[string]any{"title": "Status", "type": "enum", "default": taskPending, "values": map[string]any{
		"2": "Pending", "3": "In Progress", "4": "Awaiting Review", "5": "Completed", "6": "Deferred",
	}}), fields["STATUS"])
	diff(t, "mark", any(map[string]any{"title": "Rating", "type": "enum", "default": nil, "values": map[string]any{"N": "Negative", "P": "Positive"}}), fields["MARK"])
	diff(t, "title", any(map[string]any{"title": "Title", "type": "string", "required": true}), fields["TITLE"])
	p.ok("task.item.userfield.delete", "ID", 5)
	p.newTask()
	if got := p.taskOf("tasks.task.get", "taskId", id, "select", list("UF_*")); got["ufBudget"] != nil {
		t.Errorf("a deleted field is still there: %v", got["ufBudget"])
	}
}
