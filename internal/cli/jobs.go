package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oint-go/oint/catalog"
	"github.com/oint-go/oint/internal/jobs"
	"github.com/oint-go/oint/internal/render"
)

// jobsOptions are the flags of the commands for jobs.
type jobsOptions struct {
	sys    System
	store  *jobs.Store
	format string
	states []string
	most   int
	follow bool
	older  time.Duration
}

var jobsCommands = []string{"list", "show", "wait", "logs", "cancel", "retry", "prune"}

func newJobs(sys System) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "jobs <command>",
		Short: "List, show, await, cancel or retry background jobs",
		Long: "A background job is a call that goes on when the terminal is closed. --background on a function, on plan, apply or export, or dontwait " +
			"in the --config of a function, makes one and prints it; --cron makes one again and again. \"oint worker\" runs them; on a machine of one's own it starts by itself.",
		Args:               cobra.ArbitraryArgs,
		DisableFlagParsing: true, // as in newRoot
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || args[0] == "--"+optHelp || args[0] == "-h" {
				return cmd.Help()
			}
			return unknownJobsCommand(args[0])
		},
		Example: "  oint bitrix24 UpdateUser --url sandbox --userid 2 \\\n    --fields \"{'NAME':'Oleg'}\" --background\n  oint jobs list\n  oint jobs wait 1 && oint jobs logs 1",
	}
	cmd.AddCommand(
		newJobsList(sys), newJobsPrune(sys), newJobsLogs(sys),
		printedJob(sys, "show", "Show a job", func(ctx context.Context, o *jobsOptions, id int64) error {
			return o.print(o.store.Get(ctx, id))
		}),
		printedJob(sys, "wait", "Wait for the end of a job, and end with its exit code", waitForJob),
		printedJob(sys, "cancel", "Cancel a job or a schedule; one that runs is told to stop", func(ctx context.Context, o *jobsOptions, id int64) error {
			job, err := o.store.Cancel(ctx, id)
			if err := o.print(job, err); err != nil || job.State.Ended() {
				return err
			}
			return o.sys.ensureWorker(o.store) // its own may have died
		}),
		printedJob(sys, "retry", "Queue a job that has ended once more", func(ctx context.Context, o *jobsOptions, id int64) error {
			if err := o.print(o.store.Retry(ctx, id)); err != nil {
				return err
			}
			return o.sys.ensureWorker(o.store)
		}),
	)
	return cmd
}

func unknownJobsCommand(word string) error {
	e := &usageError{text: "unknown jobs command", hint: "The commands are " + strings.Join(jobsCommands, ", ") + "."}
	if strings.HasPrefix(word, "-") {
		e.text = "the name of a command must follow \"jobs\""
	} else if printable().MatchString(word) {
		e.text += fmt.Sprintf(" %q", word)
	}
	if near := catalog.Closest(word, jobsCommands); len(near) > 0 {
		e.hint = "Did you mean " + strings.Join(near, " or ") + "? " + e.hint
	}
	return e
}

// with opens the queue for a command.
func (o *jobsOptions) with(ctx context.Context, do func() error) (err error) {
	format, err := render.ParseFormat(o.format)
	if err != nil {
		return usageErrorf("--%s: %v", optFormat, err)
	}
	o.format = string(format)
	if o.store, err = openJobs(ctx, o.sys); err != nil {
		return err
	}
	defer func() { err = joinClose(err, o.store) }()
	return do()
}

// printedJob makes a command that takes the id of a job and prints the job.
func printedJob(sys System, name, short string, run func(context.Context, *jobsOptions, int64) error) *cobra.Command {
	o := &jobsOptions{sys: sys}
	cmd := o.command(name, short, run)
	o.flags(cmd, render.JSON)
	return cmd
}

// command makes a command that takes the id of a job.
func (o *jobsOptions) command(name, short string, run func(context.Context, *jobsOptions, int64) error) *cobra.Command {
	return &cobra.Command{
		Use:   name + " ID",
		Short: short,
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := jobID(cmd, args)
			if err != nil {
				return err
			}
			return o.with(cmd.Context(), func() error { return run(cmd.Context(), o, id) })
		},
	}
}

func (o *jobsOptions) flags(cmd *cobra.Command, format render.Format) {
	cmd.Flags().StringVar(&o.format, optFormat, string(format), "`FORMAT`: table, json, compact, yaml or csv")
	cmd.Flags().Bool(optHelp, false, "show this page")
}

func jobID(cmd *cobra.Command, args []string) (int64, error) {
	if len(args) == 1 {
		if id, err := strconv.ParseInt(args[0], 10, 64); err == nil && id > 0 {
			return id, nil
		}
	}
	return 0, &usageError{text: fmt.Sprintf("%s takes the number of one job", cmd.CommandPath()), hint: "\"oint jobs list\" shows the numbers."}
}

func newJobsList(sys System) *cobra.Command {
	o := &jobsOptions{sys: sys}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the jobs and schedules, the newest first",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			states, err := o.known()
			if err != nil {
				return err
			}
			return o.with(cmd.Context(), func() error { return o.list(cmd.Context(), states) })
		},
	}
	o.flags(cmd, render.Table)
	cmd.Flags().StringSliceVar(&o.states, "state", nil, "only jobs in these `STATES`: scheduled, queued, running, done, failed, cancelled")
	cmd.Flags().IntVar(&o.most, "max", 50, "at most `N` jobs")
	return cmd
}

