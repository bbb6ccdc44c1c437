package jobs

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/riverqueue/river/rivertype"
)

// State is where a job stands.
type State string

// The states. A job in one of the last three has ended.
const (
	Scheduled State = "scheduled" // a schedule that waits for its next time
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// States are all states.
func States() []State { return []State{Scheduled, Queued, Running, Done, Failed, Cancelled} }

// Ended tells whether the state is final.
func (s State) Ended() bool { return s == Done || s == Failed || s == Cancelled }

// Job is a job for people: nothing in it is secret.
type Job struct {
	ID         int64      `json:"id"`
	Kind       string     `json:"kind"`
	State      State      `json:"state"`
	CreatedAt  time.Time  `json:"created_at"`
	Portal     string     `json:"portal,omitempty"`
	Command    string     `json:"command"`
	Priority   int        `json:"priority"`
	Cron       string     `json:"cron,omitempty"`
	NextAt     *time.Time `json:"next_at,omitempty"`     // of a schedule
	ScheduleID int64      `json:"schedule_id,omitempty"` // of a job that a schedule made
	StartedAt  *time.Time `json:"started_at,omitempty"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
	ExitCode   *int       `json:"exit_code,omitempty"`
	Problem    string     `json:"problem,omitempty"`   // why the job failed, where its exit code does not say it
	Duplicate  bool       `json:"duplicate,omitempty"` // this job was there already
}

// run is what the table of runs knows about a job.
type run struct {
	worker  string
	ended   bool
	code    int
	problem string
}

// noCode is the exit code of a run that has none.
const noCode = -1

// describe makes a Job of what the tables hold; last is nil for a job that never
// ran.
func (s *Store) describe(row *rivertype.JobRow, last *run) (*Job, error) {
	args, err := argsOf(row)
	if err != nil {
		return nil, err
	}
	command, err := s.seal.openCommand(args.Sealed)
	if err != nil {
		return nil, fmt.Errorf("job %d: %w", row.ID, err)
	}
	j := &Job{
		ID: row.ID, Kind: command.Title, Command: command.Text, Portal: command.Portal,
		State: stateOf(row, last), CreatedAt: row.CreatedAt.UTC().Truncate(time.Millisecond),
		Priority: row.Priority, Cron: args.Cron, ScheduleID: args.Parent, FinishedAt: moment(row.FinalizedAt),
	}
	if j.State == Scheduled {
		j.NextAt = moment(&row.ScheduledAt)
	}
	if last != nil {
		j.StartedAt = moment(row.AttemptedAt)
		j.Problem = last.problem
		if last.ended && last.code != noCode {
			j.ExitCode = &last.code
		}
	}
	if j.State == Failed && j.Problem == "" && j.ExitCode == nil && len(row.Errors) > 0 {
		j.Problem = row.Errors[len(row.Errors)-1].Error
	}
	return j, nil
}

// argsOf reads the arguments of both kinds of jobs.
func argsOf(row *rivertype.JobRow) (*scheduleArgs, error) {
	args := &scheduleArgs{}
	if err := json.Unmarshal(row.EncodedArgs, args); err != nil {
		return nil, fmt.Errorf("job %d is damaged: %w", row.ID, err)
	}
	return args, nil
}

// stateOf puts River's states into words. A job that a worker has only looked at
// counts as queued.
func stateOf(row *rivertype.JobRow, last *run) State {
	switch row.State {
	case rivertype.JobStateCompleted:
		return Done
	case rivertype.JobStateDiscarded:
		return Failed
	case rivertype.JobStateCancelled:
		return Cancelled
	case rivertype.JobStateRunning:
		if last != nil && row.Kind == (commandArgs{}).Kind() {
			return Running
		}
	}
	if row.Kind == (scheduleArgs{}).Kind() {
		return Scheduled
	}
	return Queued
}

func moment(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	at := t.UTC().Truncate(time.Millisecond)
	return &at
}
