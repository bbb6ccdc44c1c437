package sync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oint-go/oint/bitrix24"
)

// DefaultSettle is how long a request that nobody waits for any more may still
// be at work on the portal: a cloud portal ends it after 60 seconds.
const DefaultSettle = 60 * time.Second

// mostPasses is how often rows whose fate is unknown are looked at and sent
// again before the run gives up.
const mostPasses = 8

// ApplyOptions say how to apply a plan.
type ApplyOptions struct {
	Overwrite bool          // also where the portal has changed since the plan
	Settle    time.Duration // see DefaultSettle
	Note      func(string)  // hears what the run waits for
	Moved     func(Tally)   // hears how far it is
	Pictures  string        // file that remembers the pictures of portals; may be empty
	Web       *http.Client  // for pictures at addresses; may be nil
}

// Tally counts the rows of a plan that change something.
type Tally struct {
	Total   int
	Done    int
	Failed  int // the portal refused them
	Drifted int
}

// Left is how many rows have no outcome yet.
func (t Tally) Left() int { return t.Total - t.Done - t.Failed - t.Drifted }

// Run is the work on a plan, from its journal on. Only one process can have it.
type Run struct {
	Plan    *Plan
	journal *journal

	mu    sync.Mutex
	rows  map[int]entry
	made  map[string]int64 // departments that rows have made, by folded path
	tally Tally
	doubt time.Time // when a row last was left without an answer
	fatal error     // why nothing more is sent

	strays bool // the rollback of all rows undoes more than was done, or something else
}

// Open opens the journal of a plan, beside it, and locks it.
func Open(ctx context.Context, plan *Plan) (*Run, error) {
	j, err := openJournal(ctx, plan.File+".journal", plan.Header.identity())
	if err != nil {
		return nil, err
	}
	r := newRun(plan, j)
	if r.tally.Left() == 0 {
		if err := r.finishRollback(ctx, nil); err != nil {
			return nil, errors.Join(err, j.close())
		}
	}
	return r, nil
}

// newRun takes from the journal how far the plan is.
func newRun(plan *Plan, j *journal) *Run {
	r := &Run{Plan: plan, journal: j, rows: j.rows, made: map[string]int64{}, tally: Tally{Total: plan.total}}
	if len(r.rows) == 0 {
		return r
	}
	r.strays = true // perhaps, before
	for line, row := range plan.All() {
		if row.Action.changes() && r.rows[line].state == done {
			r.tally.Done++
			r.keepMade(row, r.rows[line].id)
		}
	}
	return r
}

// Close gives the journal back.
func (r *Run) Close() error { return r.journal.close() }

// Release lets another plan have the journal when nothing of this one was sent and
// either nothing is to be sent or nobody else, such as a job, counts on it.
func (r *Run) Release(ctx context.Context) error {
	j := r.journal
	if len(j.rows)+j.ended > 0 || !j.taken && r.tally.Total > 0 {
		return nil
	}
	return j.setPlan(context.WithoutCancel(ctx), anyPlan)
}

// Tally is how far the plan is.
func (r *Run) Tally() Tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tally
}

// lastPhase is that of all rows but those that make departments, whose phase is
// their depth: parents come before their children.
const lastPhase = math.MaxInt

func (p *Plan) phase(row *Row) int {
	if row.Action == Create && p.entityOf(row).Name == "departments" {
		return strings.Count(row.Key, "/")
	}
	return lastPhase
}

func (r *Run) keepMade(row *Row, id int64) {
	if row.Action == Create && r.Plan.entityOf(row).Name == "departments" {
		r.made[foldPath(row.Key)] = id
	}
}

