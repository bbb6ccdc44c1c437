package bitrix24_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/sandbox"
)

// TestBulkMethods changes, creates and deletes by the typed methods.
func TestBulkMethods(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{})
	ctx := t.Context()
	updates := func(yield func(bitrix24.UpdateUserArgs) bool) {
		for i := range 120 {
			id := bitrix24.ID(2 + i%40)
			if i == 77 {
				id = 4711
			}
			if !yield(bitrix24.UpdateUserArgs{UserID: id, Fields: bitrix24.Fields{"NAME": fmt.Sprint("N", i)}}) {
				return
			}
		}
	}
	n := 0
	for o := range client.UpdateUsers(ctx, updates) {
		wantState := bitrix24.Done
		if n == 77 {
			wantState = bitrix24.Refused
		}
		if o.Index != n || o.State != wantState || o.Value != (wantState == bitrix24.Done) {
			t.Errorf("outcome %d: %+v", n, o)
		}
		n++
	}
	if n != 120 {
		t.Errorf("%d outcomes", n)
	}
	var created []bitrix24.ID
	for o := range client.CreateDepartments(ctx, slices.Values([]bitrix24.CreateDepartmentArgs{
		{Name: "North", Options: &bitrix24.CreateDepartmentOptions{ParentID: 1, HeadID: 2}}, {Name: "South", Options: &bitrix24.CreateDepartmentOptions{ParentID: 1}},
	})) {
		if o.State != bitrix24.Done || o.Value == 0 {
			t.Fatalf("%+v", o)
		}
		created = append(created, o.Value)
	}
	var names []string
	for d, err := range client.Departments(ctx, &bitrix24.GetDepartmentsOptions{ParentID: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(created, d.ID) {
			names = append(names, string(d.Name))
		}
	}
	if diff := cmp.Diff([]string{"North", "South"}, names); diff != "" {
		t.Error(diff)
	}
	deletions := slices.Values([]bitrix24.DeleteDepartmentArgs{{DepartmentID: created[0]}, {DepartmentID: created[1]}, {DepartmentID: created[1]}})
	var states []bitrix24.State
	for o := range client.DeleteDepartments(ctx, deletions, bitrix24.WithHalt()) {
		states = append(states, o.State)
	}
	if diff := cmp.Diff([]bitrix24.State{bitrix24.Done, bitrix24.Done, bitrix24.Refused}, states); diff != "" {
		t.Error(diff)
	}
}

// TestBulkResultOfAnotherShape keeps the result and says what is wrong with it.
func TestBulkResultOfAnotherShape(t *testing.T) {
	t.Parallel()
	p := newPortal(t, answer(200, `{"result":{"result":{"c0":{"odd":1}},"result_error":[],"result_total":[],"result_next":[],"result_time":[]}}`))
	for o := range p.client(t).UpdateUsers(t.Context(), slices.Values([]bitrix24.UpdateUserArgs{{UserID: 1}})) {
		var shape *bitrix24.AnswerError
		if o.State != bitrix24.Done || !errors.As(o.Err, &shape) || string(o.Result) != `{"odd":1}` || o.Value {
			t.Errorf("%+v", o)
		}
	}
}

