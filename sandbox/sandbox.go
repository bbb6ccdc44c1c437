package sandbox

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Host is the address of the portal in its own process, where no name has to
// be found.
const Host = "b24-sandbox.example"

// Sandbox is a portal. It is safe for use by many goroutines, and several
// processes may open the same database file at once.
type Sandbox struct {
	options   Options
	store     *store
	access    Access
	fileKey   []byte
	methods   map[string]*method
	bucket    bucket
	operating operating
	log       requestLog
	faults    faults
	mux       *http.ServeMux
	now       func() time.Time
}

// New opens the portal of a database file, or makes a new one with the invented
// company.
func New(o Options) (*Sandbox, error) {
	limits, err := o.Plan.limits()
	if err != nil {
		return nil, err
	}
	if o.LogSize < 0 {
		return nil, fmt.Errorf("the log cannot keep %d commands", o.LogSize)
	}
	if o.Limits != nil {
		limits = *o.Limits
	}
	s := &Sandbox{options: o, methods: map[string]*method{}, now: time.Now}
	if err := s.SetFaults(o.Faults...); err != nil {
		return nil, err
	}
	st, err := openStore(o.DB)
	if err != nil {
		return nil, err
	}
	s.store, s.log.size = st, cmp.Or(o.LogSize, logSize)
	s.bucket.limits, s.operating.limit = limits, limits.Operating
	for _, m := range modules() {
		s.register(m.methods())
	}
	s.mux = s.routes()
	ctx := context.Background()
	err = st.prepare(ctx, func(tx *sql.Tx) error {
		if err := createAccess(ctx, tx, s.now()); err != nil {
			return err
		}
		return s.fill(ctx, tx)
	})
	if err == nil {
		err = s.loadAccess(ctx)
	}
	if err != nil {
		_ = st.close() // the first error is the one to tell
		return nil, err
	}
	return s, nil
}

// register adds methods by their lower-case names.
func (s *Sandbox) register(list []method) {
	for i := range list {
		s.methods[strings.ToLower(list[i].name)] = &list[i]
	}
}

// Close closes the database.
func (s *Sandbox) Close() error { return s.store.close() }

// Reset puts the data back to the invented company. Webhooks, tokens and
// applications stay.
func (s *Sandbox) Reset(ctx context.Context) error {
	return s.store.write(ctx, func(tx *sql.Tx) error {
		tables, err := dataTables(ctx, tx)
		if err != nil {
			return err
		}
		for _, table := range tables {
			if _, err := tx.ExecContext(ctx, "DROP TABLE "+table); err != nil {
				return fmt.Errorf("reset: %w", err)
			}
		}
		if _, err := tx.ExecContext(ctx, dataSchema()); err != nil {
			return fmt.Errorf("reset: %w", err)
		}
		return s.fill(ctx, tx)
	})
}

// fill gives an empty portal the invented company and what its modules begin
// with.
func (s *Sandbox) fill(ctx context.Context, tx *sql.Tx) error {
	if err := seedCompany(ctx, tx, s.options.Users, s.options.More...); err != nil {
		return err
	}
	return seedModules(ctx, tx, s.now())
}

func dataTables(ctx context.Context, tx *sql.Tx) (tables []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'data\_%' ESCAPE '\'`)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err tells what matters
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		tables = append(tables, name)
	}
	return tables, rows.Err()
}

// Seed fills the portal with invented users up to the given number.
func (s *Sandbox) Seed(ctx context.Context, users int) error {
	return s.store.write(ctx, func(tx *sql.Tx) error { return seedCompany(ctx, tx, users) })
}

// Info is what a portal holds.
type Info struct {
	DB          string // file; empty in memory
	Users       int64
	Departments int64
}

// Info counts what the portal holds.
func (s *Sandbox) Info(ctx context.Context) (Info, error) {
	info := Info{DB: s.options.DB}
	err := s.store.read(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM "+userEntity.table()+"), (SELECT count(*) FROM "+departmentEntity.table()+")").
			Scan(&info.Users, &info.Departments)
	})
	return info, err
}
