package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river/rivertype"
)

// waking wakes again and again: a job that was about to look when its portal
// became free has missed being woken.
func (w *worker) waking(ctx context.Context) {
	ticker := time.NewTicker(fetchPause)
	defer ticker.Stop()
	for {
		select {
		case <-w.lost.Done():
			return
		case <-ticker.C:
		}
		if err := w.wake(ctx); err != nil {
			w.Failed("the worker cannot wake the jobs that wait", err)
		}
	}
}

// wake makes the next job of each free portal available at once.
func (w *worker) wake(ctx context.Context) error {
	next, err := w.next(ctx)
	for _, id := range next {
		_, woken := w.queue.JobRetry(ctx, id)
		if !errors.Is(woken, rivertype.ErrNotFound) { // deleted in between
			err = errors.Join(err, woken)
		}
	}
	return err
}

// next returns, for each portal that no job has, the job that comes first, if it
// waits.
func (w *worker) next(ctx context.Context) (ids []int64, err error) {
	now := "datetime('now', 'subsec')"
	if w.postgres {
		now = "now()"
	}
	rows, err := w.db.QueryContext(ctx, `SELECT args ->> 'portal', id, scheduled_at > `+now+` FROM river_job
		WHERE kind = 'command' AND state IN ('available', 'scheduled') AND args ->> 'portal' NOT IN (SELECT portal FROM oint_lease)
		ORDER BY priority, id`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	seen := map[string]bool{"": true}
	for rows.Next() {
		var portal string
		var id int64
		var sleeps bool
		if err := rows.Scan(&portal, &id, &sleeps); err != nil {
			return nil, err
		}
		if !seen[portal] && sleeps {
			ids = append(ids, id)
		}
		seen[portal] = true
	}
	return ids, rows.Err()
}
