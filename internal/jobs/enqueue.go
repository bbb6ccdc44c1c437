package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// maxAttempts is 1 because an attempt that ended is the outcome; what was cut
// off goes back into the queue without counting.
const maxAttempts = 1

// How says how a command is queued.
type How struct {
	Portal   string // identity of the portal; jobs of one portal run one after the other
	Priority int    // 1 to 4, the most urgent first; 0 is 1
	Unique   bool   // not while the same command waits or runs
	Cron     string // run it again and again
}

// Enqueue puts a command into the queue. With Unique it returns the job that is
// there already, marked as a duplicate.
func (s *Store) Enqueue(ctx context.Context, c *Command, how How) (*Job, error) {
	args, err := s.args(c, how.Portal)
	if err != nil {
		return nil, err
	}
	how.Cron = spelled(how.Cron)
	opts := &river.InsertOpts{MaxAttempts: maxAttempts, Priority: max(1, how.Priority)}
	if how.Unique {
		if job, err := s.same(ctx, args.Print, how.Cron); err != nil || job != nil {
			return job, err
		}
		opts.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
		}}
	}
	var job river.JobArgs = *args
	if how.Cron != "" {
		when, err := parseCron(how.Cron)
		if err != nil {
			return nil, err
		}
		opts.ScheduledAt = when.next(time.Now())
		job = scheduleArgs{commandArgs: *args, Cron: how.Cron}
	}
	result, err := s.queue.Insert(ctx, job, opts)
	if err != nil {
		return nil, fmt.Errorf("put the job into the queue: %w", err)
	}
	if result.UniqueSkippedAsDuplicate {
		return s.duplicate(ctx, result.Job.ID)
	}
	return s.describe(result.Job, nil)
}

func (s *Store) args(c *Command, portal string) (*commandArgs, error) {
	text, err := c.print()
	if err != nil {
		return nil, err
	}
	sealed, err := s.seal.sealCommand(c)
	if err != nil {
		return nil, err
	}
	return &commandArgs{Portal: s.seal.hash("portal", portal), Print: s.seal.hash("command", text), Repeat: c.Repeat, Sealed: sealed}, nil
}

// Same returns the job that waits for, or is busy with, the same command, marked
// as a duplicate; nil when there is none.
func (s *Store) Same(ctx context.Context, c *Command, how How) (*Job, error) {
	args, err := s.args(c, how.Portal)
	if err != nil {
		return nil, err
	}
	return s.same(ctx, args.Print, spelled(how.Cron))
}

// spelled is a schedule with one space between its fields.
func spelled(cron string) string { return strings.Join(strings.Fields(cron), " ") }

// same finds a job by the hash of its command, whether it was given as unique or
// not. Schedules are compared with schedules for the same times.
func (s *Store) same(ctx context.Context, hash, cron string) (*Job, error) {
	kind := (commandArgs{}).Kind()
	if cron != "" {
		kind = (scheduleArgs{}).Kind()
	}
	var id int64
	err := s.row(ctx, `SELECT id FROM river_job WHERE kind = ? AND args ->> 'print' = ? AND coalesce(args ->> 'cron', '') = ?
		AND state IN ('available', 'pending', 'retryable', 'running', 'scheduled') ORDER BY id LIMIT 1`, kind, hash, cron).Scan(&id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return s.duplicate(ctx, id)
}

func (s *Store) duplicate(ctx context.Context, id int64) (*Job, error) {
	job, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	job.Duplicate = true
	return job, nil
}
