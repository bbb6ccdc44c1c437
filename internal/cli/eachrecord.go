package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/oint-go/oint/bitrix24"
	"github.com/oint-go/oint/internal/render"
	"github.com/oint-go/oint/internal/table"
)

// eachRecord keeps what became of the rows: in the report or on stdout, and where
// that fails in the next place that is left. What was sent is never untold.
type eachRecord struct {
	sys    System
	places []outcomePlace // the first is in use
	stop   context.CancelFunc
	broken error // the first place that failed
	counts [bitrix24.Unknown + 1]int
	silent int // rows without a decision of the portal
}

// outcomePlace is where outcomes go.
type outcomePlace interface {
	write(*eachOutcome) error
	close() error
}

// checkReport tells whether the report could be written, before anything is
// sent.
func (e *each) checkReport() error {
	if e.report == "" {
		return nil
	}
	inputs := []place{{e.input.name, "the table of --" + optEach}, {e.args.general[optCAFile], "the file of --" + optCAFile}}
	if err := apart(optReportFile, e.report, "report", inputs...); err != nil {
		return err
	}
	if isBook(e.report) {
		if err := apart(optReportFile, partOf(e.report), "report", inputs...); err != nil {
			return err
		}
	}
	writer, err := table.NewWriter(io.Discard, e.report, outcomeColumns)
	if err == nil {
		err = writer.Close()
	}
	if err == nil {
		err = render.CheckFile(e.report)
	}
	if err == nil && isBook(e.report) {
		if _, missing := os.Stat(partOf(e.report)); missing == nil {
			return &usageError{text: fmt.Sprintf("--%s: %s is left from a run that was broken off", optReportFile, partOf(e.report)), hint: "It tells what became of the rows then: move it away, or name another report."}
		}
		err = render.CheckFile(partOf(e.report))
	}
	if err != nil {
		return usageErrorf("--%s: %v", optReportFile, err)
	}
	return nil
}

// newRecord opens the report.
func (e *each) newRecord(stop context.CancelFunc) (*eachRecord, error) {
	r := &eachRecord{sys: e.sys, stop: stop, places: []outcomePlace{outcomeLines{e.sys.Out}, outcomeLines{e.sys.Err}}}
	if e.report == "" {
		return r, nil
	}
	first, err := openReport(e.report)
	if err != nil {
		return nil, usageErrorf("--%s: %v", optReportFile, err)
	}
	r.places = append([]outcomePlace{first}, r.places...)
	return r, nil
}

// note keeps an outcome. When a place fails, nothing more is sent, and the rest
// of what was sent goes to the next one.
func (r *eachRecord) note(o *eachOutcome) {
	r.counts[o.state]++
	if !o.answered {
		r.silent++
	}
	if r.broken != nil && o.state == bitrix24.NotSent {
		return // there may be very many of them, and nothing to tell
	}
	for {
		err := r.places[0].write(o)
		if err == nil {
			return
		}
		if !r.next(err) {
			return
		}
	}
}

// next gives a place up; false when there is no other.
func (r *eachRecord) next(err error) bool {
	r.stop()
	if r.broken == nil {
		r.broken = err
		fmt.Fprintf(r.sys.Err, "oint: %v\noint: no more rows are sent; what became of those that were follows\n", err)
	}
	if len(r.places) == 1 {
		return false
	}
	_ = r.places[0].close() // its error has been told
	r.places = r.places[1:]
	return true
}

// end closes the report and sums up. The error has the exit code.
func (r *eachRecord) end(err error) error {
	if closing := r.places[0].close(); closing != nil && r.broken == nil {
		r.broken = closing
		fmt.Fprintf(r.sys.Err, "oint: %v\n", closing)
	}
	if err != nil {
		fmt.Fprintf(r.sys.Err, "oint: %v\n", err)
	}
	total := 0
	var parts []string
	for state, n := range r.counts {
		if total += n; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, bitrix24.State(state)))
		}
	}
	summary := "oint: " + rowsOf(total)
	if len(parts) > 0 {
		summary += ": " + strings.Join(parts, ", ")
	}
	fmt.Fprintln(r.sys.Err, summary)
	switch failed := total > r.counts[bitrix24.Done]; {
	case r.broken != nil || err != nil || r.silent > 0:
		return codeError(exitNoAnswer)
	case failed:
		return codeError(exitPortalError)
	}
	return nil
}

// outcomeLines are outcomes as JSON Lines.
type outcomeLines struct{ w io.Writer }

func (l outcomeLines) write(o *eachOutcome) error {
	line, err := o.line()
	if err == nil {
		_, err = l.w.Write(line)
	}
	return err
}

func (outcomeLines) close() error { return nil }

// reportFile is a report. A workbook, which can be written at its end only, has
// its outcomes in a file beside it until then.
type reportFile struct {
	*os.File
	path  string
	place outcomePlace
}

func isBook(path string) bool { return strings.EqualFold(filepath.Ext(path), ".xlsx") }

func partOf(path string) string { return path + ".jsonl" }

func openReport(path string) (outcomePlace, error) {
	name := path
	if isBook(path) {
		name = partOf(path)
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	report := &reportFile{File: f, path: path, place: outcomeLines{f}}
	if strings.EqualFold(filepath.Ext(name), ".csv") {
		writer, err := table.NewWriter(f, path, outcomeColumns)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		report.place = outcomeRows{writer}
	}
	return report, nil
}

func (f *reportFile) write(o *eachOutcome) error { return f.place.write(o) }

// close puts the report where a crash does not lose it.
func (f *reportFile) close() error {
	err := f.place.close()
	if info, failed := f.Stat(); failed == nil && info.Mode().IsRegular() {
		err = errors.Join(err, f.Sync())
	}
	if err = errors.Join(err, f.Close()); err != nil || !isBook(f.path) {
		return err
	}
	if err := f.bind(); err != nil {
		return fmt.Errorf("--%s: %w; what became of the rows is in %s", optReportFile, err, f.Name())
	}
	return os.Remove(f.Name())
}

// bind makes the workbook of the lines.
func (f *reportFile) bind() error {
	part, err := os.Open(f.Name())
	if err != nil {
		return err
	}
	defer part.Close() //nolint:errcheck // it was only read
	book, err := os.Create(f.path)
	if err != nil {
		return err
	}
	writer, err := table.NewReport(book, f.path, outcomeColumns)
	if err != nil {
		return errors.Join(err, book.Close())
	}
	for d := json.NewDecoder(part); err == nil; {
		var o struct {
			Row                                int
			Outcome, Code, Description, Remedy string
			Result                             json.RawMessage
		}
		if err = d.Decode(&o); err == nil {
			err = writer.Write([]any{o.Row, o.Outcome, string(o.Result), o.Code, o.Description, o.Remedy})
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, writer.Close(), book.Close())
}

// outcomeRows are outcomes as a table.
type outcomeRows struct{ table.Writer }

func (r outcomeRows) write(o *eachOutcome) error { return errors.Join(r.Write(o.cells()), r.Flush()) }
func (r outcomeRows) close() error               { return r.Close() }
