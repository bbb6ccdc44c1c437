package jobs

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// heard is what a worker knows of another one. Only its own clock is asked: the
// clocks of two machines may differ, and a clock may be set.
type heard struct {
	beat  int64
	since time.Time
}

// beats shows the others that this worker lives, and takes over the jobs of those
// that are silent. A worker that could not show itself for two thirds of the lease
// stops its commands while they are still its own.
func (w *worker) beats(ctx context.Context) {
	ticker := time.NewTicker(w.Lease / 5)
	defer ticker.Stop()
	others := map[string]heard{}
	shown := time.Now()
	for {
		select {
		case <-w.lost.Done():
			return
		case <-ticker.C:
		}
		asked := time.Now()
		if err := w.beat(ctx); err != nil {
			if errors.Is(err, errLost) || time.Since(shown) > w.Lease*2/3 {
				w.lose()
				return
			}
			w.Failed("the worker cannot reach the queue", err)
			continue
		}
		shown = asked
		if err := w.listen(ctx, others); err != nil {
			w.Failed("the worker cannot look after the others", err)
		}
	}
}

func (w *worker) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, w.Lease/3)
	defer cancel()
	n, err := w.exec(ctx, "UPDATE oint_worker SET beat = beat + 1 WHERE id = ?", w.id)
	if err == nil && n == 0 {
		err = errLost
	}
	return err
}

// listen compares the beats of the others with those heard before.
func (w *worker) listen(ctx context.Context, others map[string]heard) error {
	now, err := w.workers(ctx)
	if err != nil {
		return err
	}
	for id := range others {
		if _, lives := now[id]; !lives {
			delete(others, id)
		}
	}
	for id, beat := range now {
		before, known := others[id]
		switch {
		case id == w.id:
		case !known || before.beat != beat:
			others[id] = heard{beat: beat, since: time.Now()}
		case time.Since(before.since) > w.Lease:
			if _, err := w.exec(ctx, "DELETE FROM oint_worker WHERE id = ? AND beat = ?", id, beat); err != nil {
				return err
			}
			w.Say("worker " + id + " is silent; its jobs are taken over")
			delete(others, id)
		}
	}
	return w.rescue(ctx)
}

func (w *worker) workers(ctx context.Context) (beats map[string]int64, err error) {
	rows, err := w.db.QueryContext(ctx, "SELECT id, beat FROM oint_worker")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	beats = map[string]int64{}
	for rows.Next() {
		var id string
		var beat int64
		if err := rows.Scan(&id, &beat); err != nil {
			return nil, err
		}
		beats[id] = beat
	}
	return beats, rows.Err()
}

// rescue puts back into the queue what runs under a worker that is no more. The
// planned time stays: by it a schedule knows which run it was about to give.
func (w *worker) rescue(ctx context.Context) error {
	last := "attempted_by ->> '$[#-1]'"
	if w.postgres {
		last = "attempted_by[array_upper(attempted_by, 1)]"
	}
	return w.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM oint_lease WHERE worker NOT IN (SELECT id FROM oint_worker)"); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE river_job SET state = 'available' WHERE state = 'running' AND "+last+" NOT IN (SELECT id FROM oint_worker)")
		return err
	})
}
