package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/rogpeppe/go-internal/lockedfile"
	_ "modernc.org/sqlite" // the driver
)

// openSQLite opens the file of the jobs in a folder; only its user may read it.
func openSQLite(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of the jobs: %w", err)
	}
	name := filepath.Join(dir, "jobs.db")
	// SQLite gives its other files the permissions of this one.
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("file of the jobs: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	// Several processes write: each waits for the others, and takes the lock
	// when it begins, not in the middle. What is written outlives a power failure:
	// a command must not begin before the note that it does.
	address := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(name)}).EscapedPath(), RawQuery: "_pragma=busy_timeout(30000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, err
	}
	// River needs one connection: SQLite refuses two that write at once.
	db.SetMaxOpenConns(1)
	driver := riversqlite.New(db)
	s := &Store{db: db, close: db.Close}
	s.client = func(config *river.Config) (queue, error) { return river.NewClient(driver, config) }
	s.migrate = func(ctx context.Context) error {
		unlock, err := lockedfile.MutexAt(name + ".lock").Lock()
		if err != nil {
			return err
		}
		defer unlock()
		if err := migrateRiver(ctx, driver); err != nil {
			return err
		}
		return s.migrateOwn(ctx)
	}
	return s, nil
}
