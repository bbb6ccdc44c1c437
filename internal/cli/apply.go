package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/jobs"
	"github.com/oint-go/oint/internal/render"
	"github.com/oint-go/oint/internal/sync"
	"github.com/oint-go/oint/internal/table"
)

// applyCommand is "oint bitrix24 apply": of a plan, or with --from of a table.
type applyCommand struct {
	sys     System
	where   portalOptions
	options sync.ApplyOptions
	compare compareOptions
	job     jobOptions
	yes     bool
	edited  bool
	report  string
	out     string
}

func newApply(sys System) *cobra.Command {
	a := &applyCommand{sys: sys, where: portalOptions{sys: sys}}
	cmd := &cobra.Command{
		Use:   "apply PLAN | apply users|departments --from FILE --key FIELD",
		Short: "Carry out a plan, each row exactly once",
		Long: "Carries out the plan that \"oint bitrix24 plan --out\" wrote. A journal beside the plan keeps what became of every row; " +
			"after Ctrl-C, a crash or a full disk the same command goes on. Rows that somebody has changed since the plan are reported, not overwritten.\n\n" +
			"With users or departments and --from, plans a table and carries the plan out in one go, for every night. The plan is written beside the table, " +
			"hr.plan.jsonl for hr.xlsx; one that was interrupted there is finished first.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageErrorf("%s takes one word: the file of the plan, or with --%s users or departments", cmd.CommandPath(), optFrom)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.run(cmd, args) },
		Example: "  oint bitrix24 apply plan.jsonl --report-file report.xlsx\n  oint bitrix24 apply plan.jsonl --yes --background\n" +
			"  oint bitrix24 apply users --from hr.xlsx --key EMAIL --yes --cron \"0 2 * * *\"",
	}
	f := cmd.Flags()
	f.BoolVar(&a.yes, "yes", false, "do not ask")
	f.StringVar(&a.report, optReportFile, "", "`FILE` for a table of what became of every row: .xlsx, .csv or .jsonl")
	f.BoolVar(&a.options.Overwrite, "overwrite-drift", false, "also change rows that somebody has changed since the plan")
	f.BoolVar(&a.edited, "accept-edits", false, "apply a plan that was changed after it was made")
	f.DurationVar(&a.options.Settle, "settle", sync.DefaultSettle, "`TIME` for which an interrupted request may still be at work on the portal")
	a.compare.flags(f)
	f.StringVar(&a.out, optOut, "", "with --from: `FILE` of the plan; beside the table without it, hr.plan.jsonl for hr.xlsx")
	a.job.flags(f)
	a.where.flags(f)
	return cmd
}

func (a *applyCommand) run(cmd *cobra.Command, args []string) error {
	if err := checkGiven(cmd.Flags()); err != nil {
		return err
	}
	how, err := a.job.check()
	if err != nil {
		return err
	}
	if a.options.Settle < 0 {
		return usageErrorf("--settle cannot be negative")
	}
	if a.report != "" {
		if err := checkFile(optReportFile, a.report); err != nil {
			return err
		}
		if _, err := table.NewWriter(io.Discard, a.report, []string{"row"}); err != nil {
			return fmt.Errorf("--%s: %w", optReportFile, err)
		}
	}
	if entity, ok := sync.Named(args[0]); ok {
		return a.runTable(cmd, entity, how)
	}
	switch name := a.compare.given(); {
	case name != "":
		return &usageError{text: fmt.Sprintf("--%s is for a table, and %q is taken for a plan", name, args[0]), hint: "A table is applied with: oint bitrix24 apply users --from FILE --key FIELD"}
	case a.out != "":
		return usageErrorf("--%s names the plan that --%s makes; a plan that is there is named without an option", optOut, optFrom)
	case how.Cron != "":
		return &usageError{text: "--" + optCron + ": a plan is carried out once", hint: "With --from a table is planned and applied anew every time: oint bitrix24 apply users --from FILE --key FIELD"}
	}
	if err := a.reportApart(placesOf(args[0], "the plan that is applied")); err != nil {
		return err
	}
	return a.runPlan(cmd, args, how)
}

// reportApart refuses a report in the place of another file of the command.
func (a *applyCommand) reportApart(others []place) error {
	return apart(optReportFile, a.report, "report", append(others, place{a.where.caFile, "the file of --" + optCAFile})...)
}

