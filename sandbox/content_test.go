package sandbox

import (
	"bytes"
	"database/sql"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"testing/iotest"
)

// TestContent reads files of all lengths around the chunks, from any place.
func TestContent(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	ctx := t.Context()
	whole, err := io.ReadAll(large(2*chunkSize + 10))
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 2*chunkSize + 10} {
		want := whole[:size]
		// A network hands over what it has, not what was asked for.
		f, err := keepFile(ctx, p.sb.store.apart(ctx), "a.bin", iotest.HalfReader(bytes.NewReader(want)))
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(f.open(ctx, p.sb.store), want); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		found, err := p.file(f.id)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "size", int64(size), found.size)
		if !bytes.Equal(want, p.bytes(found)) {
			t.Errorf("%d bytes come back as others", size)
		}
	}
}

// TestContentOfCopies keeps the bytes as long as one of the files needs them.
func TestContentOfCopies(t *testing.T) {
	t.Parallel()
	p := newPortal(t, companyUsers)
	ctx := t.Context()
	files, chunks := p.sb.files(t)
	err := p.sb.store.write(ctx, func(tx *sql.Tx) error {
		f, err := keepFile(ctx, within(tx), "a.txt", bytes.NewReader([]byte("bytes")))
		if err != nil {
			return err
		}
		twin, err := copyFile(ctx, tx, f.id)
		if err != nil {
			return err
		}
		third, err := copyFile(ctx, tx, twin)
		if err != nil {
			return err
		}
		return errors.Join(dropFile(ctx, tx, f.id), dropFile(ctx, tx, third), dropFile(ctx, tx, third))
	})
	if err != nil {
		t.Fatal(err)
	}
	left, bytesLeft := p.sb.files(t)
	diff(t, "one file is left", []int{files + 1, chunks + 1}, []int{left, bytesLeft})
	last, err := p.file(int64(files + 2))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "its bytes", "bytes", string(p.bytes(last)))
	if err := p.sb.dropFile(ctx, last.id); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(last.open(ctx, p.sb.store)); !errors.Is(err, errNoFile) {
		t.Errorf("read while it was deleted: %v", err)
	}
	left, bytesLeft = p.sb.files(t)
	diff(t, "nothing is left", []int{files, chunks}, []int{left, bytesLeft})
}

// TestContentOfVersion1 opens a database whose files were each in one piece.
func TestContentOfVersion1(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "old.db")
	sb, err := New(Options{DB: name})
	if err != nil {
		t.Fatal(err)
	}
	p := &portal{tb: t, sb: sb, who: principal{userID: adminID, admin: true, scopes: fullScopes}}
	photo := []byte("\x89PNG\r\n\x1a\n a photo")
	p.ok("user.update", "ID", 3, "PERSONAL_PHOTO", base64Pair("me.png", string(photo)))
	statements := ""
	err = sb.store.read(t.Context(), func(tx *sql.Tx) error {
		tables, err := dataTables(t.Context(), tx)
		for _, table := range tables {
			switch table {
			case "data_file", "data_department", "data_user", "data_user_uf_department", "data_sonet_group", "data_userfield":
			default:
				statements += "DROP TABLE " + table + ";\n"
			}
		}
		return err
	})
	if err := errors.Join(err, sb.Close()); err != nil {
		t.Fatal(err)
	}
	makeDatabase(t, name, `DELETE FROM data_file WHERE name != 'me.png';
		ALTER TABLE data_file ADD COLUMN content BLOB;
		UPDATE data_file SET content = (SELECT bytes FROM data_file_chunk WHERE file = data_file.id);
		DROP INDEX data_file_by_chunks;
		ALTER TABLE data_file DROP COLUMN size;
		ALTER TABLE data_file DROP COLUMN chunks;
		PRAGMA user_version = 1;
		`+statements)

	p.sb = newSandbox(t, Options{DB: name})
	diff(t, "photo", photo, p.bytes(p.photo(3)))
	diff(t, "drives", []int{1, 2, 3, 4, 5}, p.ids("disk.storage.getlist"))
}
