package sync

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/table"
)

// PlanOptions say what to plan.
type PlanOptions struct {
	From              string    // table
	Stdin             io.Reader // what the name "-" stands for
	Sheet             string    // of a workbook
	Key               string    // field that tells the rows apart
	Map               string    // YAML file that maps columns to fields; may be empty
	Portal            string    // what the portal is called in the plan
	ClearEmpty        bool      // an empty cell clears its field
	DismissMissing    bool      // who is not in the table is dismissed
	MaxDismiss        int       // how many may be; below 0 the guard decides
	CreateDepartments bool
	Manager           string       // field that names a user's manager; may be empty
	PersonKey         string       // field that tells the persons apart whom a table names; empty for ids and e-mail addresses
	Pictures          string       // file that remembers the pictures of portals; may be empty
	Web               *http.Client // for pictures at addresses; may be nil
	Note              func(string) // hears what was passed over
	Read              func(n int)  // hears how many records of the portal were read
}

// planner makes one plan.
type planner struct {
	client  *bitrix24.Client
	entity  Entity
	options PlanOptions
	key     *Field
	columns []column
	tree    *tree
	people  *people
	above   *hierarchy // nil when the table changes none

	rows    []sourceRow
	index   map[string]int32 // first row of a key
	emails  map[string]int32 // rows whose e-mail address is no key
	matches []match
	missing []Row
	members int   // employees of the portal
	keyless int   // of them without the key
	self    int64 // the user behind the call, who is never dismissed
}

// match is what the portal has for a row of the table.
type match struct {
	id      int64
	name    string
	changes []Change
	others  []int64 // further records with the same key
	problem string

	pictures []portalPicture // where the table has something to say of them
}

// Make compares a table with a portal and writes the rows of the plan.
func Make(ctx context.Context, client *bitrix24.Client, entity Entity, o PlanOptions, rows io.Writer) (*Header, error) {
	p := &planner{client: client, entity: entity, options: o, index: map[string]int32{}}
	if err := p.prepare(ctx); err != nil {
		return nil, err
	}
	p.wantPaths()
	p.understand()
	p.indexRows()
	if err := p.walk(ctx); err != nil {
		return nil, err
	}
	if err := p.comparePictures(ctx); err != nil {
		return nil, err
	}
	if err := p.guard(); err != nil {
		return nil, err
	}
	h := &Header{ID: newID(), Portal: o.Portal, Entity: entity.Name, Key: p.key.Name, Created: time.Now().UTC().Truncate(time.Second), Fields: p.planFields()}
	w := newPlanWriter(rows)
	if err := p.write(w); err != nil {
		return nil, err
	}
	return h, w.finish(h)
}

// prepare reads the table, and then what the portal knows of fields, departments
// and people.
func (p *planner) prepare(ctx context.Context) (err error) {
	o := p.options
	mapped, err := readMapping(o.Map)
	if err != nil {
		return err
	}
	if err := p.entity.dismisses(o); err != nil {
		return err
	}
	reader, err := table.Open(o.From, table.Options{Sheet: o.Sheet, Stdin: o.Stdin})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	names := reader.Columns()
	raw := make([]column, len(names))
	for i, name := range names {
		raw[i].name = name
	}
	if p.rows, err = readTable(o.From, reader, raw); err != nil {
		return err
	}
	if err := p.entity.complete(ctx, p.client); err != nil {
		return err
	}
	if p.key, err = p.entity.keyField(o.Key); err != nil {
		return err
	}
	var passed []string
	if p.columns, passed, err = p.entity.columns(names, mapped, p.key.Name); err != nil {
		return err
	}
	if p.above, err = p.entity.hierarchy(o.Manager, p.columns); err != nil {
		return err
	}
	if len(passed) > 0 && o.Note != nil {
		o.Note("passed over, for it cannot be written: " + strings.Join(passed, ", "))
	}
	p.keep(names)
	return p.load(ctx)
}

