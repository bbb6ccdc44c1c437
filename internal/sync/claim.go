package sync

import (
	"context"
	"errors"
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

// Unfinished is the work on a plan in the file that was begun and has rows
// without an outcome; nil when there is none. A file that is no plan is an error:
// nothing else may be replaced. Rows that failed or have drifted have an outcome.
func (c *Claim) Unfinished() (*Run, error) {
	if _, err := os.Stat(c.file); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	// A plan with edits is the one of the journal, or none that was begun.
	plan, err := OpenPlan(c.file, true)
	if err != nil {
		return nil, err
	}
	c.plan = plan
	if begun := len(c.journal.rows)+c.journal.ended > 0; !begun || c.journal.plan != plan.Header.Content {
		return nil, nil
	}
	if run := newRun(plan, c.journal); run.tally.Left() > c.journal.ended {
		return run, nil
	}
	return nil, nil
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
	if err := c.journal.setPlan(ctx, plan.Header.Content); err != nil {
		return nil, err
	}
	return newRun(plan, c.journal), nil
}
