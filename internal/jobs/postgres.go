package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// connectPause is how long a database may take to answer.
const connectPause = 15 * time.Second

// errPostgres is a database that cannot be used; its own error may repeat the
// password of the address.
var errPostgres = errors.New("OINT_JOBS: the PostgreSQL database does not answer: check host, port, name, user and password")

// migrationLock is the advisory lock that keeps two from making the tables at
// once; the number means nothing.
const migrationLock = 7_014_236_011

func openPostgres(ctx context.Context, address string) (*Store, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, errors.New("OINT_JOBS is no address of a PostgreSQL database; one looks like postgres://USER:PASSWORD@HOST:5432/DATABASE")
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, errPostgres
	}
	waiting, cancel := context.WithTimeout(ctx, connectPause)
	defer cancel()
	if err := pool.Ping(waiting); err != nil {
		pool.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, errPostgres
	}
	driver := riverpgxv5.New(pool)
	db := stdlib.OpenDBFromPool(pool)
	s := &Store{db: db, postgres: true}
	s.close = func() error {
		err := db.Close()
		pool.Close()
		return err
	}
	s.client = func(config *river.Config) (queue, error) { return river.NewClient(driver, config) }
	s.migrate = func(ctx context.Context) (err error) {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
			return err
		}
		defer func() {
			_, unlocked := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrationLock)
			err = errors.Join(err, unlocked)
		}()
		if err := migrateRiver(ctx, driver); err != nil {
			return fmt.Errorf("tables of the queue: %w", err)
		}
		return s.migrateOwn(ctx)
	}
	return s, nil
}