// Apply carries out what the plan has left. When the context ends, what is on
// its way is finished and nothing more is sent. Rows that fail or have drifted
// are no error: the tally has them.
func (r *Run) Apply(ctx context.Context, client *bitrix24.Client, o ApplyOptions) (err error) {
	pictures, err := r.openStudio(ctx, client, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pictures.close()) }()
	stop, halt := context.WithCancelCause(ctx)
	defer halt(nil)
	defer func() {
		if failed := r.finishRollback(context.WithoutCancel(ctx), o.Note); err == nil {
			err = failed
		}
	}()
	r.doubt = time.Now()
	for _, phase := range r.Plan.phases {
		a := &pass{run: r, client: client, studio: pictures, options: o, stop: stop, halt: halt, phase: phase, want: waiting}
		err := a.work()
		for n := 0; err == nil && r.unsettled(phase) > 0; n++ {
			if n == mostPasses {
				return fmt.Errorf("%d rows may have been carried out; the same command looks again", r.unsettled(phase))
			}
			// Most requests without an answer were carried out at once.
			if r.settling(o) > 0 {
				glance := &pass{run: r, client: client, studio: pictures, options: o, stop: stop, halt: halt, phase: phase, want: sent, only: true}
				if err = glance.work(); err != nil || r.unsettled(phase) == 0 {
					break
				}
			}
			if err = r.settle(stop, o); err == nil {
				a = &pass{run: r, client: client, studio: pictures, options: o, stop: stop, halt: halt, phase: phase, want: sent}
				err = a.work()
			}
		}
		if err != nil {
			return err
		}
	}
	return r.Plan.Err()
}

// unsettled counts the rows of a phase whose fate is unknown.
func (r *Run) unsettled(phase int) int {
	r.mu.Lock()
	doubtful := slices.ContainsFunc(slices.Collect(maps.Values(r.rows)), func(e entry) bool { return e.state == sent })
	r.mu.Unlock()
	if !doubtful {
		return 0
	}
	n := 0
	for line, row := range r.Plan.All() {
		if row.Action.changes() && r.Plan.phase(row) == phase && r.state(line) == sent {
			n++
		}
	}
	return n
}

func (r *Run) state(line int) state {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rows[line].state
}

// settling is how long a request without an answer may still be at work. The time
// counts from the last one, or from the beginning of this process: how long ago
// another process died, no clock tells reliably.
func (r *Run) settling(o ApplyOptions) time.Duration { return o.Settle - time.Since(r.doubt) }

// settle waits until no request without an answer can be at work any more.
func (r *Run) settle(ctx context.Context, o ApplyOptions) error {
	wait := r.settling(o)
	if wait <= 0 {
		return ctx.Err()
	}
	if o.Note != nil && wait >= time.Second {
		o.Note(fmt.Sprintf("waiting %s: an interrupted request may still be at work on the portal", wait.Round(time.Second)))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// take notes what became of a row.
func (r *Run) take(t *task, res result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows[res.line] = entry{res.state, res.id}
	switch res.state {
	case done:
		r.tally.Done++
		r.keepMade(t.row, res.id)
		r.strays = r.strays || res.text == wasSo || len(t.replaced) > 0
	case failed:
		r.tally.Failed++
	case drifted:
		r.tally.Drifted++
	case sent:
		r.doubt = time.Now()
	}
}

// resolve puts the ids of departments that rows have made in the place of their
// paths.
func (r *Run) resolve(f *Field, v Value) (Value, error) {
	if f.Kind != Department {
		return v, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	resolved := make(Value, len(v))
	for i, item := range v {
		resolved[i] = item
		if isID(item) {
			continue
		}
		id := r.made[foldPath(item)]
		if id == 0 {
			return nil, fmt.Errorf("the department %q was not made", item)
		}
		resolved[i] = fmt.Sprint(id)
	}
	return resolved, nil
}

// failure is why a run ends before its last row.
func (r *Run) failure(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fatal != nil {
		return r.fatal
	}
	if err := r.Plan.Err(); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return nil
}

func (r *Run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fatal == nil && !errors.Is(err, context.Canceled) {
		r.fatal = err
	}
}
