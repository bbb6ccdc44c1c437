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
	work := context.WithoutCancel(p.stop)
	for _, o := range p.client.BatchAll(work, commands, bitrix24.WithStop(p.stop), bitrix24.WithFullRequests()) {
		if o.State != bitrix24.Done {
			return o.Err
		}
		var found []record
		if err := json.Unmarshal(o.Result, &found); err != nil {
			return fmt.Errorf("%s: an answer that is no list: %w", o.Method, err)
		}
		for _, t := range looks[o.Index].tasks {
			if t.row.Action == Create {
				p.judgeNew(t, found)
			} else {
				p.judge(t, found)
			}
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
	return looking{e.list(e.ID, ids, fields), tasks}
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
	return looking{e.list(key, t.row.Key, fields), []*task{t}}
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

func alreadySo(again bool) string {
	if again {
		return "" // carried out before the interruption
	}
	return "it was so already"
}

// judge compares what the portal has with what the row found when it was
// planned.
func (p *pass) judge(t *task, found []record) {
	var now record
	for _, r := range found {
		if r.id(t.entity) == t.row.ID {
			now = r
		}
	}
	if now == nil {
		t.decide(failed, t.row.ID, fmt.Sprintf("there is no %s %d any more", t.entity.One, t.row.ID))
		return
	}
	open, drift := false, ""
	for i, c := range t.row.Changes {
		f := t.entity.field(c.Field)
		value := f.fromPortal(now[f.Name])
		switch {
		case f.same(value, t.values[i]):
		case f.same(value, c.Old):
			open = true
		default:
			open = true
			drift = fmt.Sprintf("%s is %s now, neither %s nor %s", c.Field, quoted(value), quoted(c.Old), quoted(t.values[i]))
		}
	}
	switch {
	case !open:
		t.decide(done, t.row.ID, alreadySo(t.again))
	case drift != "" && !p.options.Overwrite:
		t.decide(drifted, t.row.ID, drift)
	}
}

// judgeNew looks whether the record is there already: made by this row before an
// interruption, or by somebody else.
func (p *pass) judgeNew(t *task, found []record) {
	key := t.entity.field(p.run.Plan.Header.Key)
	for _, r := range found {
		value := key.fromPortal(r[key.Name])
		if !strings.EqualFold(key.canonical(value), key.canonical(Value{t.row.Key})) {
			continue
		}
		id := r.id(t.entity)
		if t.again {
			t.decide(done, id, "")
			return
		}
		for i, c := range t.row.Changes {
			f := t.entity.field(c.Field)
			if !f.same(f.fromPortal(r[f.Name]), t.values[i]) {
				t.decide(drifted, id, fmt.Sprintf("a %s with this %s has come meanwhile, id %d; plan again", t.entity.One, key.Name, id))
				return
			}
		}
		t.decide(done, id, alreadySo(false))
		return
	}
}
