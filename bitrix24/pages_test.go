package bitrix24_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oint-go/oint/bitrix24"
)

// pager serves the numbers from 1 to rows as one of the list methods whose way of
// paging the sandbox has no method for. It answers what the documentation shows.
func pager(t *testing.T, rows int, page func(params map[string]any) (from, to int, result func(items []map[string]any) any)) *portal {
	t.Helper()
	return newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		params := map[string]any{}
		if text, _ := io.ReadAll(r.Body); len(text) > 0 {
			if err := json.Unmarshal(text, &params); err != nil {
				t.Error(err)
			}
		}
		from, to, result := page(params)
		items := []map[string]any{}
		for id := from + 1; id <= min(to, rows); id++ {
			items = append(items, map[string]any{"id": id})
		}
		body, err := json.Marshal(map[string]any{"result": result(items)})
		if err != nil {
			t.Error(err)
		}
		answer(200, string(body))(w, r)
	})
}

func number(v any) int {
	f, _ := v.(float64)
	return int(f)
}

func plain(items []map[string]any) any { return items }

func inItems(items []map[string]any) any { return map[string]any{"items": items} }

// pagedServers are one server for each way of paging.
var pagedServers = map[string]struct {
	list bitrix24.List
	v3   bool
	page func(params map[string]any) (from, to int, result func([]map[string]any) any)
}{
	"limit and offset": {
		list: bitrix24.List{Paging: bitrix24.Offset, ID: "id", Limit: "limit", Next: "offset", Size: 10},
		page: func(p map[string]any) (int, int, func([]map[string]any) any) {
			return number(p["offset"]), number(p["offset"]) + number(p["limit"]), plain
		},
	},
	"limit and offset in a structure": {
		list: bitrix24.List{Paging: bitrix24.Offset, ID: "id", Limit: "navigation.limit", Next: "navigation.offset", Size: 10},
		page: func(p map[string]any) (int, int, func([]map[string]any) any) {
			n, _ := p["navigation"].(map[string]any)
			return number(n["offset"]), number(n["offset"]) + number(n["limit"]), plain
		},
	},
	"page": {
		list: bitrix24.List{Paging: bitrix24.Page, ID: "id", Next: "page", Size: 10},
		page: func(p map[string]any) (int, int, func([]map[string]any) any) {
			return (number(p["page"]) - 1) * 10, number(p["page"]) * 10, plain
		},
	},
	"last id": {
		list: bitrix24.List{Paging: bitrix24.LastID, ID: "id", Next: "LAST_ID", Rows: "items"},
		page: func(p map[string]any) (int, int, func([]map[string]any) any) {
			return number(p["LAST_ID"]), number(p["LAST_ID"]) + 10, inItems
		},
	},
	"page in a structure, with its size": {
		list: bitrix24.List{Paging: bitrix24.Page, ID: "id", Limit: "navigation.size", Next: "navigation.page", Size: 10},
		page: func(p map[string]any) (int, int, func([]map[string]any) any) {
			n, _ := p["navigation"].(map[string]any)
			return (number(n["page"]) - 1) * number(n["size"]), number(n["page"]) * number(n["size"]), plain
		},
	},
	"last id in a structure": {
		list: bitrix24.List{Paging: bitrix24.LastID, ID: "id", Limit: "cursor.limit", Next: "cursor.value", Rows: "items", Size: 10}, v3: true,
		page: func(p map[string]any) (int, int, func([]map[string]any) any) {
			n, _ := p["cursor"].(map[string]any)
			return number(n["value"]), number(n["value"]) + number(n["limit"]), inItems
		},
	},
	"pagination of REST 3.0": {
		list: bitrix24.List{Paging: bitrix24.Pagination, ID: "id", Rows: "items", Size: 10}, v3: true,
		page: func(p map[string]any) (int, int, func([]map[string]any) any) {
			n, _ := p["pagination"].(map[string]any)
			return number(n["offset"]), number(n["offset"]) + number(n["limit"]), inItems
		},
	},
	"cursor of REST 3.0": {
		list: bitrix24.List{Paging: bitrix24.Cursor, Rows: "items", Next: "afterCursor", NextFrom: "nextCursor", Size: 10}, v3: true,
		page: func(p map[string]any) (int, int, func([]map[string]any) any) {
			n, _ := p["pagination"].(map[string]any)
			from := 0
			if after, ok := n["afterCursor"].(string); ok {
				_, _ = fmt.Sscanf(after, "after %d", &from)
			}
			return from, from + number(n["limit"]), func(items []map[string]any) any {
				next := any(nil)
				if len(items) == number(n["limit"]) {
					next = fmt.Sprint("after ", from+len(items))
				}
				return map[string]any{"items": items, "nextCursor": next}
			}
		},
	},
	"one answer": {
		list: bitrix24.List{Paging: bitrix24.Single, ID: "id"},
		page: func(map[string]any) (int, int, func([]map[string]any) any) { return 0, 1000, plain },
	},
	"an object of rows": {
		list: bitrix24.List{Paging: bitrix24.Single, Rows: "list", Map: true},
		page: func(map[string]any) (int, int, func([]map[string]any) any) {
			return 0, 1000, func(items []map[string]any) any {
				rows := map[string]any{}
				for _, item := range items {
					rows[fmt.Sprintf("%04d", item["id"])] = item
				}
				if len(rows) == 0 {
					return []any{} // PHP's empty map
				}
				return map[string]any{"list": rows}
			}
		},
	},
}

