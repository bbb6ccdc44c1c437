package sync

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
)

// Plan is a plan in a file whose every line has been checked.
type Plan struct {
	File   string
	Header Header
	Rows   int // lines after the header
	lines  *os.File
	entity Entity
	phases []int     // in order
	total  int       // rows that change something
	kept   []lineRow // every row, while they are few
	sums   []string  // of all rows to the end of each block, when they are many

	mu     sync.Mutex
	broken error // how the file is not what was checked
}

// keptRows is how many rows stay in memory; more are read again from the file, and
// compared in blocks with what was checked.
const (
	keptRows  = 10_000
	blockRows = 1000
)

type lineRow struct {
	line int
	row  *Row
}

// lineError is a line of a plan that cannot be.
func (p *Plan) lineError(line int, format string, args ...any) error {
	return inputErrorf("Make the plan again; a line that shall not be applied can be left out with --accept-edits.", "%s, line %d: %s", p.File, line, fmt.Sprintf(format, args...))
}

// OpenPlan reads a plan and checks all of it. With edited it may differ from the
// one that was made, as long as every line makes sense.
func OpenPlan(file string, edited bool) (*Plan, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, inputErrorf("\"oint bitrix24 plan … --out "+file+"\" makes it.", "the plan cannot be opened: %v", err)
	}
	p := &Plan{File: file, lines: f}
	if err := p.read(edited); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return p, nil
}

// Close closes the file. It stays open until then, so that another plan of the
// same name, made meanwhile, is not taken for this one.
func (p *Plan) Close() error { return p.lines.Close() }

func (p *Plan) read(edited bool) error {
	f, file := p.lines, p.File
	lines := newLineReader(f)
	first, err := lines.next()
	if err != nil {
		return p.lineError(1, "there is no header: %v", err)
	}
	if err := p.readHeader(first); err != nil {
		return err
	}
	sum := sha256.New()
	check := newRowCheck(p)
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return p.lineError(lines.number, "%v", err)
		}
		_, _ = sum.Write(line) // a hash takes everything
		row, err := readRow(line)
		if err == nil {
			err = check.row(row)
		}
		if err != nil {
			return p.lineError(lines.number, "%v", err)
		}
		if p.Rows++; p.Rows <= keptRows {
			p.kept = append(p.kept, lineRow{lines.number, row})
		}
		if p.Rows%blockRows == 0 {
			p.sums = append(p.sums, string(sum.Sum(nil)))
		}
		if row.Action.changes() {
			p.total++
			if phase := p.phase(row); !slices.Contains(p.phases, phase) {
				p.phases = append(p.phases, phase)
			}
		}
	}
	slices.Sort(p.phases)
	if p.Rows > keptRows {
		p.kept = nil
	}
	p.sums = append(p.sums, string(sum.Sum(nil)))
	if content := hex.EncodeToString(sum.Sum(nil)); content != p.Header.Content {
		if !edited {
			return inputErrorf("If that was meant, --accept-edits applies it as it is now.", "%s was changed after it was made", file)
		}
		p.Header.Content, p.Header.Counts = content, check.counts
	}
	return nil
}

func (p *Plan) readHeader(line []byte) error {
	h := &p.Header
	if err := strict(line, h); err != nil || h.Format != planFormat {
		return inputErrorf("\"oint bitrix24 plan … --out FILE\" makes one.", "%s, line 1: it is no plan", p.File)
	}
	if h.Version != planVersion {
		return inputErrorf("Make the plan again.", "%s, line 1: it is a plan of version %d; this program knows version %d", p.File, h.Version, planVersion)
	}
	var ok bool
	if p.entity, ok = Named(h.Entity); !ok {
		return p.lineError(1, "there is no entity %q", h.Entity)
	}
	for _, f := range h.Fields {
		if p.entity.field(f.Name) == nil {
			p.entity.Fields = append(p.entity.Fields, Field{Name: f.Name, Kind: f.Kind, Multiple: f.Multiple, ReadOnly: f.Kind == Picture})
		}
	}
	if _, err := p.entity.keyField(h.Key); err != nil {
		return p.lineError(1, "%v", err)
	}
	return nil
}

