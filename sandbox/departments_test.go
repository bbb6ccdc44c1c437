package sandbox

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/oint-go/oint/internal/phpquery"
)

func TestDepartmentGet(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	r, err := p.run("department.get", arr("ID", 3))
	if err != nil {
		t.Fatal(err)
	}
	row, _ := r.value.(*phpquery.Array).Get("0")
	diff(t, "keys", []string{"ID", "NAME", "SORT", "PARENT", "UF_HEAD"}, keysIn(row.(*phpquery.Array)))
	root := p.ok("department.get", "ID", "1").([]any)[0]
	diff(t, "root", any(map[string]any{"ID": "1", "NAME": "Sandbox Company", "SORT": json.Number("500"), "UF_HEAD": "1"}), root)
	tests := []struct {
		params []any
		want   []int
	}{
		{nil, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{[]any{"PARENT", 2}, []int{3, 4}},
		{[]any{"PARENT", ""}, []int{1}},
		{[]any{"NAME", "platform"}, []int{7}},
		{[]any{"NAME", "plat"}, nil},
		{[]any{"UF_HEAD", 5}, []int{5}},
		{[]any{"ID", list(2, 5)}, []int{2, 5}},
		{[]any{"sort", "NAME", "order", "DESC", "PARENT", 1}, []int{2, 10, 5, 9, 6}},
		{[]any{"FILTER", arr("ID", 2)}, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
	}
	for _, tt := range tests {
		diff(t, describe(list(tt.params...)), tt.want, p.ids("department.get", tt.params...))
	}
	diff(t, "fields", any(map[string]any{
		"ID": "ID", "NAME": "Department Name", "SORT": "Sort Order", "PARENT": "Parent Department", "UF_HEAD": "Manager",
	}), p.ok("department.fields"))
}

func TestDepartmentErrors(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	const (
		root   = "400 ERROR_CORE: There can only be one top-level department in the company structure"
		name   = "400 ERROR_CORE: Department name not provided.<br>"
		absent = "400 ERROR_CORE: Department not found"
		loop   = "400 ERROR_CORE: A department cannot be moved into itself or into a department below it"
		denied = "400 ERROR_CORE: Access denied"
	)
	tests := []struct {
		method string
		params []any
		want   string
	}{
		{"department.add", []any{}, name},
		{"department.add", []any{"PARENT", 1}, name},
		{"department.add", []any{"NAME", "", "PARENT", 1}, name},
		{"department.add", []any{"NAME", "x"}, root},
		{"department.add", []any{"NAME", "x", "PARENT", 0}, root},
		{"department.add", []any{"NAME", "x", "PARENT", 99}, root},
		{"department.add", []any{"NAME", "x", "PARENT", "top"}, root},
		{"department.add", []any{"NAME", "x", "PARENT", 1, "UF_HEAD", 4711}, "400 ERROR_CORE: UF_HEAD: there is no user 4711"},
		{"department.update", []any{"NAME", "x"}, absent},
		{"department.update", []any{"ID", 99, "NAME", "x"}, absent},
		{"department.update", []any{"ID", 2, "NAME", ""}, name},
		{"department.update", []any{"ID", 2, "PARENT", ""}, root},
		{"department.update", []any{"ID", 2, "PARENT", 99}, root},
		{"department.update", []any{"ID", 2, "PARENT", 2}, loop},
		{"department.update", []any{"ID", 2, "PARENT", 3}, loop},
		{"department.update", []any{"ID", 1, "PARENT", 9}, loop},
		{"department.delete", []any{}, absent},
		{"department.delete", []any{"ID", 99}, absent},
		{"department.delete", []any{"ID", 1}, "400 ERROR_CORE: The top-level department cannot be deleted"},
	}
	before := p.ok("department.get")
	for _, tt := range tests {
		diff(t, tt.method+" "+describe(list(tt.params...)), tt.want, p.refused(tt.method, tt.params...))
	}
	employee := p.as(principal{userID: 4, scopes: fullScopes})
	for _, name := range []string{"department.add", "department.update", "department.delete"} {
		diff(t, name, denied, employee.refused(name, "ID", 3, "NAME", "x", "PARENT", 1))
	}
	diff(t, "departments after refusals", before, p.ok("department.get"))
	diff(t, "an employee reads", before, employee.ok("department.get"))
}

func TestDepartmentLife(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	diff(t, "id", any(number(11)), p.ok("department.add", "NAME", "Новый отдел", "PARENT", "2", "UF_HEAD", 12))
	diff(t, "added", any([]any{map[string]any{"ID": "11", "NAME": "Новый отдел", "SORT": json.Number("500"), "PARENT": "2", "UF_HEAD": "12"}}),
		p.ok("department.get", "ID", 11))
	p.ok("department.add", "NAME", "Below", "PARENT", 11, "SORT", 10)
	p.ok("user.update", "ID", 20, "UF_DEPARTMENT", list(11, 2))
	p.ok("user.update", "ID", 21, "UF_DEPARTMENT", list(5, 11))
	diff(t, "update", any(true), p.ok("department.update", "ID", 11, "PARENT", 5, "NAME", "Moved", "UF_HEAD", 0))
	diff(t, "moved", any([]any{map[string]any{"ID": "11", "NAME": "Moved", "SORT": json.Number("500"), "PARENT": "5", "UF_HEAD": ""}}),
		p.ok("department.get", "ID", 11))
	diff(t, "found by its new name", []int{20, 21}, p.ids("user.search", "UF_DEPARTMENT_NAME", "moved"))
	diff(t, "delete", any(true), p.ok("department.delete", "ID", 11))
	diff(t, "gone", any([]any{}), p.ok("department.get", "ID", 11))
	diff(t, "its department goes up", []int{12}, p.ids("department.get", "PARENT", 5))
	diff(t, "its employees go up", any([]any{number(5), number(2)}), p.user(20)["UF_DEPARTMENT"])
	diff(t, "once", any([]any{number(5)}), p.user(21)["UF_DEPARTMENT"])
	diff(t, "ids are not given twice", any(number(13)), p.ok("department.add", "NAME", "Next", "PARENT", 1))
}

// TestDepartmentTree keeps the company a tree whatever is asked of it.
func TestDepartmentTree(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	rapid.Check(t, func(rt *rapid.T) {
		id, parent := rapid.IntRange(0, 15).Draw(rt, "id"), rapid.IntRange(0, 15).Draw(rt, "parent")
		method := rapid.SampledFrom([]string{"department.add", "department.update", "department.update", "department.delete"}).Draw(rt, "method")
		_, _ = p.run(method, arr("ID", id, "NAME", "x", "PARENT", parent)) // refusals are fine, a broken tree is not
		parents := map[string]string{}
		for start, more := int64(0), true; more; start += pageSize {
			r, err := p.run("department.get", arr("start", start))
			if err != nil {
				rt.Fatal(err)
			}
			for _, row := range plainValue(r.value).([]any) {
				d := row.(map[string]any)
				parents[d["ID"].(string)] = phpquery.Text(d["PARENT"])
			}
			more = r.next != nil
		}
		roots := 0
		for id, parent := range parents {
			if parent == "" {
				roots++
			}
			for steps := 0; parent != ""; steps++ {
				if _, ok := parents[parent]; !ok || steps > len(parents) {
					rt.Fatalf("department %s hangs nowhere: %v", id, parents)
				}
				parent = parents[parent]
			}
		}
		if roots != 1 {
			rt.Fatalf("%d roots: %v", roots, parents)
		}
	})
}
