package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/jobs"
	"github.com/oint-go/oint/internal/sync"
)

// planCommand is "oint bitrix24 plan".
type planCommand struct {
	sys      System
	where    portalOptions
	compare  compareOptions
	job      jobOptions
	out      string
	format   string
	detailed bool
}

func newPlan(sys System) *cobra.Command {
	p := &planCommand{sys: sys, where: portalOptions{sys: sys}}
	cmd := &cobra.Command{
		Use:   "plan users|departments --from FILE --key FIELD",
		Short: "Show what a table would change on the portal, and write it down",
		Long: "Compares a table with the portal and shows, row by row, what would be created, changed, dismissed or brought back. " +
			"Nothing is changed; \"oint bitrix24 apply\" carries out the plan that --out writes. " +
			"Pictures are named by their paths, from the folder of the table, or by addresses, and compared by their content.",
		Args: oneEntity,
		RunE: func(cmd *cobra.Command, args []string) error { return p.run(cmd, args) },
		Example: "  oint bitrix24 plan users --from hr.xlsx --key EMAIL --out plan.jsonl\n" +
			"  oint bitrix24 plan users --from hr.csv --key XML_ID --map map.yaml --format html > plan.html",
	}
	f := cmd.Flags()
	p.compare.flags(f)
	f.StringVar(&p.out, optOut, "", "`FILE` to write the plan to, for apply")
	f.StringVar(&p.format, optFormat, "table", "`FORMAT` on stdout: table, json or html")
	f.BoolVar(&p.detailed, "detailed-exitcode", false, "end with 5 instead of 0 when something would change")
	p.job.flags(f)
	p.where.flags(f)
	return cmd
}

// oneEntity wants the name of an entity and nothing else.
func oneEntity(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		if _, ok := sync.Named(args[0]); ok {
			return nil
		}
	}
	return &usageError{text: cmd.CommandPath() + " takes one word: users or departments", hint: fmt.Sprintf("%q lists the options.", cmd.CommandPath()+" --help")}
}

func (p *planCommand) run(cmd *cobra.Command, args []string) (err error) {
	if err := checkGiven(cmd.Flags()); err != nil {
		return err
	}
	show := map[string]func(*sync.Made) error{
		"table": func(m *sync.Made) error { return m.WriteText(p.sys.Out) },
		"json":  func(m *sync.Made) error { return m.WriteJSON(p.sys.Out) },
		"html":  func(m *sync.Made) error { return m.WriteHTML(p.sys.Out) },
	}[p.format]
	if show == nil {
		return usageErrorf("--%s is table, json or html", optFormat)
	}
	how, err := p.job.check()
	if err != nil {
		return err
	}
	if err := p.compare.check(p.out, p.where.caFile); err != nil {
		return err
	}
	if err := p.checkOut(cmd.Context()); err != nil {
		return err
	}
	entity, _ := sync.Named(args[0])
	conn, client, err := p.where.client(bitrix24.WithHooks(*p.where.hooks()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.close()) }()
	if p.job.wanted() {
		e := verbErrand(cmd, args, &p.where, client.Redact)
		if p.detailed {
			e.fine = exitChanges
		}
		return p.enqueue(cmd.Context(), entity, e, how)
	}
	made, err := p.compare.make(cmd.Context(), p.sys, conn, client, entity)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, made.Close()) }()
	if err := show(made); err != nil {
		return &outputError{fmt.Errorf("stdout: %w", err)}
	}
	if p.out != "" {
		if err := sync.Replace(cmd.Context(), p.out, made); err != nil {
			return &outputError{fmt.Errorf("--%s: %w", optOut, err)}
		}
		p.sys.note("the plan is in " + p.out)
	}
	if p.format != "table" {
		p.sys.note(made.Header.Summary())
	}
	if p.detailed && made.Header.Changes() > 0 {
		return codeError(exitChanges)
	}
	return nil
}

// checkOut tells whether the plan can be written, before the portal is asked.
func (p *planCommand) checkOut(ctx context.Context) error {
	if p.out == "" {
		return nil
	}
	if err := checkFile(optOut, p.out); err != nil {
		return err
	}
	if err := sync.CheckReplace(ctx, p.out); err != nil {
		return fmt.Errorf("--%s: %w", optOut, err)
	}
	return nil
}

// enqueue makes a job of the plan, of which everything is right that can be known
// without the portal.
func (p *planCommand) enqueue(ctx context.Context, entity sync.Entity, e *errand, how jobs.How) error {
	if err := e.check(); err != nil {
		return err
	}
	if err := sync.Precheck(entity, p.compare.options); err != nil {
		return err
	}
	return enqueue(ctx, p.sys, e, how)
}

// counting tells every ten seconds how many there are so far.
func (s System) counting(what string) func(int) {
	told := time.Now()
	return func(n int) {
		if time.Since(told) >= 10*time.Second {
			told = time.Now()
			s.note(fmt.Sprintf("%d %s", n, what))
		}
	}
}

// note says something beside the result.
func (s System) note(text string) { fmt.Fprintln(s.Err, "oint: "+text) }
