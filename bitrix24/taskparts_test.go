package bitrix24_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// resultOf is the result of a call that has to succeed.
func resultOf[T any](t *testing.T, what string) func(*bitrix24.Response[T], error) T {
	return func(r *bitrix24.Response[T], err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return r.Result
	}
}

// TestTaskParts reads checklists, comments, results, stages, time records and
// working days into their types.
func TestTaskParts(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, c := company(t, sandbox.Options{})
	yes := true
	id := resultOf[bitrix24.ID](t, "add item")(c.AddTasksChecklistElement(ctx, 1, "Sum", &bitrix24.AddTasksChecklistElementOptions{Completed: &yes}))
	item := resultOf[bitrix24.ChecklistItem](t, "get item")(c.GetTasksChecklistElement(ctx, 1, id))
	if item.ID != id || item.Title != "Sum" || !item.IsComplete || item.ToggledBy != 1 || item.ParentID != 1 || item.ToggledDate == "" {
		t.Errorf("item: %+v", item)
	}
	titles := 0
	for _, err := range c.ChecklistItems(ctx, 1) {
		if err != nil {
			t.Fatal(err)
		}
		titles++
	}
	if titles != 4 {
		t.Errorf("%d items", titles)
	}

	comment := resultOf[bitrix24.TaskComment](t, "comment")(c.GetTaskComment(ctx, 1, 1))
	if comment.AuthorID != 1 || comment.Message == "" || comment.PostDate != "2025-01-16T09:00:00+00:00" || len(comment.Attachments) != 0 {
		t.Errorf("comment: %+v", comment)
	}
	fixed := resultOf[bitrix24.TaskResult](t, "result")(c.CreateResultFromComment(ctx, 1))
	if fixed.CommentID != 1 || fixed.TaskID != 1 || bool(fixed.Closed) || fixed.Text != comment.Message {
		t.Errorf("result: %+v", fixed)
	}
	results := resultOf[[]bitrix24.TaskResult](t, "results")(c.GetResultsList(ctx, 4))
	if len(results) != 1 || !results[0].Closed {
		t.Errorf("results: %+v", results)
	}

	added := resultOf[bitrix24.ID](t, "add stage")(c.AddKanbanStage(ctx, "Ideas", &bitrix24.AddKanbanStageOptions{PrevStageID: 1, EntityID: 1}))
	stages := resultOf[bitrix24.KanbanStages](t, "stages")(c.GetKanbanStages(ctx, &bitrix24.GetKanbanStagesOptions{EntityID: 1}))
	var order []bitrix24.ID
	for _, s := range stages {
		order = append(order, s.ID)
	}
	if diff := cmp.Diff([]bitrix24.ID{1, added, 2, 3}, order); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}

	spent := resultOf[bitrix24.ElapsedTime](t, "record")(c.GetTaskTimeAccounting(ctx, 2, 1))
	if spent.Seconds != 5400 || spent.Minutes != 90 || spent.UserID != 11 {
		t.Errorf("record: %+v", spent)
	}
	day := resultOf[bitrix24.Workday](t, "open")(c.StartTimekeeping(ctx, nil))
	if day.Status != bitrix24.WorkdayOpened || day.TimeStart == "" || !day.Active || day.IPOpen == "" {
		t.Errorf("day: %+v", day)
	}
	hours := resultOf[bitrix24.WorkdaySettings](t, "settings")(c.GetTimekeepingSettings(ctx, nil))
	if !hours.Enabled || hours.Flexible || !hours.Admin || hours.MinDuration != "08:00:00" {
		t.Errorf("settings: %+v", hours)
	}
}

// TestTaskPartShapes reads the portal's other ways to say the same.
func TestTaskPartShapes(t *testing.T) {
	t.Parallel()
	var one, only, none bitrix24.ElapsedTime
	for text, into := range map[string]*bitrix24.ElapsedTime{`{"ID":"5"}`: &one, `[{"ID":"5"}]`: &only, `[]`: &none} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	if one.ID != 5 || only.ID != 5 || none.ID != 0 {
		t.Errorf("records: %+v, %+v, %+v", one, only, none)
	}
	var stages bitrix24.KanbanStages
	if err := json.Unmarshal([]byte(`[]`), &stages); err != nil || len(stages) != 0 {
		t.Errorf("stages: %v, %v", stages, err)
	}
	if err := json.Unmarshal([]byte(`{"1":{"SORT":"x"}}`), &stages); err == nil {
		t.Errorf("stages: %+v", stages)
	}
	var item bitrix24.ChecklistItem
	err := json.Unmarshal([]byte(`{"PARENT_ID":0,"TOGGLED_BY":null,"ATTACHMENTS":{"1113":{"ATTACHMENT_ID":1113,"NAME":"a.docx","SIZE":"115161","FILE_ID":"5065"}}}`), &item)
	if want := (bitrix24.TaskFile{AttachmentID: 1113, Name: "a.docx", Size: 115161, FileID: 5065}); err != nil || item.Attachments[1113] != want {
		t.Errorf("attachments: %+v, %v", item.Attachments, err)
	}
}

// TestTaskPartsInBulk keeps the order of parameters in the commands of a batch,
// where methods read them by their places.
func TestTaskPartsInBulk(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, c := company(t, sandbox.Options{})
	done := 0
	calls := func(yield func(bitrix24.UpdateTasksChecklistElementArgs) bool) {
		for _, id := range []bitrix24.ID{2, 3} {
			if !yield(bitrix24.UpdateTasksChecklistElementArgs{TaskID: 1, ElementID: id, Text: "Changed"}) {
				return
			}
		}
	}
	for outcome := range c.UpdateTasksChecklistElements(ctx, calls) {
		if outcome.Err != nil {
			t.Error(outcome.Err)
		}
		done++
	}
	if done != 2 {
		t.Errorf("%d outcomes", done)
	}
	for _, item := range resultOf[[]bitrix24.ChecklistItem](t, "items")(c.GetTasksChecklist(ctx, 1)) {
		if item.ParentID != 0 && item.Title != "Changed" {
			t.Errorf("item: %+v", item)
		}
	}
}

// TestTaskTimeAccounting reads more records than a page has, from a method that
// reads its parameters by their places.
func TestTaskTimeAccounting(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, c := company(t, sandbox.Options{})
	const records = 120
	calls := func(yield func(bitrix24.AddTaskTimeAccountingArgs) bool) {
		for n := range records {
			if !yield(bitrix24.AddTaskTimeAccountingArgs{TaskID: 1, Time: bitrix24.ID(n + 1)}) {
				return
			}
		}
	}
	for o := range c.AddTaskTimeAccountings(ctx, calls) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
	}
	seconds := int64(0)
	for record, err := range c.TaskTimeAccounting(ctx, 1) {
		if err != nil {
			t.Fatal(err)
		}
		seconds += int64(record.Seconds)
	}
	if want := int64(records * (records + 1) / 2); seconds != want {
		t.Errorf("%d seconds, want %d", seconds, want)
	}
}
