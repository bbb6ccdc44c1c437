package sync

import (
	"fmt"
	"slices"
	"strings"
)

// write decides what every row does and writes them: departments to be made
// first, the rows of the table in their order, those who are missing last.
func (p *planner) write(w *planWriter) error {
	p.wantPaths()
	loops := p.loops()
	used := map[string]bool{}
	made := map[string]*Row{}
	rows := make([]Row, 0, len(p.rows)+len(p.missing))
	for i := range p.rows {
		row := p.decide(i, loops)
		if row.Action.changes() {
			p.use(used, &row)
		}
		if row.Action == Create && p.key.Name == pathField {
			used[row.Key] = true
			made[foldPath(row.Key)] = &row
			continue
		}
		rows = append(rows, row)
		p.rows[i].packed = "" // what is decided needs no more memory
	}
	if p.tree != nil {
		for _, c := range p.tree.creations(used) {
			if p.key.Name == pathField {
				c.Entity = ""
			}
			if own := made[foldPath(c.Key)]; own != nil {
				c.Line, c.Changes = own.Line, append(c.Changes, own.Changes...)
			}
			if err := w.write(&c); err != nil {
				return err
			}
		}
	}
	for _, list := range [][]Row{rows, p.missing} {
		for i := range list {
			if err := w.write(&list[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// use notes the departments that a row refers to and that do not exist yet.
func (p *planner) use(used map[string]bool, row *Row) {
	for _, c := range row.Changes {
		if p.entity.field(c.Field).Kind != Department {
			continue
		}
		for _, item := range c.New {
			if !isID(item) {
				used[item] = true
			}
		}
	}
}

func (p *planner) decide(i int, loops map[int64]string) Row {
	r, m := &p.rows[i], &p.matches[i]
	row := Row{Line: r.line, ID: m.id, Key: r.key, Name: m.name}
	problem := r.problem
	switch {
	case problem != "":
	case m.problem != "":
		problem = m.problem
	case len(m.others) > 0:
		problem = fmt.Sprintf("the portal has the %s %d times: %s", p.key.Name, len(m.others)+1, numbers(append([]int64{m.id}, m.others...)))
	case loops[m.id] != "":
		problem = loops[m.id]
	case m.id == 0:
		return p.decideNew(r, row)
	}
	if problem == "" {
		problem = p.unmade(m.changes)
	}
	if problem != "" {
		row.Action, row.Problem = Conflict, problem
		return row
	}
	row.Changes = m.changes
	row.Action = Unchanged
	if len(m.changes) > 0 {
		row.Action = Update
	}
	for _, c := range m.changes {
		if c.Field == p.entity.Active {
			row.Action = Reactivate
			if c.New.String() == "N" {
				row.Action = Dismiss
			}
		}
	}
	return row
}

// unmade tells of a department in changes that will not be made after all, for its
// own row is a conflict.
func (p *planner) unmade(changes []Change) string {
	for _, c := range changes {
		if p.entity.field(c.Field).Kind != Department {
			continue
		}
		for _, item := range c.New {
			if _, err := p.tree.resolve(item); err != nil {
				return err.Error()
			}
		}
	}
	return ""
}

// decideNew is a row that the portal does not have.
func (p *planner) decideNew(r *sourceRow, row Row) Row {
	conflict := func(problem string) Row {
		row.Action, row.Problem, row.Changes = Conflict, problem, nil
		return row
	}
	if p.key.ReadOnly && p.key.Name != pathField {
		return conflict(fmt.Sprintf("the portal has no %s with the %s %s", p.entity.One, p.key.Name, r.key))
	}
	row.Action = Create
	for j, v := range r.values() {
		f := p.columns[j].field
		switch {
		case f.Name == p.entity.Active && v.String() == "N":
			row.Action, row.Changes = Unchanged, nil
			return row // who has left and is not on the portal needs nothing
		case len(v) == 0 || f.ReadOnly || f.Name == p.entity.Active:
		case p.key.Name == pathField && (f.Name == "NAME" || f.Name == "PARENT"):
			// the path says both
		default:
			row.Changes = append(row.Changes, Change{Field: f.Name, New: v})
		}
	}
	if p.key.Name == pathField {
		key, err := p.tree.resolve(r.key)
		if err == nil && isID(key) {
			err = fmt.Errorf("the department %s has come while the plan was made; plan again", key)
		}
		if err != nil {
			return conflict(err.Error())
		}
		row.Key = key
		return row
	}
	row.Name = newLabel(&p.entity, row.Changes)
	for _, name := range p.entity.Required {
		if !slices.ContainsFunc(row.Changes, func(c Change) bool { return c.Field == name }) {
			return conflict(fmt.Sprintf("a new %s needs %s", p.entity.One, name))
		}
	}
	return row
}

func newLabel(e *Entity, changes []Change) string {
	var parts []string
	for _, name := range e.Label {
		for _, c := range changes {
			if c.Field == name {
				parts = append(parts, c.New.String())
			}
		}
	}
	return strings.Join(parts, " ")
}

// loops finds the records that would be below themselves when all rows are carried
// out that can be, and says how.
func (p *planner) loops() map[int64]string {
	if p.above == nil {
		return nil
	}
	moves := map[int64]Value{}
	for i := range p.matches {
		m := &p.matches[i]
		if c := m.changed(p.above.field); c != nil && p.rows[i].problem == "" && m.problem == "" && len(m.others) == 0 {
			moves[m.id] = c.New
		}
	}
	return p.above.settle(moves)
}

// planFields are the fields that applying the plan needs to know.
func (p *planner) planFields() []PlanField {
	var fields []PlanField
	add := func(f *Field) {
		if !slices.ContainsFunc(fields, func(have PlanField) bool { return have.Name == f.Name }) {
			fields = append(fields, PlanField{f.Name, f.Kind, f.Multiple})
		}
	}
	add(p.key)
	for _, c := range p.columns {
		add(c.field)
	}
	for _, name := range []string{p.entity.Active, "NAME", "PARENT"} {
		if f := p.entity.field(name); f != nil {
			add(f)
		}
	}
	return fields
}
