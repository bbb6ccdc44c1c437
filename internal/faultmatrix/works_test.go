//go:build faultmatrix

package faultmatrix

import (
	"encoding/json"
	"fmt"
	"iter"
	"sync"
	"testing"

	"github.com/oint-go/oint/bitrix24"
)

// verdict is what a caller was told about a call.
type verdict int

const (
	told    verdict = iota // it was carried out
	denied                 // it was not
	unclear                // it may have been
)

func verdictOf(err error) verdict {
	switch {
	case err == nil:
		return told
	case bitrix24.Ambiguous(err):
		return unclear
	}
	return denied
}

func verdictOfOutcome(o bitrix24.Outcome) verdict {
	switch o.State {
	case bitrix24.Done:
		return told
	case bitrix24.Unknown:
		return unclear
	}
	return denied
}

// mark is the text that a row writes, so that it can be found again.
func mark(row int) string { return fmt.Sprintf("row %d", row) }

// userOf is the user that a row of updates changes; every row has its own.
func userOf(row int) bitrix24.ID { return bitrix24.ID(2 + row) }

// checkUpdates compares what was told about each row with the user's data.
func checkUpdates(t *testing.T, p *portal, f fault, verdicts []verdict) {
	t.Helper()
	f.happened(t, p)
	carried := p.carriedOut("user.update")
	notes := map[bitrix24.ID]string{}
	for u, err := range bitrix24.Rows[bitrix24.User](t.Context(), p.calm(t), "user.get", bitrix24.Fields{
		"FILTER": bitrix24.Fields{"<=ID": int(userOf(len(verdicts)))}, "select": []string{"ID", "WORK_NOTES"},
	}) {
		if err != nil {
			t.Fatal(err)
		}
		var note string
		_ = json.Unmarshal(u.Fields["WORK_NOTES"], &note) // null when it is not set
		notes[u.ID] = note
	}
	for row, v := range verdicts {
		id := userOf(row)
		isSet := notes[id] == mark(row)
		switch {
		case v == told && (!isSet || carried[int64(id)] == 0):
			t.Errorf("row %d was lost", row)
		case v == denied && (isSet || carried[int64(id)] > 0):
			t.Errorf("row %d was carried out and reported as not", row)
		case v != told && !f.final:
			t.Errorf("row %d was given up, though a second run is harmless", row)
		case f.kind == "" && carried[int64(id)] != 1:
			t.Errorf("row %d was carried out %d times", row, carried[int64(id)])
		}
	}
}

// checkCreates compares what was told about each row with the departments of its
// name.
func checkCreates(t *testing.T, p *portal, f fault, verdicts []verdict, ids map[int]bitrix24.ID) {
	t.Helper()
	f.happened(t, p)
	carried := p.carriedOut("department.add")
	found := map[string][]bitrix24.ID{}
	for d, err := range p.calm(t).Departments(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		found[string(d.Name)] = append(found[string(d.Name)], d.ID)
	}
	made := 0
	for row, v := range verdicts {
		got := found[mark(row)]
		made += len(got)
		switch {
		case len(got) > 1:
			t.Errorf("row %d was doubled: departments %v", row, got)
		case v == told && (len(got) == 0 || got[0] != ids[row] || carried[int64(got[0])] != 1):
			t.Errorf("row %d was lost: departments %v, told %v", row, got, ids[row])
		case v == denied && len(got) > 0:
			t.Errorf("row %d was carried out and reported as not", row)
		case v != told && f.tells:
			t.Errorf("row %d was given up, though it was known not to have run", row)
		}
	}
	if len(carried) != made {
		t.Errorf("the portal carried out %d creations, and %d departments are there", len(carried), made)
	}
}

// each runs do for every row, four at once.
func each(rows int, do func(row int)) {
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for row := worker; row < rows; row += 4 {
				do(row)
			}
		})
	}
	all.Wait()
}

func singleWrite(t *testing.T, p *portal, client *bitrix24.Client, f fault) {
	const rows = 40
	verdicts := make([]verdict, rows)
	each(rows, func(row int) {
		_, err := client.UpdateUser(t.Context(), userOf(row), bitrix24.Fields{"WORK_NOTES": mark(row)}, bitrix24.WithRetries(6))
		p.hear(err)
		verdicts[row] = verdictOf(err)
	})
	checkUpdates(t, p, f, verdicts)
}

func singleCreate(t *testing.T, p *portal, client *bitrix24.Client, f fault) {
	const rows = 40
	verdicts := make([]verdict, rows)
	ids := map[int]bitrix24.ID{}
	var mu sync.Mutex
	each(rows, func(row int) {
		answer, err := client.CreateDepartment(t.Context(), mark(row), &bitrix24.CreateDepartmentOptions{ParentID: 1})
		p.hear(err)
		mu.Lock()
		defer mu.Unlock()
		if verdicts[row] = verdictOf(err); err == nil {
			ids[row] = answer.Result
		}
	})
	checkCreates(t, p, f, verdicts, ids)
}

// singleRead reads once and once more after each fault, which every reading
// survives.
func singleRead(t *testing.T, p *portal, client *bitrix24.Client, f fault) {
	for row := range 12 {
		if f.kind != "" {
			one := f.of(p)
			one.Count = 1 + row%2
			if f.once && row > 0 {
				break
			}
			if err := p.SetFaults(one); err != nil {
				t.Fatal(err)
			}
		}
		answer, err := client.GetUser(t.Context(), userOf(row))
		p.hear(err)
		switch {
		case f.final:
			if verdictOf(err) != denied {
				t.Errorf("read %d: %v", row, err)
			}
		case err != nil:
			t.Errorf("read %d: %v", row, err)
		case len(answer.Result) != 1 || answer.Result[0].ID != userOf(row):
			t.Errorf("read %d: %s", row, answer.Raw)
		}
		f.happened(t, p)
	}
}