// known reads the states of --state.
func (o *jobsOptions) known() ([]jobs.State, error) {
	if o.most < 1 {
		return nil, usageErrorf("--max must be 1 or more")
	}
	var states []jobs.State
	for _, text := range o.states {
		state := jobs.State(strings.ToLower(strings.TrimSpace(text)))
		if !slices.Contains(jobs.States(), state) {
			return nil, usageErrorf("--state: %q is no state; use scheduled, queued, running, done, failed or cancelled", text)
		}
		states = append(states, state)
	}
	return states, nil
}

// jobLine is a job in a table.
type jobLine struct {
	ID      int64      `json:"id"`
	State   jobs.State `json:"state"`
	Kind    string     `json:"kind"`
	Portal  string     `json:"portal"`
	Created string     `json:"created"`
	Exit    string     `json:"exit"`
	Note    string     `json:"note"`
}

func (o *jobsOptions) list(ctx context.Context, states []jobs.State) error {
	list, err := o.store.List(ctx, states, o.most)
	if err != nil {
		return err
	}
	if o.format != string(render.Table) {
		return o.write(list)
	}
	if len(list) == 0 {
		fmt.Fprintln(o.sys.Err, "There are no jobs.")
		return nil
	}
	lines := make([]jobLine, len(list))
	for i, job := range list {
		lines[i] = jobLine{ID: job.ID, State: job.State, Kind: job.Kind, Portal: job.Portal, Created: job.CreatedAt.Local().Format(time.DateTime), Note: job.Problem}
		if job.ExitCode != nil {
			lines[i].Exit = strconv.Itoa(*job.ExitCode)
		}
		if job.Cron != "" {
			lines[i].Note = job.Cron
			if job.NextAt != nil {
				lines[i].Note += ", next " + job.NextAt.Local().Format(time.DateTime)
			}
		}
	}
	return o.write(lines)
}

func (o *jobsOptions) write(value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return render.Write(o.sys.Out, raw, render.Options{Format: render.Format(o.format), Color: o.sys.color(), Width: o.sys.Width})
}

func (o *jobsOptions) print(job *jobs.Job, err error) error {
	if err != nil {
		return err
	}
	return o.write(job)
}

// waitForJob waits and hands on the exit code of the job. One that ended without
// any counts as unanswered, a cancelled one as interrupted.
func waitForJob(ctx context.Context, o *jobsOptions, id int64) error {
	job, err := o.store.Get(ctx, id)
	if err != nil {
		return err
	}
	if job.State == jobs.Scheduled {
		return &usageError{text: fmt.Sprintf("job %d is a schedule, which never ends", id), hint: "\"oint jobs list\" shows the jobs that it made."}
	}
	if !job.State.Ended() {
		if err := o.sys.ensureWorker(o.store); err != nil {
			return err
		}
	}
	job, err = o.store.Wait(ctx, id)
	if err := o.print(job, err); err != nil {
		return err
	}
	code := exitOK
	switch {
	case job.ExitCode != nil:
		code = *job.ExitCode
	case job.State == jobs.Cancelled:
		code = exitInterrupted
	case job.State == jobs.Failed:
		code = exitNoAnswer
	}
	if code != exitOK {
		return codeError(code)
	}
	return nil
}

func newJobsLogs(sys System) *cobra.Command {
	o := &jobsOptions{sys: sys, format: string(render.JSON)}
	cmd := o.command("logs", "Print what a job printed, results on stdout and messages on stderr", printLogs)
	cmd.Flags().BoolVar(&o.follow, "follow", false, "go on until the job has ended")
	cmd.Flags().Bool(optHelp, false, "show this page")
	return cmd
}

// followPause is the time between two looks at the output of a job that runs.
const followPause = 500 * time.Millisecond

func printLogs(ctx context.Context, o *jobsOptions, id int64) error {
	piece := int64(0)
	for {
		job, err := o.store.Get(ctx, id)
		if err != nil {
			return err
		}
		if piece, err = o.store.Logs(ctx, id, piece, o.sys.Out, o.sys.Err); err != nil {
			return err
		}
		if !o.follow || job.State.Ended() || job.State == jobs.Scheduled {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(followPause):
		}
	}
}

func newJobsPrune(sys System) *cobra.Command {
	o := &jobsOptions{sys: sys, format: string(render.JSON)}
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Delete jobs that have ended, with their output",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.older < 0 {
				return usageErrorf("--older-than cannot be negative")
			}
			return o.with(cmd.Context(), func() error {
				n, err := o.store.Prune(cmd.Context(), time.Now().Add(-o.older))
				if err == nil {
					fmt.Fprintf(o.sys.Out, "Jobs deleted: %d.\n", n)
				}
				return err
			})
		},
	}
	cmd.Flags().DurationVar(&o.older, "older-than", 7*24*time.Hour, "only jobs that ended `TIME` ago or earlier; 0s deletes all that have ended")
	cmd.Flags().Bool(optHelp, false, "show this page")
	return cmd
}

// openJobs opens the queue of the user, or of OINT_JOBS.
func openJobs(ctx context.Context, sys System) (*jobs.Store, error) {
	address := strings.TrimSpace(sys.Getenv("OINT_JOBS"))
	if address != "" && !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://") {
		return nil, usageErrorf("OINT_JOBS is the address of a PostgreSQL database, postgres://USER:PASSWORD@HOST:5432/DATABASE; without it the jobs are in a file of yours")
	}
	dir, err := sys.dataDir()
	if err != nil {
		return nil, err
	}
	return jobs.Open(ctx, jobs.Options{Dir: dir, Postgres: address, Key: strings.TrimSpace(sys.Getenv(jobs.KeyVariable))})
}

func joinClose(err error, store *jobs.Store) error { return errors.Join(err, store.Close()) }