// TestUsers reads the users of a filter to the last.
func TestUsers(t *testing.T) {
	t.Parallel()
	_, client := company(t, sandbox.Options{Users: 230})
	if diff := cmp.Diff(upTo(230), ids(t, client.Users(t.Context(), nil))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(upTo(230)[9:], ids(t, client.Users(t.Context(), bitrix24.Fields{">ID": 9}))); diff != "" {
		t.Error(diff)
	}
	if n := len(ids(t, client.FindAllUsers(t.Context(), bitrix24.Fields{"USER_TYPE": "employee"}))); n < 200 {
		t.Errorf("%d employees", n)
	}
}

// TestStats counts what happens, and the hooks hear of it in the call's context.
func TestStats(t *testing.T) {
	t.Parallel()
	type key struct{}
	var calls, ended, requests, responses, refusals, repeats, waits int
	inner := func(ctx context.Context, n *int) {
		if ctx.Value(key{}) != "of the call" {
			t.Error("a hook without the call's context")
		}
		*n++
	}
	hooks := bitrix24.Hooks{
		Call: func(ctx context.Context, e bitrix24.CallEvent) (context.Context, func(error)) {
			if e.Host == "" || e.Method != "user.update" && e.Method != "user.admin" {
				t.Errorf("%+v", e)
			}
			calls++
			return context.WithValue(ctx, key{}, "of the call"), func(err error) {
				if err != nil {
					t.Error(err)
				}
				ended++
			}
		},
		Request:  func(ctx context.Context, _ bitrix24.RequestEvent) { inner(ctx, &requests) },
		Response: func(ctx context.Context, _ bitrix24.ResponseEvent) { inner(ctx, &responses) },
		Refusal: func(ctx context.Context, e bitrix24.RefusalEvent) {
			inner(ctx, &refusals)
			if e != (bitrix24.RefusalEvent{Method: "user.update", Code: "QUERY_LIMIT_EXCEEDED", Status: 503}) {
				t.Errorf("%+v", e)
			}
		},
		Repeat: func(ctx context.Context, _ bitrix24.RepeatEvent) { inner(ctx, &repeats) },
		Wait:   func(ctx context.Context, _ bitrix24.WaitEvent) { inner(ctx, &waits) },
	}
	limits := bitrix24.Limits{Burst: 50, PerSecond: 200}
	portal, client := company(t, sandbox.Options{Plan: sandbox.Off}, bitrix24.WithHooks(hooks), bitrix24.WithLimits(limits))
	if err := portal.SetFaults(sandbox.Fault{Kind: sandbox.FaultQueryLimit, Method: "user.update", Count: 2}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.UpdateUser(t.Context(), 2, bitrix24.Fields{"NAME": "x"}); err != nil {
		t.Fatal(err)
	}
	if _, err := bitrix24.Do[bool](t.Context(), client, bitrix24.Request{Method: "user.admin", Replay: bitrix24.Safe}); err != nil {
		t.Fatal(err)
	}
	got := client.Stats()
	if got.Waits < 2 || got.Waited <= 0 || int64(waits) != got.Waits {
		t.Errorf("%+v after %d waits", got, waits)
	}
	got.Waits, got.Waited = 0, 0
	if want := (bitrix24.Stats{Requests: 4, Refusals: 2, Repeats: 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if diff := cmp.Diff([]int{2, 2, 4, 4, 2, 2}, []int{calls, ended, requests, responses, refusals, repeats}); diff != "" {
		t.Error(diff)
	}
}

// TestStatsOfBatch counts commands and the requests they travelled in.
func TestStatsOfBatch(t *testing.T) {
	t.Parallel()
	var commands, again int
	hooks := bitrix24.Hooks{
		Call: func(ctx context.Context, e bitrix24.CallEvent) (context.Context, func(error)) {
			commands += e.Commands
			return ctx, func(error) {}
		},
		Repeat: func(_ context.Context, e bitrix24.RepeatEvent) { again += e.Commands },
	}
	portal, client := company(t, sandbox.Options{}, bitrix24.WithHooks(hooks))
	if err := portal.SetFaults(sandbox.Fault{Kind: sandbox.FaultQueryLimit, Method: "batch", Count: 1}); err != nil {
		t.Fatal(err)
	}
	for range client.Batch(t.Context(), rename(30), bitrix24.WithHalt()) {
	}
	if got := client.Stats(); got.Commands != 30 || got.Requests != 2 || got.Refusals != 1 || got.Repeats != 1 {
		t.Errorf("%+v", got)
	}
	if commands != 60 || again != 30 {
		t.Errorf("%d commands in calls, %d again", commands, again)
	}
}
