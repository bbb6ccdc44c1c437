package sandbox

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/oint-go/oint/internal/phpquery"
)

func explain(tb testing.TB, p *portal, query string, args []any) string {
	tb.Helper()
	var steps []string
	err := p.sb.store.read(context.Background(), func(tx *sql.Tx) (err error) {
		rows, err := tx.QueryContext(tb.Context(), "EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				return err
			}
			steps = append(steps, step)
		}
		return rows.Err()
	})
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Join(steps, "; ")
}

func TestOrder(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 130)
	p.ok("user.update", "ID", 9, "LAST_NAME", "")
	p.ok("user.update", "ID", 10, "LAST_NAME", "aaa")
	users := map[int]map[string]any{}
	for _, id := range p.ids("user.get") {
		users[id] = p.user(id)
	}
	tests := []struct {
		params *phpquery.Array
		by     []string // "-" first means down
	}{
		{arr("sort", "LAST_NAME", "order", "ASC"), []string{"LAST_NAME"}},
		{arr("SORT", "LAST_NAME", "ORDER", "desc"), []string{"-LAST_NAME", "-ID"}},
		{arr("order", arr("LAST_NAME", "ASC")), []string{"LAST_NAME"}},
		{arr("order", arr("PERSONAL_GENDER", "DESC", "NAME", "ASC", "ID", "DESC")), []string{"-PERSONAL_GENDER", "NAME", "-ID"}},
		{arr("sort", "PERSONAL_BIRTHDAY"), []string{"PERSONAL_BIRTHDAY"}},
		{arr("sort", "ID", "order", "DESC"), []string{"-ID"}},
		{arr("order", "desc"), []string{"-ID"}},
		{arr("sort", "NO_SUCH_FIELD", "order", "ASC"), nil},
		{arr("sort", "IS_ONLINE"), nil},
		{arr("sort", "ID; DROP TABLE data_user", "order", "x"), nil},
	}
	for _, tt := range tests {
		var kv []any
		for k, v := range tt.params.All() {
			kv = append(kv, k, v)
		}
		got := p.ids("user.get", kv...)
		want := slices.Clone(got)
		slices.Sort(want)
		slices.SortStableFunc(want, func(a, b int) int {
			for _, name := range tt.by {
				field, down := strings.CutPrefix(name, "-")
				order := compareUsers(users[a], users[b], field)
				if down {
					order = -order
				}
				if order != 0 {
					return order
				}
			}
			return 0
		})
		diff(t, describe(tt.params), want, got)
		if len(got) != len(users) {
			t.Errorf("%s: %d of %d", describe(tt.params), len(got), len(users))
		}
	}
}

func compareUsers(a, b map[string]any, field string) int {
	x, y := phpquery.Text(a[field]), phpquery.Text(b[field])
	if field == "ID" {
		return cmp.Compare(intval(x), intval(y))
	}
	return cmp.Compare(strings.ToLower(x), strings.ToLower(y))
}

func TestDepartmentSort(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	p.ok("department.update", "ID", 5, "SORT", 100)
	diff(t, "SORT filters by a number", []int{5}, p.ids("department.get", "SORT", 100))
	diff(t, "sort orders", []int{5, 1, 2, 3, 4, 6, 7, 8, 9, 10}, p.ids("department.get", "sort", "SORT"))
	diff(t, "both", []int{10, 9, 8, 7, 6, 4, 3, 2, 1}, p.ids("department.get", "sort", "ID", "order", "DESC", "SORT", 500))
	diff(t, "SORT that names a field orders", []int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, p.ids("department.get", "SORT", "ID", "ORDER", "DESC"))
}
