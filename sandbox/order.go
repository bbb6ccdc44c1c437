package sandbox

import (
	"strings"

	"github.com/oint-go/oint/internal/phpquery"
)

// ordering is one field of an order.
type ordering struct {
	field *field
	down  bool
}

// orderings reads "sort" and "order". Order is a direction, or an object of
// fields and directions. Fields that do not exist are passed over; without any
// the order is that of the ids.
func (e *entity) orderings(params *phpquery.Array) []ordering {
	var list []ordering
	down := false
	for name, v := range params.All() {
		switch {
		case e.isSort(name, v):
			for _, s := range elements(v) {
				list = append(list, e.ordering(phpquery.Text(s))...)
			}
		case !strings.EqualFold(name, "order"):
		default:
			if fields, ok := v.(*phpquery.Array); ok {
				list = append(list, e.orderObject(fields)...)
			} else {
				down = isDown(v)
			}
		}
	}
	if len(list) == 0 {
		list = e.ordering("ID")
	}
	for i := range list {
		list[i].down = list[i].down || down
	}
	return list
}

// isSort tells a sort from a filter: the departments' SORT is both the name of
// the parameter and that of a field.
func (e *entity) isSort(name string, v any) bool {
	if !strings.EqualFold(name, "sort") {
		return false
	}
	if _, both := e.field("SORT"); !both || name == "sort" {
		return true
	}
	_, ok := e.field(phpquery.Text(v))
	return ok
}

func (e *entity) ordering(name string) []ordering {
	f, ok := e.field(strings.TrimSpace(name))
	if !ok || f.compute != nil {
		return nil
	}
	return []ordering{{field: f}}
}

func (e *entity) orderObject(fields *phpquery.Array) []ordering {
	var list []ordering
	for name, direction := range fields.All() {
		for _, o := range e.ordering(name) {
			o.down = isDown(direction)
			list = append(list, o)
		}
	}
	return list
}

func isDown(v any) bool { return strings.EqualFold(strings.TrimSpace(phpquery.Text(v)), "desc") }

// orderBy is the SQL of an order. Rows that are equal stand in the order of
// their ids, in the direction of the first field, so that pages never overlap.
func orderBy(list []ordering) string {
	terms := make([]string, 0, len(list)+1)
	tie := true
	for _, o := range list {
		terms = append(terms, o.field.expression()+direction(o.down))
		tie = tie && o.field.name != "ID"
	}
	if tie {
		terms = append(terms, "id"+direction(list[0].down))
	}
	return strings.Join(terms, ", ")
}

func direction(down bool) string {
	if down {
		return " DESC"
	}
	return ""
}
