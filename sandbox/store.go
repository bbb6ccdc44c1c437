package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// schemaVersion is kept in the database; a file of another version is refused.
const schemaVersion = 1

// busyTime is how long a process waits for another one's changes.
const busyTime = 10 * time.Second

// The memory that a connection keeps pages in, in KiB. The bytes of files are
// not needed again soon; more memory would only fill with them.
const (
	dataCache = 64 << 10
	fileCache = 4 << 10
)

// store is the database of a portal. One connection writes, several read, and
// one has the bytes of files. In memory there is a single connection, for each
// would have a database of its own.
type store struct {
	writer, reader, files *sql.DB
	file                  string
}

func openStore(file string) (*store, error) {
	st := &store{file: file}
	var err error
	if file == "" {
		if st.writer, err = open("file::memory:", 1, dataCache); err != nil {
			return nil, err
		}
		st.reader, st.files = st.writer, st.writer
		return st, nil
	}
	if err := private(file); err != nil {
		return nil, err
	}
	source := (&url.URL{Scheme: "file", Opaque: url.PathEscape(file)}).String()
	if st.writer, err = open(source, 1, dataCache); err != nil {
		return nil, err
	}
	if st.reader, err = open(source, max(4, runtime.NumCPU()), dataCache); err != nil {
		return nil, errors.Join(err, st.writer.Close())
	}
	if st.files, err = open(source, 1, fileCache); err != nil {
		return nil, errors.Join(err, st.writer.Close(), st.reader.Close())
	}
	return st, nil
}

// private makes a missing database file that only its owner can read: it will
// hold tokens.
func private(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("no file for the database: %w", err)
	}
	return f.Close()
}

func open(source string, connections, cache int) (*sql.DB, error) {
	pragmas := fmt.Sprintf("?_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"+
		"&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-%d)", busyTime.Milliseconds(), cache)
	txlock := "&_txlock=deferred"
	if connections == 1 {
		txlock = "&_txlock=immediate"
	}
	db, err := sql.Open("sqlite", source+pragmas+txlock)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// read runs do on one state of the data.
func (st *store) read(ctx context.Context, do func(*sql.Tx) error) error {
	return transact(ctx, st.reader, do)
}

// write runs do and keeps its changes when it succeeds. Writers take turns, also
// between processes.
func (st *store) write(ctx context.Context, do func(*sql.Tx) error) error {
	return transact(ctx, st.writer, do)
}

// transact does not end with the caller's context: a portal finishes what it
// has begun, and a broken-off transaction would cost the connection, which in
// memory is the database.
func transact(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	began := time.Now()
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if q, ok := ctx.Value(queueKey{}).(*queueTime); ok {
		q.waited += time.Since(began)
	}
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// queueTime is how long a command waited for its turn at the database. It is not
// operating time: a portal's methods do not queue for one writer.
type queueTime struct{ waited time.Duration }

type queueKey struct{}

// queued returns a context that measures how long transactions wait.
func queued(ctx context.Context) (context.Context, *queueTime) {
	q := &queueTime{}
	return context.WithValue(ctx, queueKey{}, q), q
}

// prepare creates the tables of a new database and calls fill once.
func (st *store) prepare(ctx context.Context, fill func(*sql.Tx) error) error {
	version, err := st.version(ctx)
	if err != nil {
		return fmt.Errorf("%s is no database of the sandbox: %w", st.file, err)
	}
	if version == schemaVersion {
		return nil
	}
	return st.write(ctx, func(tx *sql.Tx) error {
		// Another process may have been faster.
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		switch version {
		case schemaVersion:
			return nil
		case 0:
		default:
			return fmt.Errorf("%s was made by another version of the sandbox (%d, this one needs %d); delete it to start anew", st.file, version, schemaVersion)
		}
		if err := st.createTables(ctx, tx); err != nil {
			return err
		}
		if err := fill(tx); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
		return err
	})
}

func (st *store) createTables(ctx context.Context, tx *sql.Tx) error {
	var tables int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if tables > 0 {
		return fmt.Errorf("%s is a database of another program", st.file)
	}
	if _, err := tx.ExecContext(ctx, accessSchema+dataSchema()); err != nil {
		return fmt.Errorf("create tables: %w", err)
	}
	return nil
}

// version opens the file. Where several processes make the same new file at
// once, SQLite does not wait for the one that turns the write-ahead log on, busy
// timeout or not; so this does.
func (st *store) version(ctx context.Context) (version int, err error) {
	for end := time.Now().Add(busyTime); ; {
		err = st.reader.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
		if err == nil || !isBusy(err) || time.Now().After(end) {
			return version, err
		}
		if err := sleep(ctx, 5*time.Millisecond); err != nil {
			return 0, err
		}
	}
}

func isBusy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

func (st *store) close() error {
	if st.reader == st.writer {
		return st.writer.Close()
	}
	return errors.Join(st.files.Close(), st.reader.Close(), st.writer.Close())
}
