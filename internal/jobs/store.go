package jobs

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// queue is what River's clients for both databases have in common.
type queue interface {
	Insert(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
	JobGet(ctx context.Context, id int64) (*rivertype.JobRow, error)
	JobList(ctx context.Context, params *river.JobListParams) (*river.JobListResult, error)
	JobCancel(ctx context.Context, id int64) (*rivertype.JobRow, error)
	JobRetry(ctx context.Context, id int64) (*rivertype.JobRow, error)
	JobDelete(ctx context.Context, id int64) (*rivertype.JobRow, error)
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// Options say where the jobs are.
type Options struct {
	Dir      string // folder of jobs.db and its key
	Postgres string // address of a PostgreSQL database, postgres://…, instead
	Key      string // of the jobs; required with Postgres, else found or made
}

// Store is the queue of jobs.
type Store struct {
	db       *sql.DB
	postgres bool
	seal     *sealer
	queue    queue // gives jobs and runs none
	client   func(*river.Config) (queue, error)
	migrate  func(context.Context) error
	close    func() error
}

// Open opens the queue and makes its tables when they are missing.
func Open(ctx context.Context, o Options) (*Store, error) {
	var s *Store
	var err error
	if o.Postgres != "" {
		s, err = openPostgres(ctx, o.Postgres)
	} else {
		s, err = openSQLite(o.Dir)
	}
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close closes the database.
func (s *Store) Close() error { return s.close() }

// Local tells that the queue is a file of this machine.
func (s *Store) Local() bool { return !s.postgres }

func (s *Store) prepare(ctx context.Context, o Options) (err error) {
	if err := s.migrate(ctx); err != nil {
		return fmt.Errorf("make the tables of the jobs: %w", err)
	}
	var key []byte
	switch {
	case o.Key != "":
		key, err = givenKey(o.Key)
	case s.postgres:
		err = &KeyError{"jobs in PostgreSQL need a key that all machines know: " + KeyVariable + " is not set", makeKey}
	default:
		key, err = localKey(o.Dir, func() (bool, error) {
			stored, err := s.storedKey(ctx)
			return stored != "", err
		})
	}
	if err != nil {
		return err
	}
	if s.seal, err = newSealer(key); err != nil {
		return err
	}
	if err := s.checkKey(ctx); err != nil {
		return err
	}
	s.queue, err = s.client(&river.Config{Logger: slog.New(slog.DiscardHandler)})
	return err
}

// checkKey compares the key with the one that the first job was sealed with.
func (s *Store) checkKey(ctx context.Context) error {
	mine := s.seal.hash("key", "check")
	if _, err := s.exec(ctx, "INSERT INTO oint_meta (name, value) VALUES ('key', ?) ON CONFLICT (name) DO NOTHING", mine); err != nil {
		return err
	}
	stored, err := s.storedKey(ctx)
	if err != nil || mine == stored {
		return err
	}
	if s.postgres {
		return &KeyError{KeyVariable + " is not the key of the jobs in this database", "Set the one that the other machines have."}
	}
	return &KeyError{
		"the key of the jobs has changed",
		"It is in the keyring of your desktop session, in jobs.key beside jobs.db, or in " + KeyVariable + "; one of them has come or gone. Without the old key delete jobs.db.",
	}
}

// storedKey names the key that the jobs are sealed with; empty before the first.
func (s *Store) storedKey(ctx context.Context) (name string, err error) {
	err = s.row(ctx, "SELECT value FROM oint_meta WHERE name = 'key'").Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return name, err
}

// exec runs a statement whose arguments are question marks.
func (s *Store) exec(ctx context.Context, query string, args ...any) (int64, error) {
	return exec(ctx, s.db, s.dialect(query), args...)
}

func (s *Store) row(ctx context.Context, query string, args ...any) *sql.Row {
	return s.db.QueryRowContext(ctx, s.dialect(query), args...)
}

// runner is a database or a transaction.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func exec(ctx context.Context, db runner, query string, args ...any) (int64, error) {
	result, err := db.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// dialect numbers the arguments of a query the way the database wants it.
func (s *Store) dialect(query string) string {
	if !s.postgres {
		return query
	}
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(query, "?") {
		if n > 0 {
			b.WriteString("$" + strconv.Itoa(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}

// tx runs a change of several tables as one.
func (s *Store) tx(ctx context.Context, change func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := change(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

//go:embed schema/1.sql
var schema1 string

// migrateOwn makes the tables beside River's.
func (s *Store) migrateOwn(ctx context.Context) error {
	present := "SELECT count(*) FROM sqlite_master WHERE name = 'oint_meta'"
	if s.postgres {
		present = "SELECT count(*) FROM pg_tables WHERE tablename = 'oint_meta' AND schemaname = ANY (current_schemas(false))"
	}
	var n int
	if err := s.row(ctx, present).Scan(&n); err != nil || n > 0 {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		for statement := range strings.SplitSeq(schema1, ";\n") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

// migrateRiver makes or renews River's tables.
func migrateRiver[T any](ctx context.Context, driver riverdriver.Driver[T]) error {
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}
