package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// CutOff is the problem of a job whose end nobody saw and that must not run
// again by itself.
const CutOff = "may have been carried out: check before you repeat it"

// commandWorker runs commands for River.
type commandWorker struct {
	river.WorkerDefaults[commandArgs]

	*worker
}

// Work runs one job. What it returns is its state: nil is done, an error failed,
// a snooze queued.
func (w *commandWorker) Work(ctx context.Context, job *river.Job[commandArgs]) error {
	if cancelWanted(job.Metadata) {
		return river.JobCancel(context.Canceled)
	}
	command, err := w.seal.openCommand(job.Args.Sealed)
	if err != nil {
		return err
	}
	c, err := w.claim(ctx, job.JobRow, &job.Args)
	switch {
	case err != nil:
		w.Failed(fmt.Sprintf("job %d waits", job.ID), err)
		return river.JobSnooze(portalPause)
	case c.last != nil && c.last.ended:
		return command.outcome(c.last.code, c.last.problem)
	case c.last != nil:
		w.Say(fmt.Sprintf("job %d %s was cut off; it %s", job.ID, command.Title, CutOff))
		return w.settle(job, command, noCode, CutOff)
	case !c.mine:
		return river.JobSnooze(c.wait)
	}
	w.running.Add(1)
	defer w.running.Add(-1)
	return w.run(ctx, job, command)
}

// run runs the command and settles what became of it.
func (w *commandWorker) run(ctx context.Context, job *river.Job[commandArgs], command *Command) error {
	w.Say(fmt.Sprintf("job %d %s: started", job.ID, command.Title))
	quiet := context.WithoutCancel(ctx)
	record, err := w.newRecord(quiet, job.ID, command)
	if err != nil {
		w.Failed(fmt.Sprintf("job %d goes back into the queue", job.ID), err)
		return w.back(quiet, job)
	}
	running, stop := context.WithCancelCause(quiet)
	defer stop(nil)
	go w.watch(ctx, running, stop, command.Repeat)
	code, err := w.Settings.Run(running, command, record.writer(Stdout), record.writer(Stderr))
	if kept := record.close(); kept != nil {
		w.Failed(fmt.Sprintf("job %d: its output is not complete", job.ID), kept)
	}
	stopped := running.Err() != nil && code == Interrupted
	switch {
	case w.lost.Err() != nil:
		select {} // the job belongs to somebody else; the process is about to end
	case err != nil:
		return w.settle(job, command, noCode, command.redact(err.Error()))
	case stopped && command.Repeat && ctx.Err() == nil:
		w.Say(fmt.Sprintf("job %d %s: stopped, goes back into the queue", job.ID, command.Title))
		return w.back(quiet, job)
	case code < 0 && command.Repeat:
		return w.settle(job, command, noCode, "its process was killed")
	case code < 0, stopped && !command.Repeat:
		return w.settle(job, command, code, CutOff)
	}
	w.Say(fmt.Sprintf("job %d %s: exit code %d", job.ID, command.Title, code))
	return w.settle(job, command, code, "")
}

// watch stops a command when somebody cancels it, when its job is lost, and when
// the worker stops: at once if it may be repeated, else after a while.
func (w *commandWorker) watch(ctx, running context.Context, stop context.CancelCauseFunc, repeat bool) {
	select {
	case <-running.Done():
	case <-ctx.Done():
		stop(nil)
	case <-w.lost.Done():
		stop(nil)
	case <-w.stopping:
		if !repeat {
			patience := time.NewTimer(w.Patience)
			defer patience.Stop()
			select {
			case <-running.Done():
			case <-ctx.Done():
			case <-w.lost.Done():
			case <-patience.C:
				stop(ErrPatience)
			}
		}
		stop(nil)
	}
}

// settle notes an outcome, again and again until the queue has it: to report it
// to River first and lose it would be a job that runs twice.
func (w *commandWorker) settle(job *river.Job[commandArgs], command *Command, code int, problem string) error {
	for {
		ctx, cancel := context.WithTimeout(w.lost, w.Lease)
		err := w.end(ctx, job.JobRow, code, problem)
		cancel()
		if err == nil {
			return command.outcome(code, problem)
		}
		w.Failed(fmt.Sprintf("the outcome of job %d is not stored yet", job.ID), err)
		if !sleep(w.lost, shortPause*10) {
			select {} // see run
		}
	}
}

// back returns a job to the queue.
func (w *commandWorker) back(ctx context.Context, job *river.Job[commandArgs]) error {
	if err := w.giveBack(ctx, job.JobRow); err != nil {
		w.Failed(fmt.Sprintf("job %d is given back only when this worker is gone", job.ID), err)
	}
	return river.JobSnooze(0)
}

// outcome is what River is told about a run.
func (c *Command) outcome(code int, problem string) error {
	switch {
	case problem != "":
		return errors.New(problem)
	case code != 0 && code != c.Fine:
		return fmt.Errorf("exit code %d", code)
	}
	return nil
}

// cancelWanted tells whether somebody cancelled a job whose worker then died.
func cancelWanted(metadata []byte) bool {
	var m struct {
		At *time.Time `json:"cancel_attempted_at"`
	}
	return json.Unmarshal(metadata, &m) == nil && m.At != nil
}

// scheduleWorker gives the jobs of schedules.
type scheduleWorker struct {
	river.WorkerDefaults[scheduleArgs]

	*worker
}

// Work puts the job of a schedule into the queue, unless the one before has not
// ended, and waits for the next time. Should the worker die in between, the time
// in Tick keeps the job from being given twice.
func (w *scheduleWorker) Work(ctx context.Context, job *river.Job[scheduleArgs]) error {
	when, err := parseCron(job.Args.Cron)
	if err != nil {
		return err
	}
	next := river.JobSnooze(max(0, time.Until(when.next(time.Now()))))
	busy, err := w.lastTick(ctx, job.ID)
	if err != nil {
		return river.JobSnooze(portalPause)
	}
	if busy {
		w.Say(fmt.Sprintf("schedule %d: left out, its last job has not ended", job.ID))
		return next
	}
	args := job.Args.commandArgs
	args.Parent = job.ID
	args.Tick = fmt.Sprintf("%d at %d", job.ID, job.ScheduledAt.UnixMilli())
	_, err = w.queue.Insert(ctx, args, &river.InsertOpts{
		MaxAttempts: maxAttempts, Priority: job.Priority,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: rivertype.JobStates()},
	})
	if err != nil {
		w.Failed(fmt.Sprintf("schedule %d", job.ID), err)
		return river.JobSnooze(0)
	}
	return next
}

// lastTick tells whether a job of a schedule waits or runs.
func (w *scheduleWorker) lastTick(ctx context.Context, schedule int64) (bool, error) {
	var n int
	err := w.row(ctx, `SELECT count(*) FROM river_job WHERE kind = 'command' AND args ->> 'parent' = ?
		AND state IN ('available', 'pending', 'retryable', 'running', 'scheduled')`, fmt.Sprint(schedule)).Scan(&n)
	return n > 0, err
}
