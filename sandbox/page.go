package sandbox

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// pageSize is the portal's page: always 50 rows.
const pageSize = 50

// listing is a list method: an entity and what the method accepts.
type listing struct {
	entity   *entity
	filter   string // parameter that holds the filter; empty when there is none
	topLevel bool   // filter keys may stand beside the other parameters
	selects  bool   // knows select with masks
	special  special
	adjust   func([]clause) []clause // changes the clauses before they are compiled
	extra    condition               // what the caller may see; empty for everything
	fields   func(field) bool        // which fields the caller may read; nil for all
	whole    bool                    // answers all rows at once, without total and next
	inOrder  bool                    // answers fields in the order of select

	show func(row, []*field) *phpquery.Array // shows a row; nil for the entity's own way
}

// run answers a page. start=-1 leaves out the count, so that with a filter on
// the id the cost of a page does not grow with the table.
func (l listing) run(c *call, tx *sql.Tx) (result, error) {
	where := l.where(c)
	start, counted := startOf(c.params)
	if l.whole {
		start, counted = 0, false
	}
	rows, err := l.page(c.ctx, tx, where, l.entity.orderings(c.params), start)
	if err != nil {
		return result{}, err
	}
	shown := phpquery.NewArray()
	fields := l.selected(c.params)
	show := l.show
	if show == nil {
		show = func(r row, fields []*field) *phpquery.Array { return l.entity.show(c, r, fields) }
	}
	for i := range rows {
		shown.Append(show(rows[i], fields))
	}
	answer := result{value: l.contain(shown)}
	if !counted {
		return answer, nil
	}
	total, err := l.count(c.ctx, tx, where)
	if err != nil {
		return result{}, err
	}
	answer.total = &total
	if next := start + pageSize; next < total {
		answer.next = &next
	}
	return answer, nil
}

func (l listing) where(c *call) condition {
	var filters []*phpquery.Array
	if l.topLevel {
		filters = append(filters, l.topFilter(c.params))
	}
	if l.filter != "" {
		v, _ := c.params.GetFold(l.filter)
		if a, ok := v.(*phpquery.Array); ok {
			filters = append(filters, a)
		}
	}
	list := clauses(filters...)
	if l.adjust != nil {
		list = l.adjust(list)
	}
	where := l.entity.where(c, list, l.special)
	if l.extra.sql != "" {
		where = and(l.extra, where)
	}
	return where
}

// topFilter is what remains of the parameters without those that mean the list.
func (l listing) topFilter(params *phpquery.Array) *phpquery.Array {
	filter := phpquery.NewArray()
	for name, v := range params.All() {
		switch strings.ToUpper(name) {
		case "ORDER", "SELECT", "START", "ADMIN_MODE", "IMAGE_RESIZE", strings.ToUpper(l.filter):
			continue
		}
		if !l.entity.isSort(name, v) {
			filter.Set(name, v)
		}
	}
	return filter
}

// startOf is the offset of the page and whether the rows are to be counted.
func startOf(params *phpquery.Array) (start int64, counted bool) {
	v, _ := params.GetFold("start")
	n := intval(phpquery.Text(v))
	if n < 0 {
		return 0, false
	}
	return n, true
}

func (l listing) page(ctx context.Context, tx *sql.Tx, where condition, order []ordering, start int64) ([]row, error) {
	query := fmt.Sprintf("SELECT id, doc FROM %s WHERE %s ORDER BY %s", l.entity.table(), where.sql, orderBy(order))
	if !l.whole {
		query += fmt.Sprintf(" LIMIT %d OFFSET %d", pageSize, start)
	}
	found, err := tx.QueryContext(ctx, query, where.args...)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", l.entity.name, err)
	}
	return scanRows(found)
}

func (l listing) count(ctx context.Context, tx *sql.Tx, where condition) (int64, error) {
	var total int64
	query := "SELECT count(*) FROM " + l.entity.table() + " WHERE " + where.sql
	if err := tx.QueryRowContext(ctx, query, where.args...).Scan(&total); err != nil {
		return 0, fmt.Errorf("count %s: %w", l.entity.name, err)
	}
	return total, nil
}

// contain puts the rows where the entity's answers have them.
func (l listing) contain(rows *phpquery.Array) any {
	if l.entity.container == "" {
		return rows
	}
	a := phpquery.NewArray()
	a.Set(l.entity.container, rows)
	return a
}

// selected are the fields to answer, in the order of the description unless the
// listing keeps that of select: those named by select or its masks * and UF_*,
// without those that do not exist or that the caller may not read.
func (l listing) selected(params *phpquery.Array) []*field {
	var masks []any
	if v, ok := params.GetFold("select"); ok && l.selects {
		masks = elements(v)
	}
	var chosen []*field
	for i := range l.entity.fields {
		f := &l.entity.fields[i]
		if f.hidden || l.fields != nil && !l.fields(*f) {
			continue
		}
		if len(masks) == 0 && !f.asked || l.entity.matches(f, masks) {
			chosen = append(chosen, f)
		}
	}
	if l.inOrder {
		slices.SortStableFunc(chosen, func(a, b *field) int { return l.entity.place(a, masks) - l.entity.place(b, masks) })
	}
	return chosen
}

// place is the first of the masks that names the field.
func (e *entity) place(f *field, masks []any) int {
	return slices.IndexFunc(masks, func(mask any) bool { return e.matches(f, []any{mask}) })
}

// matches tells whether one of the masks names the field. The mask * is for
// those that are listed without select.
func (e *entity) matches(f *field, masks []any) bool {
	for _, v := range masks {
		mask := strings.TrimSpace(phpquery.Text(v))
		switch {
		case mask == "*" && !f.asked, strings.EqualFold(mask, f.name), e.camel && strings.EqualFold(mask, camelCase(f.name)):
			return true
		case strings.EqualFold(mask, "UF_*") && strings.HasPrefix(f.name, "UF_"):
			return true
		}
	}
	return false
}

// labels answers a *.fields method.
func (l listing) labels() *phpquery.Array {
	a := phpquery.NewArray()
	for _, f := range l.selected(phpquery.NewArray()) {
		if !f.unlisted {
			a.Set(f.name, f.label)
		}
	}
	return a
}
