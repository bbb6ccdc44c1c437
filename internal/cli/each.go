package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/catalog"
	"github.com/oint-go/oint/internal/bind"
	"github.com/oint-go/oint/internal/jobs"
	"github.com/oint-go/oint/internal/render"
	"github.com/oint-go/oint/internal/table"
)

// previewed is how many rows --test shows.
const previewed = 3

// each calls a function for every row of a table.
type each struct {
	*run
	source   *bind.Source
	input    *eachInput
	where    *render.Condition // nil for every row
	most     int               // rows; 0 for all
	report   string            // file for the outcomes; stdout when empty
	template *bind.Template
	how      jobs.How // of the job that the rows become, when background is set

	background bool
	rows       int // that will be sent, once they have been checked
	checked    checkedRows
	terminal   io.Writer // stderr itself, which a bar wants
}

// eachOptions are the options that mean nothing without --each.
var eachOptions = []string{optSheet, optWhere, optEmptyCells, optReportFile}

// newEach reads the options of --each; nil when it is not given.
func newEach(r *run, source *bind.Source) (*each, error) {
	name, given := r.args.general[optEach]
	if !given {
		for _, o := range eachOptions {
			if _, given := r.args.general[o]; given {
				return nil, usageErrorf("--%s belongs to --%s FILE, which calls the function for every row of a table", o, optEach)
			}
		}
		return nil, nil
	}
	e := &each{run: r, source: source, report: strings.TrimSpace(r.args.general[optReportFile])}
	if err := e.suits(); err != nil {
		return nil, err
	}
	if name := r.args.empty(eachOptions...); name != "" {
		return nil, errEmpty(name)
	}
	if text, given := r.args.general[optWhere]; given {
		var err error
		if e.where, err = render.NewCondition(text); err != nil {
			return nil, usageErrorf("--%s: %v", optWhere, err)
		}
	}
	if text := strings.TrimSpace(r.args.general[optLimit]); text != "" && strings.Trim(text, "0123456789") == "" {
		var err error
		if e.most, err = strconv.Atoi(text); err != nil || e.most == 0 {
			return nil, usageErrorf("--%s: with --%s it is a number of rows from 1, or the requests that the portal takes", optLimit, optEach)
		}
		r.rowLimit = text
		delete(r.args.general, optLimit) // it is not the portal's
	}
	empty := bind.Skip
	switch text := strings.ToLower(strings.TrimSpace(r.args.general[optEmptyCells])); text {
	case "", "skip":
	case "clear":
		empty = bind.Clear
	default:
		return nil, &usageError{text: "--" + optEmptyCells + " is skip or clear", hint: "skip leaves out what an empty cell belongs to, clear sends it empty."}
	}
	var err error
	e.input = &eachInput{name: strings.TrimSpace(name), sheet: r.args.general[optSheet], stdin: r.sys.In}
	if e.template, err = bind.NewTemplate(r.ctx, source, r.function, r.args.own, empty); err != nil {
		return nil, err
	}
	if len(e.template.Columns()) == 0 {
		return nil, &usageError{text: "no option of " + r.function.Name + " takes anything from the table", hint: "Name a column in braces, such as {ID}."}
	}
	return e, e.checkReport()
}

// suits tells whether the function, and what else is asked for, goes with rows.
func (e *each) suits() error {
	general := e.args.general
	switch {
	case e.function.Kind == catalog.Local:
		return usageErrorf("--%s: %s sends nothing, so there is nothing to do for every row", optEach, e.function.Name)
	case strings.TrimSpace(general[optEach]) == "":
		return usageErrorf("option --%s needs a value: the file of the table, or - for standard input", optEach)
	case e.settings.AdvResponse:
		return usageErrorf("--%s: adv_response shows one answer; --%s has one for every row", optConfig, optEach)
	}
	for _, o := range []string{optFormat, optJQ, optOut} {
		if _, given := general[o]; given {
			return &usageError{
				text: fmt.Sprintf("--%s shows one answer; --%s has one for every row", o, optEach),
				hint: fmt.Sprintf("Rows come as JSON Lines on stdout, or with --%s as .csv, .xlsx or .jsonl.", optReportFile),
			}
		}
	}
	return nil
}

