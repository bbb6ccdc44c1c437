package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/render"
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
	optMap        = "map"
	optMaxDismiss = "max-dismiss"
)

func (c *compareOptions) flags(flags *pflag.FlagSet) {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.StringVar(&c.options.From, optFrom, "", "`FILE` with the table to compare: .xlsx, .csv or .jsonl; - is standard input")
	f.StringVar(&c.options.Key, "key", "", "`FIELD` that tells the rows apart: EMAIL, XML_ID, ID or UF_… for users, PATH or ID for departments")
	f.StringVar(&c.options.Sheet, "sheet", "", "`NAME` of the sheet of a workbook; the first one without it")
	f.StringVar(&c.options.Map, optMap, "", "YAML `FILE` that says which column is which field, e.g. columns: {Mobile: PERSONAL_MOBILE}")
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
func (c *compareOptions) check(out, caFile string) error {
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
	if out != "" {
		if err := apart(optFrom, c.options.From, "table", placesOf(out, "the plan of --"+optOut)[1:]...); err != nil {
			return err
		}
	}
	return apart(optOut, out, "plan", append(c.inputs(), place{caFile, "the file of --" + optCAFile})...)
}

// inputs are the files that the options read.
func (c *compareOptions) inputs() []place {
	return []place{{c.options.From, "the table of --" + optFrom}, {c.options.Map, "the file of --" + optMap}}
}

// place is a file that a command has, and what it is.
type place struct{ file, what string }

// placesOf are the files of a plan.
func placesOf(plan, what string) []place {
	journal, rollback := sync.Kept(plan)
	return []place{{plan, what}, {journal, "the journal of " + plan}, {rollback, "the rollback of " + plan}}
}

// checkFile tells whether an option names a file that can be written. It is put in
// its place whole, which would take away a device or a pipe of that name.
func checkFile(option, file string) error {
	if file == "-" {
		return &usageError{text: "--" + option + " is a file, and - stands for no file", hint: "A file of that name is ./-"}
	}
	if err := render.CheckFile(file); err != nil {
		return usageErrorf("--%s: %v", option, err)
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return &usageError{text: fmt.Sprintf("--%s: %s is a device or a pipe", option, file), hint: "Name a file, which is written whole or not at all."}
	}
	return nil
}

// apart refuses to write over a file that the command has for something else.
func apart(option, file, written string, others ...place) error {
	for _, other := range others {
		if file != "" && other.file != "" && sameFile(file, other.file) {
			return usageErrorf("--%s: %s is %s; the %s needs a file of its own", option, file, other.what, written)
		}
	}
	return nil
}

// sameFile tells whether two names are those of one file, which need not be there
// yet.
func sameFile(a, b string) bool {
	if followed(a) == followed(b) {
		return true
	}
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// followed is where a name leads, as far as it can be told.
func followed(name string) string {
	if full, err := filepath.Abs(name); err == nil {
		name = full
	}
	for range 40 { // as many links in a row as a system follows
		if dir, err := filepath.EvalSymlinks(filepath.Dir(name)); err == nil {
			name = filepath.Join(dir, filepath.Base(name))
		}
		to, err := os.Readlink(name)
		if err != nil {
			return name
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(name), to)
		}
		name = to
	}
	return name
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
