package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// ErrNotFound is a job that is not in the queue.
var ErrNotFound = errors.New("there is no such job")

// ErrState is a job whose state does not allow what was asked.
var ErrState = errors.New("the state of the job does not allow it")

// Get returns one job.
func (s *Store) Get(ctx context.Context, id int64) (*Job, error) {
	row, err := s.jobRow(ctx, id)
	if err != nil {
		return nil, err
	}
	last, err := s.lastRun(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.describe(row, last)
}

func (s *Store) jobRow(ctx context.Context, id int64) (*rivertype.JobRow, error) {
	row, err := s.queue.JobGet(ctx, id)
	if errors.Is(err, rivertype.ErrNotFound) {
		return nil, fmt.Errorf("%w: %d", ErrNotFound, id)
	}
	return row, err
}

// lastRun returns nil for a job that never ran.
func (s *Store) lastRun(ctx context.Context, id int64) (*run, error) {
	r, ended := &run{}, 0
	err := s.row(ctx, "SELECT worker, ended, exit_code, problem FROM oint_run WHERE job_id = ?", id).Scan(&r.worker, &ended, &r.code, &r.problem)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	r.ended = ended != 0
	return r, err
}

// listPage is how many jobs are read at once.
const listPage = 500

// List returns the newest jobs in the given states, at most so many; no states
// are all.
func (s *Store) List(ctx context.Context, states []State, most int) ([]*Job, error) {
	list := []*Job{}
	params := river.NewJobListParams().OrderBy(river.JobListOrderByID, river.SortOrderDesc).First(listPage)
	for {
		page, err := s.queue.JobList(ctx, params)
		if err != nil {
			return nil, err
		}
		for _, row := range page.Jobs {
			last, err := s.lastRun(ctx, row.ID)
			if err != nil {
				return nil, err
			}
			if len(states) > 0 && !slices.Contains(states, stateOf(row, last)) {
				continue
			}
			job, err := s.describe(row, last)
			if err != nil {
				return nil, err
			}
			if list = append(list, job); len(list) == most {
				return list, nil
			}
		}
		if len(page.Jobs) < listPage {
			return list, nil
		}
		params = params.After(page.LastCursor)
	}
}

// Cancel ends a job or a schedule. A job that runs is told to stop; Wait tells
// when it has.
func (s *Store) Cancel(ctx context.Context, id int64) (*Job, error) {
	job, err := s.Get(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case job.State.Ended():
		return nil, fmt.Errorf("%w: job %d is %s already", ErrState, id, job.State)
	}
	if _, err := s.queue.JobCancel(ctx, id); err != nil {
		return nil, err
	}
	return s.Get(ctx, id)
}

// Retry puts a job that has ended into the queue once more. Whoever asks for it
// takes the decision that the command may run again.
func (s *Store) Retry(ctx context.Context, id int64) (*Job, error) {
	job, err := s.Get(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case !job.State.Ended():
		return nil, fmt.Errorf("%w: job %d is %s; only a job that has ended can be retried", ErrState, id, job.State)
	}
	if _, err := s.exec(ctx, "DELETE FROM oint_run WHERE job_id = ?", id); err != nil {
		return nil, err
	}
	if _, err := s.queue.JobRetry(ctx, id); err != nil {
		return nil, err
	}
	return s.Get(ctx, id)
}

// Prune deletes what ended before a time, with its output, and returns how many
// jobs that were.
func (s *Store) Prune(ctx context.Context, before time.Time) (int, error) {
	pruned := 0
	params := river.NewJobListParams().OrderBy(river.JobListOrderByID, river.SortOrderAsc).First(listPage).
		States(rivertype.JobStateCompleted, rivertype.JobStateDiscarded, rivertype.JobStateCancelled)
	for {
		page, err := s.queue.JobList(ctx, params)
		if err != nil {
			return pruned, err
		}
		for _, row := range page.Jobs {
			if row.FinalizedAt == nil || !row.FinalizedAt.Before(before) {
				continue
			}
			if _, err := s.queue.JobDelete(ctx, row.ID); err != nil && !errors.Is(err, rivertype.ErrNotFound) {
				return pruned, err
			}
			pruned++
		}
		if len(page.Jobs) < listPage {
			return pruned, s.sweep(ctx)
		}
		params = params.After(page.LastCursor)
	}
}

// sweep deletes what belongs to jobs that are no longer there.
func (s *Store) sweep(ctx context.Context) error {
	for _, table := range []string{"oint_run", "oint_log"} {
		if _, err := s.exec(ctx, "DELETE FROM "+table+" WHERE job_id NOT IN (SELECT id FROM river_job)"); err != nil {
			return err
		}
	}
	return nil
}

// The pauses between two looks at a job.
const (
	shortPause = 50 * time.Millisecond
	longPause  = time.Second
)

// Wait returns the job once it has ended. A schedule never ends by itself.
func (s *Store) Wait(ctx context.Context, id int64) (*Job, error) {
	for pause := shortPause; ; pause = min(2*pause, longPause) {
		job, err := s.Get(ctx, id)
		if err != nil || job.State.Ended() {
			return job, err
		}
		if !sleep(ctx, pause) {
			return nil, ctx.Err()
		}
	}
}

// sleep returns false when the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
