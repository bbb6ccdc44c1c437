package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oint-go/oint/internal/jobs"
	"github.com/oint-go/oint/internal/sync"
)

// runTable plans a table and applies the plan. A plan in the same file that was
// interrupted is finished first.
func (a *applyCommand) runTable(cmd *cobra.Command, entity sync.Entity, how jobs.How) (err error) {
	file, err := a.checkTable()
	if err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if a.job.wanted() {
		return a.enqueue(cmd, []string{entity.Name}, c.client, how, func(ctx context.Context) error {
			return a.precheck(ctx, entity, file, c.portal)
		})
	}
	ctx := cmd.Context()
	claim, err := sync.NewClaim(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, claim.Close()) }()
	if err := a.finish(ctx, claim, entity, c); err != nil {
		return err
	}
	made, err := a.compare.make(ctx, a.sys, c.connection, c.client, entity)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, made.Close()) }()
	if !a.yes {
		if err := made.WriteText(a.sys.Out); err != nil {
			return &outputError{fmt.Errorf("stdout: %w", err)}
		}
	}
	run, err := claim.Begin(ctx, made)
	if err != nil {
		return &outputError{err}
	}
	return a.applyMade(ctx, run, c)
}

// checkTable finds what is wrong with the options and returns the file of the
// plan.
func (a *applyCommand) checkTable() (file string, err error) {
	what := "the plan of --" + optOut
	if file = a.out; file == "" {
		what = "the plan beside the table of --" + optFrom
		file = strings.TrimSuffix(a.compare.options.From, filepath.Ext(a.compare.options.From)) + ".plan.jsonl"
	}
	if err := a.compare.check(file, a.where.caFile); err != nil {
		return "", err
	}
	if err := a.reportApart(append(a.compare.inputs(), placesOf(file, what)...)); err != nil {
		return "", err
	}
	switch {
	case a.edited:
		return "", usageErrorf("--accept-edits is for a plan that was made before, and --%s makes a new one", optFrom)
	case !a.yes && !a.canAsk():
		return "", errNobody
	case a.compare.options.From == "-" && a.out == "":
		return "", usageErrorf("--%s names the plan of a table from the standard input", optOut)
	case a.compare.options.From == "-" && !a.yes:
		return "", errNobody
	}
	return file, checkFile(optOut, file)
}

// precheck finds what would keep a job from planning and applying the table,
// without asking the portal.
func (a *applyCommand) precheck(ctx context.Context, entity sync.Entity, file, portal string) (err error) {
	if err := sync.Precheck(entity, a.compare.options); err != nil {
		return err
	}
	claim, err := sync.NewClaim(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, claim.Close()) }()
	_, err = a.unfinished(ctx, claim, entity, portal)
	return err
}

// unfinished is the work on an earlier plan that must be finished first; nil when
// there is none.
func (a *applyCommand) unfinished(ctx context.Context, claim *sync.Claim, entity sync.Entity, portal string) (*sync.Run, error) {
	run, err := claim.Unfinished(ctx)
	if err != nil || run == nil {
		return nil, err
	}
	plan := run.Plan
	if plan.Header.Portal != portal || plan.Header.Entity != entity.Name {
		return nil, &usageError{
			text: fmt.Sprintf("%s is an unfinished plan of %s for the portal %s", plan.File, plan.Header.Entity, plan.Header.Portal),
			hint: fmt.Sprintf("\"oint bitrix24 apply %s\" finishes it; --%s names another file.", plan.File, optOut),
		}
	}
	return run, nil
}

// finish carries out what an interrupted plan has left. What fails or has drifted
// in it is planned anew afterwards.
func (a *applyCommand) finish(ctx context.Context, claim *sync.Claim, entity sync.Entity, c *applyClient) error {
	run, err := a.unfinished(ctx, claim, entity, c.portal)
	if err != nil || run == nil {
		return err
	}
	tally, created := run.Tally(), run.Plan.Header.Created
	a.sys.note(fmt.Sprintf("%s of %s was interrupted: its %d rows that are left come first", run.Plan.File, created.Format("2006-01-02 15:04:05Z"), tally.Left()))
	if err := a.ask(ctx, run); err != nil {
		return err
	}
	report := a.report
	if report != "" {
		report = sync.Dated(report, created)
	}
	return a.apply(ctx, run, c, report)
}

// applyMade carries out the plan that was just made.
func (a *applyCommand) applyMade(ctx context.Context, run *sync.Run, c *applyClient) error {
	header := &run.Plan.Header
	if a.yes {
		a.sys.note(fmt.Sprintf("%s of %s: %s", header.Entity, header.Portal, header.Summary()))
	}
	if run.Tally().Left() == 0 {
		a.sys.note("nothing is to be changed")
		if err := a.writeReport(run, a.report); err != nil {
			return err
		}
	} else {
		if err := a.ask(ctx, run); err != nil {
			return err
		}
		if err := a.apply(ctx, run, c, a.report); err != nil {
			return err
		}
	}
	tally, conflicts := run.Tally(), header.Counts[sync.Conflict]
	if tally.Failed+tally.Drifted+conflicts == 0 {
		return nil
	}
	if a.report == "" {
		a.sys.note(fmt.Sprintf("%d rows were not applied; --%s tells why", tally.Failed+tally.Drifted+conflicts, optReportFile))
	}
	return codeError(exitPortalError)
}
