package sync

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// journalVersion is kept in the file as user_version.
const journalVersion = 2

// state is how far a row of a plan has come.
type state uint8

const (
	waiting state = iota // not sent yet
	sent                 // about to be sent, or sent and without an answer
	done
	failed  // the portal refused it; it was not carried out
	drifted // the portal's values are neither the old nor the new ones
)

// entry is what the journal knows of a row.
type entry struct {
	state state
	id    int64 // of a record that was made
}

// journal is what became of the rows of a plan, in a SQLite file beside it. It
// outlives the process and the power; the lock on it does not outlive the
// process.
type journal struct {
	db    *sql.DB
	plan  string // its identity
	rows  map[int]entry
	ended int  // rows that failed or had drifted, which are tried again
	taken bool // for its plan by this process: it had none before
	// behind is set while the rollback undoes all rows, and not just those that
	// were changed.
	behind    bool
	overwrote bool // there are rows in the table replaced
}

// anyPlan stands for the plan of a journal that has none yet, or whose plan does
// not matter.
const anyPlan = ""

// result is a row's new state.
type result struct {
	line  int
	state state
	id    int64
	code  string // of the portal's error
	text  string
	first bool // it is sent for the first time, or certainly was not before
	// replaced has the values that the row replaces without having been planned
	// for them, as Old.
	replaced []Change
}

// errLocked is a journal that another process has.
var errLocked = errors.New("another apply of this plan is running")

const journalSchema = `
CREATE TABLE plan (content TEXT NOT NULL, behind INTEGER NOT NULL DEFAULT 0);
CREATE TABLE row (line INTEGER PRIMARY KEY, state INTEGER NOT NULL, id INTEGER NOT NULL, code TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE replaced (line INTEGER NOT NULL, field TEXT NOT NULL, old TEXT NOT NULL, PRIMARY KEY (line, field));
`

// openJournal opens the journal of a plan or begins it, and locks it. The lock
// is SQLite's own on the file: the system takes it back when the process dies.
func openJournal(ctx context.Context, file, content string) (*journal, error) {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return nil, inputErrorf("Name the plan differently, or move that folder away.", "%s is a folder, and the journal of the plan belongs there", file)
	}
	if f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	} else if err := f.Close(); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	source := (&url.URL{Scheme: "file", Opaque: url.PathEscape(file)}).String()
	db, err := sql.Open("sqlite", source+"?_pragma=busy_timeout(0)&_pragma=locking_mode(EXCLUSIVE)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // which holds the lock
	db.SetMaxIdleConns(1)
	j := &journal{db: db, rows: map[int]entry{}}
	if err := j.begin(ctx, file, content); err != nil {
		return nil, errors.Join(journalError(file, err), db.Close())
	}
	return j, nil
}

func journalError(file string, err error) error {
	var e *sqlite.Error
	switch {
	case errors.Is(err, sql.ErrNoRows): // every journal names a plan
		return damaged(file, err)
	case !errors.As(err, &e):
		return err
	case e.Code()&0xff == sqlite3.SQLITE_BUSY:
		return inputErrorf("Wait for it, or stop it; its work is kept.", "%v (%s is locked)", errLocked, file)
	case e.Code()&0xff == sqlite3.SQLITE_NOTADB:
		return inputErrorf("Name the plan differently, or move that file away.", "%s is no journal of a plan", file)
	case e.Code()&0xff == sqlite3.SQLITE_CORRUPT, e.Code()&0xff == sqlite3.SQLITE_ERROR: // the latter where a table is missing
		return damaged(file, err)
	}
	return fmt.Errorf("journal %s: %w", file, err)
}

func damaged(file string, err error) error {
	return inputErrorf("Restore it from a backup, or make a new plan under another name: rows that were carried out have nothing to do there.",
		"%s, the journal of the plan, is damaged: %v", file, err)
}

