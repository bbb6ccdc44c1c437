package sync

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"sync"

	"github.com/oint-go/oint/bitrix24"
)

// chunkRows is how many rows are checked together: as many updates as two
// requests look up, fifty commands of fifty ids each. With fewer the sending
// would stop until the next rows are checked.
const chunkRows = 5000

// task is a row on its way to its outcome.
type task struct {
	line     int
	row      *Row
	entity   *Entity
	values   []Value  // the new values, references resolved; parallel to the changes
	pictures []seen   // that the portal has; parallel to the changes, nil when there are none
	blind    bool     // those could not be read
	again    bool     // it may have been carried out before
	replaced []Change // what it replaces besides what was planned, as Old
	res      *result  // when it is decided without being sent
}

// pass goes once through the rows of a phase that are in one state: it checks
// them on the portal, writes the journal, sends them and keeps the outcomes.
// Checking is ahead of sending by a chunk.
type pass struct {
	run     *Run
	client  *bitrix24.Client
	options ApplyOptions
	stop    context.Context // its end lets requests under way finish
	halt    context.CancelCauseFunc
	phase   int
	want    state
	only    bool    // look only: what is not done yet may still be at work, so nothing is sent
	tree    *tree   // departments as they are now, when the phase makes some
	studio  *studio // nil for a plan without pictures

	mu     sync.Mutex
	flying map[int]*task // by the position of their command
}

func (p *pass) work() error {
	p.flying = map[int]*task{}
	chunks := make(chan []*task, 1)
	var group sync.WaitGroup
	group.Go(func() {
		defer close(chunks)
		if err := p.check(chunks); err != nil {
			p.run.fail(err)
			p.halt(err)
		}
	})
	rec := newRecorder(p)
	// The end of the run must not break off a request that is on its way.
	work := context.WithoutCancel(p.stop)
	var rows []hung
	for o := range p.client.Batch(work, p.commands(work, chunks, rec), bitrix24.WithStop(p.stop), bitrix24.WithoutRepeats(), bitrix24.WithoutReferences()) {
		p.mu.Lock()
		t := p.flying[o.Index]
		delete(p.flying, o.Index)
		p.mu.Unlock()
		res := p.outcome(t, o)
		rec.put(t, res)
		if res.state == done && t.hasPictures() {
			rows = append(rows, hung{t, res.id})
		}
		if len(rows) == keptAtOnce {
			p.note(rows)
			rows = nil
		}
	}
	if len(rows) > 0 {
		p.note(rows)
	}
	for range chunks {
		continue // what was checked and is not sent any more is given up
	}
	group.Wait()
	rec.close()
	return p.run.failure(p.stop)
}

// portions are the rows of the chunks, as many as the journal marks at once.
func portions(chunks <-chan []*task) iter.Seq[[]*task] {
	return func(yield func([]*task) bool) {
		for chunk := range chunks {
			for some := range slices.Chunk(chunk, atOnce) {
				if !yield(some) {
					return
				}
			}
		}
	}
}

// commands yields the commands of the checked rows. Before a row is yielded the
// journal says that it may have been sent.
func (p *pass) commands(ctx context.Context, chunks <-chan []*task, rec *recorder) iter.Seq[bitrix24.Command] {
	return func(yield func(bitrix24.Command) bool) {
		// Meanwhile the first chunk is checked.
		if p.phase == lastPhase && p.want == waiting {
			err := p.run.writeRollback(ctx, p.options.Note, false)
			if err == nil {
				err = p.run.journal.setBehind(ctx, true)
			}
			if err != nil {
				p.run.fail(err)
				p.halt(err)
				return
			}
		}
		index := 0
		for some := range portions(chunks) {
			var marks []result
			if p.only {
				some = slices.DeleteFunc(some, func(t *task) bool { return t.res == nil || t.res.state != done })
			}
			for _, t := range some {
				if t.res != nil {
					rec.put(t, *t.res)
				} else {
					marks = append(marks, result{line: t.line, state: sent, first: !t.again, replaced: t.replaced})
				}
			}
			if p.stop.Err() != nil {
				return
			}
			if len(marks) > 0 {
				if err := p.run.journal.record(ctx, marks); err != nil {
					p.run.fail(err)
					p.halt(err)
					return
				}
			}
			for _, t := range some {
				if t.res != nil {
					continue
				}
				files, res := p.open(t)
				if res != nil {
					rec.put(t, *res)
					continue
				}
				p.mu.Lock()
				p.flying[index] = t
				p.mu.Unlock()
				index++
				if !yield(t.command(files)) {
					return
				}
			}
		}
	}
}

// command is the call that carries out a row. An update to fixed values could be
// repeated, but is not: what became of it is looked up first.
func (t *task) command(files map[int]bitrix24.File) bitrix24.Command {
	fields := &bitrix24.Object{}
	for i, c := range t.row.Changes {
		if file, ok := files[i]; ok {
			fields.Set(c.Field, file)
			continue
		}
		fields.Set(c.Field, t.entity.field(c.Field).wire(t.values[i]))
	}
	params := fields
	if t.entity.Wrap != "" {
		params = bitrix24.NewObject(t.entity.Wrap, fields)
	}
	if t.row.Action == Create {
		return bitrix24.Command{Method: t.entity.Add, Params: params, Replay: bitrix24.Once}
	}
	params.Set(t.entity.ID, t.row.ID)
	return bitrix24.Command{Method: t.entity.Update, Params: params, Replay: bitrix24.Idempotent}
}

// outcome is a row's new state after it was sent.
func (p *pass) outcome(t *task, o bitrix24.Outcome) result {
	res := result{line: t.line}
	switch o.State {
	case bitrix24.Done:
		res.state, res.id = done, t.row.ID
		if t.row.Action == Create {
			var id bitrix24.ID
			if json.Unmarshal(o.Result, &id) != nil || id == 0 {
				res.state = sent // made, and under an id that a look will tell
			}
			res.id = int64(id)
		}
	case bitrix24.Refused:
		res.state = failed
		var e *bitrix24.Error
		if errors.As(o.Err, &e) {
			res.code, res.text = e.Code, e.Description
		}
	case bitrix24.NotSent:
		res.state = waiting
		if t.again {
			res.state = sent // as before
		}
		p.run.fail(o.Err)
		p.halt(o.Err)
	case bitrix24.Unknown:
		res.state = sent
	}
	return res
}
