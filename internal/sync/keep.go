package sync

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Dated puts a time into the name of a file, before its end:
// report.2026-11-25T02-00-03Z.csv.
func Dated(file string, at time.Time) string {
	end := filepath.Ext(file)
	return strings.TrimSuffix(file, end) + "." + at.UTC().Format("2006-01-02T15-04-05Z") + end
}

// Kept are the files that belong to a plan: its journal, and the plan that undoes
// it.
func Kept(plan string) (journal, rollback string) {
	return plan + ".journal", (&Plan{File: plan}).RollbackFile()
}

// keepRollback gives a rollback plan that undoes another plan than the new one, or
// that was applied and differs from it, a name with its time, and its journal with
// it: what was changed in earlier nights can still be undone.
func keepRollback(ctx context.Context, file string, now *Header, note func(string)) error {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	at := info.ModTime()
	if earlier, err := OpenPlan(file, true); err == nil {
		at = earlier.Header.Created
		if err := earlier.Close(); err != nil {
			return err
		}
		if earlier.Header.Undoes == now.Undoes && (earlier.Header.Content == now.Content || !exists(file+".journal")) {
			return nil
		}
	}
	name := Dated(file, at)
	for n := 2; exists(name); n++ {
		name = Dated(file, at.Add(time.Duration(n-1)*time.Second))
	}
	// The journal goes first: should the program end in between, the next run
	// finds the same name and moves the rest.
	if journal := file + ".journal"; exists(journal) {
		j, err := openJournal(ctx, journal, anyPlan) // which also completes it after a crash
		if err != nil {
			return err
		}
		if err := errors.Join(j.close(), os.Rename(journal, name+".journal")); err != nil {
			return err
		}
	}
	if err := os.Rename(file, name); err != nil {
		return err
	}
	if note != nil {
		note(fmt.Sprintf("the rollback of an earlier plan is kept as %s", name))
	}
	return nil
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}
