package bitrix24_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// TestTaskForms reads a task in the forms that the portal gives it.
func TestTaskForms(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, data string
		want       bitrix24.Task
	}{
		{"hidden", "[]", bitrix24.Task{}},
		{
			"texts", `{"id":"8017","parentId":null,"status":"3","subStatus":"-1","favorite":"Y","taskControl":"N","auditors":["13","103"],
			"ufCrmTask":["D_10","C_7"],"ufTaskWebdavFiles":[1065,1077],"group":{"id":"125","name":"Group","opened":false,"membersCount":1},
			"creator":{"id":"503","name":"Maria"},"responsible":[],"tags":{"35":{"id":35,"title":"letters"}},"action":{"edit.plan":true}}`,
			bitrix24.Task{
				ID: 8017, Status: bitrix24.TaskStarted, SubStatus: bitrix24.TaskExpired, Favorite: true, Auditors: bitrix24.IDs{13, 103},
				CRM: bitrix24.CRMLinks{"D_10", "C_7"}, Attachments: bitrix24.IDs{1065, 1077},
				Group:   bitrix24.TaskGroup{ID: 125, Name: "Group", MembersCount: 1},
				Creator: bitrix24.TaskUser{ID: 503, Name: "Maria"},
				Tags:    bitrix24.TaskTags{35: "letters"}, Action: bitrix24.TaskActions{"edit.plan": true},
			},
		},
		{
			"numbers", `{"id":8017,"status":5,"auditors":[],"ufCrmTask":false,"ufTaskWebdavFiles":false,"group":[],"tags":[],"action":[]}`,
			bitrix24.Task{ID: 8017, Status: bitrix24.TaskCompleted, Auditors: bitrix24.IDs{}, Tags: bitrix24.TaskTags{}},
		},
		{"single", `{"id":1,"ufCrmTask":"L_2"}`, bitrix24.Task{ID: 1, CRM: bitrix24.CRMLinks{"L_2"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := bitrix24.Task{Title: "what was there before"}
			if err := json.Unmarshal([]byte(tt.data), &got); err != nil {
				t.Fatal(err)
			}
			got.Fields = nil
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	var task bitrix24.Task
	if err := json.Unmarshal([]byte(`{"id":1,"ufBudget":12.5}`), &task); err != nil || string(task.Fields["ufBudget"]) != "12.5" {
		t.Errorf("custom field: %s, %v", task.Fields["ufBudget"], err)
	}
}

// TestTaskFormsRefused tells what a value should have been.
func TestTaskFormsRefused(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`{"status":"done"}`:     `status: id: "done" is no whole number`,
		`{"ufCrmTask":{"a":1}}`: `text: {"a":1} is no single value`,
	} {
		var task bitrix24.Task
		if err := json.Unmarshal([]byte(data), &task); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", data, err, want)
		}
	}
}

// TestTasks works on tasks of the sandbox and reads them all.
func TestTasks(t *testing.T) {
	t.Parallel()
	_, c := company(t, sandbox.Options{Plan: sandbox.Off})
	ctx := t.Context()
	created, err := c.CreateTask(ctx, bitrix24.Fields{"TITLE": "Water the plants", "RESPONSIBLE_ID": 20, "TAGS": "office"})
	if err != nil {
		t.Fatal(err)
	}
	id := created.Result.ID
	if _, err := c.StartTask(ctx, id); err != nil {
		t.Fatal(err)
	}
	got, err := c.GetTask(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if task := got.Result; task.Status != bitrix24.TaskStarted || task.Title != "Water the plants" || !task.Action["pause"] || task.Responsible.ID != 20 {
		t.Errorf("task: %+v", task)
	}
	changes, err := c.GetTaskHistory(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes.Result) != 2 || changes.Result[0].Field != "STATUS" || changes.Result[0].Value.To != "3" || changes.Result[0].User.ID != 1 {
		t.Errorf("history: %+v", changes.Result)
	}
	var refused *bitrix24.Error
	if _, err := c.StartTask(ctx, id); !errors.As(err, &refused) || refused.Code != "0" || refused.Description != "Action on the task is not allowed" {
		t.Errorf("second start: %v", err)
	}
	access, err := c.CheckTaskAccesses(ctx, id, &bitrix24.CheckTaskAccessesOptions{Users: []string{"20", "30"}})
	if err != nil {
		t.Fatal(err)
	}
	if !access.Result[20]["COMPLETE"] || access.Result[30]["COMPLETE"] {
		t.Errorf("access: %v", access.Result)
	}
	args := make([]bitrix24.CreateTaskArgs, 120)
	for i := range args {
		args[i] = bitrix24.CreateTaskArgs{Fields: bitrix24.Fields{"TITLE": "Count the chairs", "RESPONSIBLE_ID": 20}}
	}
	for outcome := range c.CreateTasks(ctx, slices.Values(args)) {
		if outcome.Err != nil || outcome.Value.ID <= id {
			t.Fatalf("creating tasks: %+v", outcome)
		}
	}
	var ids []bitrix24.ID
	for task, err := range c.Tasks(ctx, &bitrix24.GetTasksListOptions{Filter: bitrix24.Fields{"RESPONSIBLE_ID": 20}, Fields: []string{"ID", "TITLE"}}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, task.ID)
	}
	if len(ids) != 121 || !slices.IsSorted(ids) {
		t.Errorf("%d tasks in the list: %v", len(ids), ids)
	}
	fields, err := c.GetCustomTaskFieldsList(ctx)
	if err != nil || len(fields.Result) != 4 || fields.Result[3].FieldName != "UF_TASK_CUSTOMER" {
		t.Errorf("custom fields: %+v, %v", fields, err)
	}
}

func TestTaskAccess(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]bitrix24.TaskAccess{
		"[]":                           {},
		`{"503":{"EDIT":true},"7":[]}`: {503: {"EDIT": true}, 7: nil},
	} {
		var got bitrix24.TaskAccess
		if err := json.Unmarshal([]byte(data), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", data, diff)
		}
	}
	var got bitrix24.TaskAccess
	if err := json.Unmarshal([]byte(`{"everybody":{}}`), &got); err == nil || err.Error() != `access: "everybody" is no user id` {
		t.Errorf("got %v", err)
	}
}
