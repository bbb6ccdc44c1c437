package sandbox

import (
	"slices"
	"strings"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

func TestPages(t *testing.T) {
	t.Parallel()
	const users = 120
	p := newPortal(t, users)
	var all []int
	for id := 1; id <= users; id++ {
		all = append(all, id)
	}
	down := slices.Clone(all)
	slices.Reverse(down)
	diff(t, "default order", all, p.ids("user.get"))
	diff(t, "down", down, p.ids("user.get", "order", "DESC"))

	tests := []struct {
		start       any
		first, rows int
		next, total int64 // -1 = absent
	}{
		{"0", 1, 50, 50, users},
		{50, 51, 50, 100, users},
		{"100", 101, 20, -1, users},
		{10, 11, 50, 60, users},
		{70, 71, 50, -1, users},
		{1000, 0, 0, -1, users},
		{-1, 1, 50, -1, -1},
		{"-1", 1, 50, -1, -1},
		{"", 1, 50, 50, users},
	}
	for _, tt := range tests {
		for _, name := range []string{"start", "START"} {
			r, err := p.run("user.get", arr(name, tt.start))
			if err != nil {
				t.Fatal(err)
			}
			rows := r.value.(*phpquery.Array)
			first := 0
			if v, ok := rows.Get("0"); ok {
				id, _ := v.(*phpquery.Array).Get("ID")
				first = int(intval(id.(string)))
			}
			got := []int64{int64(first), int64(rows.Len()), orNone(r.next), orNone(r.total)}
			diff(t, name+" "+describe(tt.start), []int64{int64(tt.first), int64(tt.rows), tt.next, tt.total}, got)
		}
	}
}

func orNone(n *int64) int64 {
	if n == nil {
		return -1
	}
	return *n
}

// TestKeyset walks by id without counting, as the documentation advises.
func TestKeyset(t *testing.T) {
	t.Parallel()
	const users = 230
	p := newPortal(t, users)
	var got []int
	for last := 0; ; {
		rows := p.ok("user.get", "order", arr("ID", "ASC"), "filter", arr(">ID", last), "start", -1, "select", list("ID")).([]any)
		for _, r := range rows {
			last = int(intval(r.(map[string]any)["ID"].(string)))
			got = append(got, last)
		}
		if len(rows) < pageSize {
			break
		}
	}
	if len(got) != users || !slices.IsSorted(got) || len(slices.Compact(got)) != users {
		t.Errorf("%d ids: %v", len(got), got)
	}
}

// TestKeysetPlan keeps a page by id independent of the size of the table: SQLite
// must go to the id at once, and to an index for the indexed fields.
func TestKeysetPlan(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	tests := []struct {
		params *phpquery.Array
		plan   string
	}{
		{arr("filter", arr(">ID", 20)), "USING INTEGER PRIMARY KEY (rowid>?)"},
		{arr("filter", arr(">ID", 20, "ACTIVE", "Y")), "USING INTEGER PRIMARY KEY (rowid>?)"},
		{arr("ID", list(1, 2)), "USING INTEGER PRIMARY KEY (rowid=?)"},
		{arr("EMAIL", "x@example.org"), "data_user_by_email"},
		{arr("XML_ID", "x"), "data_user_by_xml_id"},
		{arr(">=TIMESTAMP_X", "2025-01-01", "sort", "TIMESTAMP_X"), "data_user_by_timestamp_x"},
		{arr("UF_DEPARTMENT", 5), "SEARCH data_user_uf_department USING PRIMARY KEY (value=?)"},
		{arr("sort", "LAST_NAME", "order", "DESC"), "SCAN data_user USING INDEX data_user_by_last_name"},
	}
	for _, tt := range tests {
		l := listing{entity: userEntity, filter: "FILTER", topLevel: true}
		c := &call{ctx: t.Context(), sb: p.sb, params: tt.params, who: p.who}
		where := l.where(c)
		plan := explain(t, p, "SELECT id, doc FROM data_user WHERE "+where.sql+" ORDER BY "+orderBy(userEntity.orderings(tt.params))+" LIMIT 50", where.args)
		if !strings.Contains(plan, tt.plan) {
			t.Errorf("%s\nplan %s\nwant %s", where.sql, plan, tt.plan)
		}
	}
}
