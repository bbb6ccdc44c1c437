// Command bench measures what the documentation promises and prints one table:
//
//	make bench
//
// Figures that are compared come from one run, side by side.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// figure is one line of the table.
type figure struct{ what, measured, promised string }

// bench is what every measurement needs.
type bench struct {
	oint  string // the built program
	dir   string // for databases
	runs  int    // of a process
	users int    // of the large portal
}

func main() {
	b := bench{}
	flag.StringVar(&b.oint, "oint", "bin/oint", "the built program")
	flag.IntVar(&b.runs, "runs", 51, "times to start a process")
	flag.IntVar(&b.users, "users", 1_000_000, "users of the large portal")
	only := flag.String("only", "", "measure only these, e.g. bulk,rows")
	task := flag.String("task", "", "do one task in this process and exit: how the bench starts others like itself")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var err error
	if *task != "" {
		err = runTask(ctx, *task, flag.Args())
	} else {
		err = b.run(ctx, *only)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (b bench) run(ctx context.Context, only string) (err error) {
	if b.dir, err = os.MkdirTemp("", "oint-bench"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir) //nolint:errcheck // a temporary folder
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "figure\tmeasured\tpromised")
	for _, m := range []struct {
		name    string
		measure func(context.Context) ([]figure, error)
	}{
		{"client", b.client},
		{"process", b.processes},
		{"updates", b.updates},
		{"pages", b.pages},
		{"bulk", b.bulk},
		{"rows", b.rows},
		{"together", b.together},
		{"limit", b.limit},
		{"upload", b.upload},
		{"apply", b.apply},
		{"plan", b.planned},
		{"export", b.exported},
	} {
		if only != "" && !slices.Contains(strings.Split(only, ","), m.name) {
			continue
		}
		figures, err := m.measure(ctx)
		if err != nil {
			return err
		}
		for _, f := range figures {
			fmt.Fprintf(table, "%s\t%s\t%s\n", f.what, f.measured, f.promised)
		}
	}
	return table.Flush()
}

func median[T int64 | float64 | time.Duration](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// milliseconds shows a duration.
func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}
