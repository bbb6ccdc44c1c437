package sync_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/sync"
	"github.com/oint-go/oint/sandbox"
)

// TestLoopsOfManagers are conflicts of the rows that would close them, and of no
// others.
func TestLoopsOfManagers(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{Users: 60})
	for name, kind := range map[string]string{"UF_USR_BOSS": "employee", "UF_USR_CODE": "string"} {
		own := bitrix24.Fields{"FIELD_NAME": name, "USER_TYPE_ID": kind}
		if _, err := b.client.Call(t.Context(), bitrix24.Request{Method: "user.userfield.add", Params: bitrix24.Fields{"fields": own}}); err != nil {
			t.Fatal(err)
		}
	}
	options := sync.PlanOptions{Key: "ID", Manager: "uf_usr_boss"}
	for _, test := range []struct {
		name   string
		portal map[int64]int64 // managers
		table  string
		want   []string
	}{
		{"two of the table", nil, "3,4\n4,3\n5,4\n", []string{
			"conflict   row 2  id 3", "they would be their own manager: 3 below 4 below 3", "conflict   row 3  id 4", "4 below 3 below 4", "update     row 4  id 5",
		}},
		{"themselves", nil, "3,3\n", []string{"3 below 3\n"}},
		{"closed by one row", map[int64]int64{3: 4, 4: 5}, "5,3\n3,4\n4,\n", []string{"conflict   row 2  id 5", "5 below 3 below 4 below 5", "0 update, 0 dismiss, 0 reactivate, 2 unchanged, 1 conflict"}},
		{"opened by another row", map[int64]int64{3: 4, 4: 5}, "5,3\n4,6\n", []string{"2 update, 0 dismiss, 0 reactivate, 0 unchanged, 0 conflict"}},
		{"opened only by a row that cannot be applied", map[int64]int64{3: 4, 4: 5}, "5,3\n4,nobody@example.org\n", []string{"conflict   row 2  id 5", "conflict   row 3  id 4", "0 update"}},
		{"there already and left alone", map[int64]int64{3: 4, 4: 3}, "5,4\n3,4\n", []string{"1 update, 0 dismiss, 0 reactivate, 1 unchanged, 0 conflict"}},
		{"closed by one that then stays where it is", map[int64]int64{4: 3}, "3,4\n4,5\n5,4\n", []string{"3 conflict", "3 below 4 below 3", "4 below 5 below 4"}},
		{"a long one", nil, "3,4\n4,5\n5,6\n6,7\n7,8\n8,9\n9,10\n10,11\n11,12\n12,3\n", []string{"3 below 4 below 5 below 6 below 7 below 8 below 9 below 10 below … below 3", "10 conflict"}},
	} {
		for id := int64(3); id <= 12; id++ {
			var boss any = ""
			if test.portal[id] != 0 {
				boss = test.portal[id]
			}
			b.set(id, bitrix24.Fields{"UF_USR_BOSS": boss})
		}
		t.Run(test.name, func(t *testing.T) {
			has(t, b.shown(sync.Users(), "ID,UF_USR_BOSS\n"+test.table, options), test.want...)
		})
	}
	// Who is meant by a field that is no manager's may well be mutual.
	has(t, b.shown(sync.Users(), "ID,UF_USR_BOSS\n3,4\n4,3\n", sync.PlanOptions{Key: "ID"}), "2 update")
	for field, want := range map[string]string{
		"UF_USR_CODE":   "--manager-field: UF_USR_CODE names no user",
		"UF_DEPARTMENT": "--manager-field: UF_DEPARTMENT names no user",
		"UF_USR_OTHER":  `--manager-field: no column of the table is "UF_USR_OTHER"`,
	} {
		var input *sync.InputError
		_, err := b.plan(sync.Users(), "ID,UF_USR_BOSS,UF_USR_CODE,UF_DEPARTMENT\n3,4,5,2\n", sync.PlanOptions{Key: "ID", Manager: field})
		if !errors.As(err, &input) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", field, err)
		}
	}
	var input *sync.InputError
	if _, err := b.plan(sync.Departments(), "ID,UF_HEAD\n2,4\n", sync.PlanOptions{Key: "ID", Manager: "UF_HEAD"}); !errors.As(err, &input) || !strings.Contains(err.Error(), "departments have no managers") {
		t.Error(err)
	}
}

// TestDepartmentsThatStay close loops that the table alone does not show.
func TestDepartmentsThatStay(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	for table, want := range map[string]string{
		"6,7\n7,7\n":              "6 below 7 below 6",
		"1,2\n2,2\n":              "1 below 2 below 1",
		"6,Engineering/New/Far\n": "6 below 6",
	} {
		text := b.shown(sync.Departments(), "ID,PARENT\n"+table, sync.PlanOptions{Key: "ID", CreateDepartments: true})
		has(t, text, want, "0 create, 0 update")
	}
}

// TestDepartmentThatMovesBesideLoop keeps its change: only those that would close
// the loop are conflicts.
func TestDepartmentThatMovesBesideLoop(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	var ids []int64
	for i := range 3 {
		made, err := b.client.CreateDepartment(t.Context(), fmt.Sprint("Loop ", i), &bitrix24.CreateDepartmentOptions{ParentID: 1})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, int64(made.Result))
	}
	table := fmt.Sprintf("ID,PARENT,NAME\n%d,%d,A\n%d,%d,B\n%d,1,C\n", ids[0], ids[1], ids[1], ids[0], ids[2])
	has(t, b.shown(sync.Departments(), table, sync.PlanOptions{Key: "ID"}), fmt.Sprintf("the department would be below itself: %d below %d below %d", ids[0], ids[1], ids[0]), "1 update", "2 conflict")
}
