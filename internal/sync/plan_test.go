package sync_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/sync"
	"github.com/oint-go/oint/internal/table"
	"github.com/oint-go/oint/sandbox"
)

const unchanged = "0 create, 0 update, 0 dismiss, 0 reactivate, "

// TestRoundTrip exports users with values of every kind and plans the tables
// again, in every form and by every key.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	own := []bitrix24.Fields{
		{"FIELD_NAME": "UF_USR_TAGS", "USER_TYPE_ID": "string", "MULTIPLE": "Y"},
		{"FIELD_NAME": "UF_USR_MOMENT", "USER_TYPE_ID": "datetime"},
		{"FIELD_NAME": "UF_USR_RATE", "USER_TYPE_ID": "double"},
		{"FIELD_NAME": "UF_USR_LEADS", "USER_TYPE_ID": "boolean"},
		{"FIELD_NAME": "UF_USR_DAYS", "USER_TYPE_ID": "date", "MULTIPLE": "Y"},
	}
	for _, fields := range own {
		if _, err := b.client.Call(t.Context(), bitrix24.Request{Method: "user.userfield.add", Params: bitrix24.Fields{"fields": fields}}); err != nil {
			t.Fatal(err)
		}
	}
	users := sync.Users()
	texts := bitrix24.Fields{}
	for _, f := range users.Fields {
		if f.Kind == sync.Text && !f.ReadOnly && f.Name != "PERSONAL_GENDER" {
			texts[f.Name] = "=1+1;[\"a\"],\r\nsecond line of " + f.Name
		}
	}
	b.set(2, texts)
	b.set(3, bitrix24.Fields{
		"WORK_PHONE": "+44 20 7946 0000", "UF_PHONE_INNER": "007", "PERSONAL_MOBILE": "-1", "XML_ID": "0012", "UF_DEPARTMENT": []int{7, 2},
		"PERSONAL_BIRTHDAY": "", "UF_USR_TAGS": []string{"b;c", "a", "[x]", "two\nlines"}, "UF_USR_MOMENT": "2026-05-31T23:30:00+03:00",
		"UF_USR_RATE": "1.50", "UF_USR_LEADS": "Y", "UF_USR_DAYS": []string{"2026-01-31", "2025-12-01"}, "ACTIVE": "N",
	})
	b.set(4, bitrix24.Fields{"NAME": "'quoted", "LAST_NAME": "@home", "WORK_NOTES": "\tx", "UF_USR_TAGS": []string{"one"}})
	for _, kind := range []string{"csv", "xlsx", "jsonl"} {
		for _, paths := range []bool{true, false} {
			out := filepath.Join(b.dir, fmt.Sprintf("out%v.%s", paths, kind))
			n, err := sync.Export(t.Context(), b.client, users, sync.ExportOptions{Out: out, Paths: paths})
			if err != nil || n != 42 {
				t.Fatalf("%s: %d rows, %v", out, n, err)
			}
			for _, key := range []string{"EMAIL", "ID"} {
				text := b.shown(users, "", sync.PlanOptions{From: out, Key: key, ClearEmpty: true})
				if text != "users: "+unchanged+"42 unchanged, 0 conflict\n" {
					t.Errorf("%s by %s:\n%s", filepath.Base(out), key, text)
				}
			}
		}
	}
}