func (j *journal) begin(ctx context.Context, file, content string) error {
	err := j.write(ctx, func(tx *sql.Tx) error {
		var version int
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		switch version {
		case journalVersion:
			return nil
		case 0:
			if _, err := tx.ExecContext(ctx, journalSchema+fmt.Sprintf("PRAGMA user_version = %d", journalVersion)); err != nil {
				return err
			}
			j.taken = content != anyPlan
			_, err := tx.ExecContext(ctx, "INSERT INTO plan (content) VALUES (?)", content)
			return err
		}
		return inputErrorf("Finish the plan with the version that began it, or make a new plan.", "%s is a journal of version %d; this program knows version %d", file, version, journalVersion)
	})
	if err != nil {
		return err
	}
	if err := j.db.QueryRowContext(ctx, "SELECT content, behind, EXISTS (SELECT 1 FROM replaced) FROM plan").Scan(&j.plan, &j.behind, &j.overwrote); err != nil {
		return err
	}
	switch {
	case content == anyPlan || j.plan == content:
	case j.plan == anyPlan:
		j.taken = true
		return j.setPlan(ctx, content)
	default:
		return inputErrorf("Give the new plan another name, or delete the journal when the old plan is done with.", "%s is the journal of another plan", file)
	}
	return j.load(ctx)
}

// setPlan makes it the journal of another plan, of which nothing has been done.
func (j *journal) setPlan(ctx context.Context, content string) error {
	err := j.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE plan SET content = ?, behind = 0", content); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM row; DELETE FROM replaced")
		return err
	})
	if err != nil {
		return fmt.Errorf("the journal cannot be written: %w", err)
	}
	j.plan, j.rows, j.ended, j.behind, j.overwrote = content, map[int]entry{}, 0, false, false
	return nil
}

// setBehind keeps whether the rollback has to be written again.
func (j *journal) setBehind(ctx context.Context, behind bool) error {
	err := j.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE plan SET behind = ?", behind)
		return err
	})
	if err != nil {
		return fmt.Errorf("the journal cannot be written: %w", err)
	}
	j.behind = behind
	return nil
}

// load reads the rows. Those that failed or drifted are tried again.
func (j *journal) load(ctx context.Context) error {
	return j.each(ctx, func(r result) error {
		if r.state == failed || r.state == drifted {
			j.ended++
		} else {
			j.rows[r.line] = entry{r.state, r.id}
		}
		return nil
	})
}

// each reads every row that is in the file.
func (j *journal) each(ctx context.Context, do func(result) error) (err error) {
	rows, err := j.db.QueryContext(ctx, "SELECT line, state, id, code, text FROM row")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r result
		if err := rows.Scan(&r.line, &r.state, &r.id, &r.code, &r.text); err != nil {
			return err
		}
		if err := do(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// atOnce is how many rows one statement writes.
const atOnce = 250

// record keeps the new states of rows, all in one transaction.
func (j *journal) record(ctx context.Context, results []result) error {
	err := j.write(ctx, func(tx *sql.Tx) error {
		for some := range slices.Chunk(results, atOnce) {
			values := make([]any, 0, 5*len(some))
			for _, r := range some {
				values = append(values, r.line, r.state, r.id, r.code, r.text)
			}
			places := strings.TrimSuffix(strings.Repeat("(?,?,?,?,?),", len(some)), ",")
			if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO row (line, state, id, code, text) VALUES "+places, values...); err != nil {
				return err
			}
		}
		for _, r := range results {
			if r.first && j.overwrote { // it was to replace something, and did not
				if _, err := tx.ExecContext(ctx, "DELETE FROM replaced WHERE line = ?", r.line); err != nil {
					return err
				}
			}
			for _, c := range r.replaced {
				old, err := json.Marshal(c.Old)
				if err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO replaced (line, field, old) VALUES (?, ?, ?)", r.line, c.Field, string(old)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("the journal cannot be written: %w", err)
	}
	if slices.ContainsFunc(results, func(r result) bool { return len(r.replaced) > 0 }) {
		j.overwrote = true
	}
	return nil
}

// replaced are the values that rows have replaced without having been planned for
// them, by line and field.
func (j *journal) replaced(ctx context.Context) (found map[int]map[string]Value, err error) {
	rows, err := j.db.QueryContext(ctx, "SELECT line, field, old FROM replaced")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	found = map[int]map[string]Value{}
	for rows.Next() {
		var line int
		var field, text string
		if err := rows.Scan(&line, &field, &text); err != nil {
			return nil, err
		}
		var old Value
		if err := json.Unmarshal([]byte(text), &old); err != nil {
			return nil, err
		}
		if found[line] == nil {
			found[line] = map[string]Value{}
		}
		found[line][field] = old
	}
	return found, rows.Err()
}

func (j *journal) write(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (j *journal) close() error { return j.db.Close() }
