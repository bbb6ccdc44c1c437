package cli

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/sync"
)

// compareOptions are the options that say how a table is compared with the
// portal, of plan and of apply with --from.
type compareOptions struct {
	options sync.PlanOptions
	empty   string
	names   *pflag.FlagSet // the options themselves
}

const (
	optFrom       = "from"
	optMaxDismiss = "max-dismiss"
)

func (c *compareOptions) flags(flags *pflag.FlagSet) {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.StringVar(&c.options.From, optFrom, "", "`FILE` with the table to compare: .xlsx, .csv or .jsonl; - is standard input")
	f.StringVar(&c.options.Key, "key", "", "`FIELD` that tells the rows apart: EMAIL, XML_ID, ID or UF_… for users, PATH or ID for departments")
	f.StringVar(&c.options.Sheet, "sheet", "", "`NAME` of the sheet of a workbook; the first one without it")
	f.StringVar(&c.options.Map, "map", "", "YAML `FILE` that says which column is which field, e.g. columns: {Mobile: PERSONAL_MOBILE}")
	f.StringVar(&c.empty, "empty-cells", "skip", "what an empty cell does, in one `WORD`: skip leaves the field as it is, clear empties it")
	f.BoolVar(&c.options.DismissMissing, "dismiss-missing", false, "dismiss employees who are not in the table, and bring back those who are")
	f.IntVar(&c.options.MaxDismiss, optMaxDismiss, 0, "`NUMBER` of employees that may be dismissed; without it 10 people and 5 percent at most")
	f.BoolVar(&c.options.CreateDepartments, "create-departments", false, "make departments that are named by a path and do not exist")
	f.StringVar(&c.options.PersonKey, "person-key", "", "`FIELD` of users by which cells name a person, such as the head of a department: EMAIL, XML_ID, ID or UF_…; without it id or e-mail address")
	f.StringVar(&c.options.Manager, "manager-field", "", "`FIELD` of your own that names each user's manager, UF_…: rows that would make somebody their own manager, also through others, are conflicts")
	c.names = f
	flags.AddFlagSet(f)
}

// given is the first of the options that was given; empty when there is none.
func (c *compareOptions) given() (name string) {
	c.names.VisitAll(func(f *pflag.Flag) {
		if f.Changed && name == "" {
			name = f.Name
		}
	})
	return name
}

// check finds what is wrong with the options themselves. The plan goes into the
// file out, or nowhere when that is empty.
func (c *compareOptions) check(out string) error {
	switch {
	case c.options.From == "":
		return usageErrorf("--%s names the table to compare", optFrom)
	case c.empty != "skip" && c.empty != "clear":
		return usageErrorf("--empty-cells is skip or clear")
	case !c.names.Lookup(optMaxDismiss).Changed:
		c.options.MaxDismiss = -1
	case c.options.MaxDismiss < 0:
		return usageErrorf("--%s is a number of people", optMaxDismiss)
	}
	c.options.ClearEmpty = c.empty == "clear"
	if out != "" && sameFile(out, c.options.From) {
		return usageErrorf("--%s: %s is the table of --%s; the plan needs a file of its own", optOut, out, optFrom)
	}
	return nil
}

func sameFile(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// make compares. What it returns must be closed.
func (c *compareOptions) make(ctx context.Context, sys System, conn *connection, client *bitrix24.Client, entity sync.Entity) (*sync.Made, error) {
	made, err := sync.NewMade()
	if err != nil {
		return nil, err
	}
	o := c.options
	o.Pictures, o.Web = sys.picturesFile(), &http.Client{Timeout: fetchTimeout}
	o.Stdin, o.Portal, o.Note, o.Read = sys.In, conn.portal, sys.note, sys.counting("records read")
	header, err := sync.Make(ctx, client, entity, o, made.Writer())
	if err != nil {
		return nil, errors.Join(err, made.Close())
	}
	made.Header = *header
	return made, nil
}