func TestDepartmentsRoundTrip(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	for _, name := range []string{"A/B", "A;B", "77"} {
		if _, err := b.client.Call(t.Context(), bitrix24.Request{Method: "department.add", Params: bitrix24.Fields{"NAME": name, "PARENT": 1}}); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(b.dir, "d.csv")
	if _, err := sync.Export(t.Context(), b.client, sync.Departments(), sync.ExportOptions{Out: out, Paths: true}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"ID", "PATH"} {
		text := b.shown(sync.Departments(), "", sync.PlanOptions{From: out, Key: key, ClearEmpty: true})
		if text != "departments: "+unchanged+"13 unchanged, 0 conflict\n" {
			t.Errorf("by %s:\n%s", key, text)
		}
	}
}

// TestNormalised finds nothing to change where only the way to write differs.
func TestNormalised(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	b.set(3, bitrix24.Fields{"EMAIL": "o.lama@example.org", "PERSONAL_MOBILE": "+44 7700 900-123", "PERSONAL_BIRTHDAY": "1990-05-31", "UF_DEPARTMENT": []int{7, 2}, "NAME": "Oleg"})
	text := b.shown(sync.Users(), "EMAIL,PERSONAL_MOBILE,PERSONAL_BIRTHDAY,UF_DEPARTMENT,ACTIVE,NAME,LAST_NAME\n"+
		"O.Lama@Example.org,+44(7700)900123,31.05.1990,sales; engineering / platform,true,\" Oleg \",\n", sync.PlanOptions{Key: "email"})
	if text != "users: "+unchanged+"1 unchanged, 0 conflict\n" {
		t.Error(text)
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	for id := int64(2); id <= 9; id++ {
		b.set(id, bitrix24.Fields{"XML_ID": fmt.Sprint("P", id), "NAME": fmt.Sprint("N", id)})
	}
	b.set(3, bitrix24.Fields{"ACTIVE": "N"})
	b.set(9, bitrix24.Fields{"XML_ID": "P8"})
	mapping := b.file("map.yaml", "columns: {Person: XML_ID, Mail: EMAIL, Dept: UF_DEPARTMENT, Note: ''}\nothers: ignore\n")
	text := b.shown(sync.Users(), "Person,Mail,Dept,ACTIVE,NAME,Note,Salary\n"+
		"P2,,,,Other,x,1\n"+ // update
		"P3,,,Y,,x,1\n"+ // reactivate
		"P4,,,N,,x,1\n"+ // dismiss
		"P5,,9,,,x,1\n"+ // update of the department
		"P6,not an address,,,,x,1\n"+
		"P7,,Nowhere,,,x,1\n"+
		"P8,,,,Other,x,1\n"+ // twice on the portal
		",,,,Nobody,x,1\n"+
		"New,new@example.org,Sales,,New,x,1\n"+
		"Poor,,Sales,,New,x,1\n"+
		"Gone,gone@example.org,Sales,N,New,x,1\n"+
		"Same,same@example.org,Sales,,New,x,1\n"+
		"same,other@example.org,Sales,,New,x,1\n"+
		"Taken,taken@example.org,Sales,,New,x,1\n"+
		"Taken2,TAKEN@example.org,Sales,,New,x,1\n", sync.PlanOptions{Key: "XML_ID", Map: mapping})
	has(t, text,
		`NAME: "N2" → "Other"`, "reactivate row 3  id 3  P3  N3", "dismiss    row 4  id 4  P4  N4",
		`row 6`, `Mail: "not an address" is no e-mail address`, `Dept: there is no department "Nowhere"; --create-departments makes it`,
		"the portal has the XML_ID 2 times: 8, 9", "the row has no XML_ID", "create     row 10  New", "a new user needs EMAIL",
		"the XML_ID stands in row 14 too", "the e-mail address stands in row 16 too",
		"users: 1 create, 2 update, 1 dismiss, 1 reactivate, 1 unchanged, 9 conflict")
}

func TestTakenAddress(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	b.set(2, bitrix24.Fields{"XML_ID": "P2"})
	email := string(b.user(5).Email)
	has(t, b.shown(sync.Users(), "XML_ID,EMAIL\nP2,"+email+"\n", sync.PlanOptions{Key: "XML_ID"}), "conflict   row 2  id 2  P2", "the e-mail address is that of user 5 already")
}

// TestDismissMissing leaves those out that no table can know, and stops when too
// many would go.
func TestDismissMissing(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	out := filepath.Join(b.dir, "all.csv")
	if _, err := sync.Export(t.Context(), b.client, sync.Users(), sync.ExportOptions{Out: out, Select: []string{"EMAIL"}}); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(read(t, out), "\n")
	without := func(n int) string { return lines[0] + strings.Join(lines[1+n:], "") } // the first is the administrator
	b.set(30, bitrix24.Fields{"ACTIVE": "N"})
	has(t, b.shown(sync.Users(), without(2), sync.PlanOptions{Key: "EMAIL", DismissMissing: true}), "dismiss    id 2", "reactivate row 29  id 30", " 1 dismiss, 1 reactivate,")
	var input *sync.InputError
	_, err := b.plan(sync.Users(), without(5), sync.PlanOptions{Key: "EMAIL", DismissMissing: true})
	if !errors.As(err, &input) || !strings.Contains(err.Error(), "4 of 40 employees") || !strings.Contains(err.Error(), "--max-dismiss 4 allows it") {
		t.Error(err)
	}
	if _, err := b.plan(sync.Users(), without(5), sync.PlanOptions{Key: "EMAIL", DismissMissing: true, MaxDismiss: 3}); !errors.As(err, &input) {
		t.Error(err)
	}
	has(t, b.shown(sync.Users(), without(5), sync.PlanOptions{Key: "EMAIL", DismissMissing: true, MaxDismiss: 4}), " 4 dismiss, ")
}

func TestDepartmentPlans(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	head := string(b.user(12).Email)
	text := b.shown(sync.Departments(), "ID,NAME,PARENT,UF_HEAD\n6,Engineering,Platform,\n7,,Engineering,"+head+"\n2,Trade,,nobody@example.org\n99,X,1,\n", sync.PlanOptions{Key: "ID"})
	has(t, text, `there is no department "Platform"`, "conflict   row 4", `there is no user "nobody@example.org"`, "the portal has no department with the ID 99", `UF_HEAD: "7" → "12"`)
	text = b.shown(sync.Departments(), "ID,PARENT\n6,Engineering/Platform\n7,6\n", sync.PlanOptions{Key: "ID"})
	has(t, text, "conflict   row 2  id 6", "the department would be below itself: 6 below 7 below 6")
	text = b.shown(sync.Departments(), "PATH,SORT\nSales/North/Far,7\nSales,9\nSandbox Company/Fresh,\n", sync.PlanOptions{Key: "PATH", CreateDepartments: true})
	has(t, text, "create     row 4  Fresh", "create     Sales/North", `PARENT: "Sales/North"`, `SORT: "7"`, "departments: 3 create, 1 update, 0 dismiss, 0 reactivate, 0 unchanged, 0 conflict")
}

// TestDepartmentsByPath finds a department by every way to name it, and makes only
// those that are rows of the table.
func TestDepartmentsByPath(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	for table, want := range map[string]string{
		"Sandbox Company/Sales,11\n":           "1 update, 0 dismiss, 0 reactivate, 0 unchanged, 0 conflict",
		"2,11\n":                               "1 update, 0 dismiss, 0 reactivate, 0 unchanged, 0 conflict",
		"99,11\n":                              "there is no department 99",
		"Sandbox Company/Sales,11\nSales,12\n": "0 update, 0 dismiss, 0 reactivate, 0 unchanged, 2 conflict",
		"sales,11\n2,12\n":                     "0 update, 0 dismiss, 0 reactivate, 0 unchanged, 2 conflict",
		"Sales/Neu,11\nSandbox  Company/sales/NEU,22\n": "0 create, 0 update, 0 dismiss, 0 reactivate, 0 unchanged, 2 conflict",
		"Slaes/New,11\n": `there is no department "Slaes"; --create-departments makes it`,
		"Slaes/New/Far,11\nSlaes,1\nSandbox Company/slaes/New,2\n": "3 create, 0 update, 0 dismiss, 0 reactivate, 0 unchanged, 0 conflict",
		"Slaes/New,11\nSlaes,1\nSlaes,2\n":                         "0 create, 0 update, 0 dismiss, 0 reactivate, 0 unchanged, 3 conflict",
	} {
		has(t, b.shown(sync.Departments(), "PATH,SORT\n"+table, sync.PlanOptions{Key: "PATH"}), want)
	}
	// Letters composed of several characters are the same letters.
	has(t, b.shown(sync.Departments(), "PATH,SORT\nSales/\u0419\u043e\u0434,1\nSales/\u0418\u0306\u043e\u0434,2\n", sync.PlanOptions{Key: "PATH"}), "0 create, 0 update, 0 dismiss, 0 reactivate, 0 unchanged, 2 conflict")
	has(t, b.shown(sync.Users(), "EMAIL,NAME,UF_DEPARTMENT\n\u00e9mile@example.org,A,Sales\ne\u0301mile@example.org,B,Sales\n", sync.PlanOptions{Key: "EMAIL"}), "0 create, 0 update, 0 dismiss, 0 reactivate, 0 unchanged, 2 conflict")
}

// TestBadInput sends nothing that changes, and names the place.
func TestBadInput(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	tests := []struct {
		name, content, mapping string
		options                sync.PlanOptions
		want                   string
	}{
		{"no key column", "NAME\nx\n", "", sync.PlanOptions{Key: "EMAIL"}, "no column of the table is EMAIL"},
		{"no key", "NAME\nx\n", "", sync.PlanOptions{}, "--key says what tells users apart"},
		{"bad key", "NAME\nx\n", "", sync.PlanOptions{Key: "NAME"}, "not told apart by \"NAME\""},
		{"unknown column", "EMAIL,Wage\nx,1\n", "", sync.PlanOptions{Key: "EMAIL"}, `column Wage: users have no field "Wage"`},
		{"mapped to nothing", "EMAIL,Wage\nx,1\n", "columns: {Wage: WAGE}", sync.PlanOptions{Key: "EMAIL"}, `column Wage: users have no field "WAGE"`},
		{"mapped twice", "EMAIL,A,B\nx,1,2\n", "columns: {A: NAME, B: NAME}", sync.PlanOptions{Key: "EMAIL"}, "the columns A and B are both NAME"},
		{"no such column", "EMAIL\nx\n", "columns: {A: NAME}", sync.PlanOptions{Key: "EMAIL"}, `the table has no column "A"`},
		{"broken map", "EMAIL\nx\n", "column: {A: NAME}", sync.PlanOptions{Key: "EMAIL"}, "field column not found"},
		{"ragged", "EMAIL,NAME\nx\n", "", sync.PlanOptions{Key: "EMAIL"}, "table.csv, row 2: the row has 1 cells, the header 2"},
		{"departments cannot go", "ID\n1\n", "", sync.PlanOptions{Key: "ID", DismissMissing: true}, "departments cannot be dismissed"},
	}
	for _, tt := range tests {
		entity := sync.Users()
		if strings.HasPrefix(tt.name, "departments") {
			entity = sync.Departments()
		}
		if tt.mapping != "" {
			tt.options.Map = b.file("map.yaml", tt.mapping)
		}
		_, err := b.plan(entity, tt.content, tt.options)
		var input *sync.InputError
		var place *table.Error
		if !errors.As(err, &input) && !errors.As(err, &place) || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestMembersThatComeLater than the first row of JSON Lines are not passed over.
func TestMembersThatComeLater(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	file := b.file("t.jsonl", "{\"EMAIL\":\"a@example.org\"}\n{\"EMAIL\":\"b@example.org\",\"NAME\":\"B\"}\n")
	var input *sync.InputError
	options := sync.PlanOptions{Key: "EMAIL", From: file}
	if _, err := b.plan(sync.Users(), "", options); !errors.As(err, &input) || !strings.Contains(err.Error(), `t.jsonl, row 2: there is "NAME", which the first row has not`) {
		t.Error(err)
	}
	if err := sync.Precheck(sync.Users(), options); !errors.As(err, &input) {
		t.Error(err)
	}
}

// TestPageIsEscaped keeps a table from bringing markup into the page.
func TestPageIsEscaped(t *testing.T) {
	t.Parallel()
	b := newBench(t, sandbox.Options{})
	made, err := b.plan(sync.Users(), "EMAIL,NAME,UF_DEPARTMENT\nnew@example.org,<script>alert(1)</script>,Sales\nx,<b>,\n", sync.PlanOptions{Key: "EMAIL"})
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	if err := made.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	has(t, page.String(), "&lt;script&gt;alert(1)&lt;/script&gt;", `<tr class="create">`, `<tr class="conflict">`, "is no e-mail address", "</html>")
	if strings.Contains(page.String(), "<script") || strings.Contains(page.String(), "://") {
		t.Error("the page has a script or an address")
	}
}
