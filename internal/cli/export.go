package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/bind"
	"github.com/oint-go/oint/internal/sync"
	"github.com/oint-go/oint/internal/table"
)

// exportCommand is "oint bitrix24 export".
type exportCommand struct {
	sys     System
	where   portalOptions
	options sync.ExportOptions
	fields  string
	filter  string
	job     jobOptions
}

const optPhotos = "photos"

func newExport(sys System) *cobra.Command {
	e := &exportCommand{sys: sys, where: portalOptions{sys: sys}}
	cmd := &cobra.Command{
		Use:   "export users|departments --out FILE",
		Short: "Write users or departments into a table",
		Long: "Writes the records of the portal into a table, as many as there are. The table can be edited and planned again; " +
			"as it is, the plan has nothing to change.",
		Args: oneEntity,
		RunE: func(cmd *cobra.Command, args []string) error { return e.run(cmd, args) },
		Example: "  oint bitrix24 export users --out users.xlsx --department-paths\n  oint bitrix24 export users --out active.csv --select ID,EMAIL,WORK_POSITION --filter \"{'ACTIVE':true}\"\n" +
			"  oint bitrix24 export users --out faces.csv --select EMAIL,PERSONAL_PHOTO --photos faces\n" +
			"  oint bitrix24 export departments --out sales.csv --filter \"{'PARENT':2}\"",
	}
	f := cmd.Flags()
	f.StringVar(&e.options.Out, optOut, "", "`FILE` to write: .xlsx, .csv or .jsonl")
	f.StringVar(&e.fields, "select", "", "`FIELDS` with commas between, in this order; without it all that can be written")
	f.StringVar(&e.filter, "filter", "", "filter of the list method as `JSON`; of departments ID, NAME, SORT, PARENT and UF_HEAD")
	f.BoolVar(&e.options.Paths, "department-paths", false, "write departments as paths, Sales/North, instead of ids")
	f.StringVar(&e.options.Photos, optPhotos, "", "`FOLDER` to download the pictures of users into; the table has their paths")
	e.job.flags(f)
	e.where.flags(f)
	return cmd
}

func (e *exportCommand) run(cmd *cobra.Command, args []string) (err error) {
	if err := checkGiven(cmd.Flags()); err != nil {
		return err
	}
	how, err := e.job.check()
	if err != nil {
		return err
	}
	if err := e.check(); err != nil {
		return err
	}
	entity, _ := sync.Named(args[0])
	conn, client, err := e.where.client(bitrix24.WithHooks(*e.where.hooks()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.close()) }()
	if e.job.wanted() {
		if err := sync.PrecheckExport(entity, e.options); err != nil {
			return err
		}
		return enqueue(cmd.Context(), e.sys, verbErrand(cmd, args, &e.where, client.Redact), how)
	}
	e.options.Note, e.options.Wrote = e.sys.note, e.sys.counting("rows written")
	n, err := sync.Export(cmd.Context(), client, entity, e.options)
	if err != nil {
		return err
	}
	e.sys.note(fmt.Sprintf("%d %s are in %s", n, entity.Name, e.options.Out))
	return nil
}

// check reads the options that need no portal.
func (e *exportCommand) check() error {
	if e.options.Out == "" {
		return usageErrorf("--%s names the table to write", optOut)
	}
	err := apart(optOut, e.options.Out, "table", place{e.options.Photos, "the folder of --" + optPhotos}, place{e.where.caFile, "the file of --" + optCAFile})
	if err != nil {
		return err
	}
	if err := checkFile(optOut, e.options.Out); err != nil {
		return err
	}
	if _, err := table.NewWriter(io.Discard, e.options.Out, []string{"ID"}); err != nil {
		return fmt.Errorf("--%s: %w", optOut, err)
	}
	if strings.TrimSpace(e.filter) != "" {
		raw, err := bind.Relax([]byte(e.filter))
		if err != nil {
			return fmt.Errorf("--filter: %w", usageErrorf("%v", err))
		}
		filter := &bitrix24.Object{}
		if err := filter.UnmarshalJSON(raw); err != nil {
			return usageErrorf("--filter is a JSON object, e.g. {'ACTIVE':true}")
		}
		e.options.Filter = filter
	}
	if strings.TrimSpace(e.fields) != "" {
		e.options.Select = strings.Split(e.fields, ",")
	}
	return nil
}
