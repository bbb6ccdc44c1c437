package sync

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/oint-go/oint/bitrix24"
)

// idsPerLook is how many records one command looks up: a page of the list.
const idsPerLook = 50

// check hands on the rows of the pass, chunk by chunk, after a look at what the
// portal has for them now.
func (p *pass) check(chunks chan<- []*task) error {
	var chunk []*task
	give := func() error {
		if len(chunk) == 0 {
			return nil
		}
		if err := p.look(chunk); err != nil {
			return err
		}
		select {
		case chunks <- chunk:
			chunk = nil
			return nil
		case <-p.stop.Done():
			return context.Cause(p.stop)
		}
	}
	for line, row := range p.run.Plan.All() {
		if !row.Action.changes() || p.run.Plan.phase(row) != p.phase || p.run.state(line) != p.want {
			continue
		}
		chunk = append(chunk, p.task(line, row))
		if len(chunk) == chunkRows {
			if err := give(); err != nil {
				return err
			}
		}
	}
	if err := p.run.Plan.Err(); err != nil {
		return err
	}
	return give()
}

func (p *pass) task(line int, row *Row) *task {
	t := &task{line: line, row: row, entity: p.run.Plan.entityOf(row), again: p.want == sent, values: make([]Value, len(row.Changes))}
	for i, c := range row.Changes {
		var err error
		if t.values[i], err = p.run.resolve(t.entity.field(c.Field), c.New); err != nil {
			t.decide(failed, 0, err.Error())
			break
		}
	}
	return t
}

func (t *task) decide(s state, id int64, text string) {
	t.res = &result{line: t.line, state: s, id: id, text: text}
}

// looking is a command that looks up rows, and the rows.
type looking struct {
	command bitrix24.Command
	tasks   []*task
	found   []record
	byID    map[int64]record // the same, when they are updates
}

// look decides the rows of a chunk that need not be sent.
func (p *pass) look(chunk []*task) error {
	var looks []looking
	var updates []*task
	for _, t := range chunk {
		switch {
		case t.res != nil:
		case t.row.Action != Create:
			updates = append(updates, t)
		case t.entity.field(pathField) != nil:
			if err := p.lookPath(t); err != nil {
				return err
			}
		default:
			looks = append(looks, p.lookKey(t))
		}
	}
	for len(updates) > 0 {
		n := min(len(updates), idsPerLook)
		looks = append(looks, lookIDs(updates[:n]))
		updates = updates[n:]
	}
	commands := make([]bitrix24.Command, len(looks))
	for i := range looks {
		commands[i] = looks[i].command
	}
	found, err := p.ask(commands)
	if err != nil {
		return err
	}
	for i := range looks {
		looks[i].keep(found[i])
	}
	if err := p.lookAtPictures(looks); err != nil {
		return err
	}
	for _, l := range looks {
		for _, t := range l.tasks {
			now := p.recordOf(t, &l)
			switch {
			case t.res != nil:
			case t.row.Action == Create:
				p.judgeNew(t, now)
			default:
				p.judge(t, now)
			}
		}
	}
	return nil
}

// ask runs commands that list records.
func (p *pass) ask(commands []bitrix24.Command) ([][]record, error) {
	lists := make([][]record, len(commands))
	work := context.WithoutCancel(p.stop)
	for _, o := range p.client.BatchAll(work, commands, bitrix24.WithStop(p.stop), bitrix24.WithFullRequests()) {
		if o.State != bitrix24.Done {
			return nil, o.Err
		}
		if err := json.Unmarshal(o.Result, &lists[o.Index]); err != nil {
			return nil, fmt.Errorf("%s: an answer that is no list: %w", o.Method, err)
		}
	}
	return lists, nil
}

// keep takes the records that were found.
func (l *looking) keep(found []record) {
	l.found, l.byID = found, make(map[int64]record, len(found))
	for _, r := range found {
		l.byID[r.id(l.tasks[0].entity)] = r
	}
}

// recordOf finds the record of a row among those that were looked up: by its id,
// or by the key of one that is about to be made; nil when there is none.
func (p *pass) recordOf(t *task, l *looking) record {
	if t.row.Action != Create {
		return l.byID[t.row.ID]
	}
	key := t.entity.field(p.run.Plan.Header.Key)
	for _, r := range l.found {
		if strings.EqualFold(key.canonical(key.fromPortal(r[key.Name])), key.canonical(Value{t.row.Key})) {
			return r
		}
	}
	return nil
}

