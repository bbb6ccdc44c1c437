package sync_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/sync"
	"github.com/oint-go/oint/sandbox"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestApply(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	email := string(b.user(2).Email)
	plan := b.saved("plan.jsonl", sync.Users(), "EMAIL,NAME,LAST_NAME,UF_DEPARTMENT,PERSONAL_BIRTHDAY,PERSONAL_MOBILE\n"+
		email+",,Changed,Sales/North/Far;Finance,31.05.1990,\n"+
		"new@example.org,New,One,Sales/North,,+44 1\n"+
		"broken,,,,,\n", sync.PlanOptions{Key: "EMAIL", CreateDepartments: true})
	if got := b.apply(plan, sync.ApplyOptions{}); got != (sync.Tally{Total: 4, Done: 4}) {
		t.Errorf("%+v", got)
	}
	u := b.user(2)
	if u.LastName != "Changed" || string(u.PersonalBirthday)[:10] != "1990-05-31" || len(u.Departments) != 2 {
		t.Errorf("%+v", u)
	}
	text := b.shown(sync.Users(), read(t, filepath.Join(b.dir, "table.csv")), sync.PlanOptions{Key: "EMAIL"})
	has(t, text, unchanged+"2 unchanged, 1 conflict")
	before := b.portal.Stats().Commands
	if got := b.apply(plan, sync.ApplyOptions{}); got.Left() != 0 || b.portal.Stats().Commands != before {
		t.Errorf("applied again: %+v, %d commands", got, b.portal.Stats().Commands-before)
	}
	// The rollback is a plan like any other.
	if got := b.apply(filepath.Join(b.dir, "plan.rollback.jsonl"), sync.ApplyOptions{}); got.Done != 1 {
		t.Errorf("%+v", got)
	}
	if u := b.user(2); u.LastName == "Changed" || len(u.Departments) != 1 {
		t.Errorf("%+v", u)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	path := b.saved("plan.jsonl", sync.Users(), "ID,NAME,WORK_NOTES\n2,=Other,a\n3,"+string(b.user(3).Name)+",\n99999,x,\n4,x,\n", sync.PlanOptions{Key: "ID"})
	b.set(4, bitrix24.Fields{"NAME": "Drifted"})
	plan, err := sync.OpenPlan(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close() //nolint:errcheck // it is only read
	run, err := sync.Open(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close() //nolint:errcheck // it is only read from here on
	if err := run.Apply(t.Context(), b.client, sync.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(b.dir, "report.csv")
	if err := run.Report(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	has(t, read(t, report), "row,action,outcome,id,key,name,changes,code,message\n", "2,update,done,2,2,", "3,unchanged,nothing to do,3,",
		"4,conflict,not applied,,99999,", "5,update,drift,4,4,", `NAME is ""Drifted"" now, neither `)
}

func TestDrift(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	plan := b.saved("plan.jsonl", sync.Users(), "ID,NAME\n2,Planned\n3,Planned\n4,Planned\n", sync.PlanOptions{Key: "ID"})
	b.set(2, bitrix24.Fields{"NAME": "Somebody"})
	b.set(3, bitrix24.Fields{"NAME": "Planned"})
	if got := b.apply(plan, sync.ApplyOptions{}); got != (sync.Tally{Total: 3, Done: 2, Drifted: 1}) || b.user(2).Name != "Somebody" {
		t.Errorf("%+v, %s", got, b.user(2).Name)
	}
	if got := b.apply(plan, sync.ApplyOptions{Overwrite: true}); got != (sync.Tally{Total: 3, Done: 3}) || b.user(2).Name != "Planned" {
		t.Errorf("%+v, %s", got, b.user(2).Name)
	}
	updates := 0
	for _, c := range b.portal.Log() {
		if c.Method == "user.update" {
			updates++
		}
	}
	if updates != 4 { // two of the test, two of the plan
		t.Errorf("%d updates", updates)
	}
	// The way back leads to what was overwritten, also when the plan is looked at once more.
	if got := b.apply(plan, sync.ApplyOptions{}); got != (sync.Tally{Total: 3, Done: 3}) {
		t.Errorf("%+v", got)
	}
	if got := b.apply(filepath.Join(b.dir, "plan.rollback.jsonl"), sync.ApplyOptions{}); got != (sync.Tally{Total: 2, Done: 2}) || b.user(2).Name != "Somebody" {
		t.Errorf("%+v, %s", got, b.user(2).Name)
	}
	if name := b.user(3).Name; name != "Planned" { // somebody else's change stays
		t.Error(name)
	}
}

// TestSamePlanAgain carries out a plan with the rows of an earlier one, and its
// rollback likewise.
func TestSamePlanAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	path, old := filepath.Join(b.dir, "plan.jsonl"), b.user(2).Name
	for range 3 {
		made, err := b.plan(sync.Users(), "ID,NAME\n2,Planned\n", sync.PlanOptions{Key: "ID"})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(sync.Replace(t.Context(), path, made), made.Close()); err != nil {
			t.Fatal(err)
		}
		if got := b.apply(path, sync.ApplyOptions{}); got != (sync.Tally{Total: 1, Done: 1}) || b.user(2).Name != "Planned" {
			t.Errorf("%+v, %s", got, b.user(2).Name)
		}
		if got := b.apply(filepath.Join(b.dir, "plan.rollback.jsonl"), sync.ApplyOptions{}); got != (sync.Tally{Total: 1, Done: 1}) || b.user(2).Name != old {
			t.Errorf("rollback: %+v, %s", got, b.user(2).Name)
		}
	}
}

// TestOverwrittenOnce notes a value that is replaced, of a row that is not sent
// after all, and forgets it when the next run finds the planned one.
func TestOverwrittenOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	old := b.user(2).Name
	path := b.saved("plan.jsonl", sync.Users(), "ID,NAME\n2,Planned\n", sync.PlanOptions{Key: "ID"})
	b.set(2, bitrix24.Fields{"NAME": "Somebody"})
	if err := b.portal.SetFaults(sandbox.Fault{Kind: sandbox.FaultOverload, Method: "batch", After: 1, Count: 1}); err != nil {
		t.Fatal(err)
	}
	plan, err := sync.OpenPlan(path, false)
	if err != nil {
		t.Fatal(err)
	}
	run, err := sync.Open(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Apply(t.Context(), b.client, sync.ApplyOptions{Overwrite: true}); !errors.Is(err, bitrix24.ErrOverload) {
		t.Fatal(err)
	}
	if err := errors.Join(run.Close(), plan.Close(), b.portal.SetFaults()); err != nil {
		t.Fatal(err)
	}
	b.set(2, bitrix24.Fields{"NAME": string(old)})
	if got := b.apply(path, sync.ApplyOptions{}); got.Done != 1 {
		t.Errorf("%+v", got)
	}
	if b.apply(filepath.Join(b.dir, "plan.rollback.jsonl"), sync.ApplyOptions{}); b.user(2).Name != old {
		t.Errorf("the rollback makes it %q; it was %q", b.user(2).Name, old)
	}
}

// TestRollbackIsCaughtUp by the next run after a process that died between the last
// outcome and the rollback.
func TestRollbackIsCaughtUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	path := b.saved("plan.jsonl", sync.Users(), "ID,NAME\n2,Planned\n", sync.PlanOptions{Key: "ID"})
	b.set(2, bitrix24.Fields{"NAME": "Somebody"})
	rollback := filepath.Join(b.dir, "plan.rollback.jsonl")
	plan, err := sync.OpenPlan(path, false)
	if err != nil {
		t.Fatal(err)
	}
	run, err := sync.Open(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	early := ""
	if err := run.Apply(t.Context(), b.client, sync.ApplyOptions{Overwrite: true, Moved: func(sync.Tally) { early = read(t, rollback) }}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(run.Close(), plan.Close()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(early, "Somebody") {
		t.Fatal("the rollback had the value before the outcome was there")
	}
	b.file("plan.rollback.jsonl", early)
	journal, err := sql.Open("sqlite", path+".journal")
	if err != nil {
		t.Fatal(err)
	}
	_, err = journal.ExecContext(t.Context(), "UPDATE plan SET behind = 1")
	if err := errors.Join(err, journal.Close()); err != nil {
		t.Fatal(err)
	}
	if got := b.apply(path, sync.ApplyOptions{}); got != (sync.Tally{Total: 1, Done: 1}) {
		t.Errorf("%+v", got)
	}
	if b.apply(rollback, sync.ApplyOptions{}); b.user(2).Name != "Somebody" {
		t.Errorf("the rollback makes it %q", b.user(2).Name)
	}
}

// TestCameMeanwhile does not make a person who has come since the plan.
func TestCameMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	plan := b.saved("plan.jsonl", sync.Users(), "EMAIL,NAME,UF_DEPARTMENT\na@example.org,A,Sales\nb@example.org,B,Sales\n", sync.PlanOptions{Key: "EMAIL"})
	for email, name := range map[string]string{"a@example.org": "A", "b@example.org": "Another"} {
		if _, err := b.client.Call(t.Context(), bitrix24.Request{Method: "user.add", Params: bitrix24.Fields{"EMAIL": email, "NAME": name, "UF_DEPARTMENT": 2}}); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.apply(plan, sync.ApplyOptions{}); got != (sync.Tally{Total: 2, Done: 1, Drifted: 1}) {
		t.Errorf("%+v", got)
	}
}

// TestFailedRowsAreTriedAgain tells of a row that the portal refuses and sends it
// again with the same plan.
func TestFailedRowsAreTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{Faults: []sandbox.Fault{{Kind: sandbox.FaultOverload, Method: "user.nothing"}}})
	plan := b.saved("plan.jsonl", sync.Users(), "ID,EMAIL\n2,free@example.org\n3,other@example.org\n", sync.PlanOptions{Key: "ID"})
	b.set(9, bitrix24.Fields{"EMAIL": "free@example.org"})
	if got := b.apply(plan, sync.ApplyOptions{}); got != (sync.Tally{Total: 2, Done: 1, Failed: 1}) {
		t.Errorf("%+v", got)
	}
	b.set(9, bitrix24.Fields{"EMAIL": "nine@example.org"})
	if got := b.apply(plan, sync.ApplyOptions{}); got != (sync.Tally{Total: 2, Done: 2}) {
		t.Errorf("%+v", got)
	}
}

// TestLostAnswersNeedNoWait when the rows were carried out: a look shows it. Others
// may still be at work.
func TestLostAnswersNeedNoWait(t *testing.T) {
	t.Parallel()
	for kind, waits := range map[sandbox.FaultKind]bool{sandbox.FaultResetAfter: false, sandbox.FaultErrorBefore: true} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, sandbox.Options{})
			file := b.saved("plan.jsonl", sync.Users(), "EMAIL,NAME,UF_DEPARTMENT\n"+string(b.user(2).Email)+",Planned,\nnew@example.org,New,Sales\n", sync.PlanOptions{Key: "EMAIL"})
			if err := b.portal.SetFaults(sandbox.Fault{Kind: kind, Method: "batch", After: 1, Count: 1}); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			plan, err := sync.OpenPlan(file, false)
			if err != nil {
				t.Fatal(err)
			}
			defer plan.Close() //nolint:errcheck // it was only read
			run, err := sync.Open(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			defer run.Close() //nolint:errcheck // what it wrote is on disk
			err = run.Apply(ctx, b.client, sync.ApplyOptions{Settle: time.Hour, Note: func(text string) {
				has(t, text, "waiting 1h0m0s: an interrupted request may still be at work on the portal")
				cancel()
			}})
			want := sync.Tally{Total: 2, Done: 2}
			if waits {
				want.Done = 1 // in a request of its own
			}
			if (err != nil) != waits || run.Tally() != want {
				t.Errorf("%v, %+v", err, run.Tally())
			}
		})
	}
}

// TestUnansweredRowsAreLookedUp loses answers to updates and additions that were
// carried out, and some that were not.
func TestUnansweredRowsAreLookedUp(t *testing.T) {
	t.Parallel()
	for _, kind := range []sandbox.FaultKind{sandbox.FaultErrorAfter, sandbox.FaultResetAfter, sandbox.FaultErrorBefore, sandbox.FaultTruncated} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, sandbox.Options{Users: 200})
			var content strings.Builder
			content.WriteString("EMAIL,NAME,UF_DEPARTMENT\n")
			for i := 2; i <= 120; i++ {
				fmt.Fprintf(&content, "%s,Planned,\n", b.user(int64(i)).Email)
			}
			for i := range 60 {
				fmt.Fprintf(&content, "new%d@example.org,New,Sales\n", i)
			}
			plan := b.saved("plan.jsonl", sync.Users(), content.String(), sync.PlanOptions{Key: "EMAIL"})
			if err := b.portal.SetFaults(sandbox.Fault{Kind: kind, Method: "batch", After: 3, Count: 6}); err != nil {
				t.Fatal(err)
			}
			if got := b.apply(plan, sync.ApplyOptions{}); got != (sync.Tally{Total: 179, Done: 179}) {
				t.Errorf("%+v", got)
			}
			times := map[string]int{}
			for _, c := range b.portal.Log() {
				if c.Code == "" && c.Record != 0 {
					times[c.Method]++
				}
			}
			if times["user.update"] != 119 || times["user.add"] != 60 {
				t.Errorf("%v", times)
			}
		})
	}
}

func TestInterruptedRunGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{Users: 200})
	var content strings.Builder
	content.WriteString("ID,NAME\n")
	for i := 2; i <= 200; i++ {
		fmt.Fprintf(&content, "%d,Planned\n", i)
	}
	path := b.saved("plan.jsonl", sync.Users(), content.String(), sync.PlanOptions{Key: "ID"})
	plan, err := sync.OpenPlan(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close() //nolint:errcheck // it is only read
	run, err := sync.Open(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = run.Apply(ctx, b.client, sync.ApplyOptions{Moved: func(sync.Tally) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	if got := b.apply(path, sync.ApplyOptions{}); got != (sync.Tally{Total: 199, Done: 199}) {
		t.Errorf("%+v", got)
	}
	updates := 0
	for _, c := range b.portal.Log() {
		if c.Method == "user.update" {
			updates++
		}
	}
	if updates != 199 {
		t.Errorf("%d updates", updates)
	}
}

func TestOneRunAtATime(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	path := b.saved("plan.jsonl", sync.Users(), "ID,NAME\n2,Planned\n", sync.PlanOptions{Key: "ID"})
	plan, err := sync.OpenPlan(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close() //nolint:errcheck // it is only read
	first, err := sync.Open(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	var input *sync.InputError
	if _, err := sync.Open(t.Context(), plan); !errors.As(err, &input) || !strings.Contains(err.Error(), "another apply of this plan is running") {
		t.Errorf("the second: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := sync.Open(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	// The journal of another plan, and a file that is none.
	other := b.saved("plan.jsonl", sync.Users(), "ID,NAME\n3,Planned\n", sync.PlanOptions{Key: "ID"})
	if plan, err = sync.OpenPlan(other, false); err != nil {
		t.Fatal(err)
	}
	if _, err := sync.Open(t.Context(), plan); !errors.As(err, &input) || !strings.Contains(err.Error(), "is the journal of another plan") {
		t.Error(err)
	}
	b.file("plan.jsonl.journal", strings.Repeat("no journal at all ", 100))
	if _, err := sync.Open(t.Context(), plan); !errors.As(err, &input) || !strings.Contains(err.Error(), "is no journal of a plan") {
		t.Error(err)
	}
}

// TestEditedPlans names the line of whatever makes no sense.
func TestEditedPlans(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	path := b.saved("plan.jsonl", sync.Users(), "EMAIL,NAME,UF_DEPARTMENT\n"+string(b.user(2).Email)+",Planned,\nnew@example.org,New,Sales/North\n", sync.PlanOptions{Key: "EMAIL", CreateDepartments: true})
	good := read(t, path)
	tests := []struct{ old, new, want string }{
		{`{"format":"oint-plan"`, `{"format":"other"`, "line 1: it is no plan"},
		{`"version":1`, `"version":2`, "line 1: it is a plan of version 2"},
		{`"entity":"users"`, `"entity":"cats"`, `line 1: there is no entity "cats"`},
		{`"action":"update"`, `"action":"delete"`, `line 3: there is no action "delete"`},
		{`"id":2`, `"id":0`, "line 3: update needs the id"},
		{`"id":2`, `"id":"two"`, "line 3: it cannot be read"},
		{`"field":"NAME","old":"` + string(b.user(2).Name) + `"`, `"field":"SALARY","old":""`, `line 3: users have no field "SALARY"`},
		{`"new":"Planned"`, `"new":["a","b"]`, "line 3: NAME takes one value"},
		{`"new":"Planned"`, `"new":{}`, "line 3: it cannot be read"},
		{`"new":"Sales/North"`, `"new":"Sales/South"`, `line 4: UF_DEPARTMENT: no line before makes the department "Sales/South"`},
		{`"new":"new@example.org"`, `"new":"new"`, `line 4: EMAIL: "new" is no e-mail address`},
		{`"new":"Planned"`, `"new":"Edited"`, "was changed after it was made"},
		{`"key":"new@example.org"`, `"key":""`, "line 4: create needs a key"},
	}
	for _, tt := range tests {
		edited := strings.Replace(good, tt.old, tt.new, 1)
		if edited == good {
			t.Errorf("%s is not in the plan\n%s", tt.old, good)
			continue
		}
		_, err := sync.OpenPlan(b.file("edited.jsonl", edited), false)
		var input *sync.InputError
		if !errors.As(err, &input) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.new, err)
		}
	}
	plan, err := sync.OpenPlan(b.file("edited.jsonl", strings.Replace(good, `"new":"Planned"`, `"new":"Edited"`, 1)), true)
	if err != nil || plan.Rows != 3 {
		t.Errorf("%+v, %v", plan, err)
	}
}