func TestPages(t *testing.T) {
	t.Parallel()
	for name, server := range pagedServers {
		for _, rows := range []int{0, 1, 9, 10, 11, 20, 57} {
			p := pager(t, rows, server.page)
			opts := []bitrix24.ListOption{bitrix24.WithList(server.list)}
			if server.v3 {
				opts = append(opts, bitrix24.WithListV3())
			}
			if diff := cmp.Diff(upTo(rows), idsOf(t, bitrix24.Rows[row](t.Context(), p.client(t, bitrix24.WithLimits(bitrix24.NoLimits)), "any.list", bitrix24.Fields{"x": 1}, opts...)), emptyIsNil); diff != "" {
				t.Errorf("%s, %d rows: %s", name, rows, diff)
			}
			for _, r := range p.seen() {
				if !strings.Contains(r.body, `"x":1`) || strings.Contains(r.path, "/api/") != server.v3 {
					t.Errorf("%s: %+v", name, r)
				}
			}
		}
	}
}

// TestPagesThatStall end with an error instead of going on for ever.
func TestPagesThatStall(t *testing.T) {
	t.Parallel()
	for name, server := range map[string]struct {
		list   bitrix24.List
		result func(items []map[string]any) any
	}{
		"the same cursor": {
			bitrix24.List{Paging: bitrix24.Cursor, Rows: "items", Next: "afterCursor", NextFrom: "nextCursor", Size: 10},
			func(items []map[string]any) any { return map[string]any{"items": items, "nextCursor": "stuck"} },
		},
		"the same last id":     {bitrix24.List{Paging: bitrix24.LastID, ID: "id", Next: "LAST_ID"}, plain},
		"rows without the id":  {bitrix24.List{Paging: bitrix24.LastID, ID: "nr", Next: "LAST_ID"}, plain},
		"no rows at all":       {bitrix24.List{Paging: bitrix24.Page, Rows: "items", Next: "page"}, func([]map[string]any) any { return map[string]any{"others": 1} }},
		"rows that are a text": {bitrix24.List{Paging: bitrix24.Page, Rows: "items", Next: "page"}, func([]map[string]any) any { return map[string]any{"items": "x"} }},
	} {
		p := pager(t, 100, func(map[string]any) (int, int, func([]map[string]any) any) { return 0, 10, server.result })
		n := 0
		var last error
		for _, err := range bitrix24.Rows[row](t.Context(), p.client(t), "any.list", nil, bitrix24.WithList(server.list)) {
			if last = err; err == nil {
				n++
			}
			if n > 1000 {
				break
			}
		}
		var broken *bitrix24.ListError
		if !errors.As(last, &broken) || broken.Rows != int64(n) || n > 20 {
			t.Errorf("%s: %d rows, %v", name, n, last)
		}
	}
}

