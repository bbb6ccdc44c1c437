package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
)

// fileSchema is the tables of stored files. The bytes lie in chunks, so that a
// file of any size passes through little memory; start is the place of a
// chunk's first byte. They belong to the file that chunks names: a copy has
// those of its original.
const fileSchema = `CREATE TABLE IF NOT EXISTS data_file (
	id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, type TEXT NOT NULL,
	size INTEGER NOT NULL DEFAULT 0, chunks INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS data_file_by_chunks ON data_file (chunks);
CREATE TABLE IF NOT EXISTS data_file_chunk (
	file INTEGER NOT NULL, start INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (file, start));
`

// chunkSize is how many bytes a chunk has, except the last of a file.
const chunkSize = 1 << 20

// errNoFile says that a file does not exist, or no longer.
var errNoFile = errors.New("no such file")

// file is what is known of a stored file besides its bytes.
type file struct {
	id                int64
	name, contentType string
	size              int64
	chunks            int64 // file that they belong to
}

// keeper runs what stores a part of a file: in the transaction of a method, or
// in one of its own for every part, so that a slow client keeps nobody waiting.
type keeper func(func(*sql.Tx) error) error

// within keeps a file in the transaction of a method.
func within(tx *sql.Tx) keeper {
	return func(do func(*sql.Tx) error) error { return do(tx) }
}

// apart keeps each part of a file in a transaction of its own.
func (st *store) apart(ctx context.Context) keeper {
	return func(do func(*sql.Tx) error) error { return transact(ctx, st.files, do) }
}

// keepFile stores a file. Nothing of it stays when that fails.
func keepFile(ctx context.Context, keep keeper, name string, content io.Reader) (f file, err error) {
	// A client that breaks off leaves nothing behind.
	ctx = context.WithoutCancel(ctx)
	chunk := make([]byte, chunkOf(content))
	n, ended, err := fill(chunk, content)
	if err != nil {
		return file{}, err
	}
	f = file{name: name, contentType: typeOf(name, chunk[:n])}
	if err := keep(func(tx *sql.Tx) error { return f.begin(ctx, tx) }); err != nil {
		return file{}, err
	}
	for {
		if n > 0 {
			err = keep(func(tx *sql.Tx) error { return f.grow(ctx, tx, chunk[:n]) })
		}
		if err != nil {
			return file{}, errors.Join(err, keep(func(tx *sql.Tx) error { return dropFile(ctx, tx, f.id) }))
		}
		if ended {
			return f, nil
		}
		n, ended, err = fill(chunk, content)
	}
}

// fill reads until the chunk is full or the content ends. Unlike io.ReadFull it
// tells an end from a content that was cut off.
func fill(chunk []byte, content io.Reader) (n int, ended bool, err error) {
	for n < len(chunk) && err == nil {
		var more int
		more, err = content.Read(chunk[n:])
		n += more
	}
	if errors.Is(err, io.EOF) {
		return n, true, nil
	}
	return n, false, err
}

// chunkOf is how many bytes of a content to hold at once.
func chunkOf(content io.Reader) int {
	if known, ok := content.(interface{ Len() int }); ok {
		return min(chunkSize, known.Len()+1)
	}
	return chunkSize
}

func (f *file) begin(ctx context.Context, tx *sql.Tx) error {
	done, err := tx.ExecContext(ctx, "INSERT INTO data_file (name, type) VALUES (?, ?)", f.name, f.contentType)
	if err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	f.id, err = done.LastInsertId()
	f.chunks = f.id
	return err
}

func (f *file) grow(ctx context.Context, tx *sql.Tx, chunk []byte) error {
	if _, err := tx.ExecContext(ctx, "INSERT INTO data_file_chunk (file, start, bytes) VALUES (?, ?, ?)", f.id, f.size, chunk); err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	f.size += int64(len(chunk))
	if _, err := tx.ExecContext(ctx, "UPDATE data_file SET size = ?, chunks = id WHERE id = ?", f.size, f.id); err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	return nil
}

// typeOf is the media type of a file by its name, else by its first bytes.
func typeOf(name string, begin []byte) string {
	if known := mime.TypeByExtension(strings.ToLower(path.Ext(name))); known != "" {
		return known
	}
	return http.DetectContentType(begin)
}

// copyFile makes another file of the same bytes and answers its id.
func copyFile(ctx context.Context, tx *sql.Tx, id int64) (int64, error) {
	done, err := tx.ExecContext(ctx, "INSERT INTO data_file (name, type, size, chunks) SELECT name, type, size, chunks FROM data_file WHERE id = ?", id)
	if err != nil {
		return 0, fmt.Errorf("copy file %d: %w", id, err)
	}
	twin, err := done.LastInsertId()
	if err != nil {
		return 0, fmt.Errorf("copy file %d: %w", id, err)
	}
	return twin, nil
}

// dropFile deletes a file, and its bytes when no copy needs them.
func dropFile(ctx context.Context, tx *sql.Tx, id int64) error {
	var chunks int64
	err := tx.QueryRowContext(ctx, "DELETE FROM data_file WHERE id = ? RETURNING chunks", id).Scan(&chunks)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, "DELETE FROM data_file_chunk WHERE file = ?1 AND NOT EXISTS (SELECT 1 FROM data_file WHERE chunks = ?1)", chunks)
	}
	if err != nil {
		return fmt.Errorf("delete file %d: %w", id, err)
	}
	return nil
}

// findFile reads what is known of a file. The error is errNoFile when there is
// none.
func findFile(ctx context.Context, tx *sql.Tx, id int64) (*file, error) {
	f := file{id: id}
	err := tx.QueryRowContext(ctx, "SELECT name, type, size, chunks FROM data_file WHERE id = ?", id).
		Scan(&f.name, &f.contentType, &f.size, &f.chunks)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoFile
	}
	if err != nil {
		return nil, fmt.Errorf("read file %d: %w", id, err)
	}
	return &f, nil
}

// content reads the bytes of a stored file, chunk by chunk. Between two chunks
// it holds nothing of the database.
type content struct {
	ctx   context.Context
	store *store
	file  *file

	at    int64 // of the next byte
	start int64 // of the chunk
	chunk []byte
}

func (f *file) open(ctx context.Context, st *store) *content {
	// A broken-off query would cost the connection, see transact.
	return &content{ctx: context.WithoutCancel(ctx), store: st, file: f}
}

func (c *content) Read(b []byte) (int, error) {
	if c.at >= c.file.size {
		return 0, io.EOF
	}
	if c.at < c.start || c.at >= c.start+int64(len(c.chunk)) {
		if err := c.load(); err != nil {
			return 0, err
		}
	}
	n := copy(b, c.chunk[c.at-c.start:])
	c.at += int64(n)
	return n, nil
}

// load reads the chunk that holds the next byte.
func (c *content) load() error {
	err := c.store.files.QueryRowContext(c.ctx,
		"SELECT start, bytes FROM data_file_chunk WHERE file = ? AND start <= ? ORDER BY start DESC LIMIT 1", c.file.chunks, c.at).
		Scan(&c.start, &c.chunk)
	if errors.Is(err, sql.ErrNoRows) || err == nil && c.at >= c.start+int64(len(c.chunk)) {
		return errNoFile
	}
	if err != nil {
		return fmt.Errorf("read file %d: %w", c.file.id, err)
	}
	return nil
}

// Seek sets where the next Read begins.
func (c *content) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += c.at
	case io.SeekEnd:
		offset += c.file.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning of a file")
	}
	c.at = offset
	return offset, nil
}
