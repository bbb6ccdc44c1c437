package sandbox

import (
	"bytes"
	"database/sql"
	"errors"
	"io"
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
	var twin int64
	err := p.sb.store.write(ctx, func(tx *sql.Tx) error {
		f, err := keepFile(ctx, within(tx), "a.txt", bytes.NewReader([]byte("bytes")))
		if err != nil {
			return err
		}
		if twin, err = copyFile(ctx, tx, f.id); err != nil {
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
	last, err := p.file(twin)
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