// list is a command that lists the records which a filter finds.
func (e *Entity) list(field string, value any, fields []string) bitrix24.Command {
	params := &bitrix24.Object{}
	if e.Filter != "" {
		params.Set(e.Filter, bitrix24.NewObject(field, value))
	} else {
		params.Set(field, value)
	}
	if e.Select != "" {
		params.Set(e.Select, fields)
	}
	params.Set("start", -1)
	return bitrix24.Command{Method: e.List, Params: params, Replay: bitrix24.Safe}
}

// lookIDs looks up records that are to be changed; all are of one entity.
func lookIDs(tasks []*task) looking {
	e := tasks[0].entity
	ids := make([]int64, len(tasks))
	fields, seen := []string{e.ID}, map[string]bool{}
	for i, t := range tasks {
		ids[i] = t.row.ID
		for _, c := range t.row.Changes {
			if !seen[c.Field] {
				seen[c.Field] = true
				fields = append(fields, c.Field)
			}
		}
	}
	return looking{command: e.list(e.ID, ids, fields), tasks: tasks}
}

// lookKey looks for a record that is about to be made.
func (p *pass) lookKey(t *task) looking {
	e, key := t.entity, p.run.Plan.Header.Key
	fields := []string{e.ID, key}
	for _, c := range t.row.Changes {
		if c.Field != key {
			fields = append(fields, c.Field)
		}
	}
	return looking{command: e.list(key, t.row.Key, fields), tasks: []*task{t}}
}

// lookPath looks for a department that is about to be made.
func (p *pass) lookPath(t *task) error {
	if p.tree == nil {
		var err error
		if p.tree, err = loadTree(p.stop, p.client); err != nil {
			return err
		}
	}
	id, err := p.tree.find(t.row.Key)
	switch {
	case err != nil:
		t.decide(drifted, 0, err.Error())
	case id != 0:
		t.decide(done, id, alreadySo(t.again))
	}
	return nil
}

// wasSo is the text of a row that somebody else has carried out.
const wasSo = "it was so already"

func alreadySo(again bool) string {
	if again {
		return "" // carried out before the interruption
	}
	return wasSo
}

// judge compares what the portal has with what the row found when it was
// planned.
func (p *pass) judge(t *task, now record) {
	if now == nil {
		t.decide(failed, t.row.ID, fmt.Sprintf("there is no %s %d any more", t.entity.One, t.row.ID))
		return
	}
	open, drift := t.blind, ""
	var replaced []Change
	for i, c := range t.row.Changes {
		f := t.entity.field(c.Field)
		value, isNew, isOld := t.compare(i, now)
		switch {
		case isNew || t.blind && f.Kind == Picture:
		case isOld:
			open = true
		case t.again && f.Kind == Picture:
			open = true // the portal may have rescaled what it got: sending it again does no harm
		default:
			open = true
			replaced = append(replaced, Change{Field: c.Field, Old: value})
			drift = fmt.Sprintf("%s is %s now, neither %s nor %s", c.Field, f.quoted(value), f.quoted(c.Old), f.quoted(t.values[i]))
		}
	}
	switch {
	case !open:
		t.decide(done, t.row.ID, alreadySo(t.again))
	case drift != "" && !p.options.Overwrite:
		t.decide(drifted, t.row.ID, drift)
	default:
		t.replaced = replaced
	}
}

// compare compares a field of the portal with both values of a change.
func (t *task) compare(i int, now record) (value Value, isNew, isOld bool) {
	c := t.row.Changes[i]
	f := t.entity.field(c.Field)
	if f.Kind == Picture {
		s := t.pictures[i]
		return pictureValue(s.copy, ""), s.is(t.values[i]), s.is(c.Old)
	}
	value = f.fromPortal(now[f.Name])
	return value, f.same(value, t.values[i]), f.same(value, c.Old)
}

// judgeNew looks whether the record is there already: made by this row before an
// interruption, or by somebody else.
func (p *pass) judgeNew(t *task, now record) {
	if now == nil {
		return
	}
	id := now.id(t.entity)
	if t.again {
		t.decide(done, id, "")
		return
	}
	for i := range t.row.Changes {
		if _, isNew, _ := t.compare(i, now); !isNew {
			t.decide(drifted, id, fmt.Sprintf("a %s with this %s has come meanwhile, id %d; plan again", t.entity.One, p.run.Plan.Header.Key, id))
			return
		}
	}
	t.decide(done, id, alreadySo(false))
}