// keep leaves the cells of the columns that matter.
func (p *planner) keep(names []string) {
	places := make([]int, len(p.columns))
	for i, c := range p.columns {
		places[i] = slices.Index(names, c.name)
	}
	cells := make([]string, len(places))
	for i := range p.rows {
		all := strings.Split(p.rows[i].packed, valueMark)
		for j, at := range places {
			cells[j] = all[at]
		}
		p.rows[i].packed = strings.Join(cells, valueMark)
	}
}

func (p *planner) load(ctx context.Context) (err error) {
	has := func(k Kind) bool {
		return slices.ContainsFunc(p.columns, func(c column) bool { return c.field.Kind == k })
	}
	departments := p.entity.field(pathField) != nil
	if has(Department) || departments {
		if p.tree, err = loadTree(ctx, p.client); err != nil {
			return err
		}
		p.tree.create = p.options.CreateDepartments
	}
	if p.above != nil {
		p.above.tree = p.tree
	}
	if has(Person) {
		if p.people, err = loadPeople(ctx, p.client, p.options.PersonKey); err != nil {
			return err
		}
	}
	if p.options.DismissMissing {
		me, err := bitrix24.Do[record](ctx, p.client, bitrix24.Request{Method: "user.current", Replay: bitrix24.Safe})
		if err != nil {
			return err
		}
		p.self = me.Result.id(&p.entity)
	}
	return nil
}

// indexRows finds rows without a key and keys that stand twice.
func (p *planner) indexRows() {
	p.matches = make([]match, len(p.rows))
	email := -1
	if p.key.Kind != Email {
		email = slices.IndexFunc(p.columns, func(c column) bool { return c.field.Kind == Email })
	}
	if email >= 0 {
		p.emails = map[string]int32{}
	}
	for i := range p.rows {
		r := &p.rows[i]
		if r.key == "" {
			if r.problem == "" {
				r.problem = "the row has no " + p.key.Name
			}
			continue
		}
		p.unique(p.index, p.canonicalKey(r.key), i, p.key.Name)
		if email >= 0 {
			if v := r.values()[email]; len(v) > 0 {
				p.unique(p.emails, strings.ToLower(v[0]), i, "e-mail address")
			}
		}
	}
}

// wantPaths tells the tree which departments rows of the table make: the others that
// are not there are mistakes, unless they are to be made too.
func (p *planner) wantPaths() {
	if p.key.Name != pathField {
		return
	}
	at := p.column(pathField)
	p.tree.wanted = map[string]bool{}
	for i := range p.rows {
		r := &p.rows[i]
		if r.problem != "" || len(p.matches) > 0 && p.matches[i].problem != "" {
			continue
		}
		p.tree.wanted[foldPath(p.tree.bare(plainText(strings.Split(r.packed, valueMark)[at])))] = true
	}
}

func (p *planner) canonicalKey(key string) string {
	if p.key.Name == pathField {
		return p.tree.same(key)
	}
	return strings.ToLower(p.key.canonical(Value{key}))
}

// unique notes where a value stands; both rows are wrong when it stands twice.
func (p *planner) unique(index map[string]int32, value string, i int, what string) {
	first, twice := index[value]
	if !twice {
		index[value] = int32(i)
		return
	}
	other := &p.rows[first]
	p.rows[i].problem = fmt.Sprintf("the %s stands in row %d too", what, other.line)
	if other.problem == "" {
		other.problem = fmt.Sprintf("the %s stands in row %d too", what, p.rows[i].line)
	}
}

// walk compares every record of the portal with its row.
func (p *planner) walk(ctx context.Context) error {
	fields := append([]string{p.entity.ID, p.key.Name}, p.entity.Label...)
	for _, c := range p.columns {
		fields = append(fields, c.field.Name)
	}
	for _, name := range []string{p.entity.Active, p.entity.Member} {
		if name != "" {
			fields = append(fields, name)
		}
	}
	if p.emails != nil {
		fields = append(fields, "EMAIL")
	}
	n := 0
	for r, err := range p.entity.records(ctx, p.client, nil, fields...) {
		if err != nil {
			return err
		}
		p.compare(r)
		if n++; p.options.Read != nil && n%1000 == 0 {
			p.options.Read(n)
		}
	}
	return nil
}

