package sync

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// hierarchy is who stands below whom, by a field that a table changes: departments
// below their parents, users below their managers. Nobody may stand below
// themselves.
type hierarchy struct {
	field   *Field
	what    string // of the loop, for people
	parents map[int64]int64
	tree    *tree // of departments
}

// hierarchy is the one that the columns of a table change; nil when there is none.
func (e *Entity) hierarchy(manager string, columns []column) (*hierarchy, error) {
	name, what := "", ""
	switch {
	case e.field(pathField) != nil:
		if manager != "" {
			return nil, inputErrorf("It is for users.", "--manager-field: %s have no managers", e.Name)
		}
		name, what = "PARENT", "the department would be below itself"
	case manager != "":
		name, what = strings.ToUpper(strings.TrimSpace(manager)), "they would be their own manager"
	}
	i := slices.IndexFunc(columns, func(c column) bool { return c.field.Name == name })
	switch {
	case i >= 0:
	case manager != "":
		return nil, inputErrorf("Name the column in --map: columns: {\"Its name\": UF_…}.", "--manager-field: no column of the table is %.60q", name)
	default:
		return nil, nil
	}
	f := columns[i].field
	if manager != "" && !f.supposed && (f.Kind != Person || f.Multiple) {
		return nil, inputErrorf("It is a field of your own of the type employee, with one value.", "--manager-field: %s names no user", name)
	}
	return &hierarchy{field: f, what: what, parents: map[int64]int64{}}, nil
}

// note keeps where the portal has a record.
func (h *hierarchy) note(id int64, r record) {
	if h == nil {
		return
	}
	if parent := h.place(h.field.fromPortal(r[h.field.Name])); parent != 0 {
		h.parents[id] = parent
	}
}

// place is the record that a value names; 0 for none. A department that will be
// made counts as the one above it that is there.
func (h *hierarchy) place(v Value) int64 {
	text := v.String()
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		return id
	}
	if h.tree == nil || text == "" {
		return 0
	}
	return h.tree.above(text)
}

// settle moves records to their new places, but for those that would end below
// themselves: these stay, and settle tells of their loops.
func (h *hierarchy) settle(moves map[int64]Value) map[int64]string {
	before := map[int64]int64{}
	for id, v := range moves {
		before[id] = h.parents[id]
		h.parents[id] = h.place(v)
	}
	problems := map[int64]string{}
	// One that stays where it is can close another loop.
	for found := loops(h.parents); len(found) > 0; found = loops(h.parents) {
		var stay []int64
		for id := range found {
			if _, moves := before[id]; moves {
				problems[id] = h.loop(id)
				stay = append(stay, id)
			}
		}
		if len(stay) == 0 {
			return problems // the portal's own loop
		}
		for _, id := range stay {
			h.parents[id] = before[id]
			delete(before, id)
		}
	}
	return problems
}

// loop tells people of the way from a record back to it.
func (h *hierarchy) loop(id int64) string {
	const most = 8
	text := fmt.Sprintf("%s: %d", h.what, id)
	for at, n := h.parents[id], 1; ; at, n = h.parents[at], n+1 {
		if n == most && at != id {
			text += " below …"
			at = id
		}
		if text += fmt.Sprintf(" below %d", at); at == id {
			return text
		}
	}
}

// loops finds the ids whose way up leads back to them.
func loops(parents map[int64]int64) map[int64]bool {
	found := map[int64]bool{}
	walks := map[int64]int64{} // the walk that came by an id first
	for start := range parents {
		at := start
		for at != 0 && walks[at] == 0 {
			walks[at] = start
			at = parents[at]
		}
		if at == 0 || walks[at] != start {
			continue
		}
		for !found[at] {
			found[at] = true
			at = parents[at]
		}
	}
	return found
}

// changed is what a record gets in a field; nil when that stays.
func (m *match) changed(f *Field) *Change {
	i := slices.IndexFunc(m.changes, func(c Change) bool { return c.Field == f.Name })
	if i < 0 {
		return nil
	}
	return &m.changes[i]
}