// TestCountedListThatShrinks says so: the rows behind a deleted one move to a page
// that was read before.
func TestCountedListThatShrinks(t *testing.T) {
	t.Parallel()
	calls := 0
	p := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		calls++
		rows := strings.TrimSuffix(strings.Repeat(`{"id":1},`, 50), ",")
		if calls == 1 {
			answer(200, `{"result":[`+rows+`],"total":150,"next":50}`)(w, r)
			return
		}
		answer(200, `{"result":{"result":{"c0":[`+rows+`],"c1":[]},"result_error":[],"result_total":{"c0":149,"c1":149},"result_next":[],"result_time":[]}}`)(w, r)
	})
	var last error
	for _, err := range bitrix24.Rows[row](t.Context(), p.client(t), "any.list", nil, bitrix24.WithList(bitrix24.List{Paging: bitrix24.Start})) {
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), "1 rows were deleted while the list was read") {
		t.Error(last)
	}
}

// TestTotalWithoutNext goes on where the portal tells how many rows there are but
// not where the next page begins, and does not take a part for the whole.
func TestTotalWithoutNext(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		paging bitrix24.Paging
		id     string
		deaf   bool // to start
	}{
		"counted":          {bitrix24.Start, "id", false},
		"one answer":       {bitrix24.Single, "id", false},
		"start has no use": {bitrix24.Start, "id", true},
		"nor without ids":  {bitrix24.Single, "", true},
	} {
		p := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
			var params struct{ Start int }
			if text, _ := io.ReadAll(r.Body); len(text) > 0 {
				if err := json.Unmarshal(text, &params); err != nil {
					t.Error(err)
				}
			}
			if test.deaf {
				params.Start = 0
			}
			rows := []row{}
			for id := params.Start + 1; id <= min(params.Start+50, 120); id++ {
				rows = append(rows, row{bitrix24.ID(id)})
			}
			body, err := json.Marshal(map[string]any{"result": rows, "total": 120})
			if err != nil {
				t.Error(err)
			}
			answer(200, strings.ReplaceAll(string(body), "ID", "id"))(w, r)
		})
		n, last := 0, error(nil)
		for _, err := range bitrix24.Rows[row](t.Context(), p.client(t), "any.list", nil, bitrix24.WithList(bitrix24.List{Paging: test.paging, ID: test.id})) {
			if last = err; err == nil {
				n++
			}
		}
		var broken *bitrix24.ListError
		if test.deaf && (!errors.As(last, &broken) || n != 50) || !test.deaf && (last != nil || n != 120) {
			t.Errorf("%s: %d rows, %v", name, n, last)
		}
	}
}

// TestPagesThatOverlap yields a row once that moved to the next page while the
// list was read.
func TestPagesThatOverlap(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"limit and offset", "page", "pagination of REST 3.0"} {
		server := pagedServers[name]
		pages := 0
		p := pager(t, 57, func(params map[string]any) (int, int, func([]map[string]any) any) {
			from, to, result := server.page(params)
			pages++
			return from - min(pages-1, 3), to - min(pages-1, 3), result
		})
		opts := []bitrix24.ListOption{bitrix24.WithList(server.list)}
		if server.v3 {
			opts = append(opts, bitrix24.WithListV3())
		}
		got := idsOf(t, bitrix24.Rows[row](t.Context(), p.client(t, bitrix24.WithLimits(bitrix24.NoLimits)), "any.list", nil, opts...))
		if diff := cmp.Diff(upTo(57), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
