package cli

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/sync"
)

// planCommand is "oint bitrix24 plan".
type planCommand struct {
	sys      System
	where    portalOptions
	options  sync.PlanOptions
	empty    string
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
		RunE: func(cmd *cobra.Command, args []string) error { return p.run(cmd, args[0]) },
		Example: "  oint bitrix24 plan users --from hr.xlsx --key EMAIL --out plan.jsonl\n" +
			"  oint bitrix24 plan users --from hr.csv --key XML_ID --map map.yaml --format html > plan.html",
	}
	f := cmd.Flags()
	f.StringVar(&p.options.From, "from", "", "table to compare: .xlsx, .csv or .jsonl `FILE`; - is standard input")
	f.StringVar(&p.options.Key, "key", "", "`FIELD` that tells the rows apart: EMAIL, XML_ID, ID or UF_… for users, PATH or ID for departments")
	f.StringVar(&p.options.Sheet, "sheet", "", "`NAME` of the sheet of a workbook; the first one without it")
	f.StringVar(&p.options.Map, "map", "", "YAML `FILE` that says which column is which field")
	f.StringVar(&p.empty, "empty-cells", "skip", "what an empty cell does: skip leaves the field as it is, clear empties it (`WORD`)")
	f.BoolVar(&p.options.DismissMissing, "dismiss-missing", false, "dismiss employees who are not in the table, and bring back those who are")
	f.IntVar(&p.options.MaxDismiss, "max-dismiss", 0, "`NUMBER` of employees that may be dismissed; without it 10 people and 5 percent at most")
	f.BoolVar(&p.options.CreateDepartments, "create-departments", false, "make departments that are named by a path and do not exist")
	f.StringVar(&p.options.PersonKey, "person-key", "", "`FIELD` of users by which cells name a person, such as the head of a department: EMAIL, XML_ID, ID or UF_…; without it id or e-mail address")
	f.StringVar(&p.out, optOut, "", "`FILE` to write the plan to, for apply")
	f.StringVar(&p.format, optFormat, "table", "`FORMAT` on stdout: table, json or html")
	f.BoolVar(&p.detailed, "detailed-exitcode", false, "end with 5 instead of 0 when something would change")
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

func (p *planCommand) run(cmd *cobra.Command, name string) (err error) {
	show := map[string]func(*sync.Made) error{
		"table": func(m *sync.Made) error { return m.WriteText(p.sys.Out) },
		"json":  func(m *sync.Made) error { return m.WriteJSON(p.sys.Out) },
		"html":  func(m *sync.Made) error { return m.WriteHTML(p.sys.Out) },
	}[p.format]
	switch {
	case p.options.From == "":
		return usageErrorf("--from names the table to compare")
	case show == nil:
		return usageErrorf("--%s is table, json or html", optFormat)
	case p.empty != "skip" && p.empty != "clear":
		return usageErrorf("--empty-cells is skip or clear")
	case !cmd.Flags().Changed("max-dismiss"):
		p.options.MaxDismiss = -1
	case p.options.MaxDismiss < 0:
		return usageErrorf("--max-dismiss is a number of people")
	}
	entity, _ := sync.Named(name)
	conn, client, err := p.where.client(bitrix24.WithHooks(*p.where.hooks()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.close()) }()
	made, err := sync.NewMade()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, made.Close()) }()
	p.options.ClearEmpty, p.options.Stdin, p.options.Portal = p.empty == "clear", p.sys.In, conn.portal
	p.options.Pictures, p.options.Web = p.sys.picturesFile(), &http.Client{Timeout: fetchTimeout}
	p.options.Note, p.options.Read = p.sys.note, p.sys.counting("records read")
	header, err := sync.Make(cmd.Context(), client, entity, p.options, made.Writer())
	if err != nil {
		return err
	}
	made.Header = *header
	if err := show(made); err != nil {
		return &outputError{fmt.Errorf("stdout: %w", err)}
	}
	if p.out != "" {
		if err := made.Save(p.out); err != nil {
			return &outputError{err}
		}
		p.sys.note("the plan is in " + p.out)
	}
	if p.format != "table" {
		p.sys.note(header.Summary())
	}
	if p.detailed && header.Changes() > 0 {
		return codeError(exitChanges)
	}
	return nil
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