// outcomes collects outcomes and checks that every row has one, in order.
func outcomes[T any](t *testing.T, p *portal, rows int, all iter.Seq[bitrix24.OutcomeOf[T]]) (verdicts []verdict, values map[int]T) {
	t.Helper()
	values = map[int]T{}
	for o := range all {
		if o.Index != len(verdicts) {
			t.Fatalf("outcome %d stands at place %d", o.Index, len(verdicts))
		}
		p.hear(o.Err)
		verdicts = append(verdicts, verdictOfOutcome(o.Outcome))
		if o.State == bitrix24.Done {
			values[o.Index] = o.Value
		}
	}
	if len(verdicts) != rows {
		t.Fatalf("%d of %d rows were reported", len(verdicts), rows)
	}
	return verdicts, values
}

func bulkUpdate(t *testing.T, p *portal, client *bitrix24.Client, f fault) {
	const rows = 2000
	calls := func(yield func(bitrix24.UpdateUserArgs) bool) {
		for row := range rows {
			if !yield(bitrix24.UpdateUserArgs{UserID: userOf(row), Fields: bitrix24.Fields{"WORK_NOTES": mark(row)}}) {
				return
			}
		}
	}
	verdicts, _ := outcomes(t, p, rows, client.UpdateUsers(t.Context(), calls))
	checkUpdates(t, p, f, verdicts)
}

func bulkCreate(t *testing.T, p *portal, client *bitrix24.Client, f fault) {
	const rows = 500
	calls := func(yield func(bitrix24.CreateDepartmentArgs) bool) {
		for row := range rows {
			if !yield(bitrix24.CreateDepartmentArgs{Name: mark(row), Options: &bitrix24.CreateDepartmentOptions{ParentID: 1}}) {
				return
			}
		}
	}
	verdicts, ids := outcomes(t, p, rows, client.CreateDepartments(t.Context(), calls))
	checkCreates(t, p, f, verdicts, ids)
}

func listAll(t *testing.T, p *portal, client *bitrix24.Client, f fault) {
	n := int64(0)
	var broken error
	for u, err := range bitrix24.Rows[bitrix24.User](t.Context(), client, "user.get", bitrix24.Fields{"select": []string{"ID", "NAME"}}) {
		if err != nil {
			broken = err
			break
		}
		if n++; int64(u.ID) != n {
			t.Fatalf("row %d has the id %d", n, u.ID)
		}
	}
	p.hear(broken)
	f.happened(t, p)
	switch {
	case f.final && broken == nil:
		t.Error("the list ended without an error")
	case !f.final && broken != nil:
		t.Error(broken)
	case !f.final && n != users:
		t.Errorf("%d rows of %d", n, users)
	}
}

// chains makes forty departments, changes each by reference to it, and notes it
// with a user.
func chains(t *testing.T, p *portal, client *bitrix24.Client, f fault) {
	const rows = 40
	var commands []bitrix24.Command
	for row := range rows {
		name := fmt.Sprint("new", row)
		commands = append(commands,
			bitrix24.Command{Name: name, Method: "department.add", Params: bitrix24.Fields{"NAME": mark(row), "PARENT": 1}},
			bitrix24.Command{Method: "department.update", Params: bitrix24.Fields{"ID": bitrix24.Ref(name), "SORT": 100 + row}, Replay: bitrix24.Idempotent},
			bitrix24.Command{Method: "user.update", Params: bitrix24.Fields{"ID": int(userOf(row)), "WORK_NOTES": bitrix24.Ref(name)}, Replay: bitrix24.Idempotent},
		)
	}
	all := client.BatchAll(t.Context(), commands)
	if len(all) != len(commands) {
		t.Fatalf("%d outcomes for %d commands", len(all), len(commands))
	}
	var created []verdict
	ids := map[int]bitrix24.ID{}
	for i, o := range all {
		p.hear(o.Err)
		if o.Index != i {
			t.Fatalf("outcome %d stands at place %d", o.Index, i)
		}
		row := i / 3
		switch i % 3 {
		case 0:
			created = append(created, verdictOfOutcome(o))
			var id bitrix24.ID
			if o.State == bitrix24.Done {
				if err := json.Unmarshal(o.Result, &id); err != nil {
					t.Fatal(err)
				}
				ids[row] = id
			}
		default:
			if o.State == bitrix24.Done && created[row] != told {
				t.Errorf("command %d was done, and the one it refers to was not", i)
			}
			if f.tells && o.State != bitrix24.Done {
				t.Errorf("command %d is %v: %v", i, o.State, o.Err)
			}
		}
	}
	changed, noted := p.carriedOut("department.update"), p.carriedOut("user.update")
	for i, o := range all {
		row := i / 3
		runs := 0
		switch i % 3 {
		case 0:
			continue
		case 1:
			runs = changed[int64(ids[row])]
		case 2:
			runs = noted[int64(userOf(row))]
		}
		switch v := verdictOfOutcome(o); {
		case v == told && runs == 0:
			t.Errorf("command %d was lost", i)
		case v == denied && created[row] == told && runs > 0:
			t.Errorf("command %d was carried out and reported as not", i)
		}
	}
	checkCreates(t, p, f, created, ids)
	for d, err := range p.calm(t).Departments(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		for row, id := range ids {
			if d.ID == id && verdictOfOutcome(all[3*row+1]) == told && int(d.Sort) != 100+row {
				t.Errorf("row %d: department %d has the sort %d", row, id, d.Sort)
			}
		}
	}
}
