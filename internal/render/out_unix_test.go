//go:build unix

package render

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLinksAndModesAreKept(t *testing.T) {
	t.Parallel()
	folder, elsewhere := t.TempDir(), t.TempDir()
	file, link := filepath.Join(elsewhere, "file"), filepath.Join(folder, "link")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o755, 0o600} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		if err := CheckFile(link); err != nil {
			t.Error(err)
		}
		content := mode.String()
		if _, err := WriteFile(link, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]map[string]string{{"file": content}, {"link": content}}, []map[string]string{listing(t, elsewhere), listing(t, folder)}); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if to, err := os.Readlink(link); err != nil || to != file {
			t.Errorf("the link leads to %q, %v", to, err)
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != mode {
			t.Errorf("mode = %v, want %v", info.Mode(), mode)
		}
	}
}

// What is no regular file is written to, and stays what it is.
func TestWritePipe(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := CheckFile(pipe); err != nil {
		t.Error(err)
	}
	// A pipe open both ways lets the writer through without a second process.
	reader, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	note, err := WriteFile(pipe, []byte("answer"))
	if err != nil || note != "file of 0.000 MB was recorded in "+pipe {
		t.Errorf("WriteFile = %q, %v", note, err)
	}
	got := make([]byte, 10)
	n, err := reader.Read(got)
	if err != nil || string(got[:n]) != "answer" {
		t.Errorf("read %q, %v", got[:n], err)
	}
	info, err := os.Stat(pipe)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode()&fs.ModeNamedPipe == 0 {
		t.Errorf("the pipe became %v", info.Mode())
	}
}
