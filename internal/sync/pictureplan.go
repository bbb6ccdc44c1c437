package sync

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
)

// portalPicture is the address of a picture that the portal has for a column.
type portalPicture struct {
	column  int
	address string
}

// pictureCheck is one cell that names a picture, or empties one.
type pictureCheck struct {
	row, column int
	address     string // of what the portal has
	old, new    Value
	same        bool
	problem     string
}

// comparePictures reads the pictures that the table names, and those in their
// places on the portal that are not known.
func (p *planner) comparePictures(ctx context.Context) (err error) {
	checks := p.pictureChecks()
	if len(checks) == 0 {
		return nil
	}
	store, err := openPictures(ctx, p.options.Pictures)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.close()) }()
	have := &gallery{p.client, p.options.Portal, store}
	folder := "."
	if p.options.From != "-" {
		folder = filepath.Dir(p.options.From)
	}
	named := newSources(p.options.Web, folder)
	sideBySide(len(checks), func(i int) {
		if ctx.Err() == nil {
			p.checkPicture(ctx, &checks[i], named, have)
		}
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for i := range checks {
		p.takePicture(&checks[i])
	}
	return nil
}

func (p *planner) pictureChecks() []pictureCheck {
	var columns []int
	for j, c := range p.columns {
		if c.field.Kind == Picture && !c.field.ReadOnly {
			columns = append(columns, j)
		}
	}
	if len(columns) == 0 {
		return nil
	}
	var checks []pictureCheck
	for i := range p.rows {
		r, m := &p.rows[i], &p.matches[i]
		if r.problem != "" || m.problem != "" || len(m.others) > 0 {
			continue
		}
		values := r.values()
		for _, j := range columns {
			if values[j] == nil {
				continue
			}
			c := pictureCheck{row: i, column: j, new: values[j]}
			if at := slices.IndexFunc(m.pictures, func(pp portalPicture) bool { return pp.column == j }); at >= 0 {
				c.address = m.pictures[at].address
			}
			checks = append(checks, c)
		}
	}
	return checks
}

func (p *planner) checkPicture(ctx context.Context, c *pictureCheck, named *sources, have *gallery) {
	cell := c.new.String()
	if cell == c.address { // an export gives the address
		c.same = true
		return
	}
	if cell != "" {
		place, err := named.place(cell)
		var s sum
		if err == nil {
			s, err = named.sum(ctx, place)
		}
		if err != nil {
			c.problem = shortened(cell) + ": " + err.Error()
			return
		}
		c.new = pictureValue(s, place)
	}
	s, err := have.see(ctx, p.matches[c.row].id, p.columns[c.column].field.Name, c.address)
	if err != nil {
		c.problem = err.Error() + "; plan again, or take the picture away there"
		return
	}
	c.old, c.same = pictureValue(s.copy, ""), s.is(c.new)
}

// shortened is a cell in a message.
func shortened(cell string) string {
	if isAddress(cell) {
		return "the address"
	}
	return quoted(Value{cell})
}

// takePicture puts what was found into the row and the changes of its match.
func (p *planner) takePicture(c *pictureCheck) {
	r, m, col := &p.rows[c.row], &p.matches[c.row], p.columns[c.column]
	if c.problem != "" {
		if r.problem == "" {
			r.problem = col.name + ": " + c.problem
		}
		return
	}
	values := r.values()
	if values[c.column] = c.new; c.new == nil {
		values[c.column] = Value{}
	}
	r.packed = pack(values)
	if m.id != 0 && !c.same {
		m.changes = append(m.changes, Change{Field: col.field.Name, Old: c.old, New: c.new})
	}
}
