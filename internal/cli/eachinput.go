package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/oint-go/oint/catalog"
	"github.com/oint-go/oint/internal/bind"
	"github.com/oint-go/oint/internal/table"
)

// eachInput is a table that is read twice: to check it, and to send it.
type eachInput struct {
	name, sheet string
	stdin       io.Reader
	kept        *os.File // what can be read only once: standard input, or a pipe
}

// spool keeps what can be read only once in a temporary file.
func (in *eachInput) spool(ctx context.Context) error {
	stream := in.stdin
	if in.name != "-" {
		info, err := os.Stat(in.name)
		if err != nil || info.Mode().IsRegular() || info.IsDir() {
			return nil // opening it tells what is wrong
		}
		pipe, err := os.Open(in.name)
		if err != nil {
			return usageErrorf("--%s: %v", optEach, err)
		}
		defer pipe.Close() //nolint:errcheck // it was only read
		stream = pipe
	}
	if in.sheet != "" {
		return usageErrorf("--%s: a workbook cannot come from %s; name its file", optSheet, in.title())
	}
	kept, err := os.CreateTemp("", "oint-rows-")
	if err != nil {
		return fmt.Errorf("%s cannot be kept: %w", in.title(), err)
	}
	in.kept = kept
	if stream == nil {
		stream = strings.NewReader("")
	}
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(kept, stream)
		copied <- err
	}()
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case err = <-copied:
	}
	if err != nil {
		in.close()
		return fmt.Errorf("%s cannot be kept: %w", in.title(), err)
	}
	return nil
}

func (in *eachInput) open() (table.Reader, error) {
	if in.kept == nil {
		return table.Open(in.name, table.Options{Sheet: in.sheet})
	}
	if _, err := in.kept.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return table.Open("-", table.Options{Stdin: in.kept})
}

// title is what the table is called in messages.
func (in *eachInput) title() string {
	if in.name == "-" {
		return "standard input"
	}
	return in.name
}

// close removes what was kept of standard input.
func (in *eachInput) close() {
	if in.kept != nil {
		_ = in.kept.Close()
		_ = os.Remove(in.kept.Name())
	}
}

// cellsOf are the cells of a row for a template.
func cellsOf(row *table.Row) bind.Cells {
	return func(column string) bind.Cell {
		cell, _ := row.Cell(column)
		return bind.Cell(cell)
	}
}

// keeps tells whether --where keeps a row.
func (e *each) keeps(ctx context.Context, row *table.Row) (bool, error) {
	if e.where == nil {
		return true, nil
	}
	object := map[string]any{}
	for name, cell := range row.All() {
		if object[name] = cell.Text; cell.JSON == nil {
			continue
		}
		d := json.NewDecoder(strings.NewReader(cell.Text))
		d.UseNumber()
		var value any
		if err := d.Decode(&value); err != nil {
			return false, err
		}
		object[name] = value
	}
	holds, err := e.where.Holds(ctx, object)
	if err != nil && ctx.Err() == nil {
		err = &table.Error{
			File: e.input.title(), Row: row.Number, Problem: "--" + optWhere + ": " + err.Error(),
			Remedy: `Cells of CSV and workbooks are texts: write .ID == "7", or (.ID | tonumber) > 7.`,
		}
	}
	return holds, err
}

// whereKnows finds a column that --where reads and the table has not: it would be
// null in every row. Rows of JSON Lines may have any members.
func (e *each) whereKnows(reader table.Reader) error {
	if e.where == nil || !reader.Fixed() {
		return nil
	}
	columns := reader.Columns()
	for _, name := range e.where.Members {
		if slices.Contains(columns, name) {
			continue
		}
		err := &usageError{
			text: fmt.Sprintf("--%s: %s has no column %q", optWhere, e.input.title(), name),
			hint: "It has " + strings.Join(columns, ", ") + ". Nothing was sent.",
		}
		if near := catalog.Closest(name, columns); len(near) > 0 {
			err.hint = "Did you mean " + strings.Join(near, " or ") + "? " + err.hint
		}
		return err
	}
	return nil
}

// mostProblems is how many rows that cannot be sent are named.
const mostProblems = 10

// errEnough ends the reading of rows early.
var errEnough = errors.New("enough rows")

// check reads every row before the first is sent. What is wrong is a
// *usageError that names file, row, column and option.
func (e *each) check() error {
	var problems []*table.Error
	wanted := e.template.Columns()
	found := map[string]bool{}
	e.checked.begin(e.input)
	columns, err := e.visit(e.ctx, func(row *table.Row) error {
		e.rows++
		e.checked.keep(row)
		for _, name := range wanted {
			if _, ok := row.Cell(name); ok {
				found[name] = true
			}
		}
		err := e.template.Check(e.ctx, cellsOf(row))
		var input *bind.Error
		if !errors.As(err, &input) {
			return err
		}
		problems = append(problems, inRow(e.input.title(), row.Number, input))
		if len(problems) == mostProblems {
			return errEnough
		}
		return nil
	})
	for _, name := range wanted {
		if !found[name] && !slices.Contains(columns, name) && len(columns) > 0 {
			return e.unknownColumn(name, columns)
		}
	}
	var broken *table.Error
	if errors.As(err, &broken) {
		problems = append(problems, broken)
		err = nil
	}
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return e.refuse(problems)
}

// inRow puts what is wrong with an option into its row.
func inRow(file string, row int, e *bind.Error) *table.Error {
	return &table.Error{File: file, Row: row, Column: e.Column, Problem: "--" + e.Option + ": " + e.Problem, Err: e.Err, Remedy: e.Remedy}
}

// refuse makes one error of the problems; nil when there are none.
func (e *each) refuse(problems []*table.Error) error {
	switch len(problems) {
	case 0:
		return nil
	case 1:
		one := *problems[0]
		hint := strings.TrimSpace(one.Remedy + " Nothing was sent.")
		if one.Remedy = ""; strings.HasSuffix(hint, "sent. Nothing was sent.") {
			hint = "Nothing was sent."
		}
		return &usageError{text: one.Error(), hint: hint}
	}
	b := &strings.Builder{}
	fmt.Fprintf(b, "%s: %d rows cannot be sent:", e.input.title(), len(problems))
	for _, p := range problems {
		one := *p
		one.Remedy = ""
		fmt.Fprintf(b, "\n  %s", strings.TrimPrefix(one.Error(), one.File+", "))
	}
	hint := "Nothing was sent."
	if len(problems) >= mostProblems {
		hint = "There may be more of them. " + hint
	}
	return &usageError{text: b.String(), hint: hint}
}

func (e *each) unknownColumn(name string, columns []string) error {
	err := &usageError{
		text: fmt.Sprintf("%s has no column %q", e.input.title(), name),
		hint: "It has " + strings.Join(columns, ", ") + ". A brace itself is written {{ or }}. Nothing was sent.",
	}
	if near := catalog.Closest(name, columns); len(near) > 0 {
		err.hint = "Did you mean {" + strings.Join(near, "} or {") + "}? " + err.hint
	}
	return err
}