// strict decodes JSON that has no other members than v.
func strict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one object")
	}
	return nil
}

func readRow(line []byte) (*Row, error) {
	row := &Row{}
	if err := strict(line, row); err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	return row, nil
}

// entityOf is the description of what a row changes.
func (p *Plan) entityOf(row *Row) *Entity {
	if row.Entity == "" || row.Entity == p.entity.Name {
		return &p.entity
	}
	e := Departments()
	return &e
}

// rowCheck checks the rows of a plan in their order.
type rowCheck struct {
	plan   *Plan
	made   map[string]bool // paths of departments that rows before have made
	ids    map[int64]bool
	keys   map[string]bool
	counts map[Action]int
}

func newRowCheck(p *Plan) *rowCheck {
	return &rowCheck{p, map[string]bool{}, map[int64]bool{}, map[string]bool{}, map[Action]int{}}
}

func (c *rowCheck) row(row *Row) error {
	if row.Entity != "" && (row.Entity != "departments" || row.Action != Create) {
		return fmt.Errorf("a plan of %s cannot %s %s", c.plan.Header.Entity, row.Action, row.Entity)
	}
	c.counts[row.Action]++
	e := c.plan.entityOf(row)
	switch row.Action {
	case Unchanged, Conflict:
		if len(row.Changes) > 0 {
			return fmt.Errorf("%s changes nothing, and yet the row has changes", row.Action)
		}
		return nil
	case Create:
		if row.ID != 0 || row.Key == "" {
			return errors.New("create needs a key and no id")
		}
		key := e.Name + ":" + foldPath(row.Key)
		if c.keys[key] {
			return fmt.Errorf("the key %.60q is created twice", row.Key)
		}
		c.keys[key] = true
	case Update, Dismiss, Reactivate:
		if row.ID <= 0 {
			return fmt.Errorf("%s needs the id", row.Action)
		}
		if c.ids[row.ID] {
			return fmt.Errorf("the id %d stands in a line before", row.ID)
		}
		c.ids[row.ID] = true
	default:
		return fmt.Errorf("there is no action %.40q", string(row.Action))
	}
	if len(row.Changes) == 0 {
		return fmt.Errorf("%s needs changes", row.Action)
	}
	if err := c.changes(e, row); err != nil {
		return err
	}
	if row.Action == Create && e.Name == "departments" {
		c.made[foldPath(row.Key)] = true
	}
	return nil
}

func (c *rowCheck) changes(e *Entity, row *Row) error {
	var seen []string
	for _, change := range row.Changes {
		f := e.field(change.Field)
		switch {
		case f == nil:
			return fmt.Errorf("%s have no field %.60q", e.Name, change.Field)
		case f.ReadOnly:
			return fmt.Errorf("%s cannot be written", f.Name)
		case slices.Contains(seen, f.Name):
			return fmt.Errorf("%s stands twice", f.Name)
		case !f.Multiple && len(change.New) > 1:
			return fmt.Errorf("%s takes one value", f.Name)
		}
		seen = append(seen, f.Name)
		if f.Kind == Picture {
			if !slices.Contains(c.plan.Header.Fields, PlanField{Name: f.Name, Kind: Picture}) {
				return fmt.Errorf("%s is no field of the header", f.Name)
			}
			if err := checkPictures(change); err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
			continue
		}
		for _, item := range change.New {
			if f.Kind == Department && !isID(item) {
				if !c.made[foldPath(item)] {
					return fmt.Errorf("%s: no line before makes the department %.60q", f.Name, item)
				}
				continue
			}
			if f.Kind == Person && !isID(item) {
				return fmt.Errorf("%s: %.60q is no id of a user", f.Name, item)
			}
			if _, err := f.Kind.normal(item); err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
		}
	}
	return nil
}