// do checks every row, then sends them.
func (e *each) do() error {
	e.terminal = e.sys.Err
	e.sys.Err = &lockedWriter{w: e.sys.Err} // waits and --debug come from goroutines
	if err := e.input.spool(e.ctx); err != nil {
		return err
	}
	defer e.input.close()
	if err := e.check(); err != nil {
		return err
	}
	conn, err := e.connect()
	if err != nil {
		return err
	}
	// Ctrl-C, and a record that fails, end the run for the same plain reason.
	stop, cancel := context.WithCancel(context.WithoutCancel(e.ctx))
	defer cancel()
	defer context.AfterFunc(e.ctx, cancel)()
	conn.options = append(conn.options, bitrix24.WithStop(stop))
	caller, err := e.prepare(conn)
	switch {
	case err != nil:
	case e.args.flags[optTest]:
		err = e.preview(caller)
	case e.background:
		err = e.enqueue(caller.redact, e.function.Replay != catalog.Once, e.how)
	default:
		err = e.send(stop, cancel, caller)
	}
	if closing := conn.close(); closing != nil {
		return closing
	}
	return err
}

// visit calls do with the rows that count, in order. What do returns ends it.
func (e *each) visit(ctx context.Context, do func(*table.Row) error) (columns []string, err error) {
	reader, err := e.input.open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	if err := e.whereKnows(reader); err != nil {
		return reader.Columns(), err
	}
	for n := 0; e.most == 0 || n < e.most; {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return reader.Columns(), err
		}
		keep, err := e.keeps(ctx, row)
		if err == nil && keep {
			n++
			err = do(row)
		}
		if err != nil {
			return reader.Columns(), err
		}
	}
	return reader.Columns(), nil
}

// preview shows the requests of the first rows.
func (e *each) preview(caller *caller) error {
	shown := 0
	_, err := e.visit(e.ctx, func(row *table.Row) error {
		if shown++; shown > previewed {
			return errEnough
		}
		call, err := e.template.Call(e.ctx, cellsOf(row))
		if err != nil {
			return err
		}
		preview, err := caller.preview(call)
		if err != nil {
			return err
		}
		if shown > 1 {
			fmt.Fprintln(e.sys.Out)
		}
		fmt.Fprintf(e.sys.Out, "row %d:\n", row.Number)
		return e.writePreview(preview, call)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	fmt.Fprintf(e.sys.Err, "oint: --test: nothing was sent; %d of %s shown\n", min(e.rows, previewed), rowsOf(e.rows))
	return nil
}

// send calls the function for every row and tells what became of each. Once
// stop ends, nothing more is begun; cancel ends it.
func (e *each) send(stop context.Context, cancel context.CancelFunc, caller *caller) error {
	// A reader of stdout that goes away must not end the process before it has
	// told what was sent.
	pipe := make(chan os.Signal, 1)
	signal.Notify(pipe, syscall.SIGPIPE)
	defer signal.Stop(pipe)
	if err := e.checked.again(e.input); err != nil {
		return err
	}
	record, err := e.newRecord(cancel)
	if err != nil {
		return err
	}
	shown := e.progress()
	var told int64
	tell := func(o *eachOutcome) {
		record.note(o)
		told++
		shown.Set(told, nil)
	}
	if e.batched() {
		err = e.sendBatch(caller, tell)
	} else {
		err = e.sendSingly(stop, caller, tell)
	}
	shown.Close()
	return record.end(err)
}

// progress shows how far it is: by a bar, unless rows scroll by on the same
// terminal.
func (e *each) progress() *render.Work {
	terminal := e.sys.ErrTerminal && e.sys.Getenv("TERM") != "dumb" && (e.report != "" || !e.sys.OutTerminal)
	if terminal {
		return render.NewWork(e.terminal, true, "rows", int64(e.rows), 0)
	}
	return render.NewWork(e.sys.Err, false, "rows", int64(e.rows), 0)
}

// rowsOf is a number of rows in words.
func rowsOf(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}
