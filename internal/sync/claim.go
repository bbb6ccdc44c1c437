package sync

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Claim is the file of a plan, with its journal, that this process has for
// itself: to finish the plan that is there, and to put another in its place.
type Claim struct {
	file    string
	journal *journal
	plan    *Plan // the open one; may be nil
}

// NewClaim locks the journal beside the file. Neither has to exist.
func NewClaim(ctx context.Context, file string) (*Claim, error) {
	j, err := openJournal(ctx, file+".journal", anyPlan)
	if err != nil {
		return nil, err
	}
	return &Claim{file: file, journal: j}, nil
}

// Close gives the file back. It ends the runs on it.
func (c *Claim) Close() error { return errors.Join(c.closePlan(), c.journal.close()) }

func (c *Claim) closePlan() error {
	if c.plan == nil {
		return nil
	}
	plan := c.plan
	c.plan = nil
	return plan.Close()
}

// begun tells whether any row of the journal's plan was sent.
func (c *Claim) begun() bool { return len(c.journal.rows)+c.journal.ended > 0 }

// Unfinished is the work on a plan in the file that was begun and has rows
// without an outcome; nil when there is none. A file that is no plan is an error:
// nothing else may be replaced. Rows that failed or have drifted have an outcome.
func (c *Claim) Unfinished(ctx context.Context) (*Run, error) {
	if _, err := os.Stat(c.file); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	// A plan with edits is the one of the journal, or none that was begun.
	plan, err := OpenPlan(c.file, true)
	if err != nil {
		return nil, err
	}
	c.plan = plan
	if !c.begun() || c.journal.plan != plan.Header.identity() {
		return nil, nil
	}
	run := newRun(plan, c.journal)
	if run.tally.Left() > c.journal.ended {
		return run, nil
	}
	return nil, run.finishRollback(ctx, nil)
}

// CheckReplace tells whether a plan may be written into a file: not over one that
// was begun and is not finished, or that is being applied.
func CheckReplace(ctx context.Context, file string) error {
	return replace(ctx, file, func(*Claim, bool) error { return nil })
}

// Replace writes a plan into a file. The journal of a finished plan there is
// emptied, so that the new one can be applied. That of a plan which nobody has
// begun stays: a job may wait to apply that one and no other.
func Replace(ctx context.Context, file string, made *Made) error {
	return replace(ctx, file, func(c *Claim, finished bool) error {
		if finished {
			if err := c.journal.setPlan(ctx, anyPlan); err != nil {
				return err
			}
		}
		return made.Save(file)
	})
}

// replace calls do with the file claimed, unless a plan there must be kept. Where
// there is no journal there is nothing to claim.
func replace(ctx context.Context, file string, do func(c *Claim, finished bool) error) (err error) {
	if !exists(file + ".journal") {
		return do(nil, false)
	}
	c, err := NewClaim(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	run, err := c.Unfinished(ctx)
	finished := err == nil && c.plan != nil && c.journal.plan == c.plan.Header.identity() && c.begun()
	switch {
	case err != nil && c.begun():
		return inputErrorf("Name another file, or delete the journal if that plan is done with.", "%s.journal is the journal of a plan that was begun, and %s is not that plan: %v", file, file, problem(err))
	case err != nil:
		return do(c, false)
	case run != nil:
		return inputErrorf(fmt.Sprintf("\"oint bitrix24 apply %s\" finishes it. Or name another file, or delete %s.journal if that plan is done with.", file, file),
			"%s is a plan that was begun: %d of its %d rows are left", file, run.tally.Left()-c.journal.ended, run.tally.Total)
	}
	if err := c.closePlan(); err != nil { // an open file cannot be replaced everywhere
		return err
	}
	return do(c, finished)
}

// Begin puts a plan in the place of what is in the file and forgets the journal.
// A crash in between leaves a plan that nobody has begun.
func (c *Claim) Begin(ctx context.Context, made *Made) (*Run, error) {
	if err := errors.Join(c.closePlan(), c.journal.setPlan(ctx, anyPlan)); err != nil {
		return nil, err
	}
	if err := made.Save(c.file); err != nil {
		return nil, err
	}
	plan, err := OpenPlan(c.file, false)
	if err != nil {
		return nil, err
	}
	c.plan = plan
	if err := c.journal.setPlan(ctx, plan.Header.identity()); err != nil {
		return nil, err
	}
	return newRun(plan, c.journal), nil
}
