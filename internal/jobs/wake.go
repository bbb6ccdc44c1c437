package jobs

import (
	"context"
	"errors"
	"time"
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
		err = errors.Join(err, w.rouse(ctx, id))
	}
	return err
}

// rouse makes a job available that sleeps. One that was cancelled or taken
// meanwhile stays so, which River's own retry would not respect.
func (w *worker) rouse(ctx context.Context, id int64) error {
	_, err := w.exec(ctx, w.dialect("UPDATE river_job SET state = 'available', scheduled_at = "+w.now()+" WHERE id = ? AND state IN ('available', 'scheduled')"), id)
	return err
}

// now is the time in the database's words.
func (s *Store) now() string {
	if s.postgres {
		return "now()"
	}
	return "datetime('now', 'subsec')"
}

// next returns, for each portal that no job has, the job that comes first, if it
// waits.
func (w *worker) next(ctx context.Context) (ids []int64, err error) {
	rows, err := w.db.QueryContext(ctx, `SELECT args ->> 'portal', id, scheduled_at > `+w.now()+` FROM river_job
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
