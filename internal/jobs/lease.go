package jobs

import (
	"context"
	"database/sql"
	"time"

	"github.com/riverqueue/river/rivertype"
)

// The pauses of a job that waits for its portal. They are long, for a job that
// looks is one that is written twice; see wake.
const (
	portalPause  = 3 * time.Second
	longestPause = 5 * time.Minute
)

// claim is what becomes of a job that a worker has taken.
type claim struct {
	mine bool          // it is to run here, now
	wait time.Duration // the portal is busy
	last *run          // an earlier run that ended, or that a worker died with
}

// claim takes the portal for a job and notes that it runs. The note comes before
// the command: whoever finds it without an end knows that the command may have
// been carried out.
func (w *worker) claim(ctx context.Context, row *rivertype.JobRow, args *commandArgs) (*claim, error) {
	last, err := w.lastRun(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	if last != nil && (last.ended || !args.Repeat) {
		return &claim{last: last}, nil
	}
	c := &claim{}
	err = w.tx(ctx, func(tx *sql.Tx) error {
		if args.Portal != "" {
			ahead, err := w.ahead(ctx, tx, row, args.Portal)
			if err != nil {
				return err
			}
			taken := int64(0)
			if ahead == 0 {
				// Its own lease is there when it could not be given back.
				taken, err = exec(ctx, tx, w.dialect(`INSERT INTO oint_lease (portal, job_id, worker) VALUES (?, ?, ?) ON CONFLICT (portal)
					DO UPDATE SET worker = excluded.worker WHERE oint_lease.job_id = excluded.job_id AND oint_lease.worker = excluded.worker`), args.Portal, row.ID, w.id)
			}
			if err != nil || taken == 0 {
				c.wait = min(portalPause*time.Duration(ahead+1), longestPause)
				return err
			}
		}
		c.mine = true
		_, err := exec(ctx, tx, w.dialect(`INSERT INTO oint_run (job_id, worker, ended, exit_code, problem) VALUES (?, ?, 0, ?, '')
			ON CONFLICT (job_id) DO UPDATE SET worker = excluded.worker`), row.ID, w.id, noCode)
		return err
	})
	return c, err
}

// ahead counts the jobs of a portal that come before this one: more urgent or, of
// the same priority, given earlier.
func (w *worker) ahead(ctx context.Context, tx *sql.Tx, row *rivertype.JobRow, portal string) (n int, err error) {
	err = tx.QueryRowContext(ctx, w.dialect(`SELECT count(*) FROM river_job j WHERE kind = 'command' AND args ->> 'portal' = ?
		AND state IN ('available', 'running', 'scheduled') AND (priority < ? OR priority = ? AND id < ?)
		AND NOT EXISTS (SELECT 1 FROM oint_run r WHERE r.job_id = j.id AND r.ended = 1)`), portal, row.Priority, row.Priority, row.ID).Scan(&n)
	return n, err
}

// end notes the outcome of a run and frees the portal.
func (w *worker) end(ctx context.Context, row *rivertype.JobRow, code int, problem string) error {
	err := w.tx(ctx, func(tx *sql.Tx) error {
		if _, err := exec(ctx, tx, w.dialect("UPDATE oint_run SET ended = 1, exit_code = ?, problem = ? WHERE job_id = ?"), code, problem, row.ID); err != nil {
			return err
		}
		_, err := exec(ctx, tx, w.dialect("DELETE FROM oint_lease WHERE job_id = ?"), row.ID)
		return err
	})
	if err != nil {
		return err
	}
	return w.wake(ctx)
}

// giveBack forgets that a job was begun and frees the portal.
func (w *worker) giveBack(ctx context.Context, row *rivertype.JobRow) error {
	return w.tx(ctx, func(tx *sql.Tx) error {
		for _, table := range []string{"oint_run", "oint_lease"} {
			if _, err := exec(ctx, tx, w.dialect("DELETE FROM "+table+" WHERE job_id = ?"), row.ID); err != nil {
				return err
			}
		}
		return nil
	})
}