func (p *planner) keyOf(r record) string {
	if p.key.Name == pathField {
		return p.tree.path(r.id(&p.entity))
	}
	return p.key.fromPortal(r[p.key.Name]).String()
}

func (p *planner) compare(r record) {
	id, key := r.id(&p.entity), p.keyOf(r)
	p.above.note(id, r)
	i, listed := p.index[p.canonicalKey(key)]
	if key == "" {
		listed = false
	}
	if p.emails != nil {
		email := p.entity.field("EMAIL").fromPortal(r["EMAIL"]).String()
		if owner, taken := p.emails[strings.ToLower(email)]; email != "" && taken && (!listed || owner != i) {
			p.matches[owner].problem = fmt.Sprintf("the e-mail address is that of %s %d already", p.entity.One, id)
		}
	}
	active := p.entity.Active == "" || p.entity.field(p.entity.Active).fromPortal(r[p.entity.Active]).String() == "Y"
	if !listed {
		p.absentee(r, id, key, active)
		return
	}
	m := &p.matches[i]
	if m.id != 0 {
		m.others = append(m.others, id)
		return
	}
	m.id, m.name = id, r.label(&p.entity)
	p.countMember(r, active)
	values := p.rows[i].values()
	for j, c := range p.columns {
		if values[j] == nil || c.field.ReadOnly {
			continue
		}
		old := c.field.fromPortal(r[c.field.Name])
		switch {
		case c.field.Kind == Picture:
			m.pictures = append(m.pictures, portalPicture{j, old.String()})
		case !c.field.same(old, values[j]):
			m.changes = append(m.changes, Change{Field: c.field.Name, Old: old, New: values[j]})
		}
	}
	if p.options.DismissMissing && !active && p.column(p.entity.Active) < 0 {
		m.changes = append(m.changes, Change{Field: p.entity.Active, Old: Value{"N"}, New: Value{"Y"}})
	}
}

// column is the place of a field among the columns; below 0 when it is none.
func (p *planner) column(field string) int {
	return slices.IndexFunc(p.columns, func(c column) bool { return c.field.Name == field })
}

func (p *planner) countMember(r record, active bool) bool {
	member := active && p.entity.Member != "" && len(p.entity.field(p.entity.Member).fromPortal(r[p.entity.Member])) > 0
	if member {
		p.members++
	}
	return member
}

// absentee is a record that is not in the table.
func (p *planner) absentee(r record, id int64, key string, active bool) {
	member := p.countMember(r, active)
	if !p.options.DismissMissing || !member || id == p.self {
		return
	}
	if key == "" {
		p.keyless++
		return
	}
	p.missing = append(p.missing, Row{
		Action: Dismiss, ID: id, Key: key, Name: r.label(&p.entity),
		Changes: []Change{{Field: p.entity.Active, Old: Value{"Y"}, New: Value{"N"}}},
	})
}

// The guard of --dismiss-missing: more than so many people, or more than so many
// of a hundred, are dismissed only when somebody says how many it may be.
const (
	guardPeople  = 10
	guardPercent = 5
)

func (p *planner) guard() error {
	n := len(p.missing)
	if p.keyless > 0 && p.options.Note != nil {
		p.options.Note(fmt.Sprintf("%d employees without %s are not taken for missing", p.keyless, p.key.Name))
	}
	limit := p.options.MaxDismiss
	if limit >= 0 && n > limit {
		return inputErrorf("Check that the table is complete, or raise --max-dismiss.", "--max-dismiss: %d of %d employees are not in the table and would be dismissed", n, p.members)
	}
	if limit < 0 && (n > guardPeople || n*100 > guardPercent*p.members) {
		return inputErrorf(fmt.Sprintf("Check that the table is complete; --max-dismiss %d allows it.", n), "--dismiss-missing: %d of %d employees are not in the table and would be dismissed", n, p.members)
	}
	return nil
}