// runPlan applies a plan that was made before.
func (a *applyCommand) runPlan(cmd *cobra.Command, args []string, how jobs.How) (err error) {
	plan, err := sync.OpenPlan(args[0], a.edited)
	if err != nil {
		return err
	}
	defer plan.Close() //nolint:errcheck // it is only read
	c, err := a.connect()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if c.portal != plan.Header.Portal {
		return usageErrorf("the plan is for the portal %s, not for %s", plan.Header.Portal, c.portal)
	}
	if a.job.wanted() {
		return a.enqueue(cmd, args, c.client, how, func(ctx context.Context) error {
			run, err := sync.Open(ctx, plan) // the journal belongs to this plan from now on
			if err != nil {
				return err
			}
			return run.Close()
		})
	}
	run, err := sync.Open(cmd.Context(), plan)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	if n := plan.Header.Counts[sync.Conflict]; n > 0 {
		a.sys.note(fmt.Sprintf("%s of the plan cannot be applied: conflicts, for reasons that the plan names", rowsOf(n)))
	}
	if run.Tally().Left() == 0 {
		a.sys.note(fmt.Sprintf("nothing is left to do: %d of %d rows are done", run.Tally().Done, run.Tally().Total))
		return errors.Join(a.writeReport(run, a.report), run.Release(cmd.Context()))
	}
	if err := a.ask(cmd.Context(), run); err != nil {
		return errors.Join(err, run.Release(cmd.Context()))
	}
	if err := a.apply(cmd.Context(), run, c, a.report); err != nil {
		return err
	}
	if tally := run.Tally(); tally.Failed+tally.Drifted > 0 {
		if a.report == "" {
			a.sys.note("--report-file tells why; the same command tries these rows again")
		}
		return codeError(exitPortalError)
	}
	return nil
}

// applyClient is a client whose waits are told by the progress of the work.
type applyClient struct {
	*connection
	client   *bitrix24.Client
	progress *applyProgress
}

func (a *applyCommand) connect() (*applyClient, error) {
	c := &applyClient{progress: &applyProgress{}}
	hooks := *a.where.hooks()
	c.progress.watch(&hooks)
	var err error
	c.connection, c.client, err = a.where.client(bitrix24.WithHooks(hooks))
	return c, err
}

// enqueue makes a job of the command line when nothing is wrong with it. Should
// the same one be at work already, which check would find locked, --unique prints
// its job.
func (a *applyCommand) enqueue(cmd *cobra.Command, args []string, client *bitrix24.Client, how jobs.How, check func(context.Context) error) error {
	if !a.yes {
		return errNobody
	}
	e := verbErrand(cmd, args, &a.where, client.Redact)
	if err := e.check(); err != nil {
		return err
	}
	if how.Unique {
		if there, err := sameIsThere(cmd.Context(), a.sys, e, how); err != nil || there {
			return err
		}
	}
	if err := check(cmd.Context()); err != nil {
		return err
	}
	return enqueue(cmd.Context(), a.sys, e, how)
}

var errNobody = &usageError{text: "nobody can be asked whether to apply the plan", hint: "--yes applies it without asking."}

// canAsk tells whether somebody is there to say yes.
func (a *applyCommand) canAsk() bool { return a.sys.InTerminal && a.sys.ErrTerminal && a.sys.In != nil }

// ask wants a yes before anything is changed. Ctrl-C is an answer too.
func (a *applyCommand) ask(ctx context.Context, run *sync.Run) error {
	if a.yes {
		return nil
	}
	if !a.canAsk() {
		return errNobody
	}
	header := &run.Plan.Header
	fmt.Fprintf(a.sys.Err, "%s of %s: %s\n", header.Entity, header.Portal, header.Summary())
	fmt.Fprintf(a.sys.Err, "Apply %d rows? [y/N] ", run.Tally().Left())
	answered := make(chan string, 1)
	go func() {
		answer, _ := bufio.NewReader(a.sys.In).ReadString('\n') // its end is no yes
		answered <- answer
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.sys.Err)
		return ctx.Err()
	case answer := <-answered:
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes", "да":
			return ctx.Err()
		}
		return usageErrorf("nothing was applied")
	}
}

// apply carries out what a plan has left and writes the report. Rows that failed
// or have drifted are no error.
func (a *applyCommand) apply(ctx context.Context, run *sync.Run, c *applyClient, report string) error {
	began, requests := run.Tally(), c.client.Stats().Requests
	shown := render.NewWork(a.sys.Err, a.sys.ErrTerminal && a.sys.Getenv("TERM") != "dumb", run.Plan.Header.Entity, int64(began.Total), int64(began.Done))
	c.progress.begin(shown, c.client)
	a.options.Pictures, a.options.Web = a.sys.picturesFile(), &http.Client{Timeout: fetchTimeout}
	a.options.Note, a.options.Moved = shown.Note, c.progress.moved
	failed := run.Apply(ctx, c.client, a.options)
	shown.Close()
	tally := run.Tally()
	a.sys.note(fmt.Sprintf("%d of %d rows are done, %d failed, %d have drifted, %d are left; %d requests in %s",
		tally.Done, tally.Total, tally.Failed, tally.Drifted, tally.Left(), c.client.Stats().Requests-requests, time.Since(c.progress.started).Round(100*time.Millisecond)))
	if err := a.writeReport(run, report); failed == nil {
		failed = err
	}
	if failed != nil && tally.Left() > 0 {
		a.sys.note("the same command goes on")
	}
	return failed
}

// writeReport is also made for a run that was interrupted.
func (a *applyCommand) writeReport(run *sync.Run, file string) error {
	if file == "" {
		return nil
	}
	if err := run.Report(context.Background(), file); err != nil {
		return &outputError{fmt.Errorf("--%s: %w", optReportFile, err)}
	}
	a.sys.note("the report is in " + file)
	return nil
}
