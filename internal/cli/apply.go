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
	"github.com/oint-go/oint/internal/render"
	"github.com/oint-go/oint/internal/sync"
	"github.com/oint-go/oint/internal/table"
)

// applyCommand is "oint bitrix24 apply".
type applyCommand struct {
	sys     System
	where   portalOptions
	options sync.ApplyOptions
	yes     bool
	edited  bool
	report  string
}

func newApply(sys System) *cobra.Command {
	a := &applyCommand{sys: sys, where: portalOptions{sys: sys}}
	cmd := &cobra.Command{
		Use:   "apply PLAN",
		Short: "Carry out a plan, each row exactly once",
		Long: "Carries out the plan that \"oint bitrix24 plan --out\" wrote. A journal beside the plan keeps what became of every row; " +
			"after Ctrl-C, a crash or a full disk the same command goes on. Rows that somebody has changed since the plan are reported, not overwritten.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageErrorf("%s takes one word: the file of the plan", cmd.CommandPath())
			}
			return nil
		},
		RunE:    func(cmd *cobra.Command, args []string) error { return a.run(cmd.Context(), args[0]) },
		Example: "  oint bitrix24 apply plan.jsonl --report-file report.xlsx\n  oint bitrix24 apply plan.jsonl --yes",
	}
	f := cmd.Flags()
	f.BoolVar(&a.yes, "yes", false, "do not ask")
	f.StringVar(&a.report, "report-file", "", "table to write with what became of every row: .xlsx, .csv or .jsonl `FILE`")
	f.BoolVar(&a.options.Overwrite, "overwrite-drift", false, "also change rows that somebody has changed since the plan")
	f.BoolVar(&a.edited, "accept-edits", false, "apply a plan that was changed after it was made")
	f.DurationVar(&a.options.Settle, "settle", sync.DefaultSettle, "`TIME` for which an interrupted request may still be at work on the portal")
	a.where.flags(f)
	return cmd
}

func (a *applyCommand) run(ctx context.Context, file string) (err error) {
	if a.options.Settle < 0 {
		return usageErrorf("--settle cannot be negative")
	}
	if a.report != "" {
		if _, err := table.NewWriter(io.Discard, a.report, []string{"row"}); err != nil {
			return fmt.Errorf("--report-file: %w", err)
		}
		if err := render.CheckFile(a.report); err != nil {
			return usageErrorf("--report-file: %v", err)
		}
	}
	plan, err := sync.OpenPlan(file, a.edited)
	if err != nil {
		return err
	}
	progress := &applyProgress{}
	hooks := *a.where.hooks()
	progress.watch(&hooks)
	conn, client, err := a.where.client(bitrix24.WithHooks(hooks))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.close()) }()
	if conn.portal != plan.Header.Portal {
		return usageErrorf("the plan is for the portal %s, not for %s", plan.Header.Portal, conn.portal)
	}
	run, err := sync.Open(ctx, plan)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	if run.Tally().Left() == 0 {
		a.sys.note(fmt.Sprintf("nothing is left to do: %d of %d rows are done", run.Tally().Done, run.Tally().Total))
		return a.writeReport(run)
	}
	if err := a.ask(run); err != nil {
		return err
	}
	return a.apply(ctx, run, client, progress)
}

// ask wants a yes before anything is changed.
func (a *applyCommand) ask(run *sync.Run) error {
	if a.yes {
		return nil
	}
	if !a.sys.InTerminal || !a.sys.ErrTerminal || a.sys.In == nil {
		return &usageError{text: "nobody can be asked whether to apply the plan", hint: "--yes applies it without asking."}
	}
	tally := run.Tally()
	fmt.Fprintf(a.sys.Err, "%s of %s: %s\n", run.Plan.Header.Entity, run.Plan.Header.Portal, run.Plan.Header.Summary())
	fmt.Fprintf(a.sys.Err, "Apply %d rows? [y/N] ", tally.Left())
	answer, err := bufio.NewReader(a.sys.In).ReadString('\n')
	if err != nil && answer == "" {
		return usageErrorf("nothing was applied")
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", "да":
		return nil
	}
	return usageErrorf("nothing was applied")
}

func (a *applyCommand) apply(ctx context.Context, run *sync.Run, client *bitrix24.Client, progress *applyProgress) error {
	began := run.Tally()
	shown := render.NewWork(a.sys.Err, a.sys.ErrTerminal && a.sys.Getenv("TERM") != "dumb", run.Plan.Header.Entity, int64(began.Total), int64(began.Done))
	progress.begin(shown, client)
	a.options.Pictures, a.options.Web = a.sys.picturesFile(), &http.Client{Timeout: fetchTimeout}
	a.options.Note, a.options.Moved = shown.Note, progress.moved
	failed := run.Apply(ctx, client, a.options)
	shown.Close()
	tally := run.Tally()
	a.sys.note(fmt.Sprintf("%d of %d rows are done, %d failed, %d have drifted, %d are left; %d requests in %s",
		tally.Done, tally.Total, tally.Failed, tally.Drifted, tally.Left(), client.Stats().Requests, time.Since(progress.started).Round(100*time.Millisecond)))
	if err := a.writeReport(run); failed == nil {
		failed = err
	}
	switch {
	case failed != nil:
		if tally.Left() > 0 {
			a.sys.note("the same command goes on")
		}
		return failed
	case tally.Failed+tally.Drifted > 0:
		if a.report == "" {
			a.sys.note("--report-file tells why; the same command tries these rows again")
		}
		return codeError(exitPortalError)
	}
	return nil
}

// writeReport is also made for a run that was interrupted.
func (a *applyCommand) writeReport(run *sync.Run) error {
	if a.report == "" {
		return nil
	}
	if err := run.Report(context.Background(), a.report); err != nil {
		return &outputError{fmt.Errorf("--report-file: %w", err)}
	}
	a.sys.note("the report is in " + a.report)
	return nil
}
