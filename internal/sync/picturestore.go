package sync

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// pictureStore remembers the pictures of portals between runs, in a SQLite file.
// A portal may rescale what it gets, so that only who has sent a picture knows
// what it was made of; and a picture whose address is known need not be read
// again. A nil store remembers nothing, which costs downloads.
type pictureStore struct{ db *sql.DB }

// remembered is a picture of a portal.
type remembered struct {
	copy    sum    // of the file that the portal has
	source  sum    // of the file that was sent; empty when somebody else sent it
	address string // hash of the portal's address: the address itself opens the file
}

const pictureSchema = `CREATE TABLE IF NOT EXISTS picture (
	portal TEXT NOT NULL, id INTEGER NOT NULL, field TEXT NOT NULL,
	copy TEXT NOT NULL, source TEXT NOT NULL, address TEXT NOT NULL,
	PRIMARY KEY (portal, id, field)) WITHOUT ROWID`

func openPictures(ctx context.Context, file string) (*pictureStore, error) {
	if file == "" {
		return nil, nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("the record of pictures: %w", err)
	}
	if f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, fmt.Errorf("the record of pictures: %w", err)
	} else if err := f.Close(); err != nil {
		return nil, fmt.Errorf("the record of pictures: %w", err)
	}
	source := (&url.URL{Scheme: "file", Opaque: url.PathEscape(file)}).String()
	db, err := sql.Open("sqlite", source+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, pictureSchema); err != nil {
		var e *sqlite.Error
		if errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_NOTADB {
			err = inputErrorf("Move it away; the pictures of the portal are read anew.", "%s is no record of pictures", file)
		}
		return nil, errors.Join(err, db.Close())
	}
	return &pictureStore{db}, nil
}

func (s *pictureStore) close() error {
	if s == nil {
		return nil
	}
	return s.db.Close()
}

func hashAddress(address string) string {
	hash := sha256.Sum256([]byte(address))
	return hex.EncodeToString(hash[:])
}

func (s *pictureStore) get(ctx context.Context, portal string, id int64, field string) (r remembered, err error) {
	if s == nil {
		return r, nil
	}
	err = s.db.QueryRowContext(ctx, "SELECT copy, source, address FROM picture WHERE portal = ? AND id = ? AND field = ?", portal, id, field).
		Scan(&r.copy, &r.source, &r.address)
	if errors.Is(err, sql.ErrNoRows) {
		return remembered{}, nil
	}
	return r, err
}

func (s *pictureStore) put(ctx context.Context, portal string, id int64, field string, r remembered) error {
	if s == nil {
		return nil
	}
	_, err := s.db.ExecContext(ctx, "INSERT OR REPLACE INTO picture (portal, id, field, copy, source, address) VALUES (?, ?, ?, ?, ?, ?)",
		portal, id, field, r.copy, r.source, r.address)
	return err
}
